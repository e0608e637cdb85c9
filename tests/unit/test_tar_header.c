/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "base/text.h"
#include "codec/tar_header.h"

#define CREATED 1767323045
#define LINE    42

#define X10     "xxxxxxxxxx"
#define X50     X10 X10 X10 X10 X10
#define X99     X50 X10 X10 X10 X10 "xxxxxxxxx"
#define X100    X50 X50
#define X150    X100 X50
#define X200    X100 X100
#define U       "\303\274" /* u with two dots */

struct head_case {
	const char *name;
	struct mtree_entry entry;
	size_t blocks;          /* of the whole head */
	const char *ustar_name; /* fields of the last block */
	const char *ustar_prefix;
	const char *records; /* of the pax header, or NULL */
};

static const struct head_case cases[] = {
	{ "file",
	  { ENTRY_FILE, 04755, 5, { 0 }, "a/b", "" },
	  1,
	  "a/b",
	  "",
	  NULL },
	{ "folder", { ENTRY_DIR, 0700, 0, { 0 }, "a", "" }, 1, "a/", "", NULL },
	{ "link",
	  { ENTRY_LINK, 0777, 0, { 0 }, "l", "../a b" },
	  1,
	  "l",
	  "",
	  NULL },
	{ "path of 100 bytes",
	  { ENTRY_FILE, 0644, 0, { 0 }, X100, "" },
	  1,
	  X100,
	  "",
	  NULL },
	{ "folder of 99 bytes",
	  { ENTRY_DIR, 0755, 0, { 0 }, X99, "" },
	  1,
	  X99 "/",
	  "",
	  NULL },
	{ "folder of 100 bytes: its own slash is no split",
	  { ENTRY_DIR, 0755, 0, { 0 }, X100, "" },
	  3,
	  X100,
	  "",
	  "111 path=" X100 "/\n" },
	{ "path of 101 bytes is split at its last slash",
	  { ENTRY_FILE,
	    0644,
	    0,
	    { 0 },
	    "a/b/" X10 "/" X50 X10 X10 X10 "/xxxxx",
	    "" },
	  1,
	  "xxxxx",
	  "a/b/" X10 "/" X50 X10 X10 X10,
	  NULL },
	{ "path of 101 bytes without slash",
	  { ENTRY_FILE, 0644, 0, { 0 }, X100 "y", "" },
	  3,
	  X100,
	  "",
	  "111 path=" X100 "y\n" },
	{ "prefix of 155 and name of 100",
	  { ENTRY_FILE, 0644, 0, { 0 }, X100 "/" X50 "xxxx/" X100, "" },
	  1,
	  X100,
	  X100 "/" X50 "xxxx",
	  NULL },
	{ "prefix of 155 and folder of 99",
	  { ENTRY_DIR, 0755, 0, { 0 }, X100 "/" X50 "xxxx/" X99, "" },
	  1,
	  X99 "/",
	  X100 "/" X50 "xxxx",
	  NULL },
	{ "slash at 156: the one before it splits",
	  { ENTRY_FILE, 0644, 0, { 0 }, X100 "/" X50 "xxxxx/" X10, "" },
	  1,
	  X50 "xxxxx/" X10,
	  X100,
	  NULL },
	{ "prefix of 156 and name of 100",
	  { ENTRY_FILE, 0644, 0, { 0 }, X100 "/" X50 "xxxxx/" X100, "" },
	  3,
	  X100,
	  "",
	  "267 path=" X100 "/" X50 "xxxxx/" X100 "\n" },
	{ "last part of 101 bytes",
	  { ENTRY_FILE, 0644, 0, { 0 }, "a/" X100 "y", "" },
	  3,
	  "a/" X50 X10 X10 X10 X10 "xxxxxxxx",
	  "",
	  "113 path=a/" X100 "y\n" },
	{ "path over 255 bytes",
	  { ENTRY_FILE, 0644, 0, { 0 }, X150 "/" X150, "" },
	  3,
	  X100,
	  "",
	  "311 path=" X150 "/" X150 "\n" },
	{ "path that is not ASCII",
	  { ENTRY_FILE, 0644, 0, { 0 }, "gr" U "n", "" },
	  3,
	  "gr" U "n",
	  "",
	  "14 path=gr" U "n\n" },
	{ "folder that is not ASCII",
	  { ENTRY_DIR, 0755, 0, { 0 }, U, "" },
	  3,
	  U "/",
	  "",
	  "12 path=" U "/\n" },
	{ "target of 100 bytes",
	  { ENTRY_LINK, 0777, 0, { 0 }, "l", X100 },
	  1,
	  "l",
	  "",
	  NULL },
	{ "target of 101 bytes",
	  { ENTRY_LINK, 0777, 0, { 0 }, "l", X100 "y" },
	  3,
	  "l",
	  "",
	  "115 linkpath=" X100 "y\n" },
	{ "target that is not ASCII",
	  { ENTRY_LINK, 0777, 0, { 0 }, "l", U },
	  3,
	  "l",
	  "",
	  "15 linkpath=" U "\n" },
	{ "largest size in octal",
	  { ENTRY_FILE, 0644, 8589934591, { 0 }, "f", "" },
	  1,
	  "f",
	  "",
	  NULL },
	{ "size above it",
	  { ENTRY_FILE, 0644, 8589934592, { 0 }, "f", "" },
	  3,
	  "f",
	  "",
	  "19 size=8589934592\n" },
	{ "largest size",
	  { ENTRY_FILE, 0644, MTREE_BYTES_MAX, { 0 }, U, "" },
	  3,
	  U,
	  "",
	  "11 path=" U "\n25 size=9007199254740991\n" },
	{ "path and target",
	  { ENTRY_LINK, 0777, 0, { 0 }, X100 "y", X200 },
	  3,
	  X100,
	  "",
	  "111 path=" X100 "y\n214 linkpath=" X200 "\n" },
	{ "longest record of two digits",
	  { ENTRY_FILE, 0644, 0, { 0 }, U X50 X10 X10 X10 "xxxxxxxx", "" },
	  3,
	  U X50 X10 X10 X10 "xxxxxxxx",
	  "",
	  "99 path=" U X50 X10 X10 X10 "xxxxxxxx\n" },
	{ "a record whose third digit makes it longer",
	  { ENTRY_FILE, 0644, 0, { 0 }, U X50 X10 X10 X10 "xxxxxxxxx", "" },
	  3,
	  U X50 X10 X10 X10 "xxxxxxxxx",
	  "",
	  "101 path=" U X50 X10 X10 X10 "xxxxxxxxx\n" },
};

#define CASES (sizeof cases / sizeof *cases)

static bool field_is(const char *block, size_t at, size_t size,
                     const char *want)
{
	size_t len = strnlen(block + at, size);

	return text_equal(block + at, len, want);
}

static void heads_hold_what_the_format_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		const struct head_case *c = &cases[i];
		AUTO_BUF struct buf head = BUF_NONE;
		struct err err;
		const char *last;

		assert_int_equal(
			tar_entry_head(&c->entry, LINE, CREATED, &head, &err),
			0);
		if (head.len != c->blocks * TAR_BLOCK)
			fail_msg("%s: %zu bytes", c->name, head.len);
		last = head.data + head.len - TAR_BLOCK;
		if (!field_is(last, 0, 100, c->ustar_name) ||
		    !field_is(last, 345, 155, c->ustar_prefix))
			fail_msg("%s: %.100s, %.155s", c->name, last,
			         last + 345);
		if (c->records == NULL)
			continue;
		if (!field_is(head.data, 0, 100, "PaxHeaders/42") ||
		    head.data[156] != 'x' ||
		    !field_is(head.data, TAR_BLOCK, TAR_BLOCK, c->records))
			fail_msg("%s: %s", c->name, head.data + TAR_BLOCK);
	}
}

/* The whole block once, field by field, so that no byte can change. */
static void a_block_is_exactly_this(void **state)
{
	static const struct mtree_entry entry = { ENTRY_LINK, 0777,  0,
		                                  { 0 },      "a/l", "../b" };
	char want[TAR_BLOCK] = { 0 };
	AUTO_BUF struct buf head = BUF_NONE;
	struct err err;

	(void)state;
	memcpy(want, "a/l", 3);
	memcpy(want + 100, "0000777", 7);
	memcpy(want + 108, "0000000", 7);
	memcpy(want + 116, "0000000", 7);
	memcpy(want + 124, "00000000000", 11);
	memcpy(want + 136, "15125632645", 11);
	memcpy(want + 148, "012037\0 ", 8);
	want[156] = '2';
	memcpy(want + 157, "../b", 4);
	memcpy(want + 257, "ustar\0", 6);
	memcpy(want + 263, "00", 2);
	memcpy(want + 265, "root", 4);
	memcpy(want + 297, "root", 4);
	memcpy(want + 329, "0000000", 7);
	memcpy(want + 337, "0000000", 7);
	assert_int_equal(tar_entry_head(&entry, 3, CREATED, &head, &err), 0);
	assert_int_equal(head.len, TAR_BLOCK);
	assert_memory_equal(head.data, want, TAR_BLOCK);
}

/* All cases in one archive; only small bodies are written. */
static void write_archive(struct buf *out)
{
	static const char zeros[TAR_END];
	struct err err;

	for (size_t i = 0; i < CASES; i++) {
		const struct mtree_entry *entry = &cases[i].entry;

		if (entry->size > 512)
			continue;
		assert_int_equal(
			tar_entry_head(entry, i + 3, CREATED, out, &err), 0);
		assert_int_equal(
			buf_add(out, zeros,
		                (size_t)entry->size + tar_padding(entry->size),
		                &err),
			0);
	}
	assert_int_equal(buf_add(out, zeros, TAR_END, &err), 0);
}

static void check_entry(const struct head_case *c, struct archive_entry *entry)
{
	char path[TREE_PATH_SIZE + 1];
	const char *got = archive_entry_pathname(entry);
	const char *link = archive_entry_symlink(entry);

	(void)snprintf(path, sizeof path, "%s%s", c->entry.path,
	               c->entry.type == ENTRY_DIR ? "/" : "");
	if (got == NULL || strcmp(got, path) != 0)
		fail_msg("%s: path %s", c->name, got != NULL ? got : "NULL");
	if (strcmp(link != NULL ? link : "", c->entry.link) != 0)
		fail_msg("%s: link %s", c->name, link != NULL ? link : "NULL");
	if ((uint64_t)archive_entry_size(entry) != c->entry.size ||
	    archive_entry_mtime(entry) != CREATED ||
	    archive_entry_perm(entry) != c->entry.mode ||
	    archive_entry_uid(entry) != 0 || archive_entry_gid(entry) != 0 ||
	    strcmp(archive_entry_uname(entry), "root") != 0)
		fail_msg("%s: size, time, mode or owner", c->name);
}

static void libarchive_reads_the_same_entries(void **state)
{
	AUTO_BUF struct buf tar = BUF_NONE;
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;

	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	write_archive(&tar);
	assert_int_equal(archive_read_support_format_tar(archive), ARCHIVE_OK);
	assert_int_equal(archive_read_open_memory(archive, tar.data, tar.len),
	                 ARCHIVE_OK);
	for (size_t i = 0; i < CASES; i++) {
		if (cases[i].entry.size > 512)
			continue;
		if (archive_read_next_header(archive, &entry) != ARCHIVE_OK)
			fail_msg("%s: not read", cases[i].name);
		check_entry(&cases[i], entry);
	}
	assert_int_equal(archive_read_next_header(archive, &entry),
	                 ARCHIVE_EOF);
	assert_int_equal(archive_read_free(archive), ARCHIVE_OK);
}

/* Sizes that no test can write: libarchive reads the head alone. */
static void libarchive_reads_large_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		AUTO_BUF struct buf tar = BUF_NONE;
		struct archive *archive = archive_read_new();
		struct archive_entry *entry;
		struct err err;

		if (cases[i].entry.size > 512) {
			assert_int_equal(tar_entry_head(&cases[i].entry, 3,
			                                CREATED, &tar, &err),
			                 0);
			archive_read_support_format_tar(archive);
			archive_read_open_memory(archive, tar.data, tar.len);
			assert_int_equal(
				archive_read_next_header(archive, &entry),
				ARCHIVE_OK);
			check_entry(&cases[i], entry);
		}
		archive_read_free(archive);
	}
}

static void times_end_where_octal_digits_do(void **state)
{
	static const struct mtree_entry entry = { .type = ENTRY_DIR,
		                                  .path = "a" };
	AUTO_BUF struct buf head = BUF_NONE;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(tar_entry_head(&entry, 3, TAR_OCTAL_MAX, &head, &err),
	                 0);
	assert_memory_equal(head.data + 136, "77777777777", 12);
	assert_int_equal(tar_entry_head(&entry, 3, (int64_t)TAR_OCTAL_MAX + 1,
	                                &head, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(tar_entry_head(&entry, 3, -1, &head, &err), -1);
	assert_int_equal(head.len, TAR_BLOCK);
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
	struct err err;

	(void)state;
	for (size_t max = 0; max < 3 * TAR_BLOCK; max += 100) {
		AUTO_BUF struct buf head = BUF_LIMIT(max);

		assert_int_equal(tar_entry_head(&cases[5].entry, 3, CREATED,
		                                &head, &err),
		                 -1);
		assert_int_equal(err.code, ERR_LIMIT);
		assert_int_equal(head.len, 0);
	}
}

static void padding_fills_the_last_block(void **state)
{
	(void)state;
	assert_int_equal(tar_padding(0), 0);
	assert_int_equal(tar_padding(1), 511);
	assert_int_equal(tar_padding(511), 1);
	assert_int_equal(tar_padding(512), 0);
	assert_int_equal(tar_padding(UINT64_MAX), 1);
}

static void sizes_above_octal_are_written_in_base_256(void **state)
{
	static const uint8_t want[12] = {
		0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1
	};
	const struct tar_fields fields = {
		.name = "f", .name_len = 1, .size = 8589934593, .type = '0'
	};
	uint8_t block[TAR_BLOCK];

	(void)state;
	tar_block_write(&fields, block);
	assert_memory_equal(block + 124, want, sizeof want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_hold_what_the_format_says),
		cmocka_unit_test(a_block_is_exactly_this),
		cmocka_unit_test(libarchive_reads_the_same_entries),
		cmocka_unit_test(libarchive_reads_large_sizes),
		cmocka_unit_test(times_end_where_octal_digits_do),
		cmocka_unit_test(a_full_buffer_is_left_as_it_was),
		cmocka_unit_test(padding_fills_the_last_block),
		cmocka_unit_test(sizes_above_octal_are_written_in_base_256),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tar_header", tests, NULL, NULL);
}
