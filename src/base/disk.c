/* SPDX-License-Identifier: Apache-2.0 */
#include "base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/disk_own.h"
#include "base/fault.h"
#include "base/fs.h"

#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x00000080 /* Linux 6.14, include/uapi/linux/fs.h */
#endif

#define MODE_BITS       07777
#define PERMISSION_BITS 0777

enum owner { OWNER_AS_IS, OWNER_ROOT };

int disk_pass(const char *step)
{
	int injected = fault_point(step);

	if (injected == 0)
		return 0;
	errno = injected;
	return -1;
}

int disk_failed(struct err *err, const char *what, const char *name)
{
	return err_set(err, ERR_SYSTEM, errno, "%s '%s'", what, name);
}

/* --- making and opening --- */

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
	if (disk_pass(step) < 0 || mkdirat(parent, name, mode) < 0)
		return disk_failed(err, "making folder", path);
	/* The umask may have taken bits; until here there are never more. */
	if (fchmodat(parent, name, mode, 0) < 0)
		return disk_failed(err, "setting the mode of", path);
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

/* Made with @mode if there is none, but for the bits that the umask takes. */
static int open_or_make(int at, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_RDWR | O_CREAT | O_CLOEXEC |
		         O_NOFOLLOW,
		.mode = mode & PERMISSION_BITS,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		           RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, at, path, &how, sizeof how);
}

int disk_create(const char *step, int at, const char *path, mode_t mode,
                struct err *err)
{
	AUTO_CLOSE int fd = -1;

	if (disk_pass(step) < 0 ||
	    (fd = open_or_make(at, path, O_EXCL, mode)) < 0)
		return disk_failed(err, "creating", path);
	if (settle(fd, mode, OWNER_AS_IS) < 0)
		return disk_failed(err, "setting the mode of", path);
	return TAKE_FD(fd);
}

/* A regular file for reading and writing, made if there is none. */
static int disk_open_regular(const char *step, int at, const char *name,
                             int flags, mode_t mode, struct err *err)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (disk_pass(step) < 0 ||
	    (fd = open_or_make(at, name, flags, mode)) < 0 ||
	    fstat(fd, &st) < 0)
		return disk_failed(err, "opening", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FORMAT, 0, "'%s' is no regular file",
		               name);
	/* It may be a new one. */
	if (st.st_size == 0 && st.st_uid == geteuid() &&
	    settle(fd, mode, OWNER_AS_IS) < 0)
		return disk_failed(err, "setting the mode of", name);
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

int disk_symlink(const char *step, const char *target, int at, const char *path,
                 int64_t mtime, struct err *err)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		                     { .tv_sec = mtime } };
	const char *name;
	AUTO_CLOSE int parent = open_parent(at, path, &name, err);

	if (parent < 0)
		return -1;
	if (disk_pass(step) < 0 || symlinkat(target, parent, name) < 0)
		return disk_failed(err, "creating link", path);
	if (geteuid() == 0 &&
	    fchownat(parent, name, 0, 0, AT_SYMLINK_NOFOLLOW) < 0)
		return disk_failed(err, "setting the owner of", path);
	if (mtime >= 0 &&
	    utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return disk_failed(err, "setting the time of", path);
	return 0;
}

/* --- an open file --- */

int disk_write(const char *step, int fd, const void *data, size_t len,
               struct err *err)
{
	const char *at = data;

	if (disk_pass(step) < 0)
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

	if (disk_pass(step) < 0)
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
	if (disk_pass(step) < 0)
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

	if (disk_pass(step) < 0 || settle(fd, mode, owner) < 0 ||
	    futimens(fd, times) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "setting owner, mode and time");
	return 0;
}

int disk_truncate(const char *step, int fd, uint64_t size, struct err *err)
{
	if (disk_pass(step) < 0 || ftruncate(fd, (off_t)size) < 0)
		return err_set(err, ERR_SYSTEM, errno, "cutting a file");
	return 0;
}

int disk_sync(const char *step, int fd, struct err *err)
{
	if (disk_pass(step) < 0 || fsync(fd) < 0)
		return err_set(err, ERR_SYSTEM, errno, "writing to disk");
	return 0;
}

int disk_sync_all(const char *step, int fd, struct err *err)
{
	if (disk_pass(step) < 0 || syncfs(fd) < 0)
		return err_set(err, ERR_SYSTEM, errno, "writing to disk");
	return 0;
}

/* --- names --- */

int disk_rename(const char *step, int from_at, const char *from, int to_at,
                const char *to, struct err *err)
{
	if (disk_pass(step) < 0 || renameat(from_at, from, to_at, to) < 0)
		return err_set(err, ERR_SYSTEM, errno, "renaming '%s' to '%s'",
		               from, to);
	return 0;
}

int disk_rename_new(const char *step, int from_at, const char *from, int to_at,
                    const char *to, struct err *err)
{
	if (disk_pass(step) < 0 ||
	    renameat2(from_at, from, to_at, to, RENAME_NOREPLACE) < 0)
		return err_set(err, ERR_SYSTEM, errno, "renaming '%s' to '%s'",
		               from, to);
	return 0;
}

int disk_exchange(const char *step, int a_at, const char *a, int b_at,
                  const char *b, struct err *err)
{
	if (disk_pass(step) < 0 ||
	    renameat2(a_at, a, b_at, b, RENAME_EXCHANGE) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "exchanging '%s' and '%s'", a, b);
	return 0;
}

int disk_unlink(const char *step, int at, const char *name, struct err *err)
{
	if (disk_pass(step) < 0 ||
	    (unlinkat(at, name, 0) < 0 && errno != ENOENT))
		return disk_failed(err, "removing", name);
	return 0;
}

int disk_rmdir(const char *step, int at, const char *name, struct err *err)
{
	if (disk_pass(step) < 0 ||
	    (unlinkat(at, name, AT_REMOVEDIR) < 0 && errno != ENOENT))
		return disk_failed(err, "removing folder", name);
	return 0;
}
