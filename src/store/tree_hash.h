/* SPDX-License-Identifier: Apache-2.0 */
/* Hashing files on all cores, for tree_check: jobs go in and come back in the
 * same order. */
#ifndef STORE_TREE_HASH_H
#define STORE_TREE_HASH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "codec/tree_path.h"
#include "crypto/sha256.h"

#define TREE_HASH_JOBS 64 /* on their way; each holds a descriptor */

enum tree_hash_outcome {
	TREE_HASH_SAME,
	TREE_HASH_OTHER,
	TREE_HASH_UNREADABLE /* sys says why */
};

/* One file.  The caller fills in what stands first. */
struct tree_hash_job {
	char path[TREE_PATH_SIZE]; /* for the caller alone */
	uint64_t number;           /* the same */
	struct stat st;            /* as it was seen before */
	int fd;                    /* owned by the job once it is given */
	uint64_t size;             /* as it must be */
	uint8_t sha256[SHA256_LEN];

	enum tree_hash_outcome outcome;
	int sys;
	bool is_steady;      /* size, times and inode are still those of st */
	bool has_capability; /* of capabilities(7), whichever */
};

/** tree_hash_is_steady - whether the open file has inode, size and times of
 * @before: nobody wrote to it since. */
bool tree_hash_is_steady(int fd, const struct stat *before);

struct tree_hash; /* opaque */

/** tree_hash_new - start as many threads as there are processors.
 * @out: written only on 0.  Returns 0, or -1 with ERR_SYSTEM. */
int tree_hash_new(struct tree_hash **out, struct err *err) MUST_CHECK;

/** tree_hash_free - drop all jobs and end the threads.  NULL is none. */
void tree_hash_free(struct tree_hash *hash);

/** tree_hash_room - the job to fill in next; NULL: take one first. */
struct tree_hash_job *tree_hash_room(struct tree_hash *hash);

/** tree_hash_give - hand over the job that tree_hash_room gave. */
void tree_hash_give(struct tree_hash *hash);

/**
 * tree_hash_take - wait for the oldest job.
 * @out: written only on 1; valid until the next call of tree_hash_room.
 * Returns 1, 0 when there is none, or -1 with ERR_SYSTEM or ERR_INTERNAL.
 */
int tree_hash_take(struct tree_hash *hash, const struct tree_hash_job **out,
                   struct err *err) MUST_CHECK;

#endif
