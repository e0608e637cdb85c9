/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON (RFC 8259), compact and append-only.  The writer keeps the
 * commas; the caller keeps the order, and gives a key inside objects and NULL
 * inside arrays and at the top.
 *
 * Each call returns 0, or -1 as buf_add, ERR_LIMIT above JSON_DEPTH_MAX, or
 * ERR_INTERNAL where a key is missing or out of place, a second value stands
 * at the top, or there is nothing to close.  After -1 the text is unusable. */
#ifndef CODEC_JSON_WRITE_H
#define CODEC_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define JSON_DEPTH_MAX 32 /* open objects and arrays */

/* Private but for out. */
struct json_writer {
	struct buf *out;              /* borrowed */
	char closers[JSON_DEPTH_MAX]; /* '}' or ']' of what is open */
	size_t depth;
	bool has_item; /* in what is open; at the top: the one value */
};

/** json_begin - start a text behind what @out holds. */
void json_begin(struct json_writer *writer, struct buf *out);

int json_open_object(struct json_writer *writer, const char *key,
                     struct err *err) MUST_CHECK;
int json_open_array(struct json_writer *writer, const char *key,
                    struct err *err) MUST_CHECK;

/** json_close - close the innermost object or array. */
int json_close(struct json_writer *writer, struct err *err) MUST_CHECK;

/**
 * json_text - a string; a NULL @value is written as null.
 *
 * Control characters (C0, DEL, C1) are escaped, so that the text can be shown
 * on a terminal, and each byte that is not part of well-formed UTF-8 becomes
 * U+FFFD.
 */
int json_text(struct json_writer *writer, const char *key, const char *value,
              struct err *err) MUST_CHECK;

/** json_text_n - the same for @len bytes, which may hold NUL. */
int json_text_n(struct json_writer *writer, const char *key, const char *value,
                size_t len, struct err *err) MUST_CHECK;

int json_u64(struct json_writer *writer, const char *key, uint64_t value,
             struct err *err) MUST_CHECK;

int json_bool(struct json_writer *writer, const char *key, bool value,
              struct err *err) MUST_CHECK;

/** json_write_null - null.  (jansson has a json_null, which a function of that
 * name in our programs would replace.) */
int json_write_null(struct json_writer *writer, const char *key,
                    struct err *err) MUST_CHECK;

/** json_raw - a value that is JSON already; the caller vouches for it. */
int json_raw(struct json_writer *writer, const char *key, const char *json,
             size_t len, struct err *err) MUST_CHECK;

#endif
