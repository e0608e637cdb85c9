/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/environment.h"
#include "pack/ci.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static void variables_are_found_by_their_whole_name(void **state)
{
	static const char *const environment[] = { "AB=1", "A=2", "A=3",
		                                   "C=",   "D",   NULL };

	(void)state;
	assert_string_equal(environment_find(environment, "A"), "2");
	assert_string_equal(environment_find(environment, "C"), "");
	assert_null(environment_find(environment, "D"));
	assert_null(environment_find(environment, "B"));
	assert_null(environment_find(NULL, "A"));
}

static const char *const github[] = {
	"GITHUB_ACTIONS=true",
	"GITHUB_SERVER_URL=https://github.com",
	"GITHUB_REPOSITORY=octo/shop",
	"GITHUB_REPOSITORY_ID=7",
	"GITHUB_SHA=" COMMIT,
	"GITHUB_REF=refs/tags/v1",
	"GITHUB_WORKFLOW_REF=octo/shop/.github/workflows/r.yml@refs/tags/v1",
	"GITHUB_EVENT_NAME=push",
	"GITHUB_RUN_ID=99",
	"GITHUB_RUN_ATTEMPT=2",
	"RUNNER_ENVIRONMENT=github-hosted",
	NULL,
};

static void github_says_who_built_what(void **state)
{
	struct ci_facts facts;
	struct err err;

	(void)state;
	assert_int_equal(ci_look(github, &facts, &err), 0);
	assert_string_equal(facts.system, "github");
	assert_string_equal(facts.builder,
	                    "https://github.com/actions/runner/github-hosted");
	assert_string_equal(facts.repository, "https://github.com/octo/shop");
	assert_string_equal(facts.ref, "refs/tags/v1");
	assert_string_equal(facts.commit, COMMIT);
	assert_string_equal(facts.workflow_repository,
	                    "https://github.com/octo/shop");
	assert_string_equal(facts.path, ".github/workflows/r.yml");
	assert_string_equal(facts.workflow_ref, "refs/tags/v1");
	assert_string_equal(
		facts.invocation,
		"https://github.com/octo/shop/actions/runs/99/attempts/2");
	assert_string_equal(facts.started, "");
	assert_int_equal(facts.internal.count, 3);
	assert_string_equal(facts.internal.at[0].name, "event_name");
	assert_string_equal(facts.internal.at[0].value, "push");
}

static void gitlab_says_who_built_what(void **state)
{
	static const char *const environment[] = {
		"GITLAB_CI=true",
		"CI_PROJECT_URL=https://gitlab.com/g/shop",
		"CI_COMMIT_SHA=" COMMIT,
		"CI_COMMIT_BRANCH=main",
		"CI_CONFIG_PATH=.gitlab-ci.yml",
		"CI_JOB_URL=https://gitlab.com/g/shop/-/jobs/5",
		"CI_JOB_STARTED_AT=2026-01-01T00:00:00Z",
		"CI_RUNNER_ID=12",
		NULL,
	};
	struct ci_facts facts;
	struct err err;

	(void)state;
	assert_int_equal(ci_look(environment, &facts, &err), 0);
	assert_string_equal(facts.system, "gitlab");
	assert_string_equal(facts.builder,
	                    "https://gitlab.com/g/shop/-/runners/12");
	assert_string_equal(facts.ref, "refs/heads/main");
	assert_string_equal(facts.path, ".gitlab-ci.yml");
	assert_string_equal(facts.workflow_repository,
	                    "https://gitlab.com/g/shop");
	assert_string_equal(facts.started, "2026-01-01T00:00:00Z");
}

static void what_ci_does_not_say_stays_empty(void **state)
{
	static const char *const environment[] = {
		"GITHUB_ACTIONS=true", "GITHUB_SERVER_URL=https://github.com",
		"GITHUB_REPOSITORY=", "GITHUB_RUN_ID=99", NULL
	};
	struct ci_facts facts;
	struct err err;

	(void)state;
	assert_int_equal(ci_look(environment, &facts, &err), 0);
	assert_string_equal(facts.builder, "");
	assert_string_equal(facts.repository, "");
	assert_string_equal(facts.invocation, "");
	assert_string_equal(facts.path, "");
	assert_int_equal(facts.internal.count, 0);
}

static void outside_of_ci_nothing_is_known(void **state)
{
	/* Variables that somebody left lying around. */
	static const char *const environment[] = { "GITHUB_SHA=" COMMIT,
		                                   "CI_RUNNER_ID=1",
		                                   "GITLAB_CI=no", NULL };
	struct ci_facts facts;
	struct err err;

	(void)state;
	assert_int_equal(ci_look(environment, &facts, &err), 0);
	assert_null(facts.system);
	assert_string_equal(facts.commit, "");
	assert_int_equal(ci_look(NULL, &facts, &err), 0);
	assert_null(facts.system);
}

static const char *const bad[] = {
	"GITHUB_SHA=0123",
	"GITHUB_SHA=0123456789ABCDEF0123456789abcdef01234567",
	"GITHUB_SHA=" COMMIT "0",
	"GITHUB_REF=refs/heads/\033[2J",
	"GITHUB_REF=\xff",
	"GITHUB_WORKFLOW_REF=octo",
};

static void variables_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *const environment[] = { "GITHUB_ACTIONS=true",
			                            bad[i], NULL };
		struct ci_facts facts = { .system = "untouched" };
		struct err err = { .code = ERR_NONE };

		if (ci_look(environment, &facts, &err) != -1 ||
		    err.code != ERR_USAGE)
			fail_msg("%s: code %d", bad[i], (int)err.code);
		assert_string_equal(facts.system, "untouched");
	}
}

static void texts_have_a_limit(void **state)
{
	static const char name[] = "GITHUB_REF=";
	char ref[sizeof name + CI_TEXT_SIZE];
	const char *const environment[] = { "GITHUB_ACTIONS=true", ref, NULL };
	struct ci_facts facts;
	struct err err;

	(void)state;
	memset(ref, 'x', sizeof ref);
	memcpy(ref, name, sizeof name - 1);
	ref[sizeof name - 1 + CI_TEXT_SIZE] = '\0';
	assert_int_equal(ci_look(environment, &facts, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	ref[sizeof name - 1 + CI_TEXT_SIZE - 1] = '\0';
	assert_int_equal(ci_look(environment, &facts, &err), 0);
	assert_int_equal(strlen(facts.ref), CI_TEXT_SIZE - 1);
}

static void texts_made_of_several_have_a_limit(void **state)
{
	static const char name[] = "GITHUB_REPOSITORY=";
	char repository[sizeof name + CI_TEXT_SIZE - 1];
	const char *const environment[] = { "GITHUB_ACTIONS=true",
		                            "GITHUB_SERVER_URL=https://x",
		                            repository, NULL };
	struct ci_facts facts;
	struct err err;

	(void)state;
	memset(repository, 'x', sizeof repository);
	memcpy(repository, name, sizeof name - 1);
	repository[sizeof repository - 1] = '\0';
	assert_int_equal(ci_look(environment, &facts, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_are_found_by_their_whole_name),
		cmocka_unit_test(github_says_who_built_what),
		cmocka_unit_test(gitlab_says_who_built_what),
		cmocka_unit_test(what_ci_does_not_say_stays_empty),
		cmocka_unit_test(outside_of_ci_nothing_is_known),
		cmocka_unit_test(variables_that_make_no_sense_are_refused),
		cmocka_unit_test(texts_have_a_limit),
		cmocka_unit_test(texts_made_of_several_have_a_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
