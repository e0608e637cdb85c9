/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <string.h>

static int read_digits(const char *text, size_t len, unsigned base,
                       uint64_t max, uint64_t *out, struct err *err)
{
	uint64_t value = 0;

	if (len == 0)
		return err_set(err, ERR_FORMAT, 0, "number is empty");
	for (size_t i = 0; i < len; i++) {
		unsigned digit = (unsigned)(unsigned char)text[i] - '0';

		if (digit >= base)
			return err_set(err, ERR_FORMAT, 0,
			               "not a number: '%.*s'",
			               (int)(len < 40 ? len : 40), text);
		if (digit > max || value > (max - digit) / base)
			return err_set(err, ERR_LIMIT, 0, "number above %llu",
			               (unsigned long long)max);
		value = value * base + digit;
	}
	*out = value;
	return 0;
}

int text_u64(const char *text, size_t len, uint64_t max, uint64_t *out,
             struct err *err)
{
	if (len > 1 && text[0] == '0')
		return err_set(err, ERR_FORMAT, 0, "number with leading zero");
	return read_digits(text, len, 10, max, out, err);
}

int text_octal(const char *text, size_t len, uint64_t max, uint64_t *out,
               struct err *err)
{
	return read_digits(text, len, 8, max, out, err);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int text_from_hex(const char *text, size_t len, uint8_t *out, size_t size,
                  struct err *err)
{
	if (len != 2 * size)
		return err_set(err, ERR_FORMAT, 0, "not %zu hex digits",
		               2 * size);
	for (size_t i = 0; i < len; i++)
		if (hex_digit(text[i]) < 0)
			return err_set(err, ERR_FORMAT, 0,
			               "not lower-case hex");
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(hex_digit(text[2 * i]) * 16 +
		                   hex_digit(text[2 * i + 1]));
	return 0;
}

void text_to_hex(const uint8_t *data, size_t size, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		out[2 * i] = digits[data[i] >> 4];
		out[2 * i + 1] = digits[data[i] & 15];
	}
	out[2 * size] = '\0';
}

size_t text_utf8(const char *text, size_t len, uint32_t *point)
{
	const unsigned char *s = (const unsigned char *)text;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t need = s[0] < 0x80             ? 1
	              : (s[0] & 0xe0) == 0xc0 ? 2
	              : (s[0] & 0xf0) == 0xe0 ? 3
	              : (s[0] & 0xf8) == 0xf0 ? 4
	                                      : 0;

	if (need == 0 || need > len)
		return 0;
	*point = need == 1 ? s[0] : s[0] & (0xffU >> (need + 1));
	for (size_t i = 1; i < need; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (s[i] & 0x3f);
	}
	if (*point < least[need] || *point > 0x10ffff ||
	    (*point >= 0xd800 && *point <= 0xdfff))
		return 0;
	return need;
}

bool text_is_printable(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		uint32_t point = 0;
		size_t n = text_utf8(text + at, len - at, &point);

		if (n == 0 || point < 0x20 || (point >= 0x7f && point < 0xa0))
			return false;
		at += n;
	}
	return true;
}

int text_copy(char *out, size_t size, const char *text, size_t len,
              struct err *err)
{
	if (len >= size)
		return err_set(err, ERR_LIMIT, 0, "text longer than %zu bytes",
		               size - 1);
	if (memchr(text, '\0', len) != NULL)
		return err_set(err, ERR_FORMAT, 0, "text holds a NUL byte");
	memcpy(out, text, len);
	out[len] = '\0';
	return 0;
}

bool text_equal(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(text, word, len) == 0;
}

const char *text_word(const char **at, size_t *len)
{
	const char *start = *at + strspn(*at, " \t");

	*len = strcspn(start, " \t");
	*at = start + *len;
	return *len > 0 ? start : NULL;
}
