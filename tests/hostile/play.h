/* SPDX-License-Identifier: Apache-2.0 */
/* What the hostile tests share: where the helpers and workers lie, and files
 * in memory to hand to them. */
#ifndef HOSTILE_PLAY_H
#define HOSTILE_PLAY_H

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "privsep/worker.h"

/* Any account without rights will do; every system has this one. */
#define PLAY_ACCOUNT "nobody"

/* A folder beside the folder that this test lies in. */
static inline int play_open_folder(const char *relative)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
	char *slash;
	int at;
	int fd;

	assert_true(len > 0);
	path[len] = '\0';
	slash = strrchr(path, '/');
	assert_non_null(slash);
	*slash = '\0';
	at = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(at >= 0);
	fd = openat(at, relative, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)close(at);
	return fd;
}

/* A file in memory that holds @data; -1 is never returned. */
static inline int play_file(const void *data, size_t len)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, len, 0), (ssize_t)len);
	return fd;
}

/* No child of this test is left, dead or alive. */
static inline void play_assert_reaped(const char *name)
{
	if (waitpid(-1, NULL, WNOHANG) != -1)
		fail_msg("%s: a worker was left behind", name);
}

#endif
