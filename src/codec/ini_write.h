/* SPDX-License-Identifier: Apache-2.0 */
/* The one spelling of our own INI texts: "key = value" with one blank on each
 * side, one blank line before each section header, none elsewhere. */
#ifndef CODEC_INI_WRITE_H
#define CODEC_INI_WRITE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/** ini_write_section - append a blank line and "[@section]". */
int ini_write_section(struct buf *out, const char *section,
                      struct err *err) MUST_CHECK;

/**
 * ini_write_item - append one line.
 *
 * Returns 0, or -1 as buf_add, or with ERR_USAGE where ini_read would not give
 * the same value back: an empty one, blanks at its ends, ';', anything that is
 * not printable UTF-8, a line above INI_LINE_MAX.
 */
int ini_write_item(struct buf *out, const char *key, const char *value,
                   struct err *err) MUST_CHECK;

/**
 * ini_plain_value - make a value of a text of any length and bytes: what is no
 * printable UTF-8, and ';', becomes '?', and it is cut to what fits.
 * @out: @size bytes, with the NUL; "" only for "".
 */
void ini_plain_value(const char *text, char *out, size_t size);

#endif
