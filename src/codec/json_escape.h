/* SPDX-License-Identifier: Apache-2.0 */
/* How a character stands in a JSON text of ours: as itself, or escaped in one
 * way only. */
#ifndef CODEC_JSON_ESCAPE_H
#define CODEC_JSON_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_ESCAPE_SIZE   7 /* "\u009f" and a NUL */
#define JSON_UNESCAPED_MAX 2 /* bytes of UTF-8 that an escape stands for */

/** json_needs_escape - quote, backslash, and the controls (C0, DEL, C1). */
bool json_needs_escape(uint32_t point);

/** json_escape - the escape of a character that needs one. */
void json_escape(uint32_t point, char out[JSON_ESCAPE_SIZE]);

/**
 * json_unescape - read the escape at @text, which has @len bytes.
 * @out:   its character in UTF-8; not NUL-terminated.
 * @taken: out, the length of the escape.
 *
 * Returns the number of bytes in @out, or 0 for what json_escape would not
 * write, and for NUL, which no text of ours holds.
 */
size_t json_unescape(const char *text, size_t len, char out[JSON_UNESCAPED_MAX],
                     size_t *taken);

#endif
