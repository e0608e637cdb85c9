/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/payload_index.h"

#include "base/text.h"
#include "codec/mtree.h"
#include "codec/scan.h"
#include "codec/tar_header.h"

#define HEAD_LINE "# payload.index 1"

/* --- reading --- */

/* Read " <number>". */
static int take_number(struct scan *scan, const char *what, uint64_t max,
                       uint64_t *out, struct err *err)
{
	size_t len;
	const char *word;

	if (!scan_text(scan, " "))
		return err_set(err, ERR_FORMAT, 0, "no %s", what);
	word = scan_word(scan, &len);
	if (text_u64(word, len, max, out, err) < 0)
		return err_wrap(err, "%s", what);
	return 0;
}

static int parse_member(struct scan scan, struct index_member *out,
                        struct err *err)
{
	size_t len;
	const char *word;

	if (take_number(&scan, "packed offset", INDEX_SIZE_MAX,
	                &out->packed_offset, err) < 0 ||
	    take_number(&scan, "packed length", MEMBER_PACKED_MAX,
	                &out->packed_len, err) < 0 ||
	    take_number(&scan, "plain offset", INDEX_SIZE_MAX,
	                &out->plain_offset, err) < 0 ||
	    take_number(&scan, "plain length", MEMBER_PLAIN_MAX,
	                &out->plain_len, err) < 0)
		return -1;
	if (!scan_text(&scan, " "))
		return err_set(err, ERR_FORMAT, 0, "no digest");
	word = scan_word(&scan, &len);
	if (text_from_hex(word, len, out->sha256, DIGEST_LEN, err) < 0)
		return err_wrap(err, "digest");
	if (scan.left > 0)
		return err_set(err, ERR_FORMAT, 0, "trailing text");
	return 0;
}

static int parse_entry(struct scan scan, struct index_entry *out,
                       struct err *err)
{
	if (take_number(&scan, "line of payload.mtree",
	                MTREE_HEAD_LINES + MTREE_ENTRIES_MAX, &out->mtree_line,
	                err) < 0 ||
	    take_number(&scan, "data offset", INDEX_SIZE_MAX, &out->data_offset,
	                err) < 0)
		return -1;
	if (scan.left > 0)
		return err_set(err, ERR_FORMAT, 0, "trailing text");
	return 0;
}

/* Tile: each member begins where the last one ended, in both files. */
static int place_member(struct index_reader *reader,
                        const struct index_member *member, struct err *err)
{
	if (reader->entries > 0)
		return err_set(err, ERR_FORMAT, 0, "member behind entries");
	if (member->packed_offset != reader->packed_end ||
	    member->plain_offset != reader->plain_end)
		return err_set(err, ERR_FORMAT, 0,
		               "gap or overlap between members");
	if (member->packed_len == 0 || member->plain_len == 0)
		return err_set(err, ERR_FORMAT, 0, "empty member");
	if (member->packed_len > INDEX_SIZE_MAX - reader->packed_end ||
	    member->plain_len > INDEX_SIZE_MAX - reader->plain_end)
		return err_set(err, ERR_LIMIT, 0, "members beyond %llu bytes",
		               (unsigned long long)INDEX_SIZE_MAX);
	reader->packed_end += member->packed_len;
	reader->plain_end += member->plain_len;
	reader->members++;
	return 0;
}

static int place_entry(struct index_reader *reader,
                       const struct index_entry *entry, struct err *err)
{
	if (entry->mtree_line <= MTREE_HEAD_LINES ||
	    entry->mtree_line <= reader->last.mtree_line ||
	    entry->data_offset <= reader->last.data_offset)
		return err_set(err, ERR_FORMAT, 0, "entries do not ascend");
	if (entry->data_offset % TAR_BLOCK != 0 ||
	    entry->data_offset >= reader->plain_end)
		return err_set(err, ERR_FORMAT, 0, "no file can begin at %llu",
		               (unsigned long long)entry->data_offset);
	reader->last = *entry;
	reader->entries++;
	return 0;
}

static int take_head(struct scan scan, struct err *err)
{
	if (!text_equal(scan.at, scan.left, HEAD_LINE))
		return err_set(err, ERR_FORMAT, 0, "expected '" HEAD_LINE "'");
	return 0;
}

static int take_member(struct index_reader *reader, struct scan scan,
                       struct index_member *out, struct err *err)
{
	struct index_member member;

	if (parse_member(scan, &member, err) < 0 ||
	    place_member(reader, &member, err) < 0)
		return -1;
	*out = member;
	return 0;
}

static int take_entry(struct index_reader *reader, struct scan scan,
                      struct index_entry *out, struct err *err)
{
	struct index_entry entry;

	if (parse_entry(scan, &entry, err) < 0 ||
	    place_entry(reader, &entry, err) < 0)
		return -1;
	*out = entry;
	return 0;
}

/* Which kind of line comes next; -1 for none that we know. */
static int line_kind(const struct index_reader *reader, struct scan *scan,
                     enum index_line *out, struct err *err)
{
	if (scan->left > INDEX_LINE_MAX)
		return err_set(err, ERR_LIMIT, 0, "longer than %d bytes",
		               INDEX_LINE_MAX);
	if (reader->lines == 1)
		*out = INDEX_HEAD;
	else if (scan_text(scan, "m"))
		*out = INDEX_MEMBER;
	else if (scan_text(scan, "e"))
		*out = INDEX_ENTRY;
	else
		return err_set(err, ERR_FORMAT, 0, "neither member nor entry");
	return 0;
}

static int take_any_line(struct index_reader *reader, struct scan scan,
                         enum index_line *kind, struct index_member *member,
                         struct index_entry *entry, struct err *err)
{
	if (line_kind(reader, &scan, kind, err) < 0)
		return -1;
	switch (*kind) {
	case INDEX_HEAD:
		return take_head(scan, err);
	case INDEX_MEMBER:
		return take_member(reader, scan, member, err);
	case INDEX_ENTRY:
		return take_entry(reader, scan, entry, err);
	}
	return err_set(err, ERR_INTERNAL, 0, "line of no kind");
}

int index_take_line(struct index_reader *reader, const char *line, size_t len,
                    enum index_line *kind, struct index_member *member,
                    struct index_entry *entry, struct err *err)
{
	enum index_line new_kind = INDEX_HEAD;

	reader->lines++;
	if (take_any_line(reader, (struct scan){ line, len }, &new_kind, member,
	                  entry, err) < 0)
		return err_wrap(err, "payload.index line %llu",
		                (unsigned long long)reader->lines);
	*kind = new_kind;
	return 0;
}

int index_finish(const struct index_reader *reader, uint64_t packed_size,
                 uint64_t plain_size, struct err *err)
{
	if (reader->members == 0)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.index has no members");
	if (reader->packed_end != packed_size ||
	    reader->plain_end != plain_size)
		return err_set(
			err, ERR_FORMAT, 0,
			"payload.index covers %llu bytes that hold %llu, "
			"not %llu and %llu",
			(unsigned long long)reader->packed_end,
			(unsigned long long)reader->plain_end,
			(unsigned long long)packed_size,
			(unsigned long long)plain_size);
	return 0;
}

/* --- writing --- */

static int add_numbers(char kind, const uint64_t *numbers, size_t count,
                       struct buf *out, struct err *err)
{
	if (buf_add(out, &kind, 1, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (buf_adds(out, " ", err) < 0 ||
		    buf_add_u64(out, numbers[i], err) < 0)
			return -1;
	return 0;
}

int index_write_head(struct buf *out, struct err *err)
{
	return buf_adds(out, HEAD_LINE "\n", err);
}

int index_write_member(const struct index_member *member, struct buf *out,
                       struct err *err)
{
	const uint64_t numbers[] = { member->packed_offset, member->packed_len,
		                     member->plain_offset, member->plain_len };
	char digest[2 * DIGEST_LEN + 1];

	text_to_hex(member->sha256, DIGEST_LEN, digest);
	if (add_numbers('m', numbers, 4, out, err) < 0 ||
	    buf_adds(out, " ", err) < 0 || buf_adds(out, digest, err) < 0)
		return -1;
	return buf_adds(out, "\n", err);
}

int index_write_entry(const struct index_entry *entry, struct buf *out,
                      struct err *err)
{
	const uint64_t numbers[] = { entry->mtree_line, entry->data_offset };

	if (add_numbers('e', numbers, 2, out, err) < 0)
		return -1;
	return buf_adds(out, "\n", err);
}
