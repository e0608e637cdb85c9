/* SPDX-License-Identifier: Apache-2.0 */
#include "store/in_use.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"

#define MOUNTINFO_MAX ((size_t)16 << 20) /* bytes */
#define MAPS_MAX      ((size_t)64 << 20)
#define FD_TEXT_SIZE  64

/* What is looked for, and for whom. */
struct search {
	char path[FS_PATH_MAX]; /* of the release */
	size_t len;
	char *who; /* IN_USE_TEXT_SIZE bytes */
	int proc;
};

/* Whether @path is the release or below it; the kernel appends " (deleted)"
 * to what is gone, which still is in use. */
static bool is_below(const struct search *search, const char *path)
{
	return strncmp(path, search->path, search->len) == 0 &&
	       (path[search->len] == '\0' || path[search->len] == '/' ||
	        path[search->len] == ' ');
}

static bool links_below(const struct search *search, int at, const char *name)
{
	char target[FS_PATH_MAX];
	ssize_t len = readlinkat(at, name, target, sizeof target - 1);

	if (len < 0)
		return false; /* gone, or not ours to see */
	target[len] = '\0';
	return is_below(search, target);
}

/* --- one process ----------------------------------------------------- */

static bool has_open_file(const struct search *search, int process)
{
	int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (dir == NULL) {
		cleanup_close(&fd);
		return false;
	}
	while ((entry = readdir(dir)) != NULL)
		if (links_below(search, dirfd(dir), entry->d_name))
			return true;
	return false;
}

static bool read_proc(int process, const char *name, size_t max,
                      struct buf *out)
{
	struct err ignored; /* another user's process, or it ended */
	AUTO_CLOSE int fd = openat(process, name, O_RDONLY | O_CLOEXEC);

	*out = BUF_LIMIT(max);
	return fd >= 0 && fs_read_fd(fd, out, &ignored) == 0;
}

static bool has_mapped_file(const struct search *search, int process)
{
	AUTO_BUF struct buf maps = BUF_NONE;
	const char *line;

	if (!read_proc(process, "maps", MAPS_MAX, &maps))
		return false;
	for (line = buf_text(&maps); (line = strchr(line, '/')) != NULL;) {
		if (is_below(search, line))
			return true;
		line = strchr(line, '\n');
		if (line == NULL)
			return false;
	}
	return false;
}

static const char *find_use(const struct search *search, int process)
{
	if (links_below(search, process, "exe"))
		return "runs a program of it";
	if (links_below(search, process, "cwd"))
		return "has its working folder in it";
	if (links_below(search, process, "root"))
		return "has its root in it";
	if (has_open_file(search, process))
		return "has a file of it open";
	if (has_mapped_file(search, process))
		return "has a file of it mapped";
	return NULL;
}

static void name_user(const struct search *search, int process, const char *pid,
                      const char *use)
{
	AUTO_BUF struct buf name = BUF_NONE;
	size_t len = 0;

	if (read_proc(process, "comm", IN_USE_TEXT_SIZE, &name))
		len = strcspn(buf_text(&name), "\n");
	if (!text_is_printable(buf_text(&name), len))
		len = 0;
	(void)snprintf(search->who, IN_USE_TEXT_SIZE, "pid %.12s (%.*s) %s",
	               pid, (int)len, buf_text(&name), use);
}

static bool is_used_by(const struct search *search, const char *pid)
{
	AUTO_CLOSE int process =
		openat(search->proc, pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *use = process < 0 ? NULL : find_use(search, process);

	if (use == NULL)
		return false;
	name_user(search, process, pid, use);
	return true;
}

static bool is_other_process(const char *name, const char *self)
{
	return isdigit((unsigned char)name[0]) != 0 && strcmp(name, self) != 0;
}

static int search_processes(const struct search *search, struct err *err)
{
	int fd = openat(search->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	char self[32];

	if (dir == NULL) {
		cleanup_close(&fd);
		return err_set(err, ERR_SYSTEM, errno, "listing /proc");
	}
	(void)snprintf(self, sizeof self, "%ld", (long)getpid());
	while ((entry = readdir(dir)) != NULL)
		if (is_other_process(entry->d_name, self) &&
		    is_used_by(search, entry->d_name))
			return 1;
	return 0;
}

/* --- mounts ---------------------------------------------------------- */

/* The fifth field of a line of mountinfo is the mount point: proc(5).  Blanks
 * in it are "\040", which no path of ours has. */
static bool is_mount_below(const struct search *search, const char *line)
{
	const char *word = NULL;
	size_t len = 0;

	for (int field = 0; field < 5; field++) {
		word = text_word(&line, &len);
		if (word == NULL)
			return false;
	}
	return len >= search->len &&
	       strncmp(word, search->path, search->len) == 0 &&
	       (len == search->len || word[search->len] == '/');
}

static int search_mounts(const struct search *search, struct err *err)
{
	AUTO_BUF struct buf mounts = BUF_NONE;
	const char *line;

	if (!read_proc(search->proc, "self/mountinfo", MOUNTINFO_MAX, &mounts))
		return err_set(err, ERR_SYSTEM, 0, "reading the mounts");
	for (line = buf_text(&mounts); line != NULL && *line != '\0';) {
		if (is_mount_below(search, line)) {
			(void)snprintf(search->who, IN_USE_TEXT_SIZE,
			               "something is mounted below it");
			return 1;
		}
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	return 0;
}

int in_use_find(int dir, char who[IN_USE_TEXT_SIZE], struct err *err)
{
	AUTO_CLOSE int proc = fs_open_anchor("/proc", err);
	struct search search = { .who = who, .proc = proc };
	char self[FD_TEXT_SIZE];
	ssize_t len;
	int got;

	if (proc < 0)
		return -1;
	(void)snprintf(self, sizeof self, "self/fd/%d", dir);
	len = readlinkat(proc, self, search.path, sizeof search.path - 1);
	if (len < 0)
		return err_set(err, ERR_SYSTEM, errno, "asking for a path");
	search.path[len] = '\0';
	search.len = (size_t)len;
	got = search_processes(&search, err);
	return got != 0 ? got : search_mounts(&search, err);
}
