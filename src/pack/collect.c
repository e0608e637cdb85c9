/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/collect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "codec/tree_path.h"

#define MODE_UNSEEN 01000000 /* of a folder that may not be needed at all */

/* One walk.  Folders are entries of the list themselves and are listed in
 * turn: the list is its own queue, so that depth costs no stack. */
struct walk {
	const struct collect_rules *rules;
	struct source_tree tree;
	size_t cap;
	size_t listed; /* entries up to here were listed */
};

static int refuse(struct err *err, const char *path, const char *why)
{
	return err_set(err, ERR_FORMAT, 0, "'%s' %s", path, why);
}

static int make_room(struct walk *walk, struct err *err)
{
	size_t wanted = walk->cap * 2 + 64;
	struct source_entry *grown;

	if (walk->tree.count == MTREE_ENTRIES_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "the payload has more than %d entries",
		               MTREE_ENTRIES_MAX);
	if (walk->tree.count < walk->cap)
		return 0;
	grown = realloc(walk->tree.entries, wanted * sizeof *grown);
	if (grown == NULL)
		return err_nomem(err);
	walk->tree.entries = grown;
	walk->cap = wanted;
	return 0;
}

static int look_at_link(struct walk *walk, int dir, const char *name,
                        struct source_entry *entry, struct err *err)
{
	char target[FS_PATH_MAX];
	int there = fs_read_link(dir, name, target, err);

	if (there < 0)
		return -1;
	if (there == 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "'%s' changed while it was read", entry->path);
	if (collect_check_link(walk->rules, entry->path, target, err) < 0)
		return -1;
	entry->type = ENTRY_LINK;
	entry->mode = 0777;
	entry->size = 0;
	entry->link = strdup(target);
	return entry->link != NULL ? 0 : err_nomem(err);
}

static int look_at_file(struct walk *walk, int dir, const char *name,
                        const struct stat *st, struct source_entry *entry,
                        struct err *err)
{
	AUTO_CLOSE int fd = S_ISDIR(st->st_mode) ? fs_open_dir(dir, name, err)
	                                         : fs_open_file(dir, name, err);

	if (fd < 0)
		return err_wrap(err, "'%s'", entry->path);
	if (collect_check_attributes(fd, entry->path, err) < 0 ||
	    collect_mode(walk->rules, entry->path, st, &entry->mode, err) < 0)
		return -1;
	entry->type = S_ISDIR(st->st_mode) ? ENTRY_DIR : ENTRY_FILE;
	entry->size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0;
	return 0;
}

static int look_at(struct walk *walk, int dir, const char *name,
                   const struct stat *st, struct source_entry *entry,
                   struct err *err)
{
	switch (st->st_mode & S_IFMT) {
	case S_IFLNK:
		return look_at_link(walk, dir, name, entry, err);
	case S_IFREG:
	case S_IFDIR:
		return look_at_file(walk, dir, name, st, entry, err);
	case S_IFIFO:
		return refuse(err, entry->path, "is a fifo");
	case S_IFSOCK:
		return refuse(err, entry->path, "is a socket");
	default:
		return refuse(err, entry->path, "is a device");
	}
}

static bool is_asked_for(const struct walk *walk, const char *path)
{
	return walk->rules->include.count == 0 ||
	       patterns_match(&walk->rules->include, path);
}

static int add_entry(struct walk *walk, int dir, const char *path,
                     const char *name, const struct stat *st, struct err *err)
{
	struct source_entry entry = { .stamp = source_stamp_of(st) };
	int result = 0;

	if (make_room(walk, err) < 0)
		return -1;
	entry.path = strdup(path);
	if (entry.path == NULL)
		return err_nomem(err);
	if (is_asked_for(walk, path)) {
		result = look_at(walk, dir, name, st, &entry, err);
	} else {
		/* What lies in it may be asked for. */
		entry.type = ENTRY_DIR;
		entry.mode = MODE_UNSEEN;
	}
	if (result < 0) {
		free(entry.path);
		free(entry.link);
		return -1;
	}
	walk->tree.entries[walk->tree.count++] = entry;
	return 0;
}

/* Add @name, which lies in the folder @parent ("" for the root). */
static int take_name(struct walk *walk, int dir, const char *parent,
                     const char *name, struct err *err)
{
	char path[TREE_PATH_SIZE + FS_NAME_MAX];
	struct stat st;
	int there;
	int n = snprintf(path, sizeof path, "%s%s%s", parent,
	                 parent[0] != '\0' ? "/" : "", name);

	there = fs_exists(dir, name, &st, err);
	if (there < 0)
		return err_wrap(err, "folder '%s'", parent);
	if (there == 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "'%s' changed while it was read", path);
	if (collect_leaves_out(walk->rules, path, &st) ||
	    (!S_ISDIR(st.st_mode) && !is_asked_for(walk, path)))
		return 0;
	if (tree_path_check(path, (size_t)n, err) < 0)
		return -1;
	return add_entry(walk, dir, path, name, &st, err);
}

static int list_folder(struct walk *walk, const char *path, struct err *err)
{
	AUTO_CLOSE int dir =
		fs_open_dir(walk->tree.root, path[0] != '\0' ? path : ".", err);
	char **names;
	size_t count;
	int result = 0;

	if (dir < 0 || fs_list(dir, MTREE_ENTRIES_MAX, &names, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++)
		result = take_name(walk, dir, path, names[i], err);
	fs_list_free(names, count);
	return result;
}

static int walk_all(struct walk *walk, struct err *err)
{
	if (list_folder(walk, "", err) < 0)
		return -1;
	for (; walk->listed < walk->tree.count; walk->listed++) {
		const struct source_entry *e =
			&walk->tree.entries[walk->listed];
		const char *path = e->path;

		if (e->type == ENTRY_DIR && list_folder(walk, path, err) < 0)
			return -1;
	}
	return 0;
}

/* Mark the folders above @path as kept. */
static void keep_parents(const struct source_tree *tree, bool *kept,
                         const char *path)
{
	char parent[TREE_PATH_SIZE];
	char *slash;

	memcpy(parent, path, strlen(path) + 1);
	while ((slash = strrchr(parent, '/')) != NULL) {
		const struct source_entry *folder;

		*slash = '\0';
		folder = source_tree_find(tree, parent);
		if (folder == NULL || kept[folder - tree->entries])
			return; /* those above it are kept already */
		kept[folder - tree->entries] = true;
	}
}

/* Drop what no include pattern asks for; folders stay for what they hold. */
static int keep_included(struct source_tree *tree,
                         const struct patterns *include, struct err *err)
{
	AUTO_FREE bool *kept = NULL;
	size_t count = 0;

	if (include->count == 0)
		return 0;
	kept = calloc(tree->count + 1, sizeof *kept);
	if (kept == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < tree->count; i++) {
		if (!patterns_match(include, tree->entries[i].path))
			continue;
		kept[i] = true;
		keep_parents(tree, kept, tree->entries[i].path);
	}
	for (size_t i = 0; i < tree->count; i++) {
		if (kept[i]) {
			tree->entries[count++] = tree->entries[i];
			continue;
		}
		free(tree->entries[i].path);
		free(tree->entries[i].link);
	}
	tree->count = count;
	return 0;
}

/* Judge the folders that came in for what they hold. */
static int look_at_parents(struct walk *walk, struct err *err)
{
	for (size_t i = 0; i < walk->tree.count; i++) {
		struct source_entry *e = &walk->tree.entries[i];
		struct stat st;
		int there;

		if (e->mode != MODE_UNSEEN)
			continue;
		there = fs_exists(walk->tree.root, e->path, &st, err);
		if (there < 0)
			return -1;
		if (there == 0 || !S_ISDIR(st.st_mode))
			return err_set(err, ERR_CONFLICT, 0,
			               "'%s' changed while it was read",
			               e->path);
		if (look_at_file(walk, walk->tree.root, e->path, &st, e, err) <
		    0)
			return -1;
	}
	return 0;
}

static int compare_folded(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;

	return strcasecmp(*left, *right);
}

/* A tree with "a" and "A" cannot be unpacked on every file system. */
static int find_case_twins(struct source_tree *tree, struct err *err)
{
	AUTO_FREE char **paths = calloc(tree->count + 1, sizeof *paths);

	if (paths == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < tree->count; i++)
		paths[i] = tree->entries[i].path;
	qsort(paths, tree->count, sizeof *paths, compare_folded);
	for (size_t i = 1; i < tree->count; i++) {
		if (strcasecmp(paths[i - 1], paths[i]) != 0)
			continue;
		tree->case_twins[0] = paths[i - 1];
		tree->case_twins[1] = paths[i];
		return 0;
	}
	return 0;
}

static void count_tree(struct source_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct source_entry *e = &tree->entries[i];

		tree->bytes += e->size;
		if (e->type == ENTRY_FILE &&
		    e->stamp.modified.tv_sec > tree->newest)
			tree->newest = e->stamp.modified.tv_sec;
	}
}

static int finish_tree(struct walk *walk, struct err *err)
{
	struct source_tree *tree = &walk->tree;

	source_tree_sort(tree);
	if (keep_included(tree, &walk->rules->include, err) < 0 ||
	    look_at_parents(walk, err) < 0)
		return -1;
	if (tree->count == 0)
		return err_set(err, ERR_FORMAT, 0, "the payload is empty");
	count_tree(tree);
	return find_case_twins(tree, err);
}

int collect(const char *folder, const struct collect_rules *rules,
            struct source_tree *out, struct err *err)
{
	struct walk walk = { .rules = rules, .tree = SOURCE_TREE_NONE };

	walk.tree.root = fs_open_anchor(folder, err);
	if (walk.tree.root < 0 || walk_all(&walk, err) < 0 ||
	    finish_tree(&walk, err) < 0) {
		source_tree_done(&walk.tree);
		return err_wrap(err, "collecting '%s'", folder);
	}
	*out = walk.tree;
	return 0;
}

int collect_again(const struct source_tree *tree, const char *folder,
                  const struct collect_rules *rules, struct err *err)
{
	AUTO_TREE struct source_tree now = SOURCE_TREE_NONE;

	if (collect(folder, rules, &now, err) < 0)
		return err_wrap(err, "looking at it again");
	return source_tree_compare(tree, &now, err);
}
