/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "codec/pattern.h"

static const struct pattern_case {
	const char *name;
	const char *pattern;
	const char *text;
	bool want;
} cases[] = {
	{ "the same", "refs/tags/v1", "refs/tags/v1", true },
	{ "nothing", "", "", true },
	{ "nothing in a text", "", "a", false },
	{ "anchored at the end", "refs", "refs/", false },
	{ "anchored at the start", "tags", "/tags", false },
	{ "capitals differ", "Refs", "refs", false },
	{ "a star", "refs/tags/v*", "refs/tags/v1.2", true },
	{ "a star for nothing", "refs/tags/v*", "refs/tags/v", true },
	{ "a star stops at a slash", "refs/tags/v*", "refs/tags/v1/x", false },
	{ "a star is no slash", "a*b", "a/b", false },
	{ "two stars", "refs/**", "refs/heads/a/b", true },
	{ "two stars for nothing", "refs/**", "refs/", true },
	{ "three stars are two", "a***b", "a/x/b", true },
	{ "a star between", "a*c*e", "abcde", true },
	{ "a star that must give back", "*a*b", "aab-ab", true },
	{ "a star, then two", "*x**y", "axb/c/y", true },
	{ "two stars, then one", "**/*.yml", "a/b/c.yml", true },
	{ "nothing else is special", "a?c", "abc", false },
	{ "a question mark is one", "a?c", "a?c", true },
	{ "brackets are brackets", "[a-z]", "[a-z]", true },
	{ "a backslash is one", "a\\*", "a\\x", true },
	{ "a dot is a dot", "a.c", "abc", false },
	{ "a star in the text", "a*", "a*", true },
};

static void matches_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct pattern_case *c = &cases[i];

		if (pattern_match(c->pattern, strlen(c->pattern), c->text,
		                  strlen(c->text)) != c->want)
			fail_msg("%s: '%s' on '%s'", c->name, c->pattern,
			         c->text);
	}
}

static void a_text_may_be_long_but_not_too_long(void **state)
{
	char text[PATTERN_TEXT_MAX + 1];

	(void)state;
	memset(text, 'a', sizeof text);
	assert_true(pattern_match("*", 1, text, PATTERN_TEXT_MAX));
	assert_false(pattern_match("*", 1, text, PATTERN_TEXT_MAX + 1));
}

/* Exponential matchers need ages for this one. */
static void many_stars_cost_little(void **state)
{
	char pattern[200], text[PATTERN_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = i % 2 == 0 ? '*' : 'a';
	memset(text, 'a', sizeof text);
	text[sizeof text - 1] = 'b';
	assert_false(pattern_match(pattern, sizeof pattern, text, sizeof text));
}

static void exact_is_without_stars(void **state)
{
	(void)state;
	assert_true(pattern_is_exact("a?[b]", 5));
	assert_false(pattern_is_exact("a*", 2));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_as_written),
		cmocka_unit_test(a_text_may_be_long_but_not_too_long),
		cmocka_unit_test(many_stars_cost_little),
		cmocka_unit_test(exact_is_without_stars),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
