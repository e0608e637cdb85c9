/* SPDX-License-Identifier: Apache-2.0 */
/* Printing what json_read.h read, after it was changed.  What is written from
 * nothing is written with json_write.h. */
#ifndef CODEC_JSON_PRINT_H
#define CODEC_JSON_PRINT_H

#include "base/buf.h"
#include "base/err.h"

#define JSON_PRINT_INDENT_MAX 31 /* jansson's */

struct json_t; /* jansson's */

/**
 * json_print - append @value to @out.
 * @indent: blanks for each level, at most JSON_PRINT_INDENT_MAX; 0: all in one
 *          line without blanks.
 * Returns 0, or -1 as buf_add; after -1 the text is unusable.
 */
int json_print(const struct json_t *value, unsigned indent, struct buf *out,
               struct err *err) MUST_CHECK;

#endif
