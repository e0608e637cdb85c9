/* SPDX-License-Identifier: Apache-2.0 */
/* Which files of a new release lie in installed ones already.  What
 * payload.mtree says of an installed file is no proof that it still holds these
 * bytes: whoever copies one hashes it.
 *
 *     reuse_want      each file of the new release
 *     reuse_search    once; goes through the installed releases
 *     reuse_find      where a file's bytes lie */
#ifndef STORE_REUSE_H
#define STORE_REUSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/release_ini.h"
#include "store/store.h"

/* Both together take 37 MiB at most; what is beyond is fetched. */
#define REUSE_FILES_MAX ((size_t)1 << 17)
#define REUSE_PATHS_MAX ((size_t)24 << 20) /* bytes */

struct reuse_file {
	uint8_t sha256[DIGEST_LEN];
	uint64_t size; /* 0: the slot is empty */
	size_t path;   /* behind this many bytes of paths; 0: not found */
};

/* Fields are private. */
struct reuse {
	struct reuse_file *slots; /* owned; by digest, open addressing */
	size_t slot_count;        /* a power of two, or 0 */
	size_t count;
	struct buf paths; /* NUL-terminated, below releases/ */
};

#define REUSE_NONE                                                             \
	((struct reuse){ .slots = NULL, .paths = BUF_LIMIT(REUSE_PATHS_MAX) })
#define AUTO_REUSE AUTO(reuse_done)

void reuse_done(struct reuse *reuse);

/**
 * reuse_want - a file of the new release; empty ones and those above
 * REUSE_FILES_MAX are passed over.
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int reuse_want(struct reuse *reuse, const uint8_t sha256[DIGEST_LEN],
               uint64_t size, struct err *err) MUST_CHECK;

/** reuse_want_files - each file of a payload.mtree.  0, or -1 as
 * tree_cursor_next and reuse_want. */
int reuse_want_files(struct reuse *reuse, int mtree,
                     struct err *err) MUST_CHECK;

/**
 * reuse_search - look for them in all installed releases.
 * One whose payload.mtree is missing or damaged has nothing to give.
 * Returns 0, or -1 with ERR_SYSTEM.
 */
int reuse_search(struct reuse *reuse, const struct store *store,
                 struct err *err) MUST_CHECK;

/**
 * reuse_search_in - look for them in one installed release.
 * Returns 0, or -1 where its payload.mtree is missing or damaged, or with
 * ERR_SYSTEM.
 */
int reuse_search_in(struct reuse *reuse, const struct store *store,
                    const char *version, struct err *err) MUST_CHECK;

/** reuse_find - the path below releases/ of a file with these bytes, borrowed;
 * NULL where there is none. */
const char *reuse_find(const struct reuse *reuse,
                       const uint8_t sha256[DIGEST_LEN]);

#endif
