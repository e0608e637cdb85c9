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
	/* The same place as mounts name it: device, and path in that. */
	char device[FD_TEXT_SIZE];
	char inside[FS_PATH_MAX];
	char own_mounts[FD_TEXT_SIZE]; /* the name of our mount namespace */
};

/* A text in a line of /proc. */
struct word {
	const char *text;
	size_t len;
};

/* What proc(5) tells of a mount.  Blanks in paths are "\\040" there, which no
 * path of a release has. */
struct mount {
	struct word device; /* "<major>:<minor>" */
	struct word root;   /* path in the device */
	struct word point;  /* path of the mount */
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

/* Threads of the kernel and what has ended run no program; of another user's
 * process not even that is to be seen.  Neither has more to show. */
static bool has_program(int process)
{
	char target[1];

	return readlinkat(process, "exe", target, sizeof target) >= 0 ||
	       (errno != ENOENT && errno != EACCES && errno != ESRCH);
}

/* --- mounts ---------------------------------------------------------- */

static bool read_proc(int process, const char *name, size_t max,
                      struct buf *out)
{
	struct err ignored; /* another user's process, or it ended */
	AUTO_CLOSE int fd = openat(process, name, O_RDONLY | O_CLOEXEC);

	*out = BUF_LIMIT(max);
	return fd >= 0 && fs_read_fd(fd, out, &ignored) == 0;
}

/* Fields 3, 4 and 5 of a line of mountinfo. */
static bool parse_mount(const char *line, struct mount *out)
{
	struct word words[5];

	for (size_t i = 0; i < 5; i++) {
		words[i].text = text_word(&line, &words[i].len);
		if (words[i].text == NULL)
			return false;
	}
	out->device = words[2];
	out->root = words[3];
	out->point = words[4];
	return true;
}

static bool is_word_below(struct word word, const char *path)
{
	size_t len = strlen(path);

	return word.len >= len && strncmp(word.text, path, len) == 0 &&
	       (word.len == len || word.text[len] == '/');
}

/* Whether the mount shows a part of the release somewhere. */
static bool shows_release(const struct search *search,
                          const struct mount *mount)
{
	return text_equal(mount->device.text, mount->device.len,
	                  search->device) &&
	       is_word_below(mount->root, search->inside);
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end != NULL ? end + 1 : line + strlen(line);
}

/* Whether a process that sees other mounts than we do, as in a container, sees
 * a part of the release. */
static bool has_mounted(const struct search *search, int process)
{
	AUTO_BUF struct buf mounts = BUF_NONE;
	char name[FD_TEXT_SIZE];
	ssize_t len = readlinkat(process, "ns/mnt", name, sizeof name - 1);
	const char *line;
	struct mount mount;

	if (len < 0)
		return false;
	name[len] = '\0';
	if (strcmp(name, search->own_mounts) == 0 ||
	    !read_proc(process, "mountinfo", MOUNTINFO_MAX, &mounts))
		return false;
	for (line = buf_text(&mounts); *line != '\0'; line = next_line(line))
		if (parse_mount(line, &mount) && shows_release(search, &mount))
			return true;
	return false;
}

/* Note where the mount at @mount has the release, if it holds it: the last
 * mount on the longest path does. */
static void note_place(struct search *search, const struct mount *mount,
                       size_t *longest)
{
	size_t point = mount->point.len;

	if (point == 1)
		point = 0; /* "/" ends where the path begins */
	if (point < *longest ||
	    strncmp(search->path, mount->point.text, point) != 0 ||
	    search->path[point] != '/' ||
	    mount->device.len >= sizeof search->device)
		return;
	*longest = point;
	(void)snprintf(search->device, sizeof search->device, "%.*s",
	               (int)mount->device.len, mount->device.text);
	(void)snprintf(search->inside, sizeof search->inside, "%.*s%s",
	               mount->root.len == 1 ? 0 : (int)mount->root.len,
	               mount->root.text, search->path + point);
}

/* Look through our own mounts: where the release lies, and what is mounted
 * below it or shows it elsewhere. */
static int search_mounts(struct search *search, struct err *err)
{
	AUTO_BUF struct buf mounts = BUF_NONE;
	size_t longest = 0;
	const char *line;
	struct mount mount;

	if (!read_proc(search->proc, "self/mountinfo", MOUNTINFO_MAX, &mounts))
		return err_set(err, ERR_SYSTEM, 0, "reading the mounts");
	for (line = buf_text(&mounts); *line != '\0'; line = next_line(line))
		if (parse_mount(line, &mount))
			note_place(search, &mount, &longest);
	for (line = buf_text(&mounts); *line != '\0'; line = next_line(line))
		if (parse_mount(line, &mount) &&
		    (is_word_below(mount.point, search->path) ||
		     shows_release(search, &mount))) {
			(void)snprintf(search->who, IN_USE_TEXT_SIZE,
			               "something is mounted below it, or it "
			               "is mounted elsewhere");
			return 1;
		}
	return 0;
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
	if (!has_program(process))
		return NULL;
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
	if (has_mounted(search, process))
		return "has it mounted in its own namespace";
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

/* --- all of it ------------------------------------------------------- */

static int find_place(int dir, struct search *search, struct err *err)
{
	char self[FD_TEXT_SIZE];
	ssize_t len;

	(void)snprintf(self, sizeof self, "self/fd/%d", dir);
	len = readlinkat(search->proc, self, search->path,
	                 sizeof search->path - 1);
	if (len < 0)
		return err_set(err, ERR_SYSTEM, errno, "asking for a path");
	search->path[len] = '\0';
	search->len = (size_t)len;
	len = readlinkat(search->proc, "self/ns/mnt", search->own_mounts,
	                 sizeof search->own_mounts - 1);
	search->own_mounts[len > 0 ? len : 0] = '\0';
	return 0;
}

int in_use_find(int dir, char who[IN_USE_TEXT_SIZE], struct err *err)
{
	AUTO_CLOSE int proc = fs_open_anchor("/proc", err);
	struct search search = { .who = who, .proc = proc };
	int got;

	if (proc < 0 || find_place(dir, &search, err) < 0)
		return -1;
	got = search_mounts(&search, err);
	return got != 0 ? got : search_processes(&search, err);
}
