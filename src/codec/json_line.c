/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_line.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_escape.h"
#include "codec/scan.h"

struct reader {
	struct scan scan;
	size_t len; /* of the whole line */
	char keys[JSON_KEYS_MAX][JSON_KEY_SIZE];
	size_t key_count;
	char text[JSON_LINE_MAX + 1]; /* decoded; never longer than encoded */
	json_take_fn *take;
	void *context;
};

static int bad_byte(const struct reader *reader, const char *why,
                    struct err *err)
{
	return err_set(err, ERR_FORMAT, 0, "byte %zu: %s",
	               reader->len - reader->scan.left + 1, why);
}

static int expect(struct reader *reader, const char *token, struct err *err)
{
	if (scan_text(&reader->scan, token))
		return 0;
	return err_set(err, ERR_FORMAT, 0, "byte %zu: expected '%s'",
	               reader->len - reader->scan.left + 1, token);
}

static void skip(struct scan *scan, size_t n)
{
	scan->at += n;
	scan->left -= n;
}

/* Step over one character of a text and append what it stands for. */
static int read_character(struct reader *reader, size_t *len, struct err *err)
{
	struct scan *scan = &reader->scan;
	uint32_t point = 0;
	size_t n = text_utf8(scan->at, scan->left, &point);

	if (n == 0)
		return bad_byte(reader, "not UTF-8", err);
	if (scan->at[0] == '\\') {
		char plain[JSON_UNESCAPED_MAX];
		size_t taken;

		n = json_unescape(scan->at, scan->left, plain, &taken);
		if (n == 0)
			return bad_byte(reader, "an escape out of place", err);
		memcpy(reader->text + *len, plain, n);
		*len += n;
		skip(scan, taken);
		return 0;
	}
	if (json_needs_escape(point))
		return bad_byte(reader, "a bare control character", err);
	memcpy(reader->text + *len, scan->at, n);
	*len += n;
	skip(scan, n);
	return 0;
}

/* The rest of a text behind its first quote. */
static int read_text(struct reader *reader, struct err *err)
{
	size_t len = 0;

	while (!scan_text(&reader->scan, "\"")) {
		if (reader->scan.left == 0)
			return bad_byte(reader, "the text has no end", err);
		if (read_character(reader, &len, err) < 0)
			return -1;
	}
	reader->text[len] = '\0';
	return 0;
}

static int give_text(struct reader *reader, const char *key, struct err *err)
{
	struct json_item item = { .key = key, .text = reader->text };

	if (read_text(reader, err) < 0)
		return -1;
	return reader->take(reader->context, &item, err);
}

static int give_list(struct reader *reader, const char *key, struct err *err)
{
	do {
		if (expect(reader, "\"", err) < 0 ||
		    give_text(reader, key, err) < 0)
			return -1;
	} while (scan_text(&reader->scan, ","));
	return expect(reader, "]", err);
}

static int give_number(struct reader *reader, const char *key, struct err *err)
{
	struct json_item item = { .key = key };
	size_t len = 0;

	while (len < reader->scan.left && reader->scan.at[len] >= '0' &&
	       reader->scan.at[len] <= '9')
		len++;
	if (len == 0)
		return bad_byte(reader, "no text, number or list", err);
	if (text_u64(reader->scan.at, len, UINT64_MAX, &item.number, err) < 0)
		return -1;
	skip(&reader->scan, len);
	return reader->take(reader->context, &item, err);
}

static int give_value(struct reader *reader, const char *key, struct err *err)
{
	if (scan_text(&reader->scan, "\""))
		return give_text(reader, key, err);
	if (scan_text(&reader->scan, "["))
		return give_list(reader, key, err);
	return give_number(reader, key, err);
}

/* Step over a key and its colon; NULL with @err set for none. */
static const char *require_key(struct reader *reader, struct err *err)
{
	char *key = reader->keys[reader->key_count];
	size_t len = 0;

	if (expect(reader, "\"", err) < 0)
		return NULL;
	while (len < reader->scan.left && len < JSON_KEY_SIZE &&
	       strchr("abcdefghijklmnopqrstuvwxyz0123456789_",
	              reader->scan.at[len]) != NULL &&
	       reader->scan.at[len] != '\0')
		len++;
	if (len == 0 || len == JSON_KEY_SIZE) {
		(void)bad_byte(reader, "no key of 1 to 32 letters", err);
		return NULL;
	}
	memcpy(key, reader->scan.at, len);
	key[len] = '\0';
	skip(&reader->scan, len);
	return expect(reader, "\":", err) < 0 ? NULL : key;
}

static int read_member(struct reader *reader, struct err *err)
{
	const char *key;

	if (reader->key_count == JSON_KEYS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d keys",
		               JSON_KEYS_MAX);
	key = require_key(reader, err);
	if (key == NULL)
		return -1;
	for (size_t i = 0; i < reader->key_count; i++)
		if (strcmp(reader->keys[i], key) == 0)
			return bad_byte(reader, "the key stands twice", err);
	reader->key_count++;
	return give_value(reader, key, err);
}

int json_line_read(const char *line, size_t len, json_take_fn *take,
                   void *context, struct err *err)
{
	struct reader reader;

	if (len > JSON_LINE_MAX)
		return err_set(err, ERR_LIMIT, 0, "line longer than %d bytes",
		               JSON_LINE_MAX);
	reader.scan = (struct scan){ line, len };
	reader.len = len;
	reader.key_count = 0;
	reader.take = take;
	reader.context = context;
	if (expect(&reader, "{", err) < 0)
		return -1;
	do {
		if (read_member(&reader, err) < 0)
			return -1;
	} while (scan_text(&reader.scan, ","));
	if (expect(&reader, "}", err) < 0)
		return -1;
	if (reader.scan.left > 0)
		return bad_byte(&reader, "bytes behind the object", err);
	return 0;
}
