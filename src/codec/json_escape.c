/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_escape.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Characters with an escape of two bytes. */
static const char short_points[] = "\"\\\n\r\t";
static const char short_letters[] = "\"\\nrt";

bool json_needs_escape(uint32_t point)
{
	return point < 0x20 || point == '"' || point == '\\' ||
	       (point >= 0x7f && point < 0xa0);
}

void json_escape(uint32_t point, char out[JSON_ESCAPE_SIZE])
{
	const char *found = NULL;

	if (point > 0 && point < 0x7f)
		found = strchr(short_points, (int)point);
	if (found != NULL)
		(void)snprintf(out, JSON_ESCAPE_SIZE, "\\%c",
		               short_letters[found - short_points]);
	else
		(void)snprintf(out, JSON_ESCAPE_SIZE, "\\u%04" PRIx32,
		               point & 0xff);
}

/* The character of "\u00xx", or 0. */
static uint8_t read_long(const char *text, size_t len)
{
	static const char head[] = "\\u00";
	uint8_t point;
	struct err err;

	if (len < sizeof head + 1 || memcmp(text, head, sizeof head - 1) != 0 ||
	    text_from_hex(text + sizeof head - 1, 2, &point, 1, &err) < 0)
		return 0;
	return point;
}

static uint8_t read_short(const char *text, size_t len)
{
	const char *found = len < 2 || text[1] == '\0'
	                            ? NULL
	                            : strchr(short_letters, text[1]);

	if (found == NULL)
		return 0;
	return (uint8_t)short_points[found - short_letters];
}

size_t json_unescape(const char *text, size_t len, char out[JSON_UNESCAPED_MAX],
                     size_t *taken)
{
	char again[JSON_ESCAPE_SIZE];
	uint8_t point = read_short(text, len);

	if (point == 0)
		point = read_long(text, len);
	if (point == 0 || !json_needs_escape(point))
		return 0;
	json_escape(point, again);
	*taken = strlen(again);
	if (*taken > len || memcmp(again, text, *taken) != 0)
		return 0;
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	out[0] = (char)(0xc0 | point >> 6);
	out[1] = (char)(0x80 | (point & 0x3f));
	return 2;
}
