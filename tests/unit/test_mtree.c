/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/mtree.h"
#include "codec/tar_header.h"

#define HEAD "#mtree\n/set type=file uid=0 gid=0 time=7.0\n"
#define DIGEST                                                                 \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define DIR    " type=dir mode=0755\n"
#define FILE_5 " mode=0644 size=5 sha256digest=" DIGEST "\n"
#define LINK   " type=link mode=0777 link="

/* Feed a text line by line, as base/lines does.  Returns 0, or -1 with err. */
static int read_all(const char *text, struct mtree_reader *reader,
                    struct buf *again, struct err *err)
{
	static struct mtree_entry entry;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		int got = mtree_take_line(reader, text, len, &entry, err);

		if (got < 0)
			return -1;
		if (got == 1 && mtree_write_entry(&entry, again, err) < 0)
			return -1;
		if (reader->line == MTREE_HEAD_LINES &&
		    mtree_write_head(reader->created, again, err) < 0)
			return -1;
		text += len + (text[len] == '\n');
	}
	return 0;
}

struct mtree_case {
	const char *name, *text;
	enum err_code want;
};

static const struct mtree_case cases[] = {
	{ "file, folder and link",
	  HEAD "./a" DIR "./a/f" FILE_5 "./a/l" LINK "../x/y\n", ERR_NONE },
	{ "all modes", HEAD "./a type=dir mode=0000\n./b type=dir mode=7777\n",
	  ERR_NONE },
	{ "escapes",
	  HEAD "./a\\040b\\303\\274\\134\\043\\052\\077\\133\\075" FILE_5,
	  ERR_NONE },
	{ "escapes in a target", HEAD "./l" LINK "\\052x\\040\n", ERR_NONE },
	{ "what a folder holds comes before longer names",
	  HEAD "./a" DIR "./a/b" DIR "./a/b/c" FILE_5 "./a/b.c" DIR
	       "./a/b.c/d" FILE_5 "./a/c" FILE_5 "./a-b" DIR "./a-b/c" FILE_5
	       "./a-b.c" FILE_5 "./a.b" FILE_5 "./a0" FILE_5,
	  ERR_NONE },
	{ "folder and its twin in a blank",
	  HEAD "./a" DIR "./a/b" FILE_5 "./a\\040" DIR "./a\\040/b" FILE_5,
	  ERR_NONE },
	{ "an empty folder and what lies beside it",
	  HEAD "./a" DIR "./a/b" DIR "./a/b/c" DIR "./a/d" FILE_5 "./e" FILE_5,
	  ERR_NONE },

	{ "wrong first line", "#mtree v2.0\n", ERR_FORMAT },
	{ "entry as first line", "./a" DIR, ERR_FORMAT },
	{ "no /set line", "#mtree\n./a" DIR, ERR_FORMAT },
	{ "another /set line", "#mtree\n/set type=file uid=1 gid=0 time=7.0\n",
	  ERR_FORMAT },
	{ "time with a leading zero",
	  "#mtree\n/set type=file uid=0 gid=0 time=07.0\n", ERR_FORMAT },
	{ "time with another fraction",
	  "#mtree\n/set type=file uid=0 gid=0 time=7.00\n", ERR_FORMAT },
	{ "no time", "#mtree\n/set type=file uid=0 gid=0 time=.0\n",
	  ERR_FORMAT },
	{ "time at its limit",
	  "#mtree\n/set type=file uid=0 gid=0 time=8589934591.0\n", ERR_NONE },
	{ "time above its limit",
	  "#mtree\n/set type=file uid=0 gid=0 time=8589934592.0\n", ERR_LIMIT },
	{ "a second /set line", HEAD "/set type=file uid=0 gid=0 time=7.0\n",
	  ERR_FORMAT },
	{ "comment", HEAD "# hello\n", ERR_FORMAT },
	{ "empty line", HEAD "\n", ERR_FORMAT },

	{ "no ./", HEAD "a" DIR, ERR_FORMAT },
	{ "path ..", HEAD "./.." DIR, ERR_FORMAT },
	{ "path with ..", HEAD "./a" DIR "./a/../b" DIR, ERR_FORMAT },
	{ "empty path", HEAD "./" DIR, ERR_FORMAT },
	{ "escaped NUL", HEAD "./a\\000" DIR, ERR_FORMAT },
	{ "escaped newline", HEAD "./a\\012" DIR, ERR_FORMAT },
	{ "escaped letter", HEAD "./\\141" DIR, ERR_FORMAT },
	{ "escaped slash", HEAD "./a" DIR "./a\\057b" DIR, ERR_FORMAT },
	{ "escape above a byte", HEAD "./\\440" DIR, ERR_FORMAT },
	{ "escape of two digits", HEAD "./\\04" DIR, ERR_FORMAT },
	{ "escape with 8", HEAD "./\\048" DIR, ERR_FORMAT },
	{ "raw byte above 0x7e", HEAD "./\303\274" DIR, ERR_FORMAT },
	{ "raw tab", HEAD "./a\tb" DIR, ERR_FORMAT },
	{ "raw #", HEAD "./a#" DIR, ERR_FORMAT },
	{ "raw =", HEAD "./a=b" DIR, ERR_FORMAT },
	{ "raw [ in a target", HEAD "./a" LINK "[\n", ERR_FORMAT },
	{ "invalid UTF-8", HEAD "./\\303" DIR, ERR_FORMAT },

	{ "no fields", HEAD "./a\n", ERR_FORMAT },
	{ "two blanks", HEAD "./a  type=dir mode=0755\n", ERR_FORMAT },
	{ "trailing blank", HEAD "./a type=dir mode=0755 \n", ERR_FORMAT },
	{ "mode of three digits", HEAD "./a type=dir mode=755\n", ERR_FORMAT },
	{ "mode of five digits", HEAD "./a type=dir mode=00755\n", ERR_FORMAT },
	{ "mode with 8", HEAD "./a type=dir mode=0758\n", ERR_FORMAT },
	{ "folder with size", HEAD "./a type=dir mode=0755 size=1\n",
	  ERR_FORMAT },
	{ "device", HEAD "./a type=char mode=0644\n", ERR_FORMAT },
	{ "explicit type=file", HEAD "./a type=file" FILE_5, ERR_FORMAT },
	{ "link of another mode", HEAD "./a type=link mode=0755 link=b\n",
	  ERR_FORMAT },
	{ "link without target", HEAD "./a" LINK "\n", ERR_FORMAT },
	{ "link with a tail", HEAD "./a" LINK "b c\n", ERR_FORMAT },
	{ "file without size", HEAD "./a mode=0644 sha256digest=" DIGEST "\n",
	  ERR_FORMAT },
	{ "size with a leading zero",
	  HEAD "./a mode=0644 size=05 sha256digest=" DIGEST "\n", ERR_FORMAT },
	{ "negative size",
	  HEAD "./a mode=0644 size=-1 sha256digest=" DIGEST "\n", ERR_FORMAT },
	{ "size at its limit",
	  HEAD "./a mode=0644 size=9007199254740991 sha256digest=" DIGEST "\n",
	  ERR_NONE },
	{ "size above its limit",
	  HEAD "./a mode=0644 size=9007199254740992 sha256digest=" DIGEST "\n",
	  ERR_LIMIT },
	{ "sizes above their limit together",
	  HEAD "./a mode=0644 size=9007199254740991 sha256digest=" DIGEST "\n"
	       "./b mode=0644 size=1 sha256digest=" DIGEST "\n",
	  ERR_LIMIT },
	{ "file without digest", HEAD "./a mode=0644 size=5\n", ERR_FORMAT },
	{ "short digest", HEAD "./a mode=0644 size=5 sha256digest=00\n",
	  ERR_FORMAT },
	{ "upper-case digest",
	  HEAD "./a mode=0644 size=5 sha256digest=E3B0C44298fc1c149afbf4c8996f"
	       "b92427ae41e4649b934ca495991b7852b855\n",
	  ERR_FORMAT },
	{ "text behind the digest",
	  HEAD "./a mode=0644 size=5 sha256digest=" DIGEST " x\n", ERR_FORMAT },

	{ "same path twice", HEAD "./a" DIR "./a" DIR, ERR_FORMAT },
	{ "wrong order", HEAD "./b" DIR "./a" DIR, ERR_FORMAT },
	{ "order of whole paths", HEAD "./a" DIR "./a.b" FILE_5 "./a/b" FILE_5,
	  ERR_FORMAT },
	{ "back to a folder",
	  HEAD "./a" DIR "./a/b" FILE_5 "./b" DIR "./a/c" FILE_5, ERR_FORMAT },
	{ "order by unescaped bytes", HEAD "./a0" DIR "./a\\040" DIR,
	  ERR_FORMAT },
	{ "no parent", HEAD "./a/b" FILE_5, ERR_FORMAT },
	{ "no grandparent", HEAD "./a" DIR "./a/b/c" FILE_5, ERR_FORMAT },
	{ "parent is a file", HEAD "./a" FILE_5 "./a/b" FILE_5, ERR_FORMAT },
	{ "parent is a link", HEAD "./a" LINK "b\n./a/b" FILE_5, ERR_FORMAT },
	{ "parent is a prefix only", HEAD "./a" DIR "./ab/c" FILE_5,
	  ERR_FORMAT },
	{ "parent is the longer twin", HEAD "./a.b" DIR "./a.b.c/d" FILE_5,
	  ERR_FORMAT },
	{ "parent is a file below a folder",
	  HEAD "./a" DIR "./a/b" FILE_5 "./a/b/c" FILE_5, ERR_FORMAT },
	{ "parent is the end of the folder's name",
	  HEAD "./ab" DIR "./ab/b" DIR "./b/c" FILE_5, ERR_FORMAT },
	{ "parent is a sibling's",
	  HEAD "./a" DIR "./a/b" DIR "./a0" DIR "./a0/b/c" FILE_5, ERR_FORMAT },
};

static void reads_what_it_writes_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct mtree_case *c = &cases[i];
		AUTO_BUF struct buf again = BUF_NONE;
		struct mtree_reader reader = MTREE_READER_INIT;
		struct err err = { 0 };
		char text[ERR_TEXT_MAX];

		if (read_all(c->text, &reader, &again, &err) == 0 &&
		    strcmp(buf_text(&again), c->text) != 0)
			fail_msg("%s: written again: %s", c->name,
			         buf_text(&again));
		if (err.code != c->want)
			fail_msg("%s: %d, %s", c->name, (int)err.code,
			         err_format(&err, text, sizeof text));
	}
}

static void gives_the_values_of_each_entry(void **state)
{
	static struct mtree_entry entry;
	struct mtree_reader reader = { .line = 2 };
	struct err err;
	const char *file = "./a\\040b mode=4755 size=12 sha256digest=" DIGEST;
	const char *link = "./b" LINK "..\\052";
	const char *dir = "./c type=dir mode=1777";

	(void)state;
	assert_int_equal(
		mtree_take_line(&reader, file, strlen(file), &entry, &err), 1);
	assert_int_equal(entry.type, ENTRY_FILE);
	assert_int_equal(entry.mode, 04755);
	assert_int_equal(entry.size, 12);
	assert_int_equal(entry.sha256[0], 0xe3);
	assert_int_equal(entry.sha256[31], 0x55);
	assert_string_equal(entry.path, "a b");
	assert_string_equal(entry.link, "");

	assert_int_equal(
		mtree_take_line(&reader, link, strlen(link), &entry, &err), 1);
	assert_int_equal(entry.type, ENTRY_LINK);
	assert_int_equal(entry.mode, 0777);
	assert_int_equal(entry.size, 0);
	assert_int_equal(entry.sha256[0], 0);
	assert_string_equal(entry.path, "b");
	assert_string_equal(entry.link, "..*");

	assert_int_equal(
		mtree_take_line(&reader, dir, strlen(dir), &entry, &err), 1);
	assert_int_equal(entry.type, ENTRY_DIR);
	assert_int_equal(entry.mode, 01777);
	assert_string_equal(entry.link, "");
	assert_int_equal(reader.entries, 3);
	assert_int_equal(reader.bytes, 12);
}

static void a_failure_names_the_line(void **state)
{
	AUTO_BUF struct buf again = BUF_NONE;
	struct mtree_reader reader = MTREE_READER_INIT;
	struct err err;
	char text[ERR_TEXT_MAX];

	(void)state;
	assert_int_equal(
		read_all(HEAD "./a" DIR "./b/c" DIR, &reader, &again, &err),
		-1);
	assert_string_equal(err_format(&err, text, sizeof text),
	                    "payload.mtree line 4: no entry before 'b/c' is "
	                    "its folder");
}

static void refuses_a_nul_in_a_line(void **state)
{
	static struct mtree_entry entry;
	struct mtree_reader reader = { .line = 2 };
	struct err err = { 0 };
	const char line[] = "./a\0b type=dir mode=0755";

	(void)state;
	assert_int_equal(
		mtree_take_line(&reader, line, sizeof line - 1, &entry, &err),
		-1);
	assert_int_equal(err.code, ERR_FORMAT);
}

/* Whether a folder named @path of @len bytes, all escaped, is read. */
static enum err_code take_long(size_t len)
{
	static char line[4 * (TREE_PATH_SIZE + 1) + 64];
	static struct mtree_entry entry;
	struct mtree_reader reader = { .line = 2 };
	struct err err = { 0 };
	size_t at = 2;

	memcpy(line, "./", 2);
	for (size_t i = 0; i < len; i++)
		at += (size_t)sprintf(line + at, "\\075");
	at += (size_t)sprintf(line + at, "%s", " type=link mode=0777 link=x");
	(void)!mtree_take_line(&reader, line, at, &entry, &err);
	return err.code;
}

static void path_length_ends_at_the_limit(void **state)
{
	(void)state;
	assert_int_equal(take_long(TREE_COMPONENT_MAX), ERR_NONE);
	assert_int_equal(take_long(TREE_COMPONENT_MAX + 1), ERR_LIMIT);
	assert_int_equal(take_long(TREE_PATH_SIZE), ERR_LIMIT);
}

static void line_length_ends_at_the_limit(void **state)
{
	static char line[MTREE_LINE_MAX + 1];
	static struct mtree_entry entry;
	struct err err = { 0 };
	struct mtree_reader reader = { .line = 2 };

	(void)state;
	memset(line, 'a', sizeof line);
	memcpy(line, "./a ", 4);
	assert_int_equal(
		mtree_take_line(&reader, line, MTREE_LINE_MAX, &entry, &err),
		-1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(mtree_take_line(&reader, line, MTREE_LINE_MAX + 1,
	                                 &entry, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void entry_count_ends_at_the_limit(void **state)
{
	static struct mtree_entry entry;
	struct mtree_reader reader = { .line = 2,
		                       .entries = MTREE_ENTRIES_MAX - 1 };
	struct err err = { 0 };
	const char *first = "./a type=dir mode=0755";
	const char *second = "./b type=dir mode=0755";

	(void)state;
	assert_int_equal(
		mtree_take_line(&reader, first, strlen(first), &entry, &err),
		1);
	assert_int_equal(
		mtree_take_line(&reader, second, strlen(second), &entry, &err),
		-1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static int take_folder(struct mtree_reader *reader, const char *path,
                       struct err *err)
{
	static struct mtree_entry entry;
	AUTO_BUF struct buf line = BUF_NONE;

	assert_int_equal(
		buf_printf(&line, err, "./%s type=dir mode=0755", path), 0);
	return mtree_take_line(reader, line.data, line.len, &entry, err);
}

/* Down as deep as a path can, and then beside each of those folders. */
static void a_tree_may_be_as_deep_as_a_path_allows(void **state)
{
	static char path[TREE_PATH_SIZE];
	struct mtree_reader reader = { .line = 2 };
	struct err err;
	size_t len;

	(void)state;
	for (len = 1; len < TREE_PATH_SIZE; len += 2) {
		memcpy(path + len - 1, "a", 2);
		if (take_folder(&reader, path, &err) != 1)
			fail_msg("%zu bytes: %s", len, err.text);
		path[len] = '/';
	}
	for (len -= 2; len < TREE_PATH_SIZE; len -= 2) {
		memcpy(path + len - 1, "b", 2);
		if (take_folder(&reader, path, &err) != 1)
			fail_msg("beside %zu bytes: %s", len, err.text);
	}
	assert_int_equal(reader.entries, TREE_PATH_SIZE);
}

#define ALL_LETTERS "a-/0" /* bytes below and above '/' */
#define ALL_LEN     5

static int compare_paths(const void *a, const void *b)
{
	return tree_path_compare(a, b);
}

/* The other direction: no tree is refused.  All paths of up to ALL_LEN bytes
 * of four letters make a tree in which every folder has every neighbour. */
static void accepts_the_tree_of_all_short_paths(void **state)
{
	static char paths[2048][ALL_LEN + 1];
	struct mtree_reader reader = { .line = 2 };
	size_t count = 0;
	struct err err;

	(void)state;
	for (size_t len = 1; len <= ALL_LEN; len++)
		for (unsigned code = 0; code < 1U << 2 * len; code++) {
			char *path = paths[count];

			for (size_t i = 0; i < len; i++)
				path[i] = ALL_LETTERS[code >> 2 * i & 3];
			path[len] = '\0';
			count += tree_path_check(path, len, &err) == 0;
		}
	assert_true(count > 500);
	qsort(paths, count, sizeof *paths, compare_paths);
	for (size_t i = 0; i < count; i++)
		if (take_folder(&reader, paths[i], &err) != 1)
			fail_msg("%s: %s", paths[i], err.text);
}

static void holds_the_counts_against_release_ini(void **state)
{
	struct mtree_reader reader = { .entries = 2, .bytes = 10 };
	struct mtree_reader empty = MTREE_READER_INIT;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(mtree_finish(&reader, 2, 10, &err), 0);
	assert_int_equal(mtree_finish(&reader, 3, 10, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(mtree_finish(&reader, 2, 9, &err), -1);
	assert_int_equal(mtree_finish(&empty, 0, 0, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
}

static const struct {
	const char *name;
	struct mtree_entry entry;
	enum err_code want;
} unwritable[] = {
	{ "bad path", { .type = ENTRY_DIR, .path = "a/../b" }, ERR_FORMAT },
	{ "bad target", { .type = ENTRY_LINK, .path = "a" }, ERR_FORMAT },
	{ "bad mode",
	  { .type = ENTRY_DIR, .mode = 010000, .path = "a" },
	  ERR_FORMAT },
	{ "bad size",
	  { .type = ENTRY_FILE, .size = MTREE_BYTES_MAX + 1, .path = "a" },
	  ERR_LIMIT },
};

static void refuses_to_write_what_it_would_not_read(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof unwritable / sizeof *unwritable; i++) {
		err.code = ERR_NONE;
		if (mtree_write_entry(&unwritable[i].entry, &out, &err) != -1 ||
		    err.code != unwritable[i].want)
			fail_msg("%s: code %d", unwritable[i].name,
			         (int)err.code);
	}
	assert_int_equal(mtree_write_head(-1, &out, &err), -1);
	assert_int_equal(mtree_write_head(TAR_OCTAL_MAX + 1, &out, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(mtree_write_head(TAR_OCTAL_MAX, &out, &err), 0);
}

static void a_full_buffer_is_a_limit(void **state)
{
	static const struct mtree_entry entry = { .type = ENTRY_LINK,
		                                  .path = "a b",
		                                  .link = "c d" };
	AUTO_BUF struct buf whole = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(mtree_write_entry(&entry, &whole, &err), 0);
	for (size_t max = 0; max < whole.len; max++) {
		AUTO_BUF struct buf small = BUF_LIMIT(max);

		assert_int_equal(mtree_write_entry(&entry, &small, &err), -1);
		assert_int_equal(err.code, ERR_LIMIT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_writes_and_nothing_else),
		cmocka_unit_test(gives_the_values_of_each_entry),
		cmocka_unit_test(a_failure_names_the_line),
		cmocka_unit_test(refuses_a_nul_in_a_line),
		cmocka_unit_test(path_length_ends_at_the_limit),
		cmocka_unit_test(line_length_ends_at_the_limit),
		cmocka_unit_test(entry_count_ends_at_the_limit),
		cmocka_unit_test(a_tree_may_be_as_deep_as_a_path_allows),
		cmocka_unit_test(accepts_the_tree_of_all_short_paths),
		cmocka_unit_test(holds_the_counts_against_release_ini),
		cmocka_unit_test(refuses_to_write_what_it_would_not_read),
		cmocka_unit_test(a_full_buffer_is_a_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mtree", tests, NULL, NULL);
}
