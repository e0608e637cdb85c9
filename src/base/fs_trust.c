/* SPDX-License-Identifier: Apache-2.0 */
/* The part of fs.h that says who else could write what is relied on. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"

/* Deeper than any path of PATH_MAX bytes can be. */
#define ANCESTORS_MAX 2048

static bool is_trusted_owner(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

static bool can_others_write(const struct stat *st)
{
	return (st->st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/* Whether nobody else can move or remove what lies in a folder: where it is
 * sticky, others may add names, and no more. */
static bool keeps_names(const struct stat *folder)
{
	return is_trusted_owner(folder) &&
	       (!can_others_write(folder) || (folder->st_mode & S_ISVTX) != 0);
}

/* --- a file --- */

int fs_check_owner(int fd, const char *name, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'", name);
	if (!is_trusted_owner(&st))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "'%s' belongs to uid %u, not to root or the "
		               "caller; chown it",
		               name, st.st_uid);
	if (can_others_write(&st))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "'%s' can be written by others; chmod go-w it",
		               name);
	return 0;
}

int fs_check_private(int fd, const char *name, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'", name);
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return err_set(
			err, ERR_UNTRUSTED, 0,
			"'%s' holds credentials, and others may open it: "
			"chmod 600",
			name);
	return 0;
}

int fs_open_trusted(int at, const char *path, struct err *err)
{
	AUTO_CLOSE int fd = fs_open_file(at, path, err);

	if (fd < 0 || fs_check_owner(fd, path, err) < 0)
		return -1;
	return TAKE_FD(fd);
}

int fs_read_trusted(int at, const char *path, struct buf *out, struct err *err)
{
	AUTO_CLOSE int fd = fs_open_trusted(at, path, err);

	if (fd < 0 && err->code == ERR_SYSTEM && err->sys == ENOENT)
		return 0;
	if (fd < 0)
		return -1;
	if (fs_read_fd(fd, out, err) < 0)
		return err_wrap(err, "'%s'", path);
	return 1;
}

/* --- the folders above --- */

static int check_ancestor(int dir, unsigned depth, struct err *err)
{
	char link[64];
	char path[FS_PATH_MAX];
	ssize_t len;
	struct stat st;

	if (fstat(dir, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "looking at an ancestor folder");
	if (keeps_names(&st) && (depth > 0 || !can_others_write(&st)))
		return 0;
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
	len = readlink(link, path, sizeof path - 1);
	path[len > 0 ? len : 0] = '\0'; /* only for the message */
	return err_set(err, ERR_UNTRUSTED, 0,
	               "folder '%s' belongs to or can be written by others "
	               "than root and the caller",
	               path);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int fs_check_ancestors(int dir, struct err *err)
{
	AUTO_CLOSE int at =
		openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned depth;

	if (at < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening a folder");
	for (depth = 0; depth < ANCESTORS_MAX; depth++) {
		AUTO_CLOSE int up = -1;
		struct stat here;
		struct stat above;

		if (check_ancestor(at, depth, err) < 0)
			return -1;
		up = openat(at, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (up < 0 || fstat(at, &here) < 0 || fstat(up, &above) < 0)
			return err_set(err, ERR_SYSTEM, errno,
			               "opening an ancestor folder");
		if (is_same_file(&here, &above))
			return 0;
		(void)close(at); /* only read */
		at = TAKE_FD(up);
	}
	return err_set(err, ERR_LIMIT, 0, "more than %d folders above the root",
	               ANCESTORS_MAX);
}

/* --- the links of a path --- */

/* A path that is opened one component after the other. */
struct way {
	int at;                 /* the folder it has come to; O_PATH */
	char rest[FS_PATH_MAX]; /* what follows from there */
	unsigned links;         /* followed until now */
};

static void way_done(struct way *way)
{
	if (way->at >= 0)
		(void)close(way->at); /* only a place */
}

#define AUTO_WAY AUTO(way_done)

static int check_link(const struct way *way, int link, const char *name,
                      struct err *err)
{
	struct stat folder;
	struct stat own;

	if (fstat(way->at, &folder) < 0 || fstat(link, &own) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'", name);
	if (is_trusted_owner(&own) && keeps_names(&folder))
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "'%s' on the way is a link that somebody else than "
	               "root and the caller could turn elsewhere; name the "
	               "folder by a path without it",
	               name);
}

/* Take up the way where the folder @at is, which is ours from now on. */
static int go_on_at(struct way *way, int at, const char *name, struct err *err)
{
	if (at < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening folder '%s'",
		               name);
	way_done(way);
	way->at = at;
	return 0;
}

/* Put the target of the link into the place of its name. */
static int follow_link(struct way *way, int link, const char *name,
                       struct err *err)
{
	char whole[FS_PATH_MAX];
	ssize_t len = readlinkat(link, "", whole, sizeof whole);
	size_t rest = strlen(way->rest);

	if (len < 0)
		return err_set(err, ERR_SYSTEM, errno, "reading the link '%s'",
		               name);
	if (++way->links > FS_LINKS_MAX)
		return err_set(err, ERR_SYSTEM, ELOOP, "following '%s'", name);
	if ((size_t)len + 1 + rest >= sizeof whole)
		return err_set(err, ERR_LIMIT, 0,
		               "the path behind '%s' is too long", name);
	whole[len] = '/';
	(void)memcpy(whole + len + 1, way->rest, rest + 1);
	(void)memcpy(way->rest, whole, (size_t)len + 1 + rest + 1);
	if (whole[0] != '/')
		return 0;
	return go_on_at(way, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "/",
	                err);
}

/* Cut the first name off what follows; 0: there is none. */
static int take_name(struct way *way, char name[FS_NAME_MAX], struct err *err)
{
	size_t skip = strspn(way->rest, "/");
	size_t len = strcspn(way->rest + skip, "/");

	if (len >= FS_NAME_MAX)
		return err_set(err, ERR_SYSTEM, ENAMETOOLONG,
		               "opening folder '%s'", way->rest + skip);
	(void)memcpy(name, way->rest + skip, len);
	name[len] = '\0';
	(void)memmove(way->rest, way->rest + skip + len,
	              strlen(way->rest + skip + len) + 1);
	return len > 0;
}

static int take_step(struct way *way, const char *name, struct err *err)
{
	AUTO_CLOSE int next =
		openat(way->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (next < 0 || fstat(next, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening folder '%s'",
		               name);
	if (!S_ISLNK(st.st_mode))
		return go_on_at(way, TAKE_FD(next), name, err);
	if (check_link(way, next, name, err) < 0)
		return -1;
	return follow_link(way, next, name, err);
}

static int walk(struct way *way, struct err *err)
{
	char name[FS_NAME_MAX];
	int got;

	while ((got = take_name(way, name, err)) == 1)
		if (take_step(way, name, err) < 0)
			return -1;
	return got;
}

int fs_open_guarded(const char *path, struct err *err)
{
	AUTO_WAY struct way way = { .at = -1 };
	size_t len = strlen(path);
	int start;
	int fd;

	if (len >= sizeof way.rest)
		return err_set(err, ERR_LIMIT, 0, "the path is too long");
	(void)memcpy(way.rest, path, len + 1);
	start = open(path[0] == '/' ? "/" : ".",
	             O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (go_on_at(&way, start, path, err) < 0 || walk(&way, err) < 0)
		return err_wrap(err, "opening folder '%s'", path);
	fd = openat(way.at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening folder '%s'",
		               path);
	return fd;
}
