/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/env_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* One line, and where its decoded text goes. */
struct line {
	const char *at, *end;
	unsigned number;
	char *out; /* room for at least the line and two NUL */
};

static int refuse(const struct line *line, const char *what, struct err *err)
{
	return err_set(err, ERR_FORMAT, 0, "line %u: %s", line->number, what);
}

void env_file_done(struct env_file *file)
{
	if (file->text != NULL && file->count > 0) {
		const struct env_item *last = &file->items[file->count - 1];

		explicit_bzero(file->text, (size_t)(last->value - file->text) +
		                                   strlen(last->value));
	}
	free(file->text);
	*file = ENV_FILE_NONE;
}

const char *env_file_find(const struct env_file *file, const char *name)
{
	for (size_t i = 0; i < file->count; i++)
		if (strcmp(file->items[i].name, name) == 0)
			return file->items[i].value;
	return NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct line *line)
{
	while (line->at < line->end && is_blank(*line->at))
		line->at++;
}

static bool is_name_byte(char c, bool is_first)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       (!is_first && c >= '0' && c <= '9');
}

static void skip_export(struct line *line)
{
	static const char word[] = "export";
	size_t len = sizeof word - 1;

	if ((size_t)(line->end - line->at) > len &&
	    memcmp(line->at, word, len) == 0 && is_blank(line->at[len])) {
		line->at += len;
		skip_blanks(line);
	}
}

static int take_name(struct line *line, const char **out, struct err *err)
{
	const char *begin = line->at;
	size_t len;

	while (line->at < line->end &&
	       is_name_byte(*line->at, line->at == begin))
		line->at++;
	len = (size_t)(line->at - begin);
	if (len == 0 || line->at == line->end || *line->at != '=')
		return refuse(line, "not NAME=VALUE", err);
	if (len > ENV_FILE_NAME_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "line %u: a name of over %d bytes", line->number,
		               ENV_FILE_NAME_MAX);
	*out = line->out;
	memcpy(line->out, begin, len);
	line->out[len] = '\0';
	line->out += len + 1;
	line->at++;
	return 0;
}

static void take_plain(struct line *line)
{
	const char *begin = line->at;
	const char *end = begin;

	/* '#' begins a comment at the value's start too: "A= # none". */
	while (end < line->end &&
	       !(*end == '#' && (end == begin || is_blank(end[-1]))))
		end++;
	while (end > begin && is_blank(end[-1]))
		end--;
	memcpy(line->out, begin, (size_t)(end - begin));
	line->out += end - begin;
	line->at = line->end;
}

/* What stands behind a backslash between double quotes; NUL: nothing known. */
static char escaped(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case '"':
	case '\\':
	case '$':
		return c;
	}
	return '\0';
}

static int take_quoted(struct line *line, struct err *err)
{
	char quote = *line->at++;

	for (; line->at < line->end && *line->at != quote; line->at++) {
		char c = *line->at;

		if (quote == '"' && c == '\\') {
			line->at++;
			c = line->at < line->end ? escaped(*line->at) : '\0';
			if (c == '\0')
				return refuse(line, "an unknown escape", err);
		}
		*line->out++ = c;
	}
	if (line->at == line->end)
		return refuse(line, "a quote that is not closed", err);
	line->at++;
	if (line->at < line->end && !is_blank(*line->at))
		return refuse(line, "text behind the closing quote", err);
	skip_blanks(line);
	if (line->at < line->end && *line->at != '#')
		return refuse(line, "text behind the closing quote", err);
	return 0;
}

static int take_value(struct line *line, const char **out, struct err *err)
{
	*out = line->out;
	skip_blanks(line);
	if (line->at < line->end && (*line->at == '"' || *line->at == '\'')) {
		if (take_quoted(line, err) < 0)
			return -1;
	} else {
		take_plain(line);
	}
	*line->out++ = '\0';
	return 0;
}

static int check_bytes(const struct line *line, struct err *err)
{
	const char *at = line->at;

	while (at < line->end) {
		size_t len = 0; /* of a piece between tabs */

		while (at + len < line->end && at[len] != '\t')
			len++;
		if (len > 0 && !text_is_printable(at, len))
			return refuse(line, "control characters, or no UTF-8",
			              err);
		at += len + (at + len < line->end);
	}
	return 0;
}

static int take_line(struct env_file *file, struct line *line, struct err *err)
{
	struct env_item item;

	if (check_bytes(line, err) < 0)
		return -1;
	skip_blanks(line);
	if (line->at == line->end || *line->at == '#')
		return 0;
	skip_export(line);
	if (take_name(line, &item.name, err) < 0 ||
	    take_value(line, &item.value, err) < 0)
		return -1;
	if (env_file_find(file, item.name) != NULL)
		return err_set(err, ERR_FORMAT, 0, "line %u: %s stands twice",
		               line->number, item.name);
	if (file->count == ENV_FILE_KEYS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "line %u: more than %d variables", line->number,
		               ENV_FILE_KEYS_MAX);
	file->items[file->count++] = item;
	return 0;
}

int env_file_parse(const char *text, size_t len, struct env_file *out,
                   struct err *err)
{
	struct line line = { .end = text };
	const char *next = text;

	if (len > ENV_FILE_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "an env file of more than %zu bytes",
		               ENV_FILE_MAX);
	/* A line of n bytes and its LF makes at most n + 1 bytes of texts: the
	 * '=' becomes the NUL of the name.  The last LF may be absent. */
	out->text = calloc(1, len + 2);
	if (out->text == NULL)
		return err_nomem(err);
	line.out = out->text;
	while (next < text + len) {
		size_t left = (size_t)(text + len - next);
		const char *feed = memchr(next, '\n', left);

		line.at = next;
		line.end = feed != NULL ? feed : text + len;
		line.number++;
		next = feed != NULL ? feed + 1 : text + len;
		if (line.end > line.at && line.end[-1] == '\r')
			line.end--;
		if (take_line(out, &line, err) < 0)
			return -1;
	}
	return 0;
}
