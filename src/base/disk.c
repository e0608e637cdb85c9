/* SPDX-License-Identifier: Apache-2.0 */
#include "base/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fault.h"
#include "base/fs.h"

#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x00000080 /* Linux 6.14, include/uapi/linux/fs.h */
#endif

/* Folders below one another that disk_remove_tree descends into: those of the
 * longest path, and the folder that holds the tree. */
#define TREE_DEPTH_MAX  2050

#define MODE_BITS       07777
#define PERMISSION_BITS 0777

enum owner { OWNER_AS_IS, OWNER_ROOT };

/* The tested steps fail here, before their system call. */
static int pass(const char *step)
{
	int injected = fault_point(step);

	if (injected == 0)
		return 0;
	errno = injected;
	return -1;
}

static int failed(struct err *err, const char *what, const char *name)
{
	return err_set(err, ERR_SYSTEM, errno, "%s '%s'", what, name);
}

/* Open the folder that @path's last component lies in; @name points at that
 * component. */
static int open_parent(int at, const char *path, const char **name,
                       struct err *err)
{
	const char *slash = strrchr(path, '/');
	char parent[FS_PATH_MAX];

	if (slash == NULL) {
		*name = path;
		return fs_open_dir(at, ".", err);
	}
	if ((size_t)(slash - path) >= sizeof parent)
		return err_set(err, ERR_LIMIT, 0, "path is too long");
	memcpy(parent, path, (size_t)(slash - path));
	parent[slash - path] = '\0';
	*name = slash + 1;
	return fs_open_dir(at, parent, err);
}

int disk_mkdir(const char *step, int at, const char *path, mode_t mode,
               struct err *err)
{
	const char *name;
	AUTO_CLOSE int parent = open_parent(at, path, &name, err);

	if (parent < 0)
		return -1;
	if (pass(step) < 0 || mkdirat(parent, name, mode) < 0)
		return failed(err, "making folder", path);
	/* The umask may have taken bits; until here there are never more. */
	if (fchmodat(parent, name, mode, 0) < 0)
		return failed(err, "setting the mode of", path);
	return 0;
}

int disk_require_dir(const char *step, int at, const char *name, mode_t mode,
                     struct err *err)
{
	int there = fs_exists(at, name, NULL, err);

	if (there < 0)
		return -1;
	/* Another run may have made it meanwhile. */
	if (there == 0 && disk_mkdir(step, at, name, mode, err) < 0 &&
	    err->sys != EEXIST)
		return -1;
	return fs_open_dir(at, name, err);
}

/* Owner and mode of an open file, each call only where it changes something:
 * a look costs much less than an entry in the file system's journal. */
static int settle(int fd, mode_t mode, enum owner owner)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	if (owner == OWNER_ROOT && (st.st_uid != 0 || st.st_gid != 0)) {
		if (fchown(fd, 0, 0) < 0)
			return -1;
		st.st_mode = 0; /* chown(2) may have cleared bits */
	}
	if ((st.st_mode & MODE_BITS) != mode && fchmod(fd, mode) < 0)
		return -1;
	return 0;
}

int disk_create(const char *step, int at, const char *path, mode_t mode,
                struct err *err)
{
	struct open_how how = {
		.flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		.mode = mode & PERMISSION_BITS,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		           RESOLVE_NO_MAGICLINKS,
	};
	AUTO_CLOSE int fd = -1;

	if (pass(step) < 0 ||
	    (fd = (int)syscall(SYS_openat2, at, path, &how, sizeof how)) < 0)
		return failed(err, "creating", path);
	/* The umask may have taken bits. */
	if (settle(fd, mode, OWNER_AS_IS) < 0)
		return failed(err, "setting the mode of", path);
	return TAKE_FD(fd);
}

/* A regular file for reading and writing, made if there is none. */
static int disk_open_regular(const char *step, int at, const char *name,
                             int flags, mode_t mode, struct err *err)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_RDWR | O_CREAT | O_CLOEXEC |
		         O_NOFOLLOW,
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		           RESOLVE_NO_MAGICLINKS,
	};
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (pass(step) < 0 ||
	    (fd = (int)syscall(SYS_openat2, at, name, &how, sizeof how)) < 0 ||
	    fstat(fd, &st) < 0)
		return failed(err, "opening", name);
	/* A new file lost the bits of the umask. */
	if (st.st_size == 0 && st.st_uid == geteuid() &&
	    (st.st_mode & 07777) != mode && S_ISREG(st.st_mode) &&
	    fchmod(fd, mode) < 0)
		return failed(err, "setting the mode of", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FORMAT, 0, "'%s' is no regular file",
		               name);
	return TAKE_FD(fd);
}

int disk_open_append(const char *step, int at, const char *name, mode_t mode,
                     struct err *err)
{
	return disk_open_regular(step, at, name, O_APPEND, mode, err);
}

int disk_open_update(const char *step, int at, const char *name, mode_t mode,
                     struct err *err)
{
	return disk_open_regular(step, at, name, 0, mode, err);
}

int disk_write(const char *step, int fd, const void *data, size_t len,
               struct err *err)
{
	const char *at = data;

	if (pass(step) < 0)
		return err_set(err, ERR_SYSTEM, errno, "writing");
	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_SYSTEM, errno, "writing");
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int disk_stream(const char *step, int fd, const void *data, size_t len,
                uint64_t offset, struct err *err)
{
	/* Refused once, refused for good: all bodies go to one file system. */
	static atomic_bool is_cached;
	const char *at = data;

	if (pass(step) < 0)
		return err_set(err, ERR_SYSTEM, errno, "writing");
	while (len > 0) {
		struct iovec part = { (char *)(uintptr_t)at, len };
		int flags = is_cached ? 0 : RWF_DONTCACHE;
		ssize_t n = pwritev2(fd, &part, 1, (off_t)offset, flags);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && flags != 0 &&
		    (errno == EOPNOTSUPP || errno == EINVAL)) {
			is_cached = true;
			continue;
		}
		if (n < 0)
			return err_set(err, ERR_SYSTEM, errno, "writing");
		at += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

int disk_clone(const char *step, int fd, int from, struct err *err)
{
	if (pass(step) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "sharing a file's bytes");
	/* There may be no such thing here (ioctl_ficlone(2) has six errors for
	 * that), or a bad sector below @from: either way it says nothing that
	 * reading and writing the bytes would not say better. */
	return ioctl(fd, FICLONE, from) == 0;
}

int disk_finish(const char *step, int fd, mode_t mode, int64_t mtime,
                struct err *err)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		                     { .tv_sec = mtime } };

	enum owner owner = geteuid() == 0 ? OWNER_ROOT : OWNER_AS_IS;

	if (pass(step) < 0 || settle(fd, mode, owner) < 0 ||
	    futimens(fd, times) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "setting owner, mode and time");
	return 0;
}

int disk_symlink(const char *step, const char *target, int at, const char *path,
                 int64_t mtime, struct err *err)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		                     { .tv_sec = mtime } };
	const char *name;
	AUTO_CLOSE int parent = open_parent(at, path, &name, err);

	if (parent < 0)
		return -1;
	if (pass(step) < 0 || symlinkat(target, parent, name) < 0)
		return failed(err, "creating link", path);
	if (geteuid() == 0 &&
	    fchownat(parent, name, 0, 0, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(err, "setting the owner of", path);
	if (mtime >= 0 &&
	    utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(err, "setting the time of", path);
	return 0;
}

int disk_rename(const char *step, int from_at, const char *from, int to_at,
                const char *to, struct err *err)
{
	if (pass(step) < 0 || renameat(from_at, from, to_at, to) < 0)
		return err_set(err, ERR_SYSTEM, errno, "renaming '%s' to '%s'",
		               from, to);
	return 0;
}

int disk_rename_new(const char *step, int from_at, const char *from, int to_at,
                    const char *to, struct err *err)
{
	if (pass(step) < 0 ||
	    renameat2(from_at, from, to_at, to, RENAME_NOREPLACE) < 0)
		return err_set(err, ERR_SYSTEM, errno, "renaming '%s' to '%s'",
		               from, to);
	return 0;
}

int disk_exchange(const char *step, int a_at, const char *a, int b_at,
                  const char *b, struct err *err)
{
	if (pass(step) < 0 || renameat2(a_at, a, b_at, b, RENAME_EXCHANGE) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "exchanging '%s' and '%s'", a, b);
	return 0;
}

int disk_unlink(const char *step, int at, const char *name, struct err *err)
{
	if (pass(step) < 0 || (unlinkat(at, name, 0) < 0 && errno != ENOENT))
		return failed(err, "removing", name);
	return 0;
}

int disk_rmdir(const char *step, int at, const char *name, struct err *err)
{
	if (pass(step) < 0 ||
	    (unlinkat(at, name, AT_REMOVEDIR) < 0 && errno != ENOENT))
		return failed(err, "removing folder", name);
	return 0;
}

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
		if (pass(removal->step) < 0)
			return failed(err, "removing", entry->d_name);
		if (unlinkat(dirfd(removal->dir), entry->d_name, 0) == 0)
			continue;
		if (errno != EISDIR)
			return failed(err, "removing", entry->d_name);
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
		return failed(err, "opening up", name);
	fd = fs_open_dir(at, name, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return failed(err, "looking at", name);
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
		return failed(err, "going back to", above->name);
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
	if (pass(removal->step) < 0 ||
	    unlinkat(parent, level->name, AT_REMOVEDIR) < 0)
		return failed(err, "removing folder", level->name);
	removal->depth--;
	return 0;
}

int disk_remove_tree(const char *step, int at, const char *name,
                     struct err *err)
{
	AUTO(removal_done) struct removal removal = { .step = step };

	if (pass(step) < 0)
		return failed(err, "removing", name);
	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return failed(err, "removing", name);
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

int disk_truncate(const char *step, int fd, uint64_t size, struct err *err)
{
	if (pass(step) < 0 || ftruncate(fd, (off_t)size) < 0)
		return err_set(err, ERR_SYSTEM, errno, "cutting a file");
	return 0;
}

int disk_sync(const char *step, int fd, struct err *err)
{
	if (pass(step) < 0 || fsync(fd) < 0)
		return err_set(err, ERR_SYSTEM, errno, "writing to disk");
	return 0;
}

int disk_sync_all(const char *step, int fd, struct err *err)
{
	if (pass(step) < 0 || syncfs(fd) < 0)
		return err_set(err, ERR_SYSTEM, errno, "writing to disk");
	return 0;
}

static int write_and_rename(const char *step, int at, const char *temporary,
                            const char *name, mode_t mode, const void *data,
                            size_t len, struct err *err)
{
	AUTO_CLOSE int fd = disk_create(step, at, temporary, mode, err);

	if (fd < 0 || disk_write(step, fd, data, len, err) < 0 ||
	    disk_sync(step, fd, err) < 0)
		return -1;
	return disk_rename(step, at, temporary, at, name, err);
}

int disk_replace_file(const char *step, int at, const char *name, mode_t mode,
                      const void *data, size_t len, struct err *err)
{
	char temporary[FS_NAME_MAX];
	int n = snprintf(temporary, sizeof temporary, ".%s.new", name);

	if (n < 0 || (size_t)n >= sizeof temporary)
		return err_set(err, ERR_LIMIT, 0, "name '%s' is too long",
		               name);
	if (disk_unlink(step, at, temporary, err) < 0)
		return -1;
	if (write_and_rename(step, at, temporary, name, mode, data, len, err) <
	            0 ||
	    disk_sync(step, at, err) < 0)
		return err_wrap(err, "writing '%s'", name);
	return 0;
}

int disk_unique_name(const char *name, char *out, struct err *err)
{
	uint64_t number;
	int n;

	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		return err_set(err, ERR_SYSTEM, errno, "asking for randomness");
	n = snprintf(out, FS_NAME_MAX, ".%s.%016" PRIx64 ".new", name, number);
	if (n < 0 || n >= FS_NAME_MAX)
		return err_set(err, ERR_LIMIT, 0, "name '%s' is too long",
		               name);
	return 0;
}

int disk_replace_shared(const char *step, int at, const char *name, mode_t mode,
                        const void *data, size_t len, struct err *err)
{
	char temporary[FS_NAME_MAX];
	struct err ignored;

	if (disk_unique_name(name, temporary, err) < 0)
		return -1;
	if (write_and_rename(step, at, temporary, name, mode, data, len, err) <
	    0) {
		if (disk_unlink(step, at, temporary, &ignored) < 0)
			ignored.code = ERR_NONE; /* @err says why */
		return err_wrap(err, "writing '%s'", name);
	}
	return disk_sync(step, at, err) < 0
	               ? err_wrap(err, "writing '%s'", name)
	               : 0;
}
