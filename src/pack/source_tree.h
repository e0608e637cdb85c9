/* SPDX-License-Identifier: Apache-2.0 */
/* The entries of a payload as they lie in the source folder, in the order in
 * which they are packed.  Made by collect; a stamped profile.env is added. */
#ifndef PACK_SOURCE_TREE_H
#define PACK_SOURCE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/mtree.h"

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

/** source_tree_sort - put the entries into their order. */
void source_tree_sort(struct source_tree *tree);

/**
 * source_tree_compare - that nothing came, went or changed between two walks;
 * what source_tree_add put into @tree does not count.
 * Returns 0, or -1 with ERR_CONFLICT naming a path.
 */
int source_tree_compare(const struct source_tree *tree,
                        const struct source_tree *now,
                        struct err *err) MUST_CHECK;

/** source_stamp_of - what an open file shows of itself. */
struct source_stamp source_stamp_of(const struct stat *st);
bool source_stamp_equal(const struct source_stamp *a,
                        const struct source_stamp *b);

#endif
