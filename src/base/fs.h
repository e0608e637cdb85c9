/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the file system below a root that somebody else may be writing to.
 * Every path is relative to a directory descriptor, and no symbolic link on
 * the way is followed (openat2(2), RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
 * RESOLVE_NO_MAGICLINKS), but for those calls that say otherwise:
 * fs_open_anchor, fs_open_given, fs_open_guarded, fs_find.  base/disk.h has the
 * calls that write.
 *
 *     fs.c         opening, looking, reading
 *     fs_trust.c   who else could write what is relied on */
#ifndef BASE_FS_H
#define BASE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"

#define FS_PATH_MAX 4096 /* bytes, with the NUL */
#define FS_NAME_MAX 256  /* bytes, with the NUL */

/* Links followed in one path: as many as the kernel would. */
#define FS_LINKS_MAX 40

/**
 * fs_reserve_standard - see that descriptors 0, 1 and 2 are taken, as the first
 * thing of a program: else a file that it writes could become one of them, and
 * what it says land there.
 *
 * One that the caller closed becomes /dev/null, open for reading only: saying
 * something there stays an error.  Returns 0, or -1 with ERR_SYSTEM.
 */
int fs_reserve_standard(struct err *err) MUST_CHECK;

/**
 * fs_open_dir - open a directory.  Returns a descriptor the caller owns, or
 * -1 with ERR_SYSTEM (sys ELOOP when a link stands on the way, ENOTDIR when
 * @path is one itself).
 */
int fs_open_dir(int at, const char *path, struct err *err) MUST_CHECK;

/**
 * fs_open_anchor - open the directory that everything else is relative to,
 * by a path of the caller's; links in it are followed, as the shell would.
 * Returns a descriptor, or -1 with ERR_SYSTEM.
 */
int fs_open_anchor(const char *path, struct err *err) MUST_CHECK;

/**
 * fs_find - find whatever lies at @path, without opening it (O_PATH): a socket,
 * or a folder that only others may read.  For what others laid out, so links
 * are followed, as if @root were / (openat2(2), RESOLVE_IN_ROOT).
 * Returns a descriptor the caller owns, or -1 with ERR_SYSTEM.
 */
int fs_find(int root, const char *path, struct err *err) MUST_CHECK;

/**
 * fs_open_file - open a regular file for reading; never blocks on a fifo.
 * Returns a descriptor the caller owns, or -1 with ERR_SYSTEM, or ERR_FORMAT
 * when it is something else than a regular file.
 */
int fs_open_file(int at, const char *path, struct err *err) MUST_CHECK;

/**
 * fs_open_given - open a regular file that the user named: links are his to
 * follow.
 * Returns a descriptor the caller owns, or -1 with ERR_SYSTEM, or ERR_USAGE
 * when it is something else than a regular file.
 */
int fs_open_given(const char *path, struct err *err) MUST_CHECK;

/**
 * fs_exists - 1 if @path is there (whatever it is; a link is not followed), 0
 * if not, -1 with ERR_SYSTEM.  @st may be NULL; written only on 1.
 */
int fs_exists(int at, const char *path, struct stat *st,
              struct err *err) MUST_CHECK;

/**
 * fs_read_link - the target of a symbolic link.
 * @out: FS_PATH_MAX bytes; written only on 1.
 *
 * Returns 1, 0 when nothing is there, -1 with ERR_FORMAT when it is no link or
 * the target is too long, or ERR_SYSTEM.
 */
int fs_read_link(int at, const char *path, char *out,
                 struct err *err) MUST_CHECK;

/**
 * fs_read_fd - append all that is left in @fd to @out.
 * Returns 0, or -1 with ERR_SYSTEM, or ERR_LIMIT beyond @out's max.
 */
int fs_read_fd(int fd, struct buf *out, struct err *err) MUST_CHECK;

/** fs_read_at - read exactly @len bytes at @offset; a shorter file is
 * ERR_FORMAT. */
int fs_read_at(int fd, uint64_t offset, void *out, size_t len,
               struct err *err) MUST_CHECK;

/**
 * fs_list - the names in a directory but "." and "..", sorted by bytes.
 * @names: out; an array of @count owned strings, free with fs_list_free;
 *         written only on 0.
 * @max:   more names than this are ERR_LIMIT.
 */
int fs_list(int dir, size_t max, char ***names, size_t *count,
            struct err *err) MUST_CHECK;
void fs_list_free(char **names, size_t count);

/* --- fs_trust.c --- */

/**
 * fs_check_owner - whether an open file or directory may be relied on: owned
 * by root or the effective user and writable by nobody else.
 * @name: for the message.  Returns 0, or -1 with ERR_UNTRUSTED or ERR_SYSTEM.
 */
int fs_check_owner(int fd, const char *name, struct err *err) MUST_CHECK;

/**
 * fs_check_private - that an open file may be opened by its owner alone, as one
 * that holds credentials must be.
 * Returns 0, or -1 with ERR_UNTRUSTED or ERR_SYSTEM.
 */
int fs_check_private(int fd, const char *name, struct err *err) MUST_CHECK;

/**
 * fs_open_trusted - open a regular file that decides what this program does:
 * owned by root or the effective user, writable by nobody else; judged on the
 * open descriptor.  Errors as fs_open_file, and ERR_UNTRUSTED.
 */
int fs_open_trusted(int at, const char *path, struct err *err) MUST_CHECK;

/**
 * fs_read_trusted - the contents of a file as fs_open_trusted opens it.
 * Returns 1, 0 when there is no such file, or -1.
 */
int fs_read_trusted(int at, const char *path, struct buf *out,
                    struct err *err) MUST_CHECK;

/**
 * fs_check_ancestors - that @dir and each directory above it up to / belongs
 * to root or the effective user and is writable by nobody else.  A sticky
 * directory above @dir, such as /tmp, passes: others may add names there, but
 * neither move nor remove ours.
 * Returns 0, or -1 with ERR_UNTRUSTED naming the directory, or ERR_SYSTEM.
 */
int fs_check_ancestors(int dir, struct err *err) MUST_CHECK;

/**
 * fs_open_guarded - fs_open_anchor for a folder that is written to, which
 * nobody may turn elsewhere: a link is followed only where it belongs to root
 * or the effective user, and so does the folder it stands in, which nobody else
 * can write to (or which is sticky, as /tmp).  Folders of others are passed.
 * Returns a descriptor, or -1 with ERR_UNTRUSTED naming the link, ERR_SYSTEM
 * (sys ELOOP beyond FS_LINKS_MAX links), or ERR_LIMIT where the path, its
 * links in place, has more than FS_PATH_MAX - 1 bytes.
 */
int fs_open_guarded(const char *path, struct err *err) MUST_CHECK;

#endif
