/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/ini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "codec/ini_write.h"

#define TEN         "0123456789"
#define FIFTY       TEN TEN TEN TEN TEN
#define FORTY_NINE  TEN TEN TEN TEN "012345678"
#define VALUE_195   FIFTY FIFTY FIFTY TEN TEN TEN TEN "01234"
#define LINE_199    "k = " VALUE_195
#define COMMENT_199 "# 45" VALUE_195

/* What was given, as "line[section]key=value;". */
static int note(void *context, const struct ini_item *item, struct err *err)
{
	return buf_printf(context, err, "%u[%s]%s=%s;", item->line,
	                  item->section, item->key, item->value);
}

static const struct ini_case {
	const char *name;
	enum ini_dialect dialect;
	const char *text;
	enum err_code code;
	const char *want; /* what was given; NULL: not compared */
} cases[] = {
	{ "nothing", INI_CANONICAL, "", ERR_NONE, "" },
	{ "keys and sections", INI_CANONICAL,
	  "a = 1\n\n[s]\nb = x = y: z\n[t.u-v/w]\na=2\n", ERR_NONE,
	  "1[]a=1;4[s]b=x = y: z;6[t.u-v/w]a=2;" },
	{ "comments where they may be", INI_COMMENTED,
	  "# c = d ; e\na = 1\n#\n[s]\n#[t]\nb = 2\n", ERR_NONE,
	  "2[]a=1;6[s]b=2;" },
	{ "a hash inside a value", INI_CANONICAL, "a = 1 # x\n", ERR_NONE,
	  "1[]a=1 # x;" },
	{ "the same key in two sections", INI_CANONICAL, "a = 1\n[s]\na = 2\n",
	  ERR_NONE, "1[]a=1;3[s]a=2;" },
	{ "a line of 199 bytes", INI_CANONICAL, LINE_199 "\n", ERR_NONE, NULL },
	{ "a line of 200 bytes", INI_CANONICAL, LINE_199 "5\n", ERR_LIMIT, "" },
	{ "a comment of 199 bytes", INI_COMMENTED, COMMENT_199 "\n", ERR_NONE,
	  "" },
	{ "a comment of 200 bytes", INI_COMMENTED, COMMENT_199 "5\n", ERR_LIMIT,
	  "" },
	{ "a section of 49 bytes", INI_CANONICAL, "[" FORTY_NINE "]\na = 1\n",
	  ERR_NONE, "2[" FORTY_NINE "]a=1;" },
	{ "a section of 50 bytes", INI_CANONICAL, "[" FIFTY "]\na = 1\n",
	  ERR_LIMIT, "" },
	{ "a comment where none may be", INI_CANONICAL, "# c\n", ERR_FORMAT,
	  "" },
	{ "a comment of the other kind", INI_COMMENTED, "; c\n", ERR_FORMAT,
	  "" },
	{ "a leading blank", INI_CANONICAL, "a = 1\n b = 2\n", ERR_FORMAT, "" },
	{ "a leading blank before a comment", INI_COMMENTED, " # c\n",
	  ERR_FORMAT, "" },
	{ "a tab", INI_CANONICAL, "a =\t1\n", ERR_FORMAT, "" },
	{ "a carriage return", INI_CANONICAL, "a = 1\r\n", ERR_FORMAT, "" },
	{ "a semicolon in a value", INI_CANONICAL, "a = 1 ; x\n", ERR_FORMAT,
	  "" },
	{ "a colon in a key", INI_CANONICAL, "a:b = 1\n", ERR_FORMAT, "" },
	{ "a colon for the equals sign", INI_CANONICAL, "a: 1\n", ERR_FORMAT,
	  "" },
	{ "text behind a section", INI_CANONICAL, "[s] x\n", ERR_FORMAT, "" },
	{ "two sections on a line", INI_CANONICAL, "[s]]\n", ERR_FORMAT, "" },
	{ "a section without end", INI_CANONICAL, "[s\n", ERR_FORMAT, "" },
	{ "an empty section", INI_CANONICAL, "[]\n", ERR_FORMAT, "" },
	{ "a semicolon in a section", INI_CANONICAL, "[s ;t]\na = 1\n",
	  ERR_FORMAT, NULL },
	{ "a byte order mark", INI_CANONICAL,
	  "\xef\xbb\xbf"
	  "a = 1\n",
	  ERR_FORMAT, "" },
	{ "a byte order mark further down", INI_CANONICAL,
	  "\n\xef\xbb\xbf"
	  "a = 1\n",
	  ERR_FORMAT, "" },
	{ "another character with its first byte", INI_CANONICAL,
	  "\xef\xbd\x81 = 1\n", ERR_NONE, "1[]\xef\xbd\x81=1;" },
	{ "an empty key", INI_CANONICAL, "= 1\n", ERR_FORMAT, "" },
	{ "an empty value", INI_CANONICAL, "a = \n", ERR_FORMAT, "" },
	{ "a word alone", INI_CANONICAL, "a\n", ERR_FORMAT, "" },
	{ "a key that stands twice", INI_CANONICAL, "a = 1\nb = 2\na = 1\n",
	  ERR_FORMAT, "" },
	{ "a key that stands twice, spelled otherwise", INI_CANONICAL,
	  "a = 1\na= 2\n", ERR_FORMAT, "" },
	{ "a section that stands twice", INI_CANONICAL,
	  "[s]\na = 1\n[t]\na = 1\n[s]\nb = 1\n", ERR_FORMAT, "" },
	{ "no newline at the end", INI_CANONICAL, "a = 1", ERR_FORMAT, "" },
};

static void only_what_inih_reads_as_written_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct ini_case *c = &cases[i];
		AUTO_BUF struct buf given = BUF_NONE;
		struct err err = { .code = ERR_NONE };
		int got = ini_read(c->text, strlen(c->text), c->dialect, note,
		                   &given, &err);

		if (got != (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (c->want != NULL && strcmp(buf_text(&given), c->want) != 0)
			fail_msg("%s: gave %s", c->name, buf_text(&given));
	}
}

static void a_nul_is_refused(void **state)
{
	AUTO_BUF struct buf given = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(ini_read("a = 1\0\nb = 2\n", 13, INI_CANONICAL, note,
	                          &given, &err),
	                 -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_string_equal(buf_text(&given), "");
}

static void an_error_names_the_line(void **state)
{
	static const char text[] = "# c\n\na = 1\n[s]\nb\n";
	AUTO_BUF struct buf given = BUF_NONE;
	char message[ERR_TEXT_MAX];
	struct err err;

	(void)state;
	assert_int_equal(
		ini_read(text, strlen(text), INI_COMMENTED, note, &given, &err),
		-1);
	assert_non_null(
		strstr(err_format(&err, message, sizeof message), "line 5"));
}

static int refuse_b(void *context, const struct ini_item *item, struct err *err)
{
	int *calls = context;

	(*calls)++;
	if (strcmp(item->key, "b") == 0)
		return err_set(err, ERR_USAGE, 0, "no b");
	return 0;
}

static void the_taker_ends_the_reading(void **state)
{
	static const char text[] = "a = 1\n\nb = 2\nc = 3\n";
	char message[ERR_TEXT_MAX];
	struct err err;
	int calls = 0;

	(void)state;
	assert_int_equal(ini_read(text, strlen(text), INI_CANONICAL, refuse_b,
	                          &calls, &err),
	                 -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(calls, 2);
	assert_string_equal(err_format(&err, message, sizeof message),
	                    "line 3: no b");
}

static int count(void *context, const struct ini_item *item, struct err *err)
{
	size_t *counted = context;

	(void)item;
	(void)err;
	(*counted)++;
	return 0;
}

/* @lines times @before, a number and @behind. */
static enum err_code read_lines(const char *before, const char *behind,
                                unsigned lines)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;
	size_t counted = 0;

	for (unsigned i = 0; i < lines; i++)
		assert_int_equal(
			buf_printf(&text, &err, "%s%u%s\n", before, i, behind),
			0);
	if (ini_read(text.data, text.len, INI_CANONICAL, count, &counted,
	             &err) < 0)
		return err.code;
	return ERR_NONE;
}

static void keys_and_sections_have_their_limits(void **state)
{
	(void)state;
	assert_int_equal(read_lines("k", " = 1", INI_KEYS_MAX), ERR_NONE);
	assert_int_equal(read_lines("k", " = 1", INI_KEYS_MAX + 1), ERR_LIMIT);
	assert_int_equal(read_lines("[s", "]", INI_SECTIONS_MAX), ERR_NONE);
	assert_int_equal(read_lines("[s", "]", INI_SECTIONS_MAX + 1),
	                 ERR_LIMIT);
}

static const struct write_case {
	const char *name, *value;
	enum err_code code;
} writes[] = {
	{ "a value", "x = \xc3\xbc: #", ERR_NONE },
	{ "a value that fills the line", VALUE_195, ERR_NONE },
	{ "a value too long", VALUE_195 "5", ERR_USAGE },
	{ "an empty value", "", ERR_USAGE },
	{ "a blank before", " x", ERR_USAGE },
	{ "a blank behind", "x ", ERR_USAGE },
	{ "a semicolon", "a;b", ERR_USAGE },
	{ "a newline", "a\nb", ERR_USAGE },
	{ "invalid UTF-8", "a\xff", ERR_USAGE },
};

static void what_is_written_is_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
		const struct write_case *c = &writes[i];
		AUTO_BUF struct buf text = BUF_NONE;
		AUTO_BUF struct buf given = BUF_NONE;
		char want[256];
		struct err err = { .code = ERR_NONE };

		assert_int_equal(ini_write_section(&text, "s", &err), 0);
		if (ini_write_item(&text, "k", c->value, &err) <
		            (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: code %d", c->name, (int)err.code);
		if (c->code != ERR_NONE) {
			assert_string_equal(buf_text(&text), "\n[s]\n");
			continue;
		}
		assert_int_equal(ini_read(text.data, text.len, INI_CANONICAL,
		                          note, &given, &err),
		                 0);
		(void)snprintf(want, sizeof want, "3[s]k=%s;", c->value);
		assert_string_equal(buf_text(&given), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_inih_reads_as_written_is_read),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(an_error_names_the_line),
		cmocka_unit_test(the_taker_ends_the_reading),
		cmocka_unit_test(keys_and_sections_have_their_limits),
		cmocka_unit_test(what_is_written_is_read_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
