/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/payload_index.h"

#define HEAD "# payload.index 1\n"
#define DIGEST                                                                 \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define FIRST HEAD "m 0 40 0 4096 " DIGEST "\n"

struct reading {
	struct index_reader reader;
	struct index_member member;
	struct index_entry entry;
	enum index_line kind;
	struct buf again;
};

static int write_again(struct reading *r, struct err *err)
{
	switch (r->kind) {
	case INDEX_HEAD:
		return index_write_head(&r->again, err);
	case INDEX_MEMBER:
		return index_write_member(&r->member, &r->again, err);
	case INDEX_ENTRY:
		return index_write_entry(&r->entry, &r->again, err);
	}
	return -1;
}

static int read_all(const char *text, struct reading *r, struct err *err)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		if (index_take_line(&r->reader, text, len, &r->kind, &r->member,
		                    &r->entry, err) < 0 ||
		    write_again(r, err) < 0)
			return -1;
		text += len + (text[len] == '\n');
	}
	return 0;
}

static const struct {
	const char *name, *text;
	enum err_code want;
} cases[] = {
	{ "members and entries",
	  FIRST "m 40 21 4096 262144 " DIGEST "\ne 3 512\ne 5 1536\n",
	  ERR_NONE },
	{ "no entries", FIRST, ERR_NONE },
	{ "lengths at their limits", HEAD "m 0 524288 0 262144 " DIGEST "\n",
	  ERR_NONE },
	{ "packed length above its limit",
	  HEAD "m 0 524289 0 262144 " DIGEST "\n", ERR_LIMIT },
	{ "plain length above its limit",
	  HEAD "m 0 524288 0 262145 " DIGEST "\n", ERR_LIMIT },
	{ "last line of the tree", FIRST "e 1000002 512\n", ERR_NONE },
	{ "line beyond any tree", FIRST "e 1000003 512\n", ERR_LIMIT },
	{ "another version", "# payload.index 2\n", ERR_FORMAT },
	{ "no head", "m 0 40 0 100 " DIGEST "\n", ERR_FORMAT },
	{ "head twice", HEAD HEAD, ERR_FORMAT },
	{ "empty line", FIRST "\n", ERR_FORMAT },
	{ "unknown line", FIRST "x 1\n", ERR_FORMAT },
	{ "member not at 0", HEAD "m 1 40 0 100 " DIGEST "\n", ERR_FORMAT },
	{ "tar not at 0", HEAD "m 0 40 1 100 " DIGEST "\n", ERR_FORMAT },
	{ "empty packed member", HEAD "m 0 0 0 100 " DIGEST "\n", ERR_FORMAT },
	{ "empty plain member", HEAD "m 0 40 0 0 " DIGEST "\n", ERR_FORMAT },
	{ "gap", FIRST "m 41 40 4096 100 " DIGEST "\n", ERR_FORMAT },
	{ "overlap", FIRST "m 39 40 4096 100 " DIGEST "\n", ERR_FORMAT },
	{ "gap in the tar", FIRST "m 40 40 4097 100 " DIGEST "\n", ERR_FORMAT },
	{ "overlap in the tar", FIRST "m 40 40 4095 100 " DIGEST "\n",
	  ERR_FORMAT },
	{ "offset above 2^53 - 1", HEAD "m 9007199254740992 1 0 1 " DIGEST "\n",
	  ERR_LIMIT },
	{ "member behind an entry",
	  FIRST "e 3 512\nm 40 40 4096 100 " DIGEST "\n", ERR_FORMAT },
	{ "leading zero", HEAD "m 0 040 0 100 " DIGEST "\n", ERR_FORMAT },
	{ "two blanks", HEAD "m  0 40 0 100 " DIGEST "\n", ERR_FORMAT },
	{ "trailing blank", HEAD "m 0 40 0 100 " DIGEST " \n", ERR_FORMAT },
	{ "short digest", HEAD "m 0 40 0 100 00\n", ERR_FORMAT },
	{ "no digest", HEAD "m 0 40 0 100\n", ERR_FORMAT },
	{ "no lengths", HEAD "m 0\n", ERR_FORMAT },
	{ "entry without offset", FIRST "e 3\n", ERR_FORMAT },
	{ "entry with a tail", FIRST "e 3 512 1\n", ERR_FORMAT },
	{ "entry of a head line", FIRST "e 2 512\n", ERR_FORMAT },
	{ "entry at 0", FIRST "e 3 0\n", ERR_FORMAT },
	{ "entry between blocks", FIRST "e 3 513\n", ERR_FORMAT },
	{ "entry in the last block", FIRST "e 3 3584\n", ERR_NONE },
	{ "entry behind the tar", FIRST "e 3 4096\n", ERR_FORMAT },
	{ "entry twice", FIRST "e 3 512\ne 3 1024\n", ERR_FORMAT },
	{ "lines descend", FIRST "e 4 512\ne 3 1024\n", ERR_FORMAT },
	{ "offsets descend", FIRST "e 3 1024\ne 4 512\n", ERR_FORMAT },
	{ "same bytes twice", FIRST "e 3 512\ne 4 512\n", ERR_FORMAT },
};

static void reads_what_it_writes_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reading r = { .again = BUF_NONE };
		struct err err = { 0 };
		char text[ERR_TEXT_MAX];

		if (read_all(cases[i].text, &r, &err) == 0 &&
		    strcmp(buf_text(&r.again), cases[i].text) != 0)
			fail_msg("%s: written again: %s", cases[i].name,
			         buf_text(&r.again));
		if (err.code != cases[i].want)
			fail_msg("%s: %d, %s", cases[i].name, (int)err.code,
			         err_format(&err, text, sizeof text));
		buf_done(&r.again);
	}
}

static void gives_the_values_of_each_line(void **state)
{
	struct reading r = { .again = BUF_NONE };
	struct err err;

	(void)state;
	assert_int_equal(read_all(FIRST "e 7 1024\n", &r, &err), 0);
	assert_int_equal(r.kind, INDEX_ENTRY);
	assert_int_equal(r.member.packed_offset, 0);
	assert_int_equal(r.member.packed_len, 40);
	assert_int_equal(r.member.plain_offset, 0);
	assert_int_equal(r.member.plain_len, 4096);
	assert_int_equal(r.member.sha256[0], 0xe3);
	assert_int_equal(r.entry.mtree_line, 7);
	assert_int_equal(r.entry.data_offset, 1024);
	assert_int_equal(r.reader.members, 1);
	assert_int_equal(r.reader.entries, 1);
	buf_done(&r.again);
}

static void outputs_are_untouched_by_a_refused_line(void **state)
{
	const char *const lines[] = { "m 0 40 0 100 00",
		                      ("m 1 40 0 100 " DIGEST), "e 3",
		                      "e 3 512", "x" };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct index_reader reader = { .lines = 1 };
		enum index_line kind = INDEX_HEAD;
		struct index_member member = { .packed_len = 77 };
		struct index_entry entry = { .mtree_line = 77 };

		assert_int_equal(index_take_line(&reader, lines[i],
		                                 strlen(lines[i]), &kind,
		                                 &member, &entry, &err),
		                 -1);
		if (kind != INDEX_HEAD || member.packed_len != 77 ||
		    entry.mtree_line != 77)
			fail_msg("touched by '%s'", lines[i]);
	}
}

static void line_length_ends_at_the_limit(void **state)
{
	char line[INDEX_LINE_MAX + 1];
	struct reading r = { .reader = { .lines = 1 } };
	struct err err = { 0 };

	(void)state;
	memset(line, 'm', sizeof line);
	assert_int_equal(index_take_line(&r.reader, line, INDEX_LINE_MAX,
	                                 &r.kind, &r.member, &r.entry, &err),
	                 -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(index_take_line(&r.reader, line, INDEX_LINE_MAX + 1,
	                                 &r.kind, &r.member, &r.entry, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void the_tiling_ends_at_the_limit(void **state)
{
	static const char last[] = "m 9007199254740990 1 0 1 " DIGEST;
	static const char next[] = "m 9007199254740991 1 1 1 " DIGEST;
	struct reading r = { .reader = { .lines = 1,
		                         .packed_end = INDEX_SIZE_MAX - 1 } };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(index_take_line(&r.reader, last, strlen(last), &r.kind,
	                                 &r.member, &r.entry, &err),
	                 0);
	assert_int_equal(index_take_line(&r.reader, next, strlen(next), &r.kind,
	                                 &r.member, &r.entry, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void the_tiling_ends_where_the_files_do(void **state)
{
	struct reading r = { .again = BUF_NONE };
	struct index_reader empty = INDEX_READER_INIT;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(read_all(FIRST, &r, &err), 0);
	assert_int_equal(index_finish(&r.reader, 40, 4096, &err), 0);
	assert_int_equal(index_finish(&r.reader, 41, 4096, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(index_finish(&r.reader, 40, 4095, &err), -1);
	assert_int_equal(index_finish(&empty, 0, 0, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	buf_done(&r.again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_writes_and_nothing_else),
		cmocka_unit_test(gives_the_values_of_each_line),
		cmocka_unit_test(outputs_are_untouched_by_a_refused_line),
		cmocka_unit_test(line_length_ends_at_the_limit),
		cmocka_unit_test(the_tiling_ends_at_the_limit),
		cmocka_unit_test(the_tiling_ends_where_the_files_do),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("payload_index", tests, NULL, NULL);
}
