/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/text.h"

int file_open(const char *path, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening '%s'", path);
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return err_set(err, ERR_USAGE, 0, "'%s' is no file", path);
	return TAKE_FD(fd);
}

int file_read(const char *path, struct buf *out, struct err *err)
{
	AUTO_CLOSE int fd = file_open(path, err);

	if (fd < 0)
		return -1;
	if (fs_read_fd(fd, out, err) < 0)
		return err_wrap(err, "'%s'", path);
	return 0;
}

/* The folder part of @path, "." where it has none. */
static int folder_of(const char *path, char out[FS_PATH_MAX], struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 1;

	if (slash == path)
		return text_copy(out, FS_PATH_MAX, "/", 1, err);
	return text_copy(out, FS_PATH_MAX, slash != NULL ? path : ".", len,
	                 err);
}

int file_split(const char *path, char name[FS_NAME_MAX], struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash != NULL ? slash + 1 : path;
	char folder[FS_PATH_MAX];

	if (last[0] == '\0' || strcmp(last, ".") == 0 ||
	    strcmp(last, "..") == 0)
		return err_set(err, ERR_USAGE, 0, "'%s' names no file", path);
	if (text_copy(name, FS_NAME_MAX, last, strlen(last), err) < 0 ||
	    folder_of(path, folder, err) < 0)
		return err_wrap(err, "'%s'", path);
	return fs_open_anchor(folder, err);
}

int file_beside(const char *path, const char *name, char out[FS_PATH_MAX],
                struct err *err)
{
	char folder[FS_PATH_MAX];
	char joined[2 * FS_PATH_MAX];

	if (name[0] == '/' || strchr(path, '/') == NULL)
		return text_copy(out, FS_PATH_MAX, name, strlen(name), err);
	if (folder_of(path, folder, err) < 0)
		return -1;
	(void)snprintf(joined, sizeof joined, "%s/%s",
	               strcmp(folder, "/") == 0 ? "" : folder, name);
	return text_copy(out, FS_PATH_MAX, joined, strlen(joined), err);
}

static int make_folder(const char *path, struct err *err)
{
	AUTO_CLOSE int dir = -1;
	char name[FS_NAME_MAX];

	dir = fs_open_anchor(path, err);
	if (dir >= 0)
		return 0;
	if (err->code != ERR_SYSTEM || err->sys != ENOENT)
		return -1;
	dir = file_split(path, name, err);
	return dir < 0 ? -1 : disk_mkdir("out.mkdir", dir, name, 0755, err);
}

int make_folders(const char *path, struct err *err)
{
	char part[FS_PATH_MAX];
	size_t len = strlen(path);

	for (size_t i = 1; i <= len && len < sizeof part; i++) {
		if ((path[i] != '/' && path[i] != '\0') || path[i - 1] == '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (make_folder(part, err) < 0)
			return -1;
	}
	return 0;
}
