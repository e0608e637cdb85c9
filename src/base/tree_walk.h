/* SPDX-License-Identifier: Apache-2.0 */
/* Walk a tree depth first, the names of each folder in byte order: a folder is
 * followed at once by all that lies in it ("a", "a/c", "a.b"), which is the
 * order of payload.mtree.  One folder is open at a time; the names of the
 * folders on the way are held. */
#ifndef BASE_TREE_WALK_H
#define BASE_TREE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"

/* Names in one folder; a tree of format 1 has no more entries. */
#define TREE_WALK_NAMES_MAX 1000000

struct tree_walk_level; /* private */

/* What tree_walk_next found; valid until the next call. */
struct tree_walk_item {
	const char *path; /* relative to the top; borrowed from the walk */
	const char *name; /* its last component */
	int folder;       /* that it lies in; borrowed */
	struct stat st;   /* not that of a link's target */
	int sys;          /* 0; else errno: of the look at it (st is all 0), or
	                   * of listing it, reported right behind the folder */
};

/* Private. */
struct tree_walk {
	int top;                        /* borrowed */
	int folder;                     /* the open one; owned */
	struct tree_walk_level *levels; /* owned */
	size_t depth, cap;
	bool is_started;
	bool is_folder; /* the last item is to be entered */
	char path[FS_PATH_MAX];
};

#define TREE_WALK_INIT(dir) ((struct tree_walk){ .top = (dir), .folder = -1 })
#define AUTO_TREE_WALK      AUTO(tree_walk_done)

/** tree_walk_done - release all; @walk->top stays open. */
void tree_walk_done(struct tree_walk *walk);

/**
 * tree_walk_next - the next entry; a folder is entered by the call after it.
 * Returns 1 with @out written, 0 at the end, -1 with ERR_LIMIT (a path of
 * FS_PATH_MAX bytes or a folder of more than TREE_WALK_NAMES_MAX names) or
 * ERR_SYSTEM (no memory; the top cannot be listed).  Anything else that cannot
 * be looked at comes as an item with sys set, and the walk goes on.
 */
int tree_walk_next(struct tree_walk *walk, struct tree_walk_item *out,
                   struct err *err) MUST_CHECK;

/** tree_walk_skip - do not enter the folder just given. */
void tree_walk_skip(struct tree_walk *walk);

#endif
