/* SPDX-License-Identifier: Apache-2.0 */
#include "base/tree_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* A folder on the way. */
struct tree_walk_level {
	char **names; /* owned; in byte order */
	size_t count, next;
	size_t base; /* bytes of the path of this folder, with its slash */
};

static void level_done(struct tree_walk_level *level)
{
	fs_list_free(level->names, level->count);
}

static void close_folder(struct tree_walk *walk)
{
	cleanup_close(&walk->folder);
	walk->folder = -1;
}

void tree_walk_done(struct tree_walk *walk)
{
	while (walk->depth > 0)
		level_done(&walk->levels[--walk->depth]);
	free(walk->levels);
	walk->levels = NULL;
	walk->cap = 0;
	close_folder(walk);
}

static struct tree_walk_level *lowest(struct tree_walk *walk)
{
	return &walk->levels[walk->depth - 1];
}

static int reserve_level(struct tree_walk *walk, struct err *err)
{
	size_t cap = walk->cap * 2 + 8;
	struct tree_walk_level *grown;

	if (walk->depth < walk->cap)
		return 0;
	grown = realloc(walk->levels, cap * sizeof *grown);
	if (grown == NULL)
		return err_nomem(err);
	walk->levels = grown;
	walk->cap = cap;
	return 0;
}

/* List the folder whose path stands in walk->path ("" for the top). */
static int enter(struct tree_walk *walk, struct err *err)
{
	size_t len = strlen(walk->path);
	const char *path = len > 0 ? walk->path : ".";
	AUTO_CLOSE int fd = -1;
	char **names;
	size_t count;
	struct tree_walk_level *level;

	if (reserve_level(walk, err) < 0)
		return -1;
	fd = fs_open_dir(walk->top, path, err);
	if (fd < 0 || fs_list(fd, TREE_WALK_NAMES_MAX, &names, &count, err) < 0)
		return -1;
	level = &walk->levels[walk->depth++];
	level->names = names;
	level->count = count;
	level->next = 0;
	level->base = len > 0 ? len + 1 : 0;
	close_folder(walk);
	walk->folder = TAKE_FD(fd);
	return 0;
}

/* Put the path of @name in the lowest folder into walk->path. */
static int set_path(struct tree_walk *walk, const char *name, struct err *err)
{
	size_t base = lowest(walk)->base;
	size_t len = strlen(name);

	if (base + len >= sizeof walk->path)
		return err_set(err, ERR_LIMIT, 0,
		               "a path below '%.200s' is too long", walk->path);
	if (base > 0)
		walk->path[base - 1] = '/';
	memcpy(walk->path + base, name, len + 1);
	return 0;
}

static void leave(struct tree_walk *walk)
{
	size_t base = lowest(walk)->base;

	level_done(lowest(walk));
	walk->depth--;
	walk->path[base > 0 ? base - 1 : 0] = '\0';
	close_folder(walk);
}

/* After the return from a folder the one above is open no more. */
static int require_folder(struct tree_walk *walk, struct err *err)
{
	size_t base = lowest(walk)->base;

	if (walk->folder >= 0)
		return 0;
	walk->path[base > 0 ? base - 1 : 0] = '\0';
	walk->folder = fs_open_dir(walk->top, base > 0 ? walk->path : ".", err);
	return walk->folder < 0 ? -1 : 0;
}

static void fill_item(const struct tree_walk *walk, size_t base,
                      struct tree_walk_item *out)
{
	memset(out, 0, sizeof *out);
	out->path = walk->path;
	out->name = walk->path + base;
	out->folder = walk->folder;
}

static int give(struct tree_walk *walk, struct tree_walk_item *out,
                struct err *err)
{
	struct tree_walk_level *level = lowest(walk);

	if (require_folder(walk, err) < 0 ||
	    set_path(walk, level->names[level->next], err) < 0)
		return -1;
	fill_item(walk, level->base, out);
	if (fstatat(walk->folder, out->name, &out->st, AT_SYMLINK_NOFOLLOW) < 0)
		out->sys = errno;
	walk->is_folder = out->sys == 0 && S_ISDIR(out->st.st_mode);
	level->next++;
	return 1;
}

/* Enter the folder just given; what keeps us out is an item, but for want of
 * memory. */
static int enter_last(struct tree_walk *walk, struct tree_walk_item *out,
                      struct err *err)
{
	size_t base = lowest(walk)->base;

	if (enter(walk, err) == 0)
		return 0;
	if (err->code != ERR_SYSTEM || err->sys == ENOMEM)
		return -1;
	close_folder(walk);
	fill_item(walk, base, out);
	out->sys = err->sys;
	return 1;
}

int tree_walk_next(struct tree_walk *walk, struct tree_walk_item *out,
                   struct err *err)
{
	int got = 0;

	if (!walk->is_started && enter(walk, err) < 0)
		return -1;
	walk->is_started = true;
	if (walk->is_folder)
		got = enter_last(walk, out, err);
	walk->is_folder = false;
	if (got != 0)
		return got;
	while (walk->depth > 0) {
		if (lowest(walk)->next < lowest(walk)->count)
			return give(walk, out, err);
		leave(walk);
	}
	return 0;
}

void tree_walk_skip(struct tree_walk *walk)
{
	walk->is_folder = false;
}
