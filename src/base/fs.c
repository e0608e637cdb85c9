/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define READ_CHUNK ((size_t)64 * 1024)

/* Deeper than any path of PATH_MAX bytes can be. */
#define ANCESTORS_MAX 2048

static int open_beneath(int at, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		           RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, at, path, &how, sizeof how);
}

int fs_reserve_standard(struct err *err)
{
	int fd;

	/* open(2) gives the lowest that is free. */
	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd < STDERR_FILENO);
	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening /dev/null");
	if (fd > STDERR_FILENO)
		(void)close(fd);
	return 0;
}

int fs_open_dir(int at, const char *path, struct err *err)
{
	int fd = open_beneath(at, path, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening folder '%s'",
		               path);
	return fd;
}

int fs_open_anchor(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening folder '%s'",
		               path);
	return fd;
}

int fs_find(int root, const char *path, struct err *err)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
		                .resolve = RESOLVE_IN_ROOT |
		                           RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening '%s'", path);
	return fd;
}

/* @code: of what is no regular file. */
static int check_regular(int fd, const char *path, enum err_code code,
                         struct err *err)
{
	struct stat st;

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening '%s'", path);
	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, code, 0, "'%s' is no regular file", path);
	return 0;
}

int fs_open_file(int at, const char *path, struct err *err)
{
	AUTO_CLOSE int fd = open_beneath(at, path, O_RDONLY | O_NONBLOCK);

	if (check_regular(fd, path, ERR_FORMAT, err) < 0)
		return -1;
	return TAKE_FD(fd);
}

int fs_open_given(const char *path, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (check_regular(fd, path, ERR_USAGE, err) < 0)
		return -1;
	return TAKE_FD(fd);
}

static bool is_trusted_owner(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

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
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
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

static bool may_not_be_replaced(const struct stat *folder)
{
	return is_trusted_owner(folder) &&
	       ((folder->st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
	        (folder->st_mode & S_ISVTX) != 0);
}

static int check_link(const struct way *way, int link, const char *name,
                      struct err *err)
{
	struct stat folder;
	struct stat own;

	if (fstat(way->at, &folder) < 0 || fstat(link, &own) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'", name);
	if (is_trusted_owner(&own) && may_not_be_replaced(&folder))
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

/* Where an ancestor is sticky, others may add names but not move ours. */
static int check_ancestor(int dir, unsigned depth, struct err *err)
{
	char link[64];
	char path[FS_PATH_MAX];
	ssize_t len;
	struct stat st;

	if (fstat(dir, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "looking at an ancestor folder");
	if (is_trusted_owner(&st) &&
	    ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
	     (depth > 0 && (st.st_mode & S_ISVTX) != 0)))
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

int fs_exists(int at, const char *path, struct stat *st, struct err *err)
{
	AUTO_CLOSE int fd = open_beneath(at, path, O_PATH);
	struct stat found;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &found) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking up '%s'", path);
	if (st != NULL)
		*st = found;
	return 1;
}

int fs_read_fd(int fd, struct buf *out, struct err *err)
{
	for (;;) {
		ssize_t n;
		size_t room = out->max - out->len;

		/* One byte more than fits tells a file at the limit from a
		 * longer one. */
		room = room < READ_CHUNK ? room : READ_CHUNK;
		if (buf_reserve(out, room, err) < 0)
			return -1;
		if (room == 0) {
			char probe;

			n = read(fd, &probe, 1);
			if (n > 0)
				return err_set(err, ERR_LIMIT, 0,
				               "more than %zu bytes", out->max);
		} else {
			n = read(fd, out->data + out->len, room);
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_SYSTEM, errno, "reading");
		if (n == 0)
			break;
		out->len += (size_t)n;
	}
	out->data[out->len] = '\0';
	return 0;
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

int fs_read_link(int at, const char *path, char *out, struct err *err)
{
	AUTO_CLOSE int fd = open_beneath(at, path, O_PATH);
	ssize_t len;
	char target[FS_PATH_MAX];

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking up '%s'", path);
	/* readlinkat(fd, "") reads the link that an O_PATH descriptor holds
	 * and fails with ENOENT for anything else: readlink(2). */
	len = readlinkat(fd, "", target, sizeof target);
	if (len < 0)
		return err_set(err, ERR_FORMAT, 0, "'%s' is no symbolic link",
		               path);
	if ((size_t)len >= sizeof target)
		return err_set(err, ERR_FORMAT, 0,
		               "the target of link '%s' is too long", path);
	memcpy(out, target, (size_t)len);
	out[len] = '\0';
	return 1;
}

void fs_list_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static int compare_names(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;

	return strcmp(*left, *right);
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Read @dir into *names, which the caller frees whatever is returned. */
static int list_into(DIR *dir, size_t max, char ***names, size_t *count,
                     struct err *err)
{
	size_t cap = 0;
	struct dirent *entry;

	while (errno = 0, (entry = readdir(dir)) != NULL) {
		if (is_dot(entry->d_name))
			continue;
		if (*count == max)
			return err_set(err, ERR_LIMIT, 0,
			               "more than %zu names in a folder", max);
		if (*count == cap) {
			size_t wanted = cap * 2 + 16;
			char **grown = realloc(*names, wanted * sizeof **names);

			if (grown == NULL)
				return err_nomem(err);
			*names = grown;
			cap = wanted;
		}
		(*names)[*count] = strdup(entry->d_name);
		if ((*names)[*count] == NULL)
			return err_nomem(err);
		(*count)++;
	}
	if (errno != 0)
		return err_set(err, ERR_SYSTEM, errno, "listing a folder");
	return 0;
}

int fs_list(int dir, size_t max, char ***names, size_t *count, struct err *err)
{
	AUTO_CLOSE int own =
		openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_DIR DIR *stream = NULL;
	char **list = NULL;
	size_t found = 0;

	if (own < 0 || (stream = fdopendir(own)) == NULL)
		return err_set(err, ERR_SYSTEM, errno, "opening a folder");
	(void)TAKE_FD(own); /* the stream owns it now */
	if (list_into(stream, max, &list, &found, err) < 0) {
		fs_list_free(list, found);
		return -1;
	}
	if (found > 0)
		qsort(list, found, sizeof *list, compare_names);
	*names = list;
	*count = found;
	return 0;
}

int fs_read_at(int fd, uint64_t offset, void *out, size_t len, struct err *err)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, (char *)out + done, len - done,
		                  (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_SYSTEM, errno, "reading");
		if (n == 0)
			return err_set(err, ERR_FORMAT, 0,
			               "ends at byte %llu, before its time",
			               (unsigned long long)(offset + done));
		done += (size_t)n;
	}
	return 0;
}
