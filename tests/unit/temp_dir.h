/* SPDX-License-Identifier: Apache-2.0 */
/* A folder for one test, and small helpers to fill it and look at it.  They
 * fail the test themselves. */
#ifndef TESTS_UNIT_TEMP_DIR_H
#define TESTS_UNIT_TEMP_DIR_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/disk.h"
#include "base/fs.h"

struct temp_dir {
	int fd;
	char path[64];
};

#define AUTO_TEMP_DIR AUTO(temp_dir_remove)

/* @parent: for instance "/dev/shm", where a sync costs nothing. */
static inline struct temp_dir temp_dir_make_in(const char *parent)
{
	struct temp_dir dir;
	struct err err;

	(void)snprintf(dir.path, sizeof dir.path, "%s/tidegate-test-XXXXXX",
	               parent);
	assert_non_null(mkdtemp(dir.path));
	dir.fd = fs_open_anchor(dir.path, &err);
	assert_true(dir.fd >= 0);
	return dir;
}

static inline struct temp_dir temp_dir_make(void)
{
	return temp_dir_make_in("/tmp");
}

static inline void temp_dir_remove(struct temp_dir *dir)
{
	char *slash = strrchr(dir->path, '/');
	struct err err;
	int parent;

	*slash = '\0';
	parent = fs_open_anchor(dir->path, &err);
	assert_int_equal(
		disk_remove_tree("test.remove", parent, slash + 1, &err), 0);
	(void)close(parent);
	(void)close(dir->fd);
}

static inline void put_file(int at, const char *path, const char *text)
{
	int fd = openat(at, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	                0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, 0644), 0);
	(void)close(fd);
}

static inline void put_dir(int at, const char *path)
{
	assert_int_equal(mkdirat(at, path, 0755), 0);
	assert_int_equal(fchmodat(at, path, 0755, 0), 0);
}

static inline void put_link(int at, const char *path, const char *target)
{
	assert_int_equal(symlinkat(target, at, path), 0);
}

static inline int is_there(int at, const char *path)
{
	struct stat st;

	return fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static inline void assert_text(int at, const char *path, const char *want)
{
	char text[4096];
	int fd = openat(at, path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		fail_msg("%s is not there", path);
	len = read(fd, text, sizeof text - 1);
	assert_true(len >= 0);
	text[len] = '\0';
	(void)close(fd);
	assert_string_equal(text, want);
}

/* "" wants no link. */
static inline void assert_link(int at, const char *path, const char *want)
{
	char target[256] = "";
	ssize_t len = readlinkat(at, path, target, sizeof target - 1);

	if (len >= 0)
		target[len] = '\0';
	if (strcmp(target, want) != 0)
		fail_msg("%s points to '%s', not to '%s'", path, target, want);
}

static inline unsigned mode_of(int at, const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

static inline time_t time_of(int at, const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mtime;
}

#endif
