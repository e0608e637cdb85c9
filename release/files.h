/* SPDX-License-Identifier: Apache-2.0 */
/* Files that the command line names: paths of the caller, whose links are
 * followed as any command does. */
#ifndef RELEASE_FILES_H
#define RELEASE_FILES_H

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"

/** file_open - open a regular file or pipe for reading. */
int file_open(const char *path, struct err *err) MUST_CHECK;

/** file_read - append its contents; ERR_LIMIT beyond @out's max. */
int file_read(const char *path, struct buf *out, struct err *err) MUST_CHECK;

/**
 * file_split - open the folder that @path lies in.
 * @name: FS_NAME_MAX bytes; receives the last component.
 * Returns a descriptor that the caller owns, or -1.
 */
int file_split(const char *path, char name[FS_NAME_MAX],
               struct err *err) MUST_CHECK;

/** file_beside - the path of @name in the folder that @path lies in; an
 * absolute @name stays.  @out: FS_PATH_MAX bytes. */
int file_beside(const char *path, const char *name, char out[FS_PATH_MAX],
                struct err *err) MUST_CHECK;

/** make_folders - like mkdir -p. */
int make_folders(const char *path, struct err *err) MUST_CHECK;

#endif
