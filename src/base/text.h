/* SPDX-License-Identifier: Apache-2.0 */
/* Strict text conversions: every accepted spelling is the canonical one, so
 * that writing the value again gives the same bytes. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/**
 * text_u64 - read an unsigned decimal number.
 * @text, @len: the whole number; no sign, blank or leading zero.
 * @max:        largest value accepted.
 * @out:        written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT, or ERR_LIMIT above @max.
 */
int text_u64(const char *text, size_t len, uint64_t max, uint64_t *out,
             struct err *err) MUST_CHECK;

/** text_octal - the same for octal digits, leading zeros allowed. */
int text_octal(const char *text, size_t len, uint64_t max, uint64_t *out,
               struct err *err) MUST_CHECK;

/**
 * text_from_hex - read exactly 2 * @size lower-case hex digits.
 * @out: @size bytes; written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT.
 */
int text_from_hex(const char *text, size_t len, uint8_t *out, size_t size,
                  struct err *err) MUST_CHECK;

/** text_to_hex - write 2 * @size lower-case digits and a NUL to @out. */
void text_to_hex(const uint8_t *data, size_t size, char *out);

/**
 * text_utf8 - the length of the UTF-8 sequence at @text.
 * @len:   bytes there are, at least 1.
 * @point: out, its code point; unspecified on 0.
 *
 * Returns 1 to 4, or 0 when it is not well formed (RFC 3629, section 4).
 */
size_t text_utf8(const char *text, size_t len, uint32_t *point);

/**
 * text_is_printable - whether @text is valid UTF-8 without control characters
 * (below 0x20, 0x7f, C1).  Overlong forms and surrogates are invalid (RFC
 * 3629).
 */
bool text_is_printable(const char *text, size_t len);

/**
 * text_copy - copy a text into a field of fixed size.
 * @out: @size bytes; written only on 0, NUL-terminated.
 *
 * Returns 0, or -1 with ERR_LIMIT when it does not fit or holds a NUL.
 */
int text_copy(char *out, size_t size, const char *text, size_t len,
              struct err *err) MUST_CHECK;

/** text_equal - whether @text of @len bytes is the string @word. */
bool text_equal(const char *text, size_t len, const char *word);

/**
 * text_word - the next blank-separated word of *@at.
 * @at: in: where to look; out: behind the word.
 *
 * Returns the word's start with its length in @len, or NULL at the end.
 */
const char *text_word(const char **at, size_t *len);

#endif
