/* SPDX-License-Identifier: Apache-2.0 */
/* releases/.staging: the tree of a release on its way into the store.
 *
 * Path, type, mode and link target come from payload.mtree alone, which the
 * caller has verified; the bytes of the files come from a worker nobody
 * trusts, and are hashed while they are written.  A worker that lies can only
 * make the staging fail; then nothing but the staging folder was touched. */
#ifndef STORE_TREE_STAGE_H
#define STORE_TREE_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/release_ini.h"
#include "crypto/sha256.h"
#include "store/cursor.h"
#include "store/store.h"

/* What the host's configuration may allow; refused otherwise. */
enum tree_allow {
	TREE_ALLOW_NONE = 0,
	TREE_ALLOW_SETUID = 1 << 0, /* setuid and setgid */
	TREE_ALLOW_WORLD_WRITABLE = 1 << 1
};

/* Fields are private but for dir. */
struct tree_stage {
	int dir;                           /* releases/.staging; owned */
	int mtree;                         /* borrowed */
	const struct release_ini *release; /* borrowed */
	unsigned allow;
	struct tree_cursor tree; /* at the file that comes next */
	bool is_complete;        /* none comes any more */
	int fd;                  /* of that file, or -1; owned */
	uint64_t size;           /* its bytes so far */
	struct sha256 hash;
	int parent;                       /* the folder last used; owned */
	char parent_path[TREE_PATH_SIZE]; /* its path; "" is the top */
};

#define TREE_STAGE_NONE                                                        \
	((struct tree_stage){ .dir = -1,                                       \
	                      .fd = -1,                                        \
	                      .parent = -1,                                    \
	                      .tree = TREE_CURSOR_NONE,                        \
	                      .hash = SHA256_NONE })
#define AUTO_TREE_STAGE AUTO(tree_stage_done)

/**
 * tree_stage_begin - an empty releases/.staging, with all that stands before
 * the first file with bytes; leftovers are removed.
 * @mtree:   the verified payload.mtree; borrowed until tree_stage_done.
 * @release: the verified release.ini; the same.
 * @allow:   tree_allow bits.
 * @out:     written always; release it with tree_stage_done, whatever comes.
 *
 * Returns 0, or -1 with ERR_FORMAT, ERR_UNTRUSTED for an entry that is not
 * allowed here, ERR_LIMIT or ERR_SYSTEM.
 */
int tree_stage_begin(const struct store *store, int mtree,
                     const struct release_ini *release, unsigned allow,
                     struct tree_stage *out, struct err *err) MUST_CHECK;

/** tree_stage_done - close it; what is on disk stays, as for a package. */
void tree_stage_done(struct tree_stage *stage);

/**
 * tree_stage_bytes - the next bytes of the next file that has any.
 * @mtree_line: the line of payload.mtree (from 1) that the bytes are for.
 * @len:        0 ends the file.
 *
 * Files come in the order of payload.mtree, each ended; files without bytes
 * are made without the worker, which must not name them.
 *
 * Returns 0, or -1 with ERR_FORMAT on any other line, on the first byte too
 * many, on an early end and on another digest; ERR_UNTRUSTED and ERR_LIMIT as
 * tree_stage_begin, or ERR_SYSTEM.  After -1 only tree_stage_done is allowed.
 */
int tree_stage_bytes(struct tree_stage *stage, uint64_t mtree_line,
                     const void *data, size_t len, struct err *err) MUST_CHECK;

/** tree_stage_next - the file that comes next, borrowed until it is ended; its
 * line of payload.mtree is @mtree_line.  NULL when none comes any more. */
const struct mtree_entry *tree_stage_next(const struct tree_stage *stage,
                                          uint64_t *mtree_line);

/** tree_stage_position - how many of that file's bytes came. */
uint64_t tree_stage_position(const struct tree_stage *stage);

/**
 * tree_stage_copy - take that file from @from, an open file of an installed
 * release, and end it: its bytes are shared where the file system can, else
 * copied; and those that the new file holds then are hashed in any case.
 *
 * Returns 1; 0 when @from holds other bytes or cannot be read, and the file
 * then waits for its own as before; or -1 with ERR_SYSTEM for what fails in
 * the new release, and as tree_stage_bytes for what comes behind it.
 */
int tree_stage_copy(struct tree_stage *stage, int from,
                    struct err *err) MUST_CHECK;

/**
 * tree_stage_finish - that no file is missing, and that entries and bytes are
 * those of release.ini; then set mode and time of the folders.
 * Returns 0, or -1 with ERR_FORMAT or ERR_SYSTEM.
 */
int tree_stage_finish(struct tree_stage *stage, struct err *err) MUST_CHECK;

#endif
