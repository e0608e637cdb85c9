/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pattern.h"

#include <string.h>

/* The beginnings of the text that the pattern read so far matches: by length.
 * Each piece of the pattern turns one such set into the next. */
struct reach {
	bool at[PATTERN_TEXT_MAX + 1];
};

static void step_byte(struct reach *reach, const char *text, size_t len,
                      char byte)
{
	for (size_t i = len; i > 0; i--)
		reach->at[i] = reach->at[i - 1] && text[i - 1] == byte;
	reach->at[0] = false;
}

static void step_star(struct reach *reach, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (reach->at[i] && text[i] != '/')
			reach->at[i + 1] = true;
}

static void step_stars(struct reach *reach, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (reach->at[i])
			reach->at[i + 1] = true;
}

static size_t count_stars(const char *pattern, size_t len)
{
	size_t stars = 0;

	while (stars < len && pattern[stars] == '*')
		stars++;
	return stars;
}

bool pattern_is_exact(const char *pattern, size_t len)
{
	return memchr(pattern, '*', len) == NULL;
}

bool pattern_match(const char *pattern, size_t pattern_len, const char *text,
                   size_t text_len)
{
	struct reach reach = { .at = { true } };
	size_t at = 0;

	if (text_len > PATTERN_TEXT_MAX)
		return false;
	while (at < pattern_len) {
		size_t stars = count_stars(pattern + at, pattern_len - at);

		if (stars == 0)
			step_byte(&reach, text, text_len, pattern[at]);
		else if (stars == 1)
			step_star(&reach, text, text_len);
		else
			step_stars(&reach, text_len);
		at += stars == 0 ? 1 : stars;
	}
	return reach.at[text_len];
}
