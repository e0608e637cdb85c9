/* SPDX-License-Identifier: Apache-2.0 */
/* Which pieces of large files installed releases hold: gzip members that lie
 * in one file (each file of CUT_OWN_FILE bytes begins one and ends one), by the
 * digest of their packed bytes.  Equal digests are equal bytes, so that a file
 * that changed in places needs only those.
 *
 * As with whole files (store/reuse.h), what payload.index says of an installed
 * file is no proof that it still holds these bytes: pieces_open checks. */
#ifndef STORE_PIECES_H
#define STORE_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/release_ini.h"
#include "store/store.h"

/* What is beyond is fetched. */
#define PIECES_MAX       ((size_t)1 << 16) /* 3 MiB; 8 GiB of files and more */
#define PIECES_PATHS_MAX ((size_t)4 << 20) /* bytes */

/* Bytes of an installed file. */
struct piece {
	uint8_t packed[DIGEST_LEN]; /* digest of the member that held them */
	uint32_t file;              /* for pieces_open */
	uint32_t len;
	uint64_t offset; /* in the file */
};

/* Fields are private. */
struct pieces {
	/* Owned.  After pieces_search by digest, of equal ones by file, of the
	 * newest release first; one of a digest for each file. */
	struct piece *list;
	size_t count, room;
	struct pieces_file *files; /* owned */
	size_t file_count, file_room;
	struct buf paths; /* NUL-terminated, below releases/ */
	int fd;           /* of the file that was opened last; owned */
	size_t opened;    /* its number */
};

#define PIECES_NONE                                                            \
	((struct pieces){ .paths = BUF_LIMIT(PIECES_PATHS_MAX), .fd = -1 })
#define AUTO_PIECES AUTO(pieces_done)

void pieces_done(struct pieces *pieces);

/**
 * pieces_search - list the pieces of all installed releases; once.
 * One whose payload.mtree or payload.index is not what was signed has none.
 * Returns 0, or -1 with ERR_SYSTEM.
 */
int pieces_search(struct pieces *pieces, const struct store *store,
                  struct err *err) MUST_CHECK;

/** pieces_find - a piece by the digest of its member, borrowed; NULL where
 * there is none.  Of several that of the newest release. */
const struct piece *pieces_find(const struct pieces *pieces,
                                const uint8_t packed[DIGEST_LEN]);

/** pieces_path - the path below releases/ of the file that a piece lies in;
 * borrowed. */
const char *pieces_path(const struct pieces *pieces, const struct piece *piece);

/**
 * pieces_open - the file that a piece lies in.  The whole of it is hashed when
 * it is first asked for.
 * @piece: what pieces_find gave; out: one with the same bytes, whose file is
 *         what its release says.
 * @fd:    out, borrowed until the next call.
 *
 * Returns 1; 0 where there is no such file, and nothing was written; or -1 with
 * ERR_SYSTEM.
 */
int pieces_open(struct pieces *pieces, const struct store *store,
                const struct piece **piece, int *fd,
                struct err *err) MUST_CHECK;

#endif
