/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_write.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_escape.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void json_begin(struct json_writer *writer, struct buf *out)
{
	*writer = (struct json_writer){ .out = out };
}

/* Append one character of @text, and say how many bytes it took there. */
static int add_character(struct buf *out, const char *text, size_t len,
                         size_t *taken, struct err *err)
{
	char escape[JSON_ESCAPE_SIZE];
	uint32_t point = 0;
	size_t n = text_utf8(text, len, &point);

	*taken = n > 0 ? n : 1;
	if (n == 0)
		return buf_adds(out, REPLACEMENT, err);
	if (!json_needs_escape(point))
		return buf_add(out, text, n, err);
	json_escape(point, escape);
	return buf_adds(out, escape, err);
}

static int add_string(struct buf *out, const char *text, size_t len,
                      struct err *err)
{
	size_t taken = 0;

	if (buf_adds(out, "\"", err) < 0)
		return -1;
	for (size_t at = 0; at < len; at += taken)
		if (add_character(out, text + at, len - at, &taken, err) < 0)
			return -1;
	return buf_adds(out, "\"", err);
}

/* What stands before a value: a comma, a key. */
static int begin_value(struct json_writer *writer, const char *key,
                       struct err *err)
{
	bool in_object =
		writer->depth > 0 && writer->closers[writer->depth - 1] == '}';

	if (in_object != (key != NULL))
		return err_set(err, ERR_INTERNAL, 0, "JSON key out of place");
	if (writer->depth == 0 && writer->has_item)
		return err_set(err, ERR_INTERNAL, 0, "second JSON value");
	if (writer->has_item && buf_adds(writer->out, ",", err) < 0)
		return -1;
	writer->has_item = true;
	if (key == NULL)
		return 0;
	if (add_string(writer->out, key, strlen(key), err) < 0)
		return -1;
	return buf_adds(writer->out, ":", err);
}

static int open_with(struct json_writer *writer, const char *key,
                     const char *brackets, struct err *err)
{
	if (writer->depth == JSON_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, 0, "JSON deeper than %d",
		               JSON_DEPTH_MAX);
	if (begin_value(writer, key, err) < 0 ||
	    buf_add(writer->out, brackets, 1, err) < 0)
		return -1;
	writer->closers[writer->depth++] = brackets[1];
	writer->has_item = false;
	return 0;
}

int json_open_object(struct json_writer *writer, const char *key,
                     struct err *err)
{
	return open_with(writer, key, "{}", err);
}

int json_open_array(struct json_writer *writer, const char *key,
                    struct err *err)
{
	return open_with(writer, key, "[]", err);
}

int json_close(struct json_writer *writer, struct err *err)
{
	if (writer->depth == 0)
		return err_set(err, ERR_INTERNAL, 0, "no JSON to close");
	writer->depth--;
	writer->has_item = true; /* the closed one, in what is around it */
	return buf_add(writer->out, &writer->closers[writer->depth], 1, err);
}

int json_raw(struct json_writer *writer, const char *key, const char *json,
             size_t len, struct err *err)
{
	if (begin_value(writer, key, err) < 0)
		return -1;
	return buf_add(writer->out, json, len, err);
}

int json_write_null(struct json_writer *writer, const char *key,
                    struct err *err)
{
	return json_raw(writer, key, "null", strlen("null"), err);
}

int json_bool(struct json_writer *writer, const char *key, bool value,
              struct err *err)
{
	const char *word = value ? "true" : "false";

	return json_raw(writer, key, word, strlen(word), err);
}

int json_text_n(struct json_writer *writer, const char *key, const char *value,
                size_t len, struct err *err)
{
	if (begin_value(writer, key, err) < 0)
		return -1;
	return add_string(writer->out, value, len, err);
}

int json_text(struct json_writer *writer, const char *key, const char *value,
              struct err *err)
{
	if (value == NULL)
		return json_write_null(writer, key, err);
	return json_text_n(writer, key, value, strlen(value), err);
}

int json_u64(struct json_writer *writer, const char *key, uint64_t value,
             struct err *err)
{
	if (begin_value(writer, key, err) < 0)
		return -1;
	return buf_printf(writer->out, err, "%" PRIu64, value);
}
