/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/ini_write.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "codec/ini.h"

#define BETWEEN " = "

int ini_write_section(struct buf *out, const char *section, struct err *err)
{
	return buf_printf(out, err, "\n[%s]\n", section);
}

static int check_value(const char *key, const char *value, struct err *err)
{
	size_t len = strlen(value);

	if (len == 0)
		return err_set(err, ERR_USAGE, 0, "%s is empty", key);
	if (strlen(key) + strlen(BETWEEN) + len > INI_LINE_MAX)
		return err_set(err, ERR_USAGE, 0,
		               "%s is too long for a line of %d bytes", key,
		               INI_LINE_MAX);
	if (value[0] == ' ' || value[len - 1] == ' ')
		return err_set(err, ERR_USAGE, 0,
		               "%s begins or ends with a blank", key);
	if (strchr(value, ';') != NULL || !text_is_printable(value, len))
		return err_set(err, ERR_USAGE, 0,
		               "%s has a ';' or is not printable UTF-8", key);
	return 0;
}

int ini_write_item(struct buf *out, const char *key, const char *value,
                   struct err *err)
{
	if (check_value(key, value, err) < 0)
		return -1;
	return buf_printf(out, err, "%s" BETWEEN "%s\n", key, value);
}

/* The bytes of the next character where a value may hold it, else 0. */
static size_t plain_character(const char *text, size_t left)
{
	uint32_t point = 0;
	size_t n = text_utf8(text, left, &point);

	return n > 0 && point != ';' && text_is_printable(text, n) ? n : 0;
}

static bool is_blank_at_end(const char *at, const char *start)
{
	return *at == ' ' && (at == start || at[1] == '\0');
}

void ini_plain_value(const char *text, char *out, size_t size)
{
	const char *at = text;
	size_t left = strlen(text);
	size_t len = 0;

	while (left > 0) {
		size_t n = plain_character(at, left);
		bool is_plain = n > 0 && !is_blank_at_end(at, text);

		n = n > 0 ? n : 1;
		if (len + n >= size)
			break;
		memcpy(out + len, is_plain ? at : "?", is_plain ? n : 1);
		len += is_plain ? n : 1;
		at += n;
		left -= n;
	}
	while (len > 0 && out[len - 1] == ' ')
		len--; /* a cut behind a blank */
	out[len] = '\0';
}
