/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 with the standard alphabet (RFC 4648, section 4), padded, without
 * white space, and with its unused bits 0: each value has one spelling. */
#ifndef CODEC_BASE64_H
#define CODEC_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/** BASE64_DECODED_MAX - bytes that a text of @len characters holds at most. */
#define BASE64_DECODED_MAX(len) ((len) / 4 * 3)

/** BASE64_SIZE - characters of @len encoded bytes, with the NUL. */
#define BASE64_SIZE(len) (((len) + 2) / 3 * 4 + 1)

/**
 * base64_decode - read a text.
 * @out:    BASE64_DECODED_MAX(len) bytes.
 * @out_len: out, how many of them were written; 0 for an empty text.
 *
 * Returns 0, or -1 with ERR_FORMAT; then @out_len is untouched and @out holds
 * anything.
 */
int base64_decode(const char *text, size_t len, uint8_t *out, size_t *out_len,
                  struct err *err) MUST_CHECK;

/**
 * base64_decode_exact - read a text of exactly @size bytes.
 * @out: @size bytes; after -1 they may be anything.
 *
 * Returns 0, or -1 with ERR_FORMAT.
 */
int base64_decode_exact(const char *text, size_t len, uint8_t *out, size_t size,
                        struct err *err) MUST_CHECK;

/** base64_encode - write BASE64_SIZE(len) characters, NUL included. */
void base64_encode(const uint8_t *data, size_t len, char *out);

/** base64_add - append the encoded bytes to @out; errors as buf_add. */
int base64_add(struct buf *out, const uint8_t *data, size_t len,
               struct err *err) MUST_CHECK;

#endif
