/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/git.h"

#include "temp_dir.h"

struct url_case {
	const char *url, *want;
};

static const struct url_case cases[] = {
	{ "https://example.org/x.git", "https://example.org/x.git" },
	{ "https://user@example.org/x.git", "https://example.org/x.git" },
	{ "https://user:secret@example.org/x", "https://example.org/x" },
	{ "https://u:p@ss@example.org/x", "https://example.org/x" },
	{ "https://example.org/a@b", "https://example.org/a@b" },
	{ "ssh://git@example.org/x", "ssh://example.org/x" },
	{ "git@example.org:x/y.git", "git@example.org:x/y.git" },
	{ "/srv/git/x.git", "/srv/git/x.git" },
	{ "https://", "https://" },
	{ "", "" },
};

static void credentials_are_stripped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char url[128];

		(void)snprintf(url, sizeof url, "%s", cases[i].url);
		git_strip_credentials(url);
		assert_string_equal(url, cases[i].want);
	}
}

static void outside_of_a_repository_git_knows_nothing(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	const struct git_environment environment = { NULL, "/nonexistent" };
	struct git_facts facts;
	struct err err;

	(void)state;
	assert_int_equal(git_look(dir.path, &environment, &facts, &err), 0);
	assert_false(facts.is_repository);
	assert_string_equal(facts.revision, "");
}

static void without_git_nothing_is_known(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	const struct git_environment environment = { "/nonexistent", NULL };
	struct git_facts facts;
	struct err err;

	(void)state;
	assert_int_equal(git_look(dir.path, &environment, &facts, &err), 0);
	assert_false(facts.is_repository);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(credentials_are_stripped),
		cmocka_unit_test(outside_of_a_repository_git_knows_nothing),
		cmocka_unit_test(without_git_nothing_is_known),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
