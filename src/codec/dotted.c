/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/dotted.h"

#include <string.h>

#define DIGITS "0123456789"

/* The number at *@at, which ends up behind it; false: none, or too large. */
static bool read_number(const char **at, unsigned *out)
{
	size_t len = strspn(*at, DIGITS);
	unsigned number = 0;

	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		number = number * 10 + (unsigned)((*at)[i] - '0');
		if (number > DOTTED_NUMBER_MAX)
			return false;
	}
	*at += len;
	*out = number;
	return true;
}

/* Where the version that @text begins with ends; NULL: it begins with none. */
static const char *read_version(const char *text, struct dotted *out)
{
	struct dotted version = { { 0 } };

	for (size_t i = 0; i < DOTTED_PARTS; i++) {
		if (!read_number(&text, &version.part[i]))
			return NULL;
		if (i + 1 == DOTTED_PARTS || text[0] != '.' ||
		    strspn(text + 1, DIGITS) == 0)
			break;
		text++;
	}
	*out = version;
	return text;
}

/* Zeros at the front of a number would make two spellings of one version. */
static bool has_leading_zero(const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if (*c == '0' && (c == text || c[-1] == '.') && c[1] != '.' &&
		    c[1] != '\0')
			return true;
	return false;
}

bool dotted_is(const char *text)
{
	struct dotted ignored;
	const char *end = read_version(text, &ignored);

	return end != NULL && *end == '\0' && strlen(text) < DOTTED_SIZE &&
	       !has_leading_zero(text);
}

bool dotted_read(const char *text, struct dotted *out)
{
	return read_version(text, out) != NULL;
}

int dotted_compare(const struct dotted *a, const struct dotted *b)
{
	for (size_t i = 0; i < DOTTED_PARTS; i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i] ? -1 : 1;
	return 0;
}
