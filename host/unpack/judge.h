/* SPDX-License-Identifier: Apache-2.0 */
/* A second opinion: libarchive reads the tar as tar programs do, and each entry
 * it sees must be the one that payload.mtree has.  So the installer and
 * "tar xzf" give the same tree. */
#ifndef UNPACK_JUDGE_H
#define UNPACK_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Where the tar comes from, piece by piece. */
struct judge_source {
	/* 1 with a piece, borrowed until the next call; 0 at the end; -1 */
	int (*next)(void *context, const uint8_t **data, size_t *len,
	            struct err *err);
	void *context;
};

/**
 * judge_tar - read the whole tar from @source, and compare.
 * @mtree_fd: borrowed.
 * @created:  the time of every entry.
 * @tar_size: bytes of the tar.
 *
 * Returns 0, or -1 with ERR_FORMAT naming the entry, or the source's failure.
 */
int judge_tar(const struct judge_source *source, int mtree_fd, int64_t created,
              uint64_t tar_size, struct err *err) MUST_CHECK;

#endif
