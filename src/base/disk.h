/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that change the disk; nothing outside these files makes them:
 *
 *     disk.c           the system calls, one each
 *     disk_remove.c    a folder and all below it
 *     disk_replace.c   a file's contents as a whole
 *
 * Each takes first the name of its step, "<room>.<what>": a literal, unique in
 * the tree.  The crash tests kill the program, or let the call fail with EIO
 * or ENOSPC, at every one of them (base/fault.h).
 *
 * Names are relative to a directory descriptor and hold one component, but for
 * disk_mkdir, disk_create and disk_symlink, whose parents are opened beneath
 * the descriptor without following links.  All return -1 with ERR_SYSTEM and
 * errno on failure; the disk is then as before, unless said otherwise. */
#ifndef BASE_DISK_H
#define BASE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/** disk_mkdir - make a folder with exactly @mode, whatever the umask. */
int disk_mkdir(const char *step, int at, const char *path, mode_t mode,
               struct err *err) MUST_CHECK;

/** disk_require_dir - make it unless there is one, and open it. */
int disk_require_dir(const char *step, int at, const char *name, mode_t mode,
                     struct err *err) MUST_CHECK;

/**
 * disk_create - make a new file, open for reading and writing, with exactly
 * @mode.
 * Returns a descriptor the caller owns; an existing name is EEXIST.
 */
int disk_create(const char *step, int at, const char *path, mode_t mode,
                struct err *err) MUST_CHECK;

/**
 * disk_open_append - open a regular file for reading and for writing at its
 * end; made with @mode if there is none.  Returns a descriptor the caller
 * owns; also ERR_FORMAT for anything but a regular file.
 */
int disk_open_append(const char *step, int at, const char *name, mode_t mode,
                     struct err *err) MUST_CHECK;

/** disk_open_update - the same, for writing anywhere in it. */
int disk_open_update(const char *step, int at, const char *name, mode_t mode,
                     struct err *err) MUST_CHECK;

/** disk_write - append all of @data.  After -1 a part may be written. */
int disk_write(const char *step, int fd, const void *data, size_t len,
               struct err *err) MUST_CHECK;

/**
 * disk_stream - write a file's body without filling the page cache: with
 * RWF_DONTCACHE (Linux 6.14) where the file system takes it, else plainly.
 * @offset: where the bytes go; the caller counts.
 */
int disk_stream(const char *step, int fd, const void *data, size_t len,
                uint64_t offset, struct err *err) MUST_CHECK;

/**
 * disk_clone - let the empty file @fd share all bytes of @from (FICLONE).
 * Returns 1; 0 where they are not shared, for whatever cause (@fd may hold some
 * of them then); -1 where a fault was injected.
 */
int disk_clone(const char *step, int fd, int from, struct err *err) MUST_CHECK;

/** disk_finish - set mode and modification time (seconds) of an open file or
 * folder; as root also owner 0:0. */
int disk_finish(const char *step, int fd, mode_t mode, int64_t mtime,
                struct err *err) MUST_CHECK;

/** disk_symlink - make a link; @mtime < 0 leaves its time as it is. */
int disk_symlink(const char *step, const char *target, int at, const char *path,
                 int64_t mtime, struct err *err) MUST_CHECK;

/** disk_rename - move @from to @to, which is replaced if it is there. */
int disk_rename(const char *step, int from_at, const char *from, int to_at,
                const char *to, struct err *err) MUST_CHECK;

/** disk_rename_new - the same, but an existing @to is EEXIST. */
int disk_rename_new(const char *step, int from_at, const char *from, int to_at,
                    const char *to, struct err *err) MUST_CHECK;

/** disk_exchange - swap two names at once; EINVAL where the file system can't.
 */
int disk_exchange(const char *step, int a_at, const char *a, int b_at,
                  const char *b, struct err *err) MUST_CHECK;

/** disk_unlink - remove a file or link; 0 also when there is none. */
int disk_unlink(const char *step, int at, const char *name,
                struct err *err) MUST_CHECK;

/** disk_rmdir - remove an empty folder; 0 also when there is none. */
int disk_rmdir(const char *step, int at, const char *name,
               struct err *err) MUST_CHECK;

/**
 * disk_remove_tree - remove @name and all below it, without following links;
 * 0 also when there is nothing.  After -1 a part may be gone.
 */
int disk_remove_tree(const char *step, int at, const char *name,
                     struct err *err) MUST_CHECK;

/** disk_truncate - cut an open file to @size bytes. */
int disk_truncate(const char *step, int fd, uint64_t size,
                  struct err *err) MUST_CHECK;

/** disk_sync - fsync a file or folder: durable on return. */
int disk_sync(const char *step, int fd, struct err *err) MUST_CHECK;

/** disk_sync_all - syncfs: all of @fd's file system is durable on return, and
 * write errors since @fd was opened are reported (Linux 5.8). */
int disk_sync_all(const char *step, int fd, struct err *err) MUST_CHECK;

/**
 * disk_replace_file - write a small file so that its name always holds the old
 * or the new contents: ".<name>.new", fsync, rename, fsync of the folder.
 * Durable on return.  After -1 the old contents stand, except when only the
 * final fsync failed: then the new ones stand but may not survive a power cut.
 */
int disk_replace_file(const char *step, int at, const char *name, mode_t mode,
                      const void *data, size_t len, struct err *err) MUST_CHECK;

/**
 * disk_unique_name - a name for a file beside @name that no other process
 * uses: ".<name>.<16 hex digits>.new".
 * @out: of FS_NAME_MAX bytes.  -1 with ERR_LIMIT for a long name, ERR_SYSTEM.
 */
int disk_unique_name(const char *name, char *out, struct err *err) MUST_CHECK;

/**
 * disk_replace_shared - disk_replace_file for a file that several processes may
 * write at once: the last one's contents stand, whole.  What a killed process
 * leaves is not removed by the next.
 */
int disk_replace_shared(const char *step, int at, const char *name, mode_t mode,
                        const void *data, size_t len,
                        struct err *err) MUST_CHECK;

#endif
