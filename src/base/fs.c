/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define READ_CHUNK ((size_t)64 * 1024)

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

/* --- opening --- */

static int open_beneath(int at, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		           RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, at, path, &how, sizeof how);
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

/* --- looking --- */

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

/* --- reading --- */

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

/* --- names --- */

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
