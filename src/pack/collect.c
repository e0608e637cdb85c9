/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/collect.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "codec/tree_path.h"

#define MODE_REFUSED (S_ISUID | S_ISGID | S_IWOTH)
#define MODE_UNSEEN  01000000 /* of a folder that may not be needed at all */

/* One walk.  Folders are entries of the list themselves and are listed in
 * turn: the list is its own queue, so that depth costs no stack. */
struct walk {
	const struct collect_rules *rules;
	struct source_tree tree;
	size_t cap;
	size_t listed; /* entries up to here were listed */
};

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

bool patterns_match_whole(const struct patterns *patterns, const char *path)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (fnmatch(patterns->at[i], path, 0) == 0)
			return true;
	return false;
}

bool patterns_match(const struct patterns *patterns, const char *path)
{
	char part[TREE_PATH_SIZE];
	size_t len = strlen(path);

	if (patterns->count == 0 || len >= sizeof part)
		return false;
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (patterns_match_whole(patterns, part))
			return true;
	}
	return false;
}

/* Whether a pattern is exactly @path, or names something in it. */
static bool is_named(const struct patterns *patterns, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < patterns->count; i++) {
		const char *pattern = patterns->at[i];

		if (strncmp(pattern, path, len) == 0 &&
		    (pattern[len] == '\0' || pattern[len] == '/'))
			return true;
	}
	return false;
}

static bool is_left_out(const struct walk *walk, const char *path,
                        const struct stat *st)
{
	const struct collect_rules *rules = walk->rules;
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	if (rules->skip_inode != 0 && S_ISDIR(st->st_mode) &&
	    st->st_ino == rules->skip_inode && st->st_dev == rules->skip_device)
		return true;
	if (strcmp(name, ".git") == 0 && !is_named(&rules->include, path))
		return true;
	return patterns_match_whole(&rules->exclude, path);
}

/* --- what a release must not hold ------------------------------------------
 */

static int refuse(struct err *err, const char *path, const char *why)
{
	return err_set(err, ERR_FORMAT, 0, "'%s' %s", path, why);
}

/* Labels that a host puts on each file and that say nothing about it. */
static bool is_host_label(const char *name)
{
	static const char *const labels[] = { "security.selinux",
		                              "security.ima", "security.evm" };

	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		if (strcmp(name, labels[i]) == 0)
			return true;
	return false;
}

static int check_attributes(int fd, const char *path, struct err *err)
{
	AUTO_FREE char *names = NULL;
	ssize_t len = flistxattr(fd, NULL, 0);

	if (len == 0 || (len < 0 && errno == ENOTSUP))
		return 0;
	if (len > 0) {
		names = malloc(XATTR_LIST_MAX);
		if (names == NULL)
			return err_nomem(err);
		len = flistxattr(fd, names, XATTR_LIST_MAX);
	}
	if (len < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "reading the extended attributes of '%s'", path);
	for (char *name = names; name < names + len; name += strlen(name) + 1)
		if (!is_host_label(name))
			return err_set(
				err, ERR_FORMAT, 0,
				"'%s' has the extended attribute '%s', "
				"which a release cannot carry; remove it "
				"(setfattr -x, setfacl -b, setcap -r)",
				path, name);
	return 0;
}

/* Owner's x decides; all else is the umask of whoever made the file. */
static int canonical_mode(const struct collect_rules *rules, const char *path,
                          const struct stat *st, unsigned *mode,
                          struct err *err)
{
	bool is_run = S_ISDIR(st->st_mode) || (st->st_mode & S_IXUSR) != 0;

	if (patterns_match(&rules->allow_mode, path)) {
		*mode = st->st_mode & 07777;
		return 0;
	}
	if ((st->st_mode & MODE_REFUSED) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "'%s' is %s (mode %04o); chmod it, or name it "
		               "with --allow-mode",
		               path,
		               (st->st_mode & S_ISUID) != 0 ? "setuid"
		               : (st->st_mode & S_ISGID) != 0
		                       ? "setgid"
		                       : "world-writable",
		               st->st_mode & 07777);
	*mode = is_run ? 0755 : 0644;
	return 0;
}

static bool stays(const char *path, const char *target)
{
	return target[0] != '/' && tree_link_stays(path, target);
}

static int check_link(const struct walk *walk, const char *path,
                      const char *target, struct err *err)
{
	if (tree_link_check(target, strlen(target), err) < 0)
		return err_wrap(err, "link '%s'", path);
	if (stays(path, target))
		return 0;
	if (!patterns_match_whole(&walk->rules->allow_link, path))
		return err_set(err, ERR_FORMAT, 0,
		               "link '%s' leaves the payload (to '%s'); allow "
		               "it with --allow-link '%s'",
		               path, target, path);
	return 0;
}

/* --- the walk --------------------------------------------------------------
 */

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
	if (check_link(walk, entry->path, target, err) < 0)
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
	if (check_attributes(fd, entry->path, err) < 0 ||
	    canonical_mode(walk->rules, entry->path, st, &entry->mode, err) < 0)
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
	if (is_left_out(walk, path, &st) ||
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

/* --- from what was seen to a tree ------------------------------------------
 */

static int compare_entries(const void *a, const void *b)
{
	const struct source_entry *left = a;
	const struct source_entry *right = b;

	return tree_path_compare(left->path, right->path);
}

static void sort_tree(struct source_tree *tree)
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

		if (e->type == ENTRY_LINK && !stays(e->path, e->link) &&
		    patterns_match_whole(&one, e->path))
			return true;
	}
	return false;
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

	sort_tree(tree);
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

/* --- additions and the second look -----------------------------------------
 */

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
	sort_tree(tree);
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
	sort_tree(tree);
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

int source_tree_recheck(const struct source_tree *tree, const char *folder,
                        const struct collect_rules *rules, struct err *err)
{
	AUTO_TREE struct source_tree now = SOURCE_TREE_NONE;
	size_t found = 0;

	if (collect(folder, rules, &now, err) < 0)
		return err_wrap(err, "looking at it again");
	for (size_t i = 0; i < tree->count; i++) {
		const struct source_entry *was = &tree->entries[i];
		const struct source_entry *is;

		if (is_added(was))
			continue;
		is = source_tree_find(&now, was->path);
		if (is == NULL || !is_unchanged(was, is))
			return err_set(err, ERR_CONFLICT, 0,
			               "'%s' changed while it was read; "
			               "run again when nothing writes there",
			               was->path);
		found++;
	}
	for (size_t i = 0; i < now.count && found != now.count; i++)
		if (source_tree_find(tree, now.entries[i].path) == NULL)
			return err_set(err, ERR_CONFLICT, 0,
			               "'%s' came while the payload was read",
			               now.entries[i].path);
	return 0;
}
