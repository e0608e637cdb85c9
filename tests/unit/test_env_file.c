/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "codec/env_file.h"

struct good {
	const char *name, *text;
	const char *want; /* "NAME=VALUE|" for each */
};

static const struct good good_cases[] = {
	{ "nothing", "", "" },
	{ "a value", "A=1\n", "A=1|" },
	{ "no line feed at the end", "A=1", "A=1|" },
	{ "an empty value", "A=\nB=2\n", "A=|B=2|" },
	{ "comments and blank lines", "# x\n\n  \n\t# y\nA=1\n", "A=1|" },
	{ "export", "export A=1\nexport\tB=2\n", "A=1|B=2|" },
	{ "a name that begins with export", "exported=1\n", "exported=1|" },
	{ "CR LF", "A=1\r\nB=2\r\n", "A=1|B=2|" },
	{ "blanks around", "  A=  1 2  \n", "A=1 2|" },
	{ "a comment behind", "A=1 # one\nB=1#2\n", "A=1|B=1#2|" },
	{ "a comment alone", "A= # none\n", "A=|" },
	{ "equals signs", "A=b=c\n", "A=b=c|" },
	{ "double quotes", "A=\" b \\\"c\\\" \\\\ \\$d\" # x\n",
	  "A= b \"c\" \\ $d|" },
	{ "a tab and a line feed", "A=\"\\t|\\n\"\n", "A=\t|\n|" },
	{ "single quotes", "A='\\n $HOME \"x\"'\n", "A=\\n $HOME \"x\"|" },
	{ "never expanded", "A=$HOME\nB=$(id)\nC=`id`\nD=\"${A}\"\n",
	  "A=$HOME|B=$(id)|C=`id`|D=${A}|" },
	{ "UTF-8", "A=\xc3\xa4\n", "A=\xc3\xa4|" },
	{ "quotes within", "A=it's\n", "A=it's|" },
};

static void reads_what_is_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good_cases / sizeof *good_cases; i++) {
		const struct good *c = &good_cases[i];
		AUTO_ENV_FILE struct env_file file = ENV_FILE_NONE;
		AUTO_BUF struct buf got = BUF_NONE;
		struct err err = { .code = ERR_NONE };

		if (env_file_parse(c->text, strlen(c->text), &file, &err) < 0)
			fail_msg("%s: %s", c->name, err.text);
		for (size_t k = 0; k < file.count; k++)
			if (buf_printf(&got, &err, "%s=%s|", file.items[k].name,
			               file.items[k].value) < 0)
				fail_msg("%s: no memory", c->name);
		if (strcmp(buf_text(&got), c->want) != 0)
			fail_msg("%s: got '%s'", c->name, buf_text(&got));
	}
}

struct bad {
	const char *name, *text;
	const char *want; /* stands in the error */
};

static const struct bad bad_cases[] = {
	{ "no equals sign", "A=1\nB\n", "line 2: not NAME=VALUE" },
	{ "a blank before it", "A =1\n", "not NAME=VALUE" },
	{ "no name", "=1\n", "not NAME=VALUE" },
	{ "a digit first", "1A=1\n", "not NAME=VALUE" },
	{ "a dash", "A-B=1\n", "not NAME=VALUE" },
	{ "a command", "rm -rf /\n", "not NAME=VALUE" },
	{ "twice", "A=1\nB=1\nA=1\n", "line 3: A stands twice" },
	{ "open double quote", "A=\"x\n", "not closed" },
	{ "open single quote", "A='x\nB='\n", "line 1: a quote" },
	{ "an escape at the end", "A=\"x\\\n", "unknown escape" },
	{ "an unknown escape", "A=\"\\x41\"\n", "unknown escape" },
	{ "text behind a quote", "A=\"x\"y\n", "behind the closing" },
	{ "a word behind a quote", "A=\"x\" y\n", "behind the closing" },
	{ "a control character", "A=\x1b[2J\n", "control characters" },
	{ "no UTF-8", "A=\xff\n", "control characters" },
};

static void refuses_what_is_bad_and_names_the_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad_cases / sizeof *bad_cases; i++) {
		const struct bad *c = &bad_cases[i];
		AUTO_ENV_FILE struct env_file file = ENV_FILE_NONE;
		struct err err = { .code = ERR_NONE };

		if (env_file_parse(c->text, strlen(c->text), &file, &err) == 0)
			fail_msg("%s: accepted", c->name);
		if (err.code != ERR_FORMAT || strstr(err.text, c->want) == NULL)
			fail_msg("%s: %s", c->name, err.text);
	}
}

static void no_error_shows_a_value(void **state)
{
	static const char text[] = "TOKEN=\"s3cret\nOTHER=1\n";
	AUTO_ENV_FILE struct env_file file = ENV_FILE_NONE;
	struct err err = { .code = ERR_NONE };

	(void)state;
	assert_int_equal(env_file_parse(text, sizeof text - 1, &file, &err),
	                 -1);
	assert_null(strstr(err.text, "s3cret"));
}

static void finds_by_the_whole_name(void **state)
{
	static const char text[] = "AB=1\nA=2\n";
	AUTO_ENV_FILE struct env_file file = ENV_FILE_NONE;
	struct err err = { .code = ERR_NONE };

	(void)state;
	assert_int_equal(env_file_parse(text, sizeof text - 1, &file, &err), 0);
	assert_string_equal(env_file_find(&file, "A"), "2");
	assert_null(env_file_find(&file, "B"));
}

/* Parse @count variables; the result. */
static int parse_many(unsigned count, struct err *err)
{
	AUTO_ENV_FILE struct env_file file = ENV_FILE_NONE;
	AUTO_BUF struct buf text = BUF_NONE;

	for (unsigned i = 0; i < count; i++)
		if (buf_printf(&text, err, "V%u=x\n", i) < 0)
			fail();
	return env_file_parse(buf_text(&text), text.len, &file, err);
}

static void limits_hold_at_their_most_and_one_more(void **state)
{
	static char text[ENV_FILE_MAX + 1];
	char name[ENV_FILE_NAME_MAX + 3];
	AUTO_ENV_FILE struct env_file file = ENV_FILE_NONE;
	struct err err = { .code = ERR_NONE };

	(void)state;
	assert_int_equal(parse_many(ENV_FILE_KEYS_MAX, &err), 0);
	assert_int_equal(parse_many(ENV_FILE_KEYS_MAX + 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	memset(text, '#', sizeof text);
	assert_int_equal(env_file_parse(text, ENV_FILE_MAX, &file, &err), 0);
	env_file_done(&file);
	assert_int_equal(env_file_parse(text, ENV_FILE_MAX + 1, &file, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
	memset(name, 'A', sizeof name);
	name[ENV_FILE_NAME_MAX] = '=';
	assert_int_equal(
		env_file_parse(name, ENV_FILE_NAME_MAX + 1, &file, &err), 0);
	env_file_done(&file);
	name[ENV_FILE_NAME_MAX] = 'A';
	name[ENV_FILE_NAME_MAX + 1] = '=';
	assert_int_equal(
		env_file_parse(name, ENV_FILE_NAME_MAX + 2, &file, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_good),
		cmocka_unit_test(refuses_what_is_bad_and_names_the_line),
		cmocka_unit_test(no_error_shows_a_value),
		cmocka_unit_test(finds_by_the_whole_name),
		cmocka_unit_test(limits_hold_at_their_most_and_one_more),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
