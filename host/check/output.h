/* SPDX-License-Identifier: Apache-2.0 */
/* Where a report goes: to standard output, or into a file that always holds a
 * whole report. */
#ifndef CHECK_OUTPUT_H
#define CHECK_OUTPUT_H

#include "base/buf.h"
#include "base/err.h"

/** output_print - write to standard output.  0, or -1 with ERR_SYSTEM. */
int output_print(const struct buf *text, struct err *err) MUST_CHECK;

/**
 * output_replace - put @text in place of the file @path, mode 0644, by a
 * rename in its folder: a reader sees the old report or the new one.  Links in
 * the path of the folder are followed as fs_open_guarded does; one in the place
 * of the file is replaced.
 *
 * Returns 0, or -1 with ERR_USAGE for a path without a file's name, or
 * ERR_SYSTEM; the old file then stands.
 */
int output_replace(const char *path, const struct buf *text,
                   struct err *err) MUST_CHECK;

#endif
