/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/mtree.h"

#include <string.h>

#include "base/text.h"
#include "codec/scan.h"
#include "codec/tar_header.h"

#define HEAD_LINE   "#mtree"
#define SET_LINE    "/set type=file uid=0 gid=0 time="
#define SET_END     ".0"
#define LINK_FIELDS " type=link mode=0777 link="
#define LINK_MODE   0777U
#define DIR_FIELDS  " type=dir mode="
#define FILE_FIELDS " mode="
#define MODE_DIGITS 4
#define QUOTE_MAX   200 /* bytes of a foreign text shown in a message */

/* --- escapes --- */

/* Bytes that stand for themselves; all others are written \ooo. */
static bool is_plain(unsigned char c)
{
	switch (c) {
	case '\\':
	case '#':
	case '*':
	case '?':
	case '[':
	case '=':
		return false;
	}
	return c >= 0x21 && c <= 0x7e;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The byte that the escape \ooo at @text stands for; -1 where there is none, or
 * where it must not be escaped. */
static int escaped_byte(const char *text, size_t len)
{
	int value;

	if (len < 4 || text[1] < '0' || text[1] > '3' || !is_octal(text[2]) ||
	    !is_octal(text[3]))
		return -1;
	value = (text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0');
	return is_plain((unsigned char)value) ? -1 : value;
}

/* Read a path or target, escapes and all.  A NUL among its bytes passes here;
 * the checks of tree_path.h refuse it. */
static int take_escaped(struct scan *scan, char out[TREE_PATH_SIZE],
                        size_t *out_len, struct err *err)
{
	size_t left;
	size_t len = 0;
	const char *word = scan_word(scan, &left);

	while (left > 0) {
		int byte = (unsigned char)*word;
		size_t step = 1;

		if (byte == '\\') {
			byte = escaped_byte(word, left);
			step = 4;
		} else if (!is_plain((unsigned char)byte)) {
			byte = -1;
		}
		if (byte < 0)
			return err_set(
				err, ERR_FORMAT, 0,
				"a byte of '%.*s' is not spelt as "
				"payload.mtree must",
				(int)(left < QUOTE_MAX ? left : QUOTE_MAX),
				word);
		if (len >= TREE_PATH_SIZE - 1)
			return err_set(err, ERR_LIMIT, 0,
			               "path or link target longer than %d "
			               "bytes",
			               TREE_PATH_SIZE - 1);
		out[len++] = (char)byte;
		word += step;
		left -= step;
	}
	out[len] = '\0';
	*out_len = len;
	return 0;
}

static int add_escaped(const char *text, struct buf *out, struct err *err)
{
	while (*text != '\0') {
		unsigned char c = (unsigned char)*text;
		const char escape[] = { '\\', (char)('0' + (c >> 6)),
			                (char)('0' + (c >> 3 & 7)),
			                (char)('0' + (c & 7)) };
		size_t run = 0;

		while (is_plain((unsigned char)text[run]))
			run++;
		if (run > 0 ? buf_add(out, text, run, err) < 0
		            : buf_add(out, escape, sizeof escape, err) < 0)
			return -1;
		text += run > 0 ? run : 1;
	}
	return 0;
}

/* --- one line --- */

static int take_set_line(struct mtree_reader *reader, struct scan scan,
                         struct err *err)
{
	size_t digits = strlen(SET_END);
	uint64_t created = 0;

	if (!scan_text(&scan, SET_LINE) || scan.left <= digits ||
	    memcmp(scan.at + scan.left - digits, SET_END, digits) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "expected '" SET_LINE "<seconds>" SET_END "'");
	if (text_u64(scan.at, scan.left - digits, TAR_OCTAL_MAX, &created,
	             err) < 0)
		return err_wrap(err, "time");
	reader->created = (int64_t)created;
	return 0;
}

static int take_mode(struct scan *scan, unsigned *out, struct err *err)
{
	uint64_t mode = 0;
	size_t len;
	const char *word = scan_word(scan, &len);

	if (len != MODE_DIGITS)
		return err_set(err, ERR_FORMAT, 0, "mode is not %d digits",
		               MODE_DIGITS);
	if (text_octal(word, len, MTREE_MODE_MAX, &mode, err) < 0)
		return err_wrap(err, "mode");
	*out = (unsigned)mode;
	return 0;
}

static int take_file(struct scan *scan, struct mtree_entry *out,
                     struct err *err)
{
	size_t len;
	const char *word;

	out->type = ENTRY_FILE;
	if (take_mode(scan, &out->mode, err) < 0)
		return -1;
	if (!scan_text(scan, " size="))
		return err_set(err, ERR_FORMAT, 0, "no size behind the mode");
	word = scan_word(scan, &len);
	if (text_u64(word, len, MTREE_BYTES_MAX, &out->size, err) < 0)
		return err_wrap(err, "size");
	if (!scan_text(scan, " sha256digest="))
		return err_set(err, ERR_FORMAT, 0, "no digest behind the size");
	word = scan_word(scan, &len);
	if (text_from_hex(word, len, out->sha256, DIGEST_LEN, err) < 0)
		return err_wrap(err, "digest");
	return 0;
}

static int take_link(struct scan *scan, struct mtree_entry *out,
                     struct err *err)
{
	size_t len = 0;

	out->type = ENTRY_LINK;
	out->mode = LINK_MODE;
	if (take_escaped(scan, out->link, &len, err) < 0)
		return -1;
	return tree_link_check(out->link, len, err);
}

/* Read what stands behind the path. */
static int take_fields(struct scan *scan, struct mtree_entry *out,
                       struct err *err)
{
	out->size = 0;
	memset(out->sha256, 0, sizeof out->sha256);
	out->link[0] = '\0';
	if (scan_text(scan, FILE_FIELDS))
		return take_file(scan, out, err);
	if (scan_text(scan, LINK_FIELDS))
		return take_link(scan, out, err);
	if (!scan_text(scan, DIR_FIELDS))
		return err_set(err, ERR_FORMAT, 0,
		               "neither file, folder nor link");
	out->type = ENTRY_DIR;
	return take_mode(scan, &out->mode, err);
}

static int take_entry(struct scan scan, struct mtree_entry *out,
                      size_t *path_len, struct err *err)
{
	if (!scan_text(&scan, "./"))
		return err_set(err, ERR_FORMAT, 0, "does not begin with './'");
	if (take_escaped(&scan, out->path, path_len, err) < 0 ||
	    tree_path_check(out->path, *path_len, err) < 0 ||
	    take_fields(&scan, out, err) < 0)
		return -1;
	if (scan.left > 0)
		return err_set(err, ERR_FORMAT, 0, "trailing text");
	return 0;
}

/* --- order and parents --- */

/* In component order, all that stands between a folder and what it holds begins
 * with "<folder>/".  So the folder of an entry is the last entry, or one above
 * it; and those above it were proven when it was taken. */
static bool has_parent(const struct mtree_reader *reader, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len;

	if (slash == NULL)
		return true;
	len = (size_t)(slash - path);
	if (strncmp(reader->last, path, len) != 0)
		return false;
	return reader->last[len] == '/' ||
	       (reader->last[len] == '\0' && reader->is_folder);
}

/* Prove the entry's place behind the last one and below its folder. */
static int place_entry(struct mtree_reader *reader,
                       const struct mtree_entry *entry, size_t path_len,
                       struct err *err)
{
	if (tree_path_compare(reader->last, entry->path) >= 0)
		return err_set(err, ERR_FORMAT, 0,
		               "'%.*s' does not come after '%.*s'", QUOTE_MAX,
		               entry->path, QUOTE_MAX, reader->last);
	if (!has_parent(reader, entry->path))
		return err_set(err, ERR_FORMAT, 0,
		               "no entry before '%.*s' is its folder",
		               QUOTE_MAX, entry->path);
	reader->is_folder = entry->type == ENTRY_DIR;
	memcpy(reader->last, entry->path, path_len + 1);
	return 0;
}

static int count_entry(struct mtree_reader *reader,
                       const struct mtree_entry *entry, struct err *err)
{
	if (reader->entries >= MTREE_ENTRIES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d entries",
		               MTREE_ENTRIES_MAX);
	if (entry->size > MTREE_BYTES_MAX - reader->bytes)
		return err_set(err, ERR_LIMIT, 0,
		               "files of more than %llu bytes together",
		               (unsigned long long)MTREE_BYTES_MAX);
	reader->entries++;
	reader->bytes += entry->size;
	return 0;
}

static int take_any_line(struct mtree_reader *reader, struct scan scan,
                         struct mtree_entry *out, struct err *err)
{
	size_t path_len = 0;

	if (scan.left > MTREE_LINE_MAX)
		return err_set(err, ERR_LIMIT, 0, "longer than %d bytes",
		               MTREE_LINE_MAX);
	if (reader->line == 1 && !text_equal(scan.at, scan.left, HEAD_LINE))
		return err_set(err, ERR_FORMAT, 0, "expected '" HEAD_LINE "'");
	if (reader->line == 1)
		return 0;
	if (reader->line == 2)
		return take_set_line(reader, scan, err);
	if (take_entry(scan, out, &path_len, err) < 0 ||
	    place_entry(reader, out, path_len, err) < 0 ||
	    count_entry(reader, out, err) < 0)
		return -1;
	return 1;
}

/* --- exported --- */

int mtree_take_line(struct mtree_reader *reader, const char *line, size_t len,
                    struct mtree_entry *out, struct err *err)
{
	int got;

	reader->line++;
	got = take_any_line(reader, (struct scan){ line, len }, out, err);
	if (got < 0)
		return err_wrap(err, "payload.mtree line %llu",
		                (unsigned long long)reader->line);
	return got;
}

int mtree_finish(const struct mtree_reader *reader, uint64_t entries,
                 uint64_t bytes, struct err *err)
{
	if (reader->entries == 0)
		return err_set(err, ERR_FORMAT, 0, "payload.mtree is empty");
	if (reader->entries != entries || reader->bytes != bytes)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.mtree has %llu entries and %llu bytes, "
		               "not the %llu and %llu of release.ini",
		               (unsigned long long)reader->entries,
		               (unsigned long long)reader->bytes,
		               (unsigned long long)entries,
		               (unsigned long long)bytes);
	return 0;
}

int mtree_write_head(int64_t created, struct buf *out, struct err *err)
{
	if (created < 0 || created > TAR_OCTAL_MAX)
		return err_set(err, ERR_LIMIT, 0, "time %lld out of range",
		               (long long)created);
	return buf_printf(out, err, HEAD_LINE "\n" SET_LINE "%lld" SET_END "\n",
	                  (long long)created);
}

static int add_mode(unsigned mode, struct buf *out, struct err *err)
{
	const char digits[MODE_DIGITS] = { (char)('0' + (mode >> 9 & 7)),
		                           (char)('0' + (mode >> 6 & 7)),
		                           (char)('0' + (mode >> 3 & 7)),
		                           (char)('0' + (mode & 7)) };

	if (mode > MTREE_MODE_MAX)
		return err_set(err, ERR_FORMAT, 0, "mode %o above %o", mode,
		               MTREE_MODE_MAX);
	return buf_add(out, digits, sizeof digits, err);
}

static int add_file(const struct mtree_entry *entry, struct buf *out,
                    struct err *err)
{
	char digest[2 * DIGEST_LEN + 1];

	if (entry->size > MTREE_BYTES_MAX)
		return err_set(err, ERR_LIMIT, 0, "'%.*s' is too large",
		               QUOTE_MAX, entry->path);
	text_to_hex(entry->sha256, DIGEST_LEN, digest);
	if (buf_adds(out, FILE_FIELDS, err) < 0 ||
	    add_mode(entry->mode, out, err) < 0 ||
	    buf_adds(out, " size=", err) < 0 ||
	    buf_add_u64(out, entry->size, err) < 0 ||
	    buf_adds(out, " sha256digest=", err) < 0)
		return -1;
	return buf_adds(out, digest, err);
}

static int add_link(const struct mtree_entry *entry, struct buf *out,
                    struct err *err)
{
	if (tree_link_check(entry->link, strlen(entry->link), err) < 0 ||
	    buf_adds(out, LINK_FIELDS, err) < 0)
		return -1;
	return add_escaped(entry->link, out, err);
}

static int add_fields(const struct mtree_entry *entry, struct buf *out,
                      struct err *err)
{
	switch (entry->type) {
	case ENTRY_FILE:
		return add_file(entry, out, err);
	case ENTRY_LINK:
		return add_link(entry, out, err);
	case ENTRY_DIR:
		if (buf_adds(out, DIR_FIELDS, err) < 0)
			return -1;
		return add_mode(entry->mode, out, err);
	}
	return err_set(err, ERR_INTERNAL, 0, "entry of no type");
}

int mtree_write_entry(const struct mtree_entry *entry, struct buf *out,
                      struct err *err)
{
	if (tree_path_check(entry->path, strlen(entry->path), err) < 0 ||
	    buf_adds(out, "./", err) < 0 ||
	    add_escaped(entry->path, out, err) < 0 ||
	    add_fields(entry, out, err) < 0)
		return -1;
	return buf_adds(out, "\n", err);
}
