/* SPDX-License-Identifier: Apache-2.0 */
/* Our own, because libsodium 1.0.18 reads bytes above 0x7f as if they were of
 * the alphabet ("Zm9\xff" gives three bytes), and OpenSSL's EVP_DecodeBlock
 * takes white space and pads what it gives. */
#include "codec/base64.h"

#include <stdbool.h>

#define NO_DIGIT 64

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/";

static uint32_t digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : NO_DIGIT;
}

/* Four digits, of which the last @padding (0 to 2) count as 0 and must have
 * left no bit behind. */
static bool decode_group(const char *text, size_t padding, uint8_t *out)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		uint32_t value = i < 4 - padding ? digit_value(text[i]) : 0;

		if (value == NO_DIGIT)
			return false;
		bits = bits << 6 | value;
	}
	if ((bits & ((1U << 8 * padding) - 1)) != 0)
		return false;
	for (size_t i = 0; i < 3 - padding; i++)
		out[i] = (uint8_t)(bits >> (16 - 8 * i));
	return true;
}

static size_t count_padding(const char *text, size_t len)
{
	if (len == 0 || text[len - 1] != '=')
		return 0;
	return text[len - 2] == '=' ? 2 : 1;
}

int base64_decode(const char *text, size_t len, uint8_t *out, size_t *out_len,
                  struct err *err)
{
	size_t padding = len % 4 == 0 ? count_padding(text, len) : 0;
	bool is_good = len % 4 == 0;

	for (size_t i = 0; is_good && i < len / 4; i++)
		is_good = decode_group(text + 4 * i,
		                       i == len / 4 - 1 ? padding : 0,
		                       out + 3 * i);
	if (!is_good)
		return err_set(err, ERR_FORMAT, 0,
		               "not base64 (standard alphabet, padded, no "
		               "white space)");
	*out_len = len / 4 * 3 - padding;
	return 0;
}

int base64_decode_exact(const char *text, size_t len, uint8_t *out, size_t size,
                        struct err *err)
{
	size_t got;

	if (len != BASE64_SIZE(size) - 1 ||
	    len / 4 * 3 - count_padding(text, len) != size)
		return err_set(err, ERR_FORMAT, 0, "not base64 of %zu bytes",
		               size);
	return base64_decode(text, len, out, &got, err);
}

/* One to three bytes as four digits. */
static void encode_group(const uint8_t *data, size_t len, char *out)
{
	uint32_t bits = (uint32_t)data[0] << 16;

	bits |= len > 1 ? (uint32_t)data[1] << 8 : 0;
	bits |= len > 2 ? data[2] : 0;
	for (size_t i = 0; i < 4; i++)
		out[i] = i <= len ? digits[bits >> (18 - 6 * i) & 63] : '=';
}

void base64_encode(const uint8_t *data, size_t len, char *out)
{
	for (size_t at = 0; at < len; at += 3) {
		encode_group(data + at, len - at < 3 ? len - at : 3, out);
		out += 4;
	}
	*out = '\0';
}

int base64_add(struct buf *out, const uint8_t *data, size_t len,
               struct err *err)
{
	if (buf_reserve(out, BASE64_SIZE(len) - 1, err) < 0)
		return -1;
	base64_encode(data, len, out->data + out->len);
	out->len += BASE64_SIZE(len) - 1;
	return 0;
}
