/* SPDX-License-Identifier: Apache-2.0 */
/* The part of disk.h that removes trees. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/disk_own.h"
#include "base/fs.h"

/* Folders below one another that disk_remove_tree descends into: those of the
 * longest path, and the folder that holds the tree. */
#define TREE_DEPTH_MAX 2050

/* One folder on the way down.  Only the lowest is open, so that depth costs no
 * descriptors; going up, ".." must be the folder that we came from. */
struct level {
	dev_t device;
	ino_t inode;
	char name[FS_NAME_MAX];
};

struct removal {
	const char *step;
	DIR *dir;            /* the lowest folder; owned */
	struct level *stack; /* owned; TREE_DEPTH_MAX of them */
	size_t depth;
};

static void removal_done(struct removal *removal)
{
	cleanup_dir(&removal->dir);
	free(removal->stack);
}

/* Remove what can be removed at once from the lowest folder.  Returns 1 with
 * the name of a folder to descend into, 0 when it is empty. */
static int empty_level(struct removal *removal, char child[FS_NAME_MAX],
                       struct err *err)
{
	struct dirent *entry;

	while (errno = 0, (entry = readdir(removal->dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (disk_pass(removal->step) < 0)
			return disk_failed(err, "removing", entry->d_name);
		if (unlinkat(dirfd(removal->dir), entry->d_name, 0) == 0)
			continue;
		if (errno != EISDIR)
			return disk_failed(err, "removing", entry->d_name);
		memcpy(child, entry->d_name, strlen(entry->d_name) + 1);
		return 1;
	}
	if (errno != 0)
		return err_set(err, ERR_SYSTEM, errno, "listing a folder");
	return 0;
}

/* Make @fd, which is taken, the lowest open folder. */
static int list_level(struct removal *removal, int fd, struct err *err)
{
	AUTO_CLOSE int own = fd;
	DIR *dir = fdopendir(own);

	if (dir == NULL)
		return err_set(err, ERR_SYSTEM, errno, "listing a folder");
	(void)TAKE_FD(own); /* the stream owns it now */
	cleanup_dir(&removal->dir);
	removal->dir = dir;
	return 0;
}

static int descend(struct removal *removal, int at, const char *name,
                   struct err *err)
{
	struct level *level = removal->stack + removal->depth;
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (removal->depth == TREE_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, 0, "folders nested too deep");
	/* Folders of a release may be closed to an ordinary user. */
	if (geteuid() != 0 && fchmodat(at, name, 0700, 0) < 0)
		return disk_failed(err, "opening up", name);
	fd = fs_open_dir(at, name, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return disk_failed(err, "looking at", name);
	level->device = st.st_dev;
	level->inode = st.st_ino;
	(void)snprintf(level->name, sizeof level->name, "%s", name);
	removal->depth++;
	return list_level(removal, TAKE_FD(fd), err);
}

/* Back to the folder above the lowest, which is @above on the stack. */
static int ascend(struct removal *removal, const struct level *above,
                  struct err *err)
{
	AUTO_CLOSE int fd = openat(dirfd(removal->dir), "..",
	                           O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return disk_failed(err, "going back to", above->name);
	if (st.st_dev != above->device || st.st_ino != above->inode)
		return err_set(err, ERR_CONFLICT, 0,
		               "folder '%s' was moved while it was removed",
		               above->name);
	return list_level(removal, TAKE_FD(fd), err);
}

/* Remove the lowest folder, which is empty, and go up. */
static int remove_level(struct removal *removal, int at, struct err *err)
{
	const struct level *level = removal->stack + removal->depth - 1;
	int parent = at;

	if (removal->depth > 1) {
		if (ascend(removal, level - 1, err) < 0)
			return -1;
		parent = dirfd(removal->dir);
	}
	if (disk_pass(removal->step) < 0 ||
	    unlinkat(parent, level->name, AT_REMOVEDIR) < 0)
		return disk_failed(err, "removing folder", level->name);
	removal->depth--;
	return 0;
}

int disk_remove_tree(const char *step, int at, const char *name,
                     struct err *err)
{
	AUTO(removal_done) struct removal removal = { .step = step };

	if (disk_pass(step) < 0)
		return disk_failed(err, "removing", name);
	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return disk_failed(err, "removing", name);
	removal.stack = calloc(TREE_DEPTH_MAX, sizeof *removal.stack);
	if (removal.stack == NULL)
		return err_nomem(err);
	if (descend(&removal, at, name, err) < 0)
		return -1;
	while (removal.depth > 0) {
		char child[FS_NAME_MAX];
		int more = empty_level(&removal, child, err);

		if (more < 0 ||
		    (more == 1 &&
		     descend(&removal, dirfd(removal.dir), child, err) < 0) ||
		    (more == 0 && remove_level(&removal, at, err) < 0))
			return -1;
	}
	return 0;
}
