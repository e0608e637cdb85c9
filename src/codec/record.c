/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "codec/ini_write.h"
#include "codec/release_ini.h"

#define FORMAT_NUMBER "1"

static const void *field_of(const struct record_field *field,
                            const void *record)
{
	return (const char *)record + field->offset;
}

/* --- reading ---------------------------------------------------------------
 */

static const struct record_field *find_field(const struct record_table *table,
                                             const struct ini_item *item)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->fields[i].section, item->section) == 0 &&
		    strcmp(table->fields[i].key, item->key) == 0)
			return &table->fields[i];
	return NULL;
}

static int read_format(const char *value, struct err *err)
{
	if (strcmp(value, FORMAT_NUMBER) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "format '%s' is not known; this version reads "
		               "format " FORMAT_NUMBER,
		               value);
	return 0;
}

static int read_text(const struct record_field *field, const char *value,
                     char *out, struct err *err)
{
	size_t len = strlen(value);

	if (field->is_legal != NULL && !field->is_legal(value, len))
		return err_set(err, ERR_FORMAT, 0, "not allowed: '%s'", value);
	return text_copy(out, field->size, value, len, err);
}

static int read_number(const struct record_field *field, const char *value,
                       uint64_t *out, struct err *err)
{
	uint64_t number;

	if (text_u64(value, strlen(value), field->max, &number, err) < 0)
		return -1;
	if (number < field->min)
		return err_set(err, ERR_FORMAT, 0, "number below %" PRIu64,
		               field->min);
	*out = number;
	return 0;
}

static int read_pair(const struct record_field *field, const char *value,
                     void *out, struct err *err)
{
	const char *dot = strchr(value, '.');
	uint64_t numbers[2];
	unsigned pair[2];

	if (dot == NULL)
		return err_set(err, ERR_FORMAT, 0, "not two numbers: '%s'",
		               value);
	if (text_u64(value, (size_t)(dot - value), field->max, &numbers[0],
	             err) < 0 ||
	    text_u64(dot + 1, strlen(dot + 1), field->max, &numbers[1], err) <
	            0)
		return -1;
	pair[0] = (unsigned)numbers[0];
	pair[1] = (unsigned)numbers[1];
	memcpy(out, pair, sizeof pair);
	return 0;
}

static int read_time(const struct record_field *field, const char *value,
                     int64_t *out, struct err *err)
{
	char latest[CLOCK_TEXT_SIZE];
	int64_t time;

	if (clock_parse(value, strlen(value), &time, err) < 0)
		return -1;
	if ((uint64_t)time > field->max) {
		clock_format((int64_t)field->max, latest);
		return err_set(err, ERR_LIMIT, 0, "time above %s: '%s'", latest,
		               value);
	}
	*out = time;
	return 0;
}

static int read_word(const struct record_field *field, const char *value,
                     unsigned *out, struct err *err)
{
	for (unsigned i = 0; field->words[i] != NULL; i++) {
		if (strcmp(field->words[i], value) == 0) {
			*out = i;
			return 0;
		}
	}
	return err_set(err, ERR_FORMAT, 0, "unknown word '%s'", value);
}

static int read_field(const struct record_field *field, const char *value,
                      void *out, struct err *err)
{
	switch (field->type) {
	case RECORD_FORMAT:
		return read_format(value, err);
	case RECORD_TEXT:
		return read_text(field, value, out, err);
	case RECORD_NUMBER:
		return read_number(field, value, out, err);
	case RECORD_PAIR:
		return read_pair(field, value, out, err);
	case RECORD_TIME:
		return read_time(field, value, out, err);
	case RECORD_DIGEST:
		return text_from_hex(value, strlen(value), out, DIGEST_LEN,
		                     err);
	case RECORD_WORD:
		return read_word(field, value, out, err);
	}
	return err_set(err, ERR_INTERNAL, 0, "unknown type of field");
}

int record_take(const struct record_table *table, void *record,
                const struct ini_item *item, struct err *err)
{
	const struct record_field *field = find_field(table, item);

	if (field == NULL)
		return err_set(err, ERR_FORMAT, 0, "unknown key '%s' in [%s]",
		               item->key, item->section);
	if (read_field(field, item->value, (char *)record + field->offset,
	               err) < 0)
		return err_wrap(err, "%s", field->key);
	return 0;
}

/* --- writing ---------------------------------------------------------------
 */

#define VALUE_SIZE (INI_LINE_MAX + 1)

static int render_text(const struct record_field *field, const char *text,
                       char out[VALUE_SIZE], struct err *err)
{
	size_t len = strnlen(text, field->size);

	if (len == field->size)
		return err_set(err, ERR_USAGE, 0, "%s is not terminated",
		               field->key);
	if (field->is_legal != NULL && len > 0 && !field->is_legal(text, len))
		return err_set(err, ERR_USAGE, 0, "%s is not allowed: '%s'",
		               field->key, text);
	if (len >= VALUE_SIZE)
		return err_set(err, ERR_USAGE, 0, "%s is too long", field->key);
	memcpy(out, text, len + 1);
	return 0;
}

static int render_number(const struct record_field *field, uint64_t number,
                         char out[VALUE_SIZE], struct err *err)
{
	if (number == 0 && field->need == RECORD_OPTIONAL) {
		out[0] = '\0';
		return 0;
	}
	if (number < field->min || number > field->max)
		return err_set(err, ERR_USAGE, 0,
		               "%s is out of range: %" PRIu64, field->key,
		               number);
	(void)snprintf(out, VALUE_SIZE, "%" PRIu64, number);
	return 0;
}

static int render_pair(const struct record_field *field, const void *in,
                       char out[VALUE_SIZE], struct err *err)
{
	unsigned pair[2];

	memcpy(pair, in, sizeof pair);
	out[0] = '\0';
	if (pair[0] == 0 && pair[1] == 0 && field->need == RECORD_OPTIONAL)
		return 0;
	if (pair[0] > field->max || pair[1] > field->max)
		return err_set(err, ERR_USAGE, 0, "%s is out of range: %u.%u",
		               field->key, pair[0], pair[1]);
	(void)snprintf(out, VALUE_SIZE, "%u.%u", pair[0], pair[1]);
	return 0;
}

static int render_time(const struct record_field *field, int64_t time,
                       char out[VALUE_SIZE], struct err *err)
{
	if (time < 0 || (uint64_t)time > field->max)
		return err_set(err, ERR_USAGE, 0,
		               "%s is out of range: %" PRId64, field->key,
		               time);
	clock_format(time, out);
	return 0;
}

static int render_word(const struct record_field *field, unsigned word,
                       char out[VALUE_SIZE], struct err *err)
{
	unsigned count = 0;

	while (field->words[count] != NULL)
		count++;
	if (word >= count)
		return err_set(err, ERR_USAGE, 0, "%s has no word %u",
		               field->key, word);
	(void)snprintf(out, VALUE_SIZE, "%s", field->words[word]);
	return 0;
}

/* The value as text; "" where an optional field is absent. */
static int render(const struct record_field *field, const void *in,
                  char out[VALUE_SIZE], struct err *err)
{
	switch (field->type) {
	case RECORD_FORMAT:
		(void)snprintf(out, VALUE_SIZE, FORMAT_NUMBER);
		return 0;
	case RECORD_TEXT:
		return render_text(field, in, out, err);
	case RECORD_NUMBER:
		return render_number(field, *(const uint64_t *)in, out, err);
	case RECORD_PAIR:
		return render_pair(field, in, out, err);
	case RECORD_TIME:
		return render_time(field, *(const int64_t *)in, out, err);
	case RECORD_DIGEST:
		text_to_hex(in, DIGEST_LEN, out);
		return 0;
	case RECORD_WORD:
		return render_word(field, *(const unsigned *)in, out, err);
	}
	return err_set(err, ERR_INTERNAL, 0, "unknown type of field");
}

static int write_fields(const struct record_table *table, const void *record,
                        struct buf *out, struct err *err)
{
	const char *section = "";

	for (size_t i = 0; i < table->count; i++) {
		const struct record_field *field = &table->fields[i];
		char value[VALUE_SIZE];

		if (render(field, field_of(field, record), value, err) < 0)
			return -1;
		if (value[0] == '\0' && field->need == RECORD_OPTIONAL)
			continue;
		if (strcmp(section, field->section) != 0 &&
		    ini_write_section(out, field->section, err) < 0)
			return -1;
		section = field->section;
		if (ini_write_item(out, field->key, value, err) < 0)
			return -1;
	}
	return 0;
}

int record_write(const struct record_table *table, const void *record,
                 struct buf *out, struct err *err)
{
	size_t before = out->len;

	if (write_fields(table, record, out, err) < 0) {
		buf_cut(out, before);
		return -1;
	}
	return 0;
}

/* --- the proof -------------------------------------------------------------
 */

static unsigned first_other_line(const char *a, size_t a_len, const char *b,
                                 size_t b_len)
{
	unsigned line = 1;

	for (size_t i = 0; i < a_len && i < b_len && a[i] == b[i]; i++)
		line += a[i] == '\n';
	return line;
}

int record_prove(const char *text, size_t len, const void *record,
                 record_write_fn *write, struct err *err)
{
	AUTO_BUF struct buf again = BUF_NONE;

	if (write(record, &again, err) < 0) {
		/* To a reader the same defect is one of the text. */
		if (err->code == ERR_USAGE)
			err->code = ERR_FORMAT;
		return -1;
	}
	if (again.len == len && memcmp(buf_text(&again), text, len) == 0)
		return 0;
	return err_set(
		err, ERR_FORMAT, 0,
		"line %u: not in the one spelling and order of the format",
		first_other_line(text, len, again.data, again.len));
}
