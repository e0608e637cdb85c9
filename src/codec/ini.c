/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/ini.h"

#include <ini.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* Where a key stands in the text. */
struct place {
	const char *key; /* borrowed from the text */
	size_t key_len;
	unsigned section; /* number of the header before it */
	unsigned line;
};

/* The look at the raw lines before inih. */
struct scan {
	struct place *keys; /* owned; in the order of the text */
	size_t key_count;
	const char *sections[INI_SECTIONS_MAX]; /* borrowed */
	size_t section_lens[INI_SECTIONS_MAX];
	unsigned section_count;
	unsigned line;
	enum ini_dialect dialect;
};

static int bad_line(const struct scan *scan, const char *why, struct err *err)
{
	return err_set(err, ERR_FORMAT, 0, "line %u: %s", scan->line, why);
}

static bool has_control(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			return true;
	return false;
}

static int scan_section(struct scan *scan, const char *line, size_t len,
                        struct err *err)
{
	const char *name = line + 1;
	size_t name_len = len - 2;

	if (len < 3 || line[len - 1] != ']' ||
	    memchr(name, ']', name_len) != NULL)
		return bad_line(scan, "a section is one name in [ and ]", err);
	if (name_len > INI_SECTION_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "line %u: section longer than %d bytes",
		               scan->line, INI_SECTION_MAX);
	if (scan->section_count == INI_SECTIONS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "line %u: more than %d sections", scan->line,
		               INI_SECTIONS_MAX);
	for (unsigned i = 0; i < scan->section_count; i++)
		if (scan->section_lens[i] == name_len &&
		    memcmp(scan->sections[i], name, name_len) == 0)
			return bad_line(scan, "the section stands twice", err);
	scan->sections[scan->section_count] = name;
	scan->section_lens[scan->section_count++] = name_len;
	return 0;
}

static size_t trimmed(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] == ' ')
		len--;
	return len;
}

static int scan_key(struct scan *scan, const char *line, size_t len,
                    struct err *err)
{
	const char *equals = memchr(line, '=', len);
	const char *colon = memchr(line, ':', len);
	size_t key_len;

	if (equals == NULL)
		return bad_line(scan, "not 'key = value'", err);
	if (colon != NULL && colon < equals)
		return bad_line(scan, "':' in a key", err);
	if (memchr(line, ';', len) != NULL)
		return bad_line(scan, "';' would begin a comment", err);
	key_len = trimmed(line, (size_t)(equals - line));
	if (key_len == 0)
		return bad_line(scan, "the key is empty", err);
	if (trimmed(equals + 1, len - (size_t)(equals - line) - 1) == 0)
		return bad_line(scan, "the value is empty", err);
	if (scan->key_count == INI_KEYS_MAX)
		return err_set(err, ERR_LIMIT, 0, "line %u: more than %d keys",
		               scan->line, INI_KEYS_MAX);
	scan->keys[scan->key_count++] =
		(struct place){ line, key_len, scan->section_count,
		                scan->line };
	return 0;
}

static int scan_line(struct scan *scan, const char *line, size_t len,
                     struct err *err)
{
	scan->line++;
	if (len > INI_LINE_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "line %u: longer than %d bytes", scan->line,
		               INI_LINE_MAX);
	if (has_control(line, len))
		return bad_line(scan, "a control byte", err);
	if (len == 0)
		return 0;
	if (line[0] == '#' && scan->dialect == INI_COMMENTED)
		return 0;
	if (line[0] == '#' || line[0] == ';')
		return bad_line(scan, "a comment has no place here", err);
	if (line[0] == ' ')
		return bad_line(scan, "a leading blank", err);
	/* inih skips one at the start of the first line. */
	if (len >= strlen(BYTE_ORDER_MARK) &&
	    memcmp(line, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		return bad_line(scan, "a byte order mark", err);
	if (line[0] == '[')
		return scan_section(scan, line, len, err);
	return scan_key(scan, line, len, err);
}

static int compare_places(const void *a, const void *b)
{
	const struct place *left = a;
	const struct place *right = b;
	size_t len =
		left->key_len < right->key_len ? left->key_len : right->key_len;
	int order;

	if (left->section != right->section)
		return left->section < right->section ? -1 : 1;
	order = memcmp(left->key, right->key, len);
	if (order != 0)
		return order;
	return (left->key_len > right->key_len) -
	       (left->key_len < right->key_len);
}

static int refuse_repeated(const struct scan *scan, struct err *err)
{
	AUTO_FREE struct place *sorted = NULL;

	if (scan->key_count < 2)
		return 0;
	sorted = malloc(scan->key_count * sizeof *sorted);
	if (sorted == NULL)
		return err_nomem(err);
	memcpy(sorted, scan->keys, scan->key_count * sizeof *sorted);
	qsort(sorted, scan->key_count, sizeof *sorted, compare_places);
	for (size_t i = 1; i < scan->key_count; i++)
		if (compare_places(&sorted[i - 1], &sorted[i]) == 0)
			return err_set(err, ERR_FORMAT, 0,
			               "line %u: the key stands twice",
			               sorted[i].line > sorted[i - 1].line
			                       ? sorted[i].line
			                       : sorted[i - 1].line);
	return 0;
}

static int scan_text(struct scan *scan, const char *text, size_t len,
                     struct err *err)
{
	const char *end = text + len;

	while (text < end) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));

		if (lf == NULL) {
			scan->line++;
			return bad_line(scan, "the final newline is missing",
			                err);
		}
		if (scan_line(scan, text, (size_t)(lf - text), err) < 0)
			return -1;
		text = lf + 1;
	}
	return refuse_repeated(scan, err);
}

/* What inih's handler works on. */
struct feed {
	const struct scan *scan;
	size_t next; /* key that inih gives next */
	ini_take_fn *take;
	void *context;
	struct err *err;
	bool has_failed;
};

/* inih's convention: 0 is an error, but it goes on parsing. */
static int feed_item(void *context, const char *section, const char *name,
                     const char *value)
{
	struct feed *feed = context;
	struct ini_item item = { section, name, value, 0 };

	if (feed->has_failed)
		return 0;
	if (feed->next < feed->scan->key_count)
		item.line = feed->scan->keys[feed->next++].line;
	if (feed->take(feed->context, &item, feed->err) < 0) {
		(void)err_wrap(feed->err, "line %u", item.line);
		feed->has_failed = true;
		return 0;
	}
	return 1;
}

int ini_read(const char *text, size_t len, enum ini_dialect dialect,
             ini_take_fn *take, void *context, struct err *err)
{
	AUTO_FREE char *copy = NULL;
	AUTO_FREE struct place *keys = calloc(INI_KEYS_MAX, sizeof *keys);
	struct scan scan = { .keys = keys, .dialect = dialect };
	struct feed feed = {
		.scan = &scan, .take = take, .context = context, .err = err
	};
	int bad;

	if (keys == NULL)
		return err_nomem(err);
	if (scan_text(&scan, text, len, err) < 0)
		return -1;
	copy = strndup(len > 0 ? text : "", len);
	if (copy == NULL)
		return err_nomem(err);
	bad = ini_parse_string(copy, feed_item, &feed);
	if (feed.has_failed)
		return -1;
	if (bad != 0 || feed.next != scan.key_count)
		return err_set(err, ERR_FORMAT, 0, "line %d: not understood",
		               bad);
	return 0;
}
