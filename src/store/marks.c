/* SPDX-License-Identifier: Apache-2.0 */
#include "store/marks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/disk.h"
#include "base/fs.h"

static const char *folder_of(enum mark mark)
{
	switch (mark) {
	case MARK_BAD:
		return "bad";
	case MARK_HELD:
		return "held";
	}
	return "";
}

/* The folder of a mark; -1 with sys ENOENT where nothing was ever marked. */
static int open_folder(const struct store *store, enum mark mark,
                       struct err *err)
{
	return fs_open_dir(store->state, folder_of(mark), err);
}

/* One line of at most MARK_REASON_SIZE bytes, with its LF for the NUL. */
static size_t one_line(const char *reason, char out[MARK_REASON_SIZE])
{
	size_t len = strcspn(reason, "\n");

	if (len > MARK_REASON_SIZE - 1)
		len = MARK_REASON_SIZE - 1;
	memcpy(out, reason, len);
	out[len] = '\n';
	return len + 1;
}

int mark_set(const struct store *store, enum mark mark, const char *version,
             const char *reason, struct err *err)
{
	char line[MARK_REASON_SIZE];
	AUTO_CLOSE int dir = -1;

	if (!name_is_version(version, strlen(version)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no version",
		               version);
	dir = disk_require_dir("marks.folder", store->state, folder_of(mark),
	                       STORE_DIR_MODE, err);
	if (dir < 0 || disk_sync("marks.folder-sync", store->state, err) < 0 ||
	    disk_replace_file("marks.set", dir, version, STORE_FILE_MODE, line,
	                      one_line(reason, line), err) < 0)
		return err_wrap(err, "marking %s %s", version, folder_of(mark));
	return 0;
}

int mark_clear(const struct store *store, enum mark mark, const char *version,
               struct err *err)
{
	AUTO_CLOSE int dir = open_folder(store, mark, err);

	if (dir < 0 && err->sys == ENOENT)
		return 0;
	if (dir < 0 || disk_unlink("marks.clear", dir, version, err) < 0 ||
	    disk_sync("marks.cleared", dir, err) < 0)
		return err_wrap(err, "taking the mark %s from %s",
		                folder_of(mark), version);
	return 0;
}

/* The reason is for people: what cannot be read is "". */
static void read_reason(int dir, const char *version,
                        char out[MARK_REASON_SIZE])
{
	AUTO_BUF struct buf text = BUF_LIMIT(MARK_REASON_SIZE);
	struct err ignored;
	AUTO_CLOSE int fd = fs_open_file(dir, version, &ignored);

	out[0] = '\0';
	if (fd < 0 || fs_read_fd(fd, &text, &ignored) < 0)
		return;
	(void)snprintf(out, MARK_REASON_SIZE, "%.*s",
	               (int)strcspn(buf_text(&text), "\n"), buf_text(&text));
}

int mark_find(const struct store *store, enum mark mark, const char *version,
              char reason[MARK_REASON_SIZE], struct err *err)
{
	AUTO_CLOSE int dir = open_folder(store, mark, err);
	int there;

	if (dir < 0)
		return err->sys == ENOENT ? 0 : -1;
	there = fs_exists(dir, version, NULL, err);
	if (there == 1 && reason != NULL)
		read_reason(dir, version, reason);
	return there;
}

/* disk_replace_file's temporary names are no versions; leave them out. */
static void keep_versions(char **names, size_t *count)
{
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++)
		if (name_is_version(names[i], strlen(names[i])))
			names[kept++] = names[i];
		else
			free(names[i]);
	*count = kept;
}

int mark_list(const struct store *store, enum mark mark, char ***versions,
              size_t *count, struct err *err)
{
	AUTO_CLOSE int dir = open_folder(store, mark, err);
	char **names = NULL;
	size_t found = 0;

	if (dir < 0 && err->sys != ENOENT)
		return -1;
	if (dir >= 0 && fs_list(dir, STORE_NAMES_MAX, &names, &found, err) < 0)
		return -1;
	keep_versions(names, &found);
	*versions = names;
	*count = found;
	return 0;
}
