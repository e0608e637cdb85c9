/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/tree_path.h"

struct text_case {
	const char *name, *text;
	enum err_code want;
};

#define C64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define C255                                                                   \
	C64 C64 C64 "0123456789abcdef0123456789abcdef0123456789abcdef01234567" \
		    "89abcde"

static const struct text_case path_cases[] = {
	{ "one component", "a", ERR_NONE },
	{ "nested", "usr/lib/x.so", ERR_NONE },
	{ "dots inside names", "...a/..b/c..", ERR_NONE },
	{ "blank inside", "a b/ c", ERR_NONE },
	{ "UTF-8", "gr\303\274n/\346\227\245", ERR_NONE },
	{ "component of 255 bytes", "a/" C255, ERR_NONE },
	{ "empty", "", ERR_FORMAT },
	{ "absolute", "/a", ERR_FORMAT },
	{ "root", "/", ERR_FORMAT },
	{ "trailing slash", "a/", ERR_FORMAT },
	{ "empty component", "a//b", ERR_FORMAT },
	{ "dot", ".", ERR_FORMAT },
	{ "leading dot", "./a", ERR_FORMAT },
	{ "dot at the end", "a/.", ERR_FORMAT },
	{ "parent", "..", ERR_FORMAT },
	{ "parent in the middle", "a/../b", ERR_FORMAT },
	{ "parent at the end", "a/..", ERR_FORMAT },
	{ "newline", "a\nb", ERR_FORMAT },
	{ "escape byte", "a\033[31m", ERR_FORMAT },
	{ "delete byte", "a\177", ERR_FORMAT },
	{ "C1 control", "a\302\233", ERR_FORMAT },
	{ "lone continuation byte", "a\200", ERR_FORMAT },
	{ "overlong slash", "a\300\257b", ERR_FORMAT },
	{ "component of 256 bytes", "a/" C255 "x", ERR_LIMIT },
	{ "parent behind a long component", C255 "x/..", ERR_FORMAT },
};

static void judges_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof path_cases / sizeof *path_cases; i++) {
		const struct text_case *c = &path_cases[i];
		struct err err = { 0 };
		int got = tree_path_check(c->text, strlen(c->text), &err);

		if ((got == 0) != (c->want == ERR_NONE) || err.code != c->want)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
	}
}

static void refuses_a_nul_in_a_path(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(tree_path_check("a\0b", 3, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
}

static void path_length_ends_at_the_limit(void **state)
{
	char path[TREE_PATH_SIZE + 1];
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof path; i++)
		path[i] = i % 2 == 0 ? 'a' : '/';
	assert_int_equal(tree_path_check(path, TREE_PATH_SIZE - 1, &err), 0);
	path[TREE_PATH_SIZE - 1] = 'b';
	assert_int_equal(tree_path_check(path, TREE_PATH_SIZE, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static const struct text_case link_cases[] = {
	{ "name", "a", ERR_NONE },
	{ "absolute", "/etc/passwd", ERR_NONE },
	{ "parents", "../../a//b/.", ERR_NONE },
	{ "empty", "", ERR_FORMAT },
	{ "control character", "a\tb", ERR_FORMAT },
	{ "invalid UTF-8", "\377", ERR_FORMAT },
};

static void judges_link_targets(void **state)
{
	char target[TREE_PATH_SIZE];
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof link_cases / sizeof *link_cases; i++) {
		const struct text_case *c = &link_cases[i];

		err.code = ERR_NONE;
		(void)!tree_link_check(c->text, strlen(c->text), &err);
		if (err.code != c->want)
			fail_msg("%s: code %d", c->name, (int)err.code);
	}
	memset(target, 'x', sizeof target);
	assert_int_equal(tree_link_check(target, sizeof target - 1, &err), 0);
	assert_int_equal(tree_link_check(target, sizeof target, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static const struct {
	const char *path, *target;
	bool want;
} stay_cases[] = {
	{ "l", "a", true },
	{ "l", "a/b//c/", true },
	{ "l", ".", true },
	{ "a/l", "..", true },
	{ "a/b/l", "../../c", true },
	{ "a/b/l", ".././../c", true },
	{ "a/l", "...", true },
	{ "l", "/a", false },
	{ "l", "", false },
	{ "l", "..", false },
	{ "l", "../a", false },
	{ "a/l", "../..", false },
	{ "a/l", "../../a", false },
	{ "a/b/l", ".././../../c", false },
	/* "b" may be a link up: only leading parents are sure. */
	{ "a/l", "b/..", false },
	{ "a/b/l", "../c/../d", false },
};

static void judges_where_a_link_leads(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof stay_cases / sizeof *stay_cases; i++)
		if (tree_link_stays(stay_cases[i].path, stay_cases[i].target) !=
		    stay_cases[i].want)
			fail_msg("%s -> %s", stay_cases[i].path,
			         stay_cases[i].target);
}

static void orders_paths_by_components(void **state)
{
	static const char *const sorted[] = {
		"a",   "a/ ", "a/c", "a/c/d", "a/c d", "a/c.d",     "a ",
		"a-b", "a.b", "a0",  "a0/a",  "a\177", "a\303\274", "b",
	};

	(void)state;
	for (size_t i = 0; i < sizeof sorted / sizeof *sorted; i++)
		for (size_t j = 0; j < sizeof sorted / sizeof *sorted; j++) {
			int got = tree_path_compare(sorted[i], sorted[j]);

			if ((got < 0) != (i < j) || (got == 0) != (i == j))
				fail_msg("%s, %s", sorted[i], sorted[j]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_paths),
		cmocka_unit_test(refuses_a_nul_in_a_path),
		cmocka_unit_test(path_length_ends_at_the_limit),
		cmocka_unit_test(judges_link_targets),
		cmocka_unit_test(judges_where_a_link_leads),
		cmocka_unit_test(orders_paths_by_components),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tree_path", tests, NULL, NULL);
}
