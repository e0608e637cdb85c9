/* SPDX-License-Identifier: Apache-2.0 */
/* The first room of package-release: walk a folder and say what its payload
 * is.  Modes are made canonical here, so that the umask and the user who
 * checked the files out do not matter; what a release must not hold is refused
 * with its path. */
#ifndef PACK_COLLECT_H
#define PACK_COLLECT_H

#include "base/err.h"
#include "pack/collect_rules.h"
#include "pack/source_tree.h"

/**
 * collect - look at all that lies below @folder.
 * @out: written only on 0; source_tree_done releases it.
 *
 * No link is followed, neither on the way nor at the end.  `.git` is left out
 * unless an include pattern is exactly its path, or names something in it.
 *
 * Returns 0, or -1 with ERR_FORMAT naming the path that must not be packed, or
 * for an empty payload; ERR_LIMIT above MTREE_ENTRIES_MAX; ERR_SYSTEM.
 */
int collect(const char *folder, const struct collect_rules *rules,
            struct source_tree *out, struct err *err) MUST_CHECK;

/**
 * collect_again - walk the folder again: that nothing came, went or changed
 * since @tree was collected from it by @rules.
 * Returns 0, or -1 with ERR_CONFLICT naming a path, or as collect.
 */
int collect_again(const struct source_tree *tree, const char *folder,
                  const struct collect_rules *rules,
                  struct err *err) MUST_CHECK;

#endif
