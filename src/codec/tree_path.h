/* SPDX-License-Identifier: Apache-2.0 */
/* Which paths and link targets an entry of a payload may have. */
#ifndef CODEC_TREE_PATH_H
#define CODEC_TREE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define TREE_PATH_SIZE     4096 /* bytes, with the NUL */
#define TREE_COMPONENT_MAX 255  /* bytes */

/**
 * tree_path_check - that @path is relative, at most TREE_PATH_SIZE - 1 bytes,
 * printable UTF-8, without empty, "." and ".." components and trailing slash,
 * each component at most TREE_COMPONENT_MAX bytes.
 *
 * Returns 0, or -1 with ERR_FORMAT, or ERR_LIMIT when it is only too long;
 * both quote the path.
 */
int tree_path_check(const char *path, size_t len, struct err *err) MUST_CHECK;

/** tree_path_is_legal - tree_path_check for those who need no reason. */
bool tree_path_is_legal(const char *path, size_t len);

/**
 * tree_link_check - that @target may be stored: 1 to TREE_PATH_SIZE - 1 bytes
 * of printable UTF-8.  Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT.
 */
int tree_link_check(const char *target, size_t len, struct err *err) MUST_CHECK;

/**
 * tree_link_stays - whether a link at @path (checked) with @target (checked)
 * can only lead to something inside the tree.
 *
 * Judged by text, so ".." counts only at the front of a target: there it steps
 * up from real folders.  Behind a name it steps up from wherever that name
 * leads: "a/x -> y/.." reads as a, but leaves the tree where "a/y -> ..".  Such
 * a target does not stay.  So where every link of a tree stays, no chain of
 * them leaves it.
 */
bool tree_link_stays(const char *path, const char *target);

/**
 * tree_path_compare - component order, the order of a payload's entries: byte
 * order, but '/' comes before every other byte ("a", "a/c", "a.b").  So what a
 * folder holds follows it at once.
 */
int tree_path_compare(const char *a, const char *b);

#endif
