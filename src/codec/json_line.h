/* SPDX-License-Identifier: Apache-2.0 */
/* Reading back one line of our own JSON (the history): one flat object whose
 * values are texts, unsigned integers and lists of texts, in the one spelling
 * that json_write.h gives it.  Anything else is damage.  So root needs no JSON
 * library. */
#ifndef CODEC_JSON_LINE_H
#define CODEC_JSON_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define JSON_LINE_MAX 8192 /* bytes, without the LF */
#define JSON_KEY_SIZE 33   /* bytes of a key [a-z0-9_]{1,32}, with the NUL */
#define JSON_KEYS_MAX 32   /* in one object */

/* One text or number; borrowed for the call. */
struct json_item {
	const char *key;
	const char *text; /* NUL-terminated, or NULL where it is a number */
	uint64_t number;
};

/**
 * Called for each value in its order; for a list once for each of its texts,
 * with the same key.  -1 with @err set ends the reading.
 */
typedef int json_take_fn(void *context, const struct json_item *item,
                         struct err *err);

/**
 * json_line_read - read one line, without its LF.
 *
 * Refuses besides the limits above: a key that stands twice, an empty list,
 * nesting, null, true and false, other numbers, blanks between tokens, NUL,
 * bytes that are no UTF-8, needless escapes, and whatever follows the object.
 *
 * Returns 0, or -1 with ERR_FORMAT naming the byte, ERR_LIMIT, or what @take
 * set.  Items before a defect have been given to @take then.
 */
int json_line_read(const char *line, size_t len, json_take_fn *take,
                   void *context, struct err *err) MUST_CHECK;

#endif
