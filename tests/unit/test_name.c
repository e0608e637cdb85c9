/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define TEN     "abcdefghij"
#define SIXTY   TEN TEN TEN TEN TEN TEN
#define LONGEST SIXTY SIXTY "12345678" /* 128 bytes */

struct name_case {
	const char *name;
	bool (*is_legal)(const char *text, size_t len);
	const char *text;
	bool want;
};

static const struct name_case name_cases[] = {
	{ "an app", name_is_app, "web-1.x_y", true },
	{ "an app of one byte", name_is_app, "a", true },
	{ "an app of 64 bytes", name_is_app, SIXTY "1234", true },
	{ "an app of 65 bytes", name_is_app, SIXTY "12345", false },
	{ "an empty app", name_is_app, "", false },
	{ "an app in capitals", name_is_app, "Web", false },
	{ "an app that begins with a dot", name_is_app, ".web", false },
	{ "an app that ends with a dash", name_is_app, "web-", false },
	{ "an app with a slash", name_is_app, "a/b", false },
	{ "the parent folder as app", name_is_app, "..", false },
	{ "a version", name_is_version, "v1.4.2-rc_1", true },
	{ "a version that begins with _", name_is_version, "_1", true },
	{ "a version of 128 bytes", name_is_version, LONGEST, true },
	{ "a version of 129 bytes", name_is_version, LONGEST "9", false },
	{ "an empty version", name_is_version, "", false },
	{ "a version with a plus", name_is_version, "1.0+2", false },
	{ "a version that begins with a dash", name_is_version, "-1", false },
	{ "the parent folder as version", name_is_version, "..", false },
	{ "a version with a slash", name_is_version, "1/2", false },
	{ "a platform", name_is_platform, "linux/amd64", true },
	{ "the longest platform", name_is_platform,
	  "abcdefghij123456/abcdefghij123456", true },
	{ "an os of 17 bytes", name_is_platform, "abcdefghij1234567/a", false },
	{ "an arch of 17 bytes", name_is_platform, "a/abcdefghij1234567",
	  false },
	{ "a platform without arch", name_is_platform, "linux/", false },
	{ "a platform without os", name_is_platform, "/amd64", false },
	{ "a platform without slash", name_is_platform, "linux", false },
	{ "a platform of three", name_is_platform, "linux/arm/v7", false },
	{ "an architecture", name_is_architecture, "x8664", true },
	{ "an empty architecture", name_is_architecture, "", false },
	{ "a key name", name_is_key, "Release_2026.pub-a", true },
	{ "a key name of 64 bytes", name_is_key, SIXTY "1234", true },
	{ "a key name of 65 bytes", name_is_key, SIXTY "12345", false },
	{ "a key name with a blank", name_is_key, "a b", false },
	{ "a repository", name_is_repository, "Acme-1_x/Tool.js_a-b", true },
	{ "an owner of 39 bytes", name_is_repository, TEN TEN TEN "123456789/a",
	  true },
	{ "an owner of 40 bytes", name_is_repository, TEN TEN TEN TEN "/a",
	  false },
	{ "a repository of 100 bytes", name_is_repository,
	  "a/" SIXTY TEN TEN TEN TEN, true },
	{ "a repository of 101 bytes", name_is_repository,
	  "a/" SIXTY TEN TEN TEN TEN "1", false },
	{ "a hidden repository", name_is_repository, "acme/.github", true },
	{ "a repository without owner", name_is_repository, "/tool", false },
	{ "an owner without repository", name_is_repository, "acme/", false },
	{ "a repository without slash", name_is_repository, "tool", false },
	{ "three parts of a repository", name_is_repository, "acme/tool/x",
	  false },
	{ "the parent folder as repository", name_is_repository, "acme/..",
	  false },
	{ "the folder itself as repository", name_is_repository, "acme/.",
	  false },
	{ "a repository with .git", name_is_repository, "acme/tool.git",
	  false },
	{ "a repository with a query", name_is_repository, "acme/tool?x",
	  false },
	{ "a repository with an escape", name_is_repository, "acme/%2e%2e",
	  false },
	{ "an address", name_is_repository, "https://github.com/a/b", false },
	{ "an owner that begins with a dash", name_is_repository, "-a/b",
	  false },
};

static const struct app_case {
	const char *repository, *want; /* NULL: no app */
} app_cases[] = {
	{ "acme/tool", "tool" },
	{ "acme/Tool.JS", "tool.js" },
	{ "acme/.github", NULL },
	{ "acme/tool-", NULL },
	{ "a/" SIXTY "1234", SIXTY "1234" },
	{ "a/" SIXTY "12345", NULL },
};

static void a_repository_names_an_app(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof app_cases / sizeof app_cases[0]; i++) {
		const struct app_case *c = &app_cases[i];
		char app[APP_SIZE] = "untouched";
		bool got = name_app_of_repository(c->repository, app);

		if (got != (c->want != NULL))
			fail_msg("%s: %d", c->repository, got);
		assert_string_equal(app, got ? c->want : "untouched");
	}
}

static void names_follow_their_grammars(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof name_cases / sizeof name_cases[0]; i++) {
		const struct name_case *c = &name_cases[i];

		if (c->is_legal(c->text, strlen(c->text)) != c->want)
			fail_msg("%s: '%s'", c->name, c->text);
	}
}

static void names_with_a_nul_are_refused(void **state)
{
	(void)state;
	assert_false(name_is_app("a\0b", 3));
	assert_false(name_is_version("1\0b", 3));
	assert_false(name_is_platform("a/b\0", 4));
	assert_false(name_is_key("a\0", 2));
}

/* Each is below the next (Semantic Versioning 2.0.0, section 11). */
static const char *const ascending[] = {
	"0.0.0",
	"0.0.9",
	"0.0.10",
	"0.1.0",
	"v1.0.0-0",
	"1.0.0-9",
	"1.0.0-10",
	"1.0.0--",
	"1.0.0-alpha",
	"1.0.0-alpha.1",
	"1.0.0-alpha.beta",
	"1.0.0-beta",
	"1.0.0-beta.2",
	"1.0.0-beta.11",
	"1.0.0-rc.1",
	"1.0.0",
	"1.0.1",
	"v2.0.0",
	"99999999999999999999.0.0",
	"100000000000000000000.0.0",
};

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void versions_have_the_order_of_semver(void **state)
{
	const int count = (int)(sizeof ascending / sizeof ascending[0]);

	(void)state;
	for (int i = 0; i < count; i++) {
		for (int k = 0; k < count; k++) {
			int order = 77;

			if (!semver_compare(ascending[i], ascending[k], &order))
				fail_msg("not compared: %s and %s",
				         ascending[i], ascending[k]);
			if (sign(order) != sign(i - k))
				fail_msg("%s and %s: %d", ascending[i],
				         ascending[k], order);
		}
	}
}

static void build_metadata_is_ignored(void **state)
{
	int order = 77;

	(void)state;
	assert_true(semver_compare("1.0.0+b.01", "v1.0.0+a", &order));
	assert_int_equal(order, 0);
	order = 77;
	assert_true(semver_compare("1.0.0-a+x", "1.0.0-a.1", &order));
	assert_true(order < 0);
}

static const char *const no_semver[] = {
	"",         "1",          "1.2",       "1.2.3.4",   "01.2.3",
	"1.02.3",   "1.2.03",     "1.2.3-",    "1.2.3-01",  "1.2.3+",
	"1.2.3-a.", "1.2.3-a..b", "1.2.3+a+b", "1.2.3-a_b", "vv1.2.3",
	"1.2.x",    "main",       "1..3",      "v",         "1.2.3 ",
};

static void what_is_no_semver_has_no_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof no_semver / sizeof no_semver[0]; i++) {
		int order = 77;

		if (semver_compare(no_semver[i], "1.0.0", &order) ||
		    semver_compare("1.0.0", no_semver[i], &order))
			fail_msg("compared: '%s'", no_semver[i]);
		assert_int_equal(order, 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_follow_their_grammars),
		cmocka_unit_test(a_repository_names_an_app),
		cmocka_unit_test(names_with_a_nul_are_refused),
		cmocka_unit_test(versions_have_the_order_of_semver),
		cmocka_unit_test(build_metadata_is_ignored),
		cmocka_unit_test(what_is_no_semver_has_no_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
