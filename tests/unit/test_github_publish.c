/* SPDX-License-Identifier: Apache-2.0 */
/* What of github_publish.h asks nobody: the tags of a version, which files a
 * release could take.  The rest is tests/cli/publish-github.bats. */
#include "net/github_publish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LONGEST (GITHUB_NAME_MAX - sizeof ".new" + 1)

static char longest[GITHUB_NAME_MAX + 2];
static char longer[GITHUB_NAME_MAX + 2];

static const struct file_case {
	const char *label, *name;
	uint64_t size;
	enum err_code code;
} cases[] = {
	{ "a bundle", "tool-1.2.0-linux-amd64.tar.gz", 1, ERR_NONE },
	{ "the largest", "a", GITHUB_FILE_MAX, ERR_NONE },
	{ "a larger one", "a", GITHUB_FILE_MAX + 1, ERR_LIMIT },
	{ "an empty one", "a", 0, ERR_USAGE },
	{ "the longest name", longest, 1, ERR_NONE },
	{ "a longer one", longer, 1, ERR_USAGE },
	{ "no name", "", 1, ERR_USAGE },
	{ "a blank", "a b", 1, ERR_USAGE },
	{ "a query", "a&label=b", 1, ERR_USAGE },
	{ "a path", "../a", 1, ERR_USAGE },
	{ "a hidden file", ".a", 1, ERR_USAGE },
	{ "a dot at the end", "a.", 1, ERR_USAGE },
	{ "beyond ASCII", "\xc3\xa9", 1, ERR_USAGE },
};

static void files_are_taken_or_refused(void **state)
{
	(void)state;
	memset(longest, 'a', LONGEST);
	memset(longer, 'a', LONGEST + 1);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct github_publication none = GITHUB_PUBLICATION_NONE;
		const struct github_file file = { .name = cases[i].name,
			                          .fd = -1,
			                          .size = cases[i].size };
		struct err err = { .code = ERR_NONE };
		int got = github_publication_check(&none, &file, 1, &err);

		if (got != (cases[i].code == ERR_NONE ? 0 : -1) ||
		    err.code != cases[i].code)
			fail_msg("%s: got %d, code %d", cases[i].label, got,
			         (int)err.code);
	}
}

static void no_file_is_called_as_the_successor_of_another(void **state)
{
	struct github_publication none = GITHUB_PUBLICATION_NONE;
	struct github_file files[] = {
		{ .name = "a.new", .fd = -1, .size = 1 },
		{ .name = "b", .fd = -1, .size = 1 },
	};
	struct err err;

	(void)state;
	assert_int_equal(github_publication_check(&none, files, 2, &err), 0);
	files[1].name = "a";
	assert_int_equal(github_publication_check(&none, files, 2, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
}

static void a_release_has_so_many_assets_at_most(void **state)
{
	struct github_publication none = GITHUB_PUBLICATION_NONE;
	struct github_file *files =
		calloc(GITHUB_ASSETS_MAX + 1, sizeof *files);
	struct err err;

	(void)state;
	assert_non_null(files);
	for (size_t i = 0; i <= GITHUB_ASSETS_MAX; i++)
		files[i] = (struct github_file){ .name = "a", .size = 1 };
	assert_int_equal(
		github_publication_check(&none, files, GITHUB_ASSETS_MAX, &err),
		0);
	assert_int_equal(github_publication_check(&none, files,
	                                          GITHUB_ASSETS_MAX + 1, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
	free(files);
}

static void a_version_has_one_tag_or_two(void **state)
{
	char long_version[GITHUB_TAG_MAX + 1] = "";
	const struct tags_case {
		const char *version;
		size_t count;
	} tags_cases[] = {
		{ "1.2.3", 2 },      { "nightly", 2 },        { "v1.2.3", 1 },
		{ long_version, 1 }, { long_version + 1, 2 },
	};

	(void)state;
	memset(long_version, '1', GITHUB_TAG_MAX);
	for (size_t i = 0; i < sizeof tags_cases / sizeof tags_cases[0]; i++) {
		const struct tags_case *c = &tags_cases[i];
		char tags[GITHUB_VERSION_TAGS][GITHUB_TAG_SIZE];
		size_t count = github_version_tags(c->version, tags);

		if (count != c->count || strcmp(tags[0], c->version) != 0)
			fail_msg("%s: %zu tags, the first is %s", c->version,
			         count, tags[0]);
		if (count == 2 &&
		    (tags[1][0] != 'v' || strcmp(tags[1] + 1, c->version) != 0))
			fail_msg("%s: the second is %s", c->version, tags[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_version_has_one_tag_or_two),
		cmocka_unit_test(files_are_taken_or_refused),
		cmocka_unit_test(no_file_is_called_as_the_successor_of_another),
		cmocka_unit_test(a_release_has_so_many_assets_at_most),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
