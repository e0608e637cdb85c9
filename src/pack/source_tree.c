/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/source_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/tree_path.h"
#include "pack/collect_rules.h"

void source_tree_done(struct source_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		free(tree->entries[i].path);
		free(tree->entries[i].link);
	}
	free(tree->entries);
	cleanup_close(&tree->root);
	*tree = SOURCE_TREE_NONE;
}

struct source_stamp source_stamp_of(const struct stat *st)
{
	return (struct source_stamp){ .device = st->st_dev,
		                      .inode = st->st_ino,
		                      .modified = st->st_mtim,
		                      .changed = st->st_ctim };
}

static bool is_same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool source_stamp_equal(const struct source_stamp *a,
                        const struct source_stamp *b)
{
	return a->device == b->device && a->inode == b->inode &&
	       is_same_time(a->modified, b->modified) &&
	       is_same_time(a->changed, b->changed);
}

static int compare_entries(const void *a, const void *b)
{
	const struct source_entry *left = a;
	const struct source_entry *right = b;

	return tree_path_compare(left->path, right->path);
}

void source_tree_sort(struct source_tree *tree)
{
	if (tree->count > 0)
		qsort(tree->entries, tree->count, sizeof *tree->entries,
		      compare_entries);
}

struct source_entry *source_tree_find(const struct source_tree *tree,
                                      const char *path)
{
	struct source_entry key = { .path = (char *)(uintptr_t)path };

	if (tree->count == 0)
		return NULL;
	return bsearch(&key, tree->entries, tree->count, sizeof key,
	               compare_entries);
}

bool source_tree_needs_link(const struct source_tree *tree, const char *pattern)
{
	const struct patterns one = { .at = { pattern }, .count = 1 };

	for (size_t i = 0; i < tree->count; i++) {
		const struct source_entry *e = &tree->entries[i];

		if (e->type == ENTRY_LINK &&
		    !collect_link_stays(e->path, e->link) &&
		    patterns_match_whole(&one, e->path))
			return true;
	}
	return false;
}

static int append_entry(struct source_tree *tree, struct source_entry entry,
                        const char *path, size_t len, struct err *err)
{
	struct source_entry *grown =
		realloc(tree->entries, (tree->count + 1) * sizeof *grown);

	if (grown == NULL)
		return err_nomem(err);
	tree->entries = grown;
	entry.path = strndup(path, len);
	if (entry.path == NULL)
		return err_nomem(err);
	tree->entries[tree->count++] = entry;
	return 0;
}

static int add_parent(struct source_tree *tree, const char *path, size_t len,
                      struct err *err)
{
	const struct source_entry folder = { .type = ENTRY_DIR, .mode = 0755 };
	char parent[TREE_PATH_SIZE];
	const struct source_entry *found;

	memcpy(parent, path, len);
	parent[len] = '\0';
	found = source_tree_find(tree, parent);
	if (found != NULL && found->type != ENTRY_DIR)
		return err_set(err, ERR_CONFLICT, 0,
		               "'%s' is no folder, but '%s' is to lie in it",
		               parent, path);
	if (found != NULL)
		return 0;
	if (append_entry(tree, folder, path, len, err) < 0)
		return -1;
	source_tree_sort(tree);
	return 0;
}

int source_tree_add(struct source_tree *tree, const char *path,
                    const char *data, size_t len, struct err *err)
{
	const struct source_entry file = {
		.type = ENTRY_FILE, .mode = 0644, .size = len, .data = data
	};

	if (source_tree_find(tree, path) != NULL)
		return err_set(err, ERR_CONFLICT, 0,
		               "'%s' is in the payload already", path);
	for (const char *slash = strchr(path, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/'))
		if (add_parent(tree, path, (size_t)(slash - path), err) < 0)
			return -1;
	if (append_entry(tree, file, path, strlen(path), err) < 0)
		return -1;
	source_tree_sort(tree);
	tree->bytes += len;
	return 0;
}

static bool is_unchanged(const struct source_entry *a,
                         const struct source_entry *b)
{
	return a->type == b->type && a->mode == b->mode && a->size == b->size &&
	       source_stamp_equal(&a->stamp, &b->stamp);
}

/* Entries that source_tree_add made have no inode. */
static bool is_added(const struct source_entry *entry)
{
	return entry->stamp.inode == 0;
}

int source_tree_compare(const struct source_tree *tree,
                        const struct source_tree *now, struct err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < tree->count; i++) {
		const struct source_entry *was = &tree->entries[i];
		const struct source_entry *is;

		if (is_added(was))
			continue;
		is = source_tree_find(now, was->path);
		if (is == NULL || !is_unchanged(was, is))
			return err_set(err, ERR_CONFLICT, 0,
			               "'%s' changed while it was read; "
			               "run again when nothing writes there",
			               was->path);
		found++;
	}
	for (size_t i = 0; i < now->count && found != now->count; i++)
		if (source_tree_find(tree, now->entries[i].path) == NULL)
			return err_set(err, ERR_CONFLICT, 0,
			               "'%s' came while the payload was read",
			               now->entries[i].path);
	return 0;
}
