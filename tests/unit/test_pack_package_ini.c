/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/package_ini.h"

#include "temp_dir.h"

struct ini_case {
	const char *name, *text;
	int want;
	const char *says; /* part of the error */
};

static const struct ini_case cases[] = {
	{ "an empty file", "", 0, NULL },
	{ "comments and one key", "# x\n[package]\napp = demo\n", 0, NULL },
	{ "an unknown key", "[package]\nname = demo\n", -1, "'name'" },
	{ "an unknown section", "[packages]\napp = demo\n", -1, "[packages]" },
	{ "a key of another section", "[payload]\napp = demo\n", -1, "'app'" },
	{ "a key twice", "[package]\napp = a\napp = b\n", -1, "line 3" },
	{ "a bad app", "[package]\napp = Demo\n", -1, "'Demo'" },
	{ "a bad platform", "[package]\nplatform = linux\n", -1, "'linux'" },
	{ "a profile path that leaves", "[profile]\npath = ../x\n", -1,
	  "line 2" },
	{ "an absolute profile path", "[profile]\npath = /x\n", -1, "line 2" },
	{ "a bad kernel", "[requirements]\nkernel = 5\n", -1, "'5'" },
	{ "kernel zero", "[requirements]\nkernel = 0.1\n", -1, "'0.1'" },
	{ "a kernel of letters", "[requirements]\nkernel = 5.x\n", -1,
	  "'5.x'" },
	{ "a bad size", "[requirements]\nmemory = 1T\n", -1, "'1T'" },
	{ "a size that is a unit", "[requirements]\nmemory = M\n", -1, "'M'" },
	{ "the largest size", "[requirements]\nmemory = 8388607G\n", 0, NULL },
	{ "a size above it", "[requirements]\nmemory = 8388608G\n", -1, "G'" },
	{ "a bad architecture", "[requirements]\narchitecture = x86_64\n", -1,
	  "'x86_64'" },
	{ "a full [publish]",
	  "[publish]\nto = oci://ghcr.io/a/b, dir:site\nto.2 = "
	  "github://a/b\npacks = packs\nout = dist/packs\nbuild = a $B "
	  "c\nmedia_type = a/b\nlock = l\nkey = k.pub\npublish = "
	  "no\nlatest = yes\n",
	  0, NULL },
	{ "neither yes nor no", "[publish]\npublish = maybe\n", -1,
	  "'maybe' is no yes or no" },
	{ "an unknown key of [publish]", "[publish]\ntoken = x\n", -1,
	  "unknown key 'token'" },
	{ "an empty item", "[payload]\ninclude = a,,b\n", -1, "empty" },
};

static void parsing_names_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct ini_case *c = &cases[i];
		AUTO_FREE struct package_ini *ini = calloc(1, sizeof *ini);
		struct err err = { .code = ERR_NONE };
		char text[ERR_TEXT_MAX + 64] = "";
		int got;

		assert_non_null(ini);
		got = package_ini_parse(c->text, strlen(c->text), ini, &err);
		if (got < 0)
			(void)err_format(&err, text, sizeof text);
		if (got != c->want ||
		    (c->says != NULL && strstr(text, c->says) == NULL))
			fail_msg("%s: got %d: %s", c->name, got, text);
	}
}

static void lists_gather_from_lines_and_commas(void **state)
{
	static const char text[] = "[payload]\ninclude = a, b c ,d\n"
				   "include.2 = e\nexclude = *.o\n"
				   "[info]\nz = 1\na = 2\n";
	AUTO_FREE struct package_ini *ini = calloc(1, sizeof *ini);
	struct err err;

	(void)state;
	assert_non_null(ini);
	assert_int_equal(package_ini_parse(text, strlen(text), ini, &err), 0);
	assert_int_equal(ini->include.count, 4);
	assert_string_equal(ini->include.at[1], "b c");
	assert_string_equal(ini->include.at[3], "e");
	assert_string_equal(ini->exclude.at[0], "*.o");
	assert_string_equal(ini->info[0].key, "a");
	assert_string_equal(ini->info[1].key, "z");
}

static void publish_is_told_apart_from_unsaid(void **state)
{
	static const char text[] = "[publish]\nto = oci://a.b/c, dir:d\n"
				   "to.2 = github://e/f\npublish = no\n";
	AUTO_FREE struct package_ini *ini = calloc(1, sizeof *ini);
	struct err err;

	(void)state;
	assert_non_null(ini);
	assert_int_equal(package_ini_parse(text, strlen(text), ini, &err), 0);
	assert_int_equal(ini->to.count, 3);
	assert_string_equal(ini->to.at[1], "dir:d");
	assert_string_equal(ini->to.at[2], "github://e/f");
	assert_int_equal(ini->publish, PACKAGE_NO);
	assert_int_equal(ini->latest, PACKAGE_UNSAID);
}

static void a_list_has_at_most_64_items(void **state)
{
	(void)state;
	for (size_t count = PACKAGE_LIST_MAX; count <= PACKAGE_LIST_MAX + 1;
	     count++) {
		AUTO_FREE struct package_ini *ini = calloc(1, sizeof *ini);
		AUTO_BUF struct buf text = BUF_NONE;
		struct err err;
		int got;

		assert_non_null(ini);
		assert_int_equal(buf_adds(&text, "[payload]\n", &err), 0);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(
				buf_printf(&text, &err, "include.%zu = x\n", i),
				0);
		got = package_ini_parse(buf_text(&text), text.len, ini, &err);
		assert_int_equal(got, count > PACKAGE_LIST_MAX ? -1 : 0);
	}
}

static void the_template_is_read_back(void **state)
{
	AUTO_FREE struct package_ini *ini = calloc(1, sizeof *ini);
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;

	(void)state;
	assert_non_null(ini);
	assert_int_equal(package_ini_template("demo", "root", &text, &err), 0);
	assert_int_equal(
		package_ini_parse(buf_text(&text), text.len, ini, &err), 0);
	assert_string_equal(ini->app, "demo");
	assert_string_equal(ini->root, "root");
	assert_string_equal(ini->profile, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsing_names_what_is_wrong),
		cmocka_unit_test(lists_gather_from_lines_and_commas),
		cmocka_unit_test(publish_is_told_apart_from_unsaid),
		cmocka_unit_test(a_list_has_at_most_64_items),
		cmocka_unit_test(the_template_is_read_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
