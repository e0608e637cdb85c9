/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/tar_header.h"

#include <stdbool.h>
#include <string.h>

/* Where a ustar header has its fields (POSIX.1-1988, IEEE Std 1003.1, pax). */
enum {
	AT_NAME = 0,
	AT_MODE = 100,
	AT_UID = 108,
	AT_GID = 116,
	AT_SIZE = 124,
	AT_MTIME = 136,
	AT_CHECKSUM = 148,
	AT_TYPE = 156,
	AT_LINK = 157,
	AT_MAGIC = 257,
	AT_USER = 265,
	AT_GROUP = 297,
	AT_MAJOR = 329,
	AT_MINOR = 337,
	AT_PREFIX = 345
};

#define ID_DIGITS       7  /* of mode, owner and device fields */
#define NUMBER_DIGITS   11 /* of size and mtime */
#define BASE_256        0x80
#define CHECKSUM_DIGITS 6
#define CHECKSUM_LEN    8
#define PREFIX_MAX      155
#define OWNER           "root"
#define PAX_MODE        0644
#define PAX_NAME        "PaxHeaders/"

/* --- one block --- */

static void put_octal(uint8_t *at, size_t digits, uint64_t value)
{
	while (digits > 0) {
		at[--digits] = (uint8_t)('0' + (value & 7));
		value >>= 3;
	}
}

/* Above what octal digits hold: the GNU and star form, a big-endian number
 * behind a first byte BASE_256, over the whole field of 12 bytes. */
static void put_number(uint8_t *at, uint64_t value)
{
	if (value <= TAR_OCTAL_MAX) {
		put_octal(at, NUMBER_DIGITS, value);
		return;
	}
	at[0] = BASE_256;
	for (size_t i = NUMBER_DIGITS; i > 0; i--) {
		at[i] = (uint8_t)value;
		value >>= 8;
	}
}

static uint64_t get_number(const uint8_t *at)
{
	uint64_t value = 0;

	if (at[0] == BASE_256) {
		for (size_t i = 1; i <= NUMBER_DIGITS; i++)
			value = value << 8 | at[i];
		return value;
	}
	for (size_t i = 0; i < NUMBER_DIGITS; i++)
		value = value << 3 | (at[i] & 7);
	return value;
}

static void put_text(uint8_t *at, const char *text, size_t len)
{
	if (len > 0)
		memcpy(at, text, len);
}

/* The sum of all bytes, those of the field itself taken as blanks. */
static void put_checksum(uint8_t *block)
{
	uint64_t sum = 0;

	memset(block + AT_CHECKSUM, ' ', CHECKSUM_LEN);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += block[i];
	put_octal(block + AT_CHECKSUM, CHECKSUM_DIGITS, sum);
	block[AT_CHECKSUM + CHECKSUM_DIGITS] = '\0';
}

void tar_block_write(const struct tar_fields *fields, uint8_t out[TAR_BLOCK])
{
	memset(out, 0, TAR_BLOCK);
	put_text(out + AT_NAME, fields->name, fields->name_len);
	put_octal(out + AT_MODE, ID_DIGITS, fields->mode);
	put_octal(out + AT_UID, ID_DIGITS, 0);
	put_octal(out + AT_GID, ID_DIGITS, 0);
	put_number(out + AT_SIZE, fields->size);
	put_number(out + AT_MTIME, (uint64_t)fields->mtime);
	out[AT_TYPE] = (uint8_t)fields->type;
	put_text(out + AT_LINK, fields->link, fields->link_len);
	put_text(out + AT_MAGIC, "ustar\00000", 8);
	put_text(out + AT_USER, OWNER, sizeof OWNER - 1);
	put_text(out + AT_GROUP, OWNER, sizeof OWNER - 1);
	put_octal(out + AT_MAJOR, ID_DIGITS, 0);
	put_octal(out + AT_MINOR, ID_DIGITS, 0);
	put_text(out + AT_PREFIX, fields->prefix, fields->prefix_len);
	put_checksum(out);
}

struct tar_numbers tar_block_numbers(const uint8_t in[TAR_BLOCK])
{
	/* A time never needs base 256: 33 bits of octal digits are all. */
	return (struct tar_numbers){ get_number(in + AT_SIZE),
		                     (int64_t)(get_number(in + AT_MTIME) &
		                               TAR_OCTAL_MAX) };
}

/* --- one entry --- */

/* A path as the tar has it: a folder's ends in '/'. */
struct tar_path {
	char text[TREE_PATH_SIZE + 1];
	size_t len;
};

/* What of an entry stands in a pax header. */
struct pax_needs {
	bool path, link, size;
};

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text > 0x7f)
			return false;
	return true;
}

static void set_path(const struct mtree_entry *entry, struct tar_path *out)
{
	out->len = strlen(entry->path);
	memcpy(out->text, entry->path, out->len);
	if (entry->type == ENTRY_DIR)
		out->text[out->len++] = '/';
	out->text[out->len] = '\0';
}

/* Put the path into name and prefix; false where it had to be cut.  The last
 * slash that the prefix field can reach leaves the shortest tail, so where
 * that one is too long, all are.  A folder's own slash is no place to split. */
static bool fit_path(const struct tar_path *path, struct tar_fields *fields)
{
	size_t at = path->len > PREFIX_MAX + 1 ? PREFIX_MAX + 1 : path->len - 1;

	fields->name = path->text;
	fields->name_len = path->len;
	if (path->len <= TAR_NAME_MAX)
		return true;
	do
		at--;
	while (at > 0 && path->text[at] != '/');
	if (at == 0 || path->len - at - 1 > TAR_NAME_MAX) {
		fields->name_len = TAR_NAME_MAX;
		return false;
	}
	fields->prefix = path->text;
	fields->prefix_len = at;
	fields->name = path->text + at + 1;
	fields->name_len = path->len - at - 1;
	return true;
}

static bool fit_link(const char *link, struct tar_fields *fields)
{
	fields->link = link;
	fields->link_len = strlen(link);
	if (fields->link_len <= TAR_NAME_MAX)
		return true;
	fields->link_len = TAR_NAME_MAX;
	return false;
}

static bool fit_size(uint64_t size, struct tar_fields *fields)
{
	fields->size = size <= TAR_OCTAL_MAX ? size : 0;
	return size <= TAR_OCTAL_MAX;
}

static char type_letter(enum entry_type type)
{
	switch (type) {
	case ENTRY_FILE:
		return '0';
	case ENTRY_LINK:
		return '2';
	case ENTRY_DIR:
		return '5';
	}
	return '0';
}

/* Bytes of the record "<length> <key>=<value>\n", its own length included. */
static size_t record_len(size_t rest)
{
	size_t digits = 1;

	for (size_t bound = 10; rest + digits >= bound; bound *= 10)
		digits++;
	return rest + digits;
}

static int add_record(const char *key, const char *value, struct buf *records,
                      struct err *err)
{
	size_t rest = strlen(key) + strlen(value) + sizeof " =\n" - 1;

	if (buf_add_u64(records, record_len(rest), err) < 0 ||
	    buf_adds(records, " ", err) < 0 ||
	    buf_adds(records, key, err) < 0 ||
	    buf_adds(records, "=", err) < 0 ||
	    buf_adds(records, value, err) < 0)
		return -1;
	return buf_adds(records, "\n", err);
}

static int add_records(const struct mtree_entry *entry,
                       const struct tar_path *path, struct pax_needs needs,
                       struct buf *records, struct err *err)
{
	AUTO_BUF struct buf size = BUF_NONE;

	if (needs.path && add_record("path", path->text, records, err) < 0)
		return -1;
	if (needs.link && add_record("linkpath", entry->link, records, err) < 0)
		return -1;
	if (!needs.size)
		return 0;
	if (buf_add_u64(&size, entry->size, err) < 0)
		return -1;
	return add_record("size", buf_text(&size), records, err);
}

/* A pax header: a block of its own and the records, padded. */
static int add_pax_header(const struct buf *records, uint64_t mtree_line,
                          int64_t created, struct buf *out, struct err *err)
{
	static const uint8_t padding[TAR_BLOCK];
	AUTO_BUF struct buf name = BUF_NONE;
	struct tar_fields fields = { .mode = PAX_MODE,
		                     .size = records->len,
		                     .mtime = created,
		                     .type = 'x' };
	uint8_t block[TAR_BLOCK];

	if (buf_adds(&name, PAX_NAME, err) < 0 ||
	    buf_add_u64(&name, mtree_line, err) < 0)
		return -1;
	fields.name = name.data;
	fields.name_len = name.len;
	tar_block_write(&fields, block);
	if (buf_add(out, block, sizeof block, err) < 0 ||
	    buf_add(out, records->data, records->len, err) < 0)
		return -1;
	return buf_add(out, padding, tar_padding(records->len), err);
}

static int add_head(const struct mtree_entry *entry, uint64_t mtree_line,
                    int64_t created, struct buf *out, struct err *err)
{
	AUTO_BUF struct buf records = BUF_NONE;
	struct tar_path path;
	struct tar_fields fields = { .mode = entry->mode,
		                     .mtime = created,
		                     .type = type_letter(entry->type) };
	struct pax_needs needs;
	uint8_t block[TAR_BLOCK];

	set_path(entry, &path);
	needs.path = !fit_path(&path, &fields) || !is_ascii(path.text);
	needs.link = !fit_link(entry->link, &fields) || !is_ascii(entry->link);
	needs.size = !fit_size(entry->size, &fields);
	if (add_records(entry, &path, needs, &records, err) < 0)
		return -1;
	if (records.len > 0 &&
	    add_pax_header(&records, mtree_line, created, out, err) < 0)
		return -1;
	tar_block_write(&fields, block);
	return buf_add(out, block, sizeof block, err);
}

/* --- exported --- */

int tar_entry_head(const struct mtree_entry *entry, uint64_t mtree_line,
                   int64_t created, struct buf *out, struct err *err)
{
	size_t before = out->len;

	if (created < 0 || created > TAR_OCTAL_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "time %lld is not one that a tar header holds "
		               "(0 to %lld)",
		               (long long)created, (long long)TAR_OCTAL_MAX);
	if (add_head(entry, mtree_line, created, out, err) < 0) {
		out->len = before;
		return -1;
	}
	return 0;
}

size_t tar_padding(uint64_t size)
{
	return (size_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

bool tar_is_nul(const uint8_t *data, size_t len)
{
	return len == 0 ||
	       (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}
