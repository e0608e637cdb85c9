/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a file system has room, before anything is written. */
#ifndef STORE_SPACE_H
#define STORE_SPACE_H

#include <stdint.h>

#include "base/err.h"

/* Inodes that an install leaves free for everybody else. */
#define SPACE_RESERVE_FILES ((uint64_t)1000)

struct space {
	uint64_t bytes;
	uint64_t files; /* inodes; UINT64_MAX where the file system counts none
	                 */
};

/** space_free - what an ordinary user may still take of @dir's file system. */
int space_free(int dir, struct space *out, struct err *err) MUST_CHECK;

/**
 * space_require - that @need and the reserve fit into @dir's file system.
 * @need: sums of what will be written; each file is taken to waste the rest of
 *        its last block, so that the estimate is never too low.
 * @reserve: bytes that must be left free behind it.
 *
 * Returns 0, or -1 with ERR_SYSTEM, ENOSPC and both numbers.
 */
int space_require(int dir, const struct space *need, uint64_t reserve,
                  struct err *err) MUST_CHECK;

#endif
