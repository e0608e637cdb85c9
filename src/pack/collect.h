/* SPDX-License-Identifier: Apache-2.0 */
/* The first room of package-release: walk a folder and say what its payload
 * is.  Modes are made canonical here, so that the umask and the user who
 * checked the files out do not matter; what a release must not hold is refused
 * with its path. */
#ifndef PACK_COLLECT_H
#define PACK_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "base/err.h"
#include "codec/mtree.h"

#define COLLECT_PATTERNS_MAX 256 /* of one kind */

/* Texts that the caller owns. */
struct patterns {
	const char *at[COLLECT_PATTERNS_MAX];
	size_t count;
};

/* What to collect.  Patterns are those of fnmatch(3), held against the whole
 * path; '*' matches '/' too.  A folder that matches stands for all it holds. */
struct collect_rules {
	struct patterns include;    /* none: everything */
	struct patterns exclude;    /* stronger than include */
	struct patterns allow_link; /* paths of links that may leave the tree */
	struct patterns allow_mode; /* paths packed with exactly their mode */
	/* A folder below the payload that is never collected (where the results
	 * go); st_ino 0 for none. */
	dev_t skip_device;
	ino_t skip_inode;
};

/* Where an entry's bytes were when it was looked at. */
struct source_stamp {
	dev_t device;
	ino_t inode;
	struct timespec modified, changed;
};

struct source_entry {
	enum entry_type type;
	unsigned mode; /* canonical */
	uint64_t size;
	char *path; /* owned */
	char *link; /* owned; NULL unless it is a link */
	struct source_stamp stamp;
	/* The bytes of a file that lies in memory, not in the folder. */
	const char *data; /* borrowed; NULL for a file of the folder */
	uint8_t sha256[DIGEST_LEN]; /* of a file; filled by pack_payload */
};

/* The payload, in the order of tree_path_compare. */
struct source_tree {
	int root; /* owned descriptor of the folder */
	struct source_entry *entries;
	size_t count;
	uint64_t bytes;      /* sum of the sizes of its files */
	int64_t newest;      /* latest modification of a file, seconds */
	char *case_twins[2]; /* borrowed; two paths that differ only in case */
};

#define SOURCE_TREE_NONE ((struct source_tree){ .root = -1 })
#define AUTO_TREE        AUTO(source_tree_done)

void source_tree_done(struct source_tree *tree);

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
 * source_tree_add - put a file of @len bytes at @path (checked), and the
 * folders above it where they are missing.
 * @data: borrowed as long as the tree lives.
 *
 * Returns 0, or -1 with ERR_CONFLICT when something else than a folder stands
 * above it or anything stands at it, or ERR_SYSTEM; the tree is then only good
 * for source_tree_done.
 */
int source_tree_add(struct source_tree *tree, const char *path,
                    const char *data, size_t len, struct err *err) MUST_CHECK;

/** source_tree_needs_link - whether a link that leaves the tree is there only
 * because @pattern (of allow_link) lets it. */
bool source_tree_needs_link(const struct source_tree *tree,
                            const char *pattern);

/** source_tree_find - the entry at @path, or NULL. */
struct source_entry *source_tree_find(const struct source_tree *tree,
                                      const char *path);

/**
 * source_tree_recheck - walk the folder again: that nothing came, went or
 * changed since @tree was collected from it by @rules.
 * Returns 0, or -1 with ERR_CONFLICT naming a path, or as collect.
 */
int source_tree_recheck(const struct source_tree *tree, const char *folder,
                        const struct collect_rules *rules,
                        struct err *err) MUST_CHECK;

/** source_stamp_of - what an open file shows of itself. */
struct source_stamp source_stamp_of(const struct stat *st);
bool source_stamp_equal(const struct source_stamp *a,
                        const struct source_stamp *b);

/** patterns_match - whether @path or a folder above it matches one. */
bool patterns_match(const struct patterns *patterns, const char *path);

/** patterns_match_whole - whether @path itself matches one: how hosts hold
 * links against [links] of release.ini. */
bool patterns_match_whole(const struct patterns *patterns, const char *path);

#endif
