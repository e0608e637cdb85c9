/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define ISSUER   "https://token.actions.githubusercontent.com"
#define REUSED   "https://github.com/acme/ci/.github/workflows/sign.yml@"
#define OWN      "https://github.com/o/r/.github/workflows/release.yml@"
#define TAG      "refs/tags/v1.2"

static struct claims claims;

/* What GitHub says of a workflow of o/r on tag v1.2. */
static void set_claims(void)
{
	static const struct {
		enum claim claim;
		const char *text;
	} rows[] = {
		{ CLAIM_SUBJECT, OWN TAG },
		{ CLAIM_ISSUER, ISSUER },
		{ CLAIM_BUILD_SIGNER_URI, OWN TAG },
		{ CLAIM_RUNNER_ENVIRONMENT, "github-hosted" },
		{ CLAIM_SOURCE_URI, "https://github.com/o/r" },
		{ CLAIM_SOURCE_DIGEST, "abcdef" },
		{ CLAIM_SOURCE_REF, TAG },
		{ CLAIM_SOURCE_ID, "11" },
		{ CLAIM_OWNER_ID, "22" },
		{ CLAIM_CONFIG_URI, OWN TAG },
		{ CLAIM_TRIGGER, "push" },
		{ CLAIM_INVOCATION,
		  "https://github.com/o/r/actions/runs/3/attempts/1" },
	};

	memset(&claims, 0, sizeof claims);
	for (size_t i = 0; i < COUNT(rows); i++)
		(void)snprintf(claims.text[rows[i].claim], CLAIM_SIZE, "%s",
		               rows[i].text);
}

#define GITHUB "issuer = " ISSUER "\n"

/* One claim may be changed; NULL: none. */
static const struct match_case {
	const char *name, *identity;
	enum claim claim;
	const char *text;
	const char *says; /* NULL: matches */
} cases[] = {
	{ "repository", GITHUB "repository = o/r\n", 0, NULL, NULL },
	{ "repository in capitals", GITHUB "repository = O/r\n", 0, NULL,
	  "repository: 'O/r' is wanted, not 'o/r'" },
	{ "a repository that begins like it", GITHUB "repository = o/r\n",
	  CLAIM_SUBJECT,
	  "https://github.com/o/r-evil/.github/workflows/release.yml@" TAG,
	  "not 'o/r-evil' of the subject" },
	{ "another source repository", GITHUB "repository = o/r\n",
	  CLAIM_SOURCE_URI, "https://github.com/o/fork",
	  "not 'https://github.com/o/fork'" },
	{ "a source repository of another server", GITHUB "repository = o/r\n",
	  CLAIM_SOURCE_URI, "https://github.com.evil.org/o/r", "repository" },
	{ "no source repository", GITHUB "repository = o/r\n", CLAIM_SOURCE_URI,
	  "", "does not speak of it" },
	{ "another issuer", GITHUB "repository = o/r\n", CLAIM_ISSUER,
	  ISSUER "/evil", "issuer" },
	{ "issuer in capitals", GITHUB "repository = o/r\n", CLAIM_ISSUER,
	  "https://Token.actions.githubusercontent.com", "issuer" },
	{ "an issuer with a slug",
	  "issuer = " ISSUER "/acme\nrepository = o/r\n", CLAIM_ISSUER,
	  ISSUER "/acme", NULL },
	{ "all repositories of an owner", GITHUB "repository = o/*\n", 0, NULL,
	  NULL },
	{ "a subject that is no workflow", GITHUB "repository = o/r\n",
	  CLAIM_SUBJECT, "https://github.com/o/r", "is no workflow" },
	{ "a subject that is a mail address", GITHUB "repository = o/r\n",
	  CLAIM_SUBJECT, "a@b.org", "is no workflow" },
	{ "workflow", GITHUB "repository = o/r\nworkflow = release.yml\n", 0,
	  NULL, NULL },
	{ "workflow by its path",
	  GITHUB "repository = o/r\nworkflow = .github/workflows/release.yml\n",
	  0, NULL, NULL },
	{ "another workflow", GITHUB "repository = o/r\nworkflow = build.yml\n",
	  0, NULL, "workflow: " },
	{ "workflow at a ref of its own",
	  GITHUB "repository = o/r\nworkflow = release.yml@refs/tags/v*\n", 0,
	  NULL, NULL },
	{ "workflow at another ref",
	  GITHUB "repository = o/r\nworkflow = release.yml@refs/heads/main\n",
	  0, NULL, "ref: " },
	{ "a branch that looks like a workflow",
	  GITHUB "repository = o/r\nworkflow = release.yml\n"
	         "ref = refs/tags/v*\n",
	  CLAIM_SUBJECT,
	  "https://github.com/o/r/.github/workflows/evil.yml@x/.github/"
	  "workflows/release.yml@refs/tags/v1",
	  "workflow: " },
	{ "ref", GITHUB "repository = o/r\nref = refs/tags/v*\n", 0, NULL,
	  NULL },
	{ "another ref of the source",
	  GITHUB "repository = o/r\nref = refs/tags/v*\n", CLAIM_SOURCE_REF,
	  "refs/heads/main", "ref: 'refs/tags/v*' is wanted" },
	{ "another ref of the workflow",
	  GITHUB "repository = o/r\nref = refs/tags/v*\n", CLAIM_SUBJECT,
	  OWN "refs/heads/main", "ref: 'refs/tags/v*' is wanted" },
	{ "no ref of the source",
	  GITHUB "repository = o/r\nref = refs/tags/v*\n", CLAIM_SOURCE_REF, "",
	  "does not speak of it" },
	{ "a reusable workflow",
	  GITHUB "repository = o/r\n"
	         "workflow = acme/ci/.github/workflows/sign.yml@0123*\n",
	  CLAIM_SUBJECT, REUSED "0123abc", NULL },
	{ "a reusable workflow at another commit",
	  GITHUB "repository = o/r\n"
	         "workflow = acme/ci/.github/workflows/sign.yml@0123*\n",
	  CLAIM_SUBJECT, REUSED "4567", "ref: " },
	{ "a reusable workflow instead of the own one",
	  GITHUB "repository = o/r\n", CLAIM_SUBJECT, REUSED "0123abc",
	  "repository: " },
	{ "the own one instead of the reusable one",
	  GITHUB "repository = o/r\n"
	         "workflow = acme/ci/.github/workflows/sign.yml@**\n",
	  0, NULL, "repository: " },
	{ "a tenant",
	  "issuer = https://token.actions.acme.ghe.com\nrepository = o/r\n",
	  CLAIM_ISSUER, "https://token.actions.acme.ghe.com",
	  "below https://acme.ghe.com/" },
	{ "subject", GITHUB "subject = " OWN TAG "\n", 0, NULL, NULL },
	{ "a subject cut short", GITHUB "subject = " OWN TAG "\n",
	  CLAIM_SUBJECT, OWN "refs/tags/v1", "subject" },
	{ "a subject with more", GITHUB "subject = " OWN TAG "\n",
	  CLAIM_SUBJECT, OWN TAG "0", "subject" },
	{ "a subject that is a pattern", GITHUB "subject = " OWN "**\n", 0,
	  NULL, NULL },
	{ "a mail address",
	  "issuer = https://accounts.google.com\n"
	  "subject = *@example.org\n",
	  CLAIM_SUBJECT, "a@example.org", "issuer" },
	{ "no subject", GITHUB "subject = **\n", CLAIM_SUBJECT, "", "subject" },
	{ "source of a subject",
	  GITHUB "subject = **\nsource_repository = https://github.com/o/r\n"
	         "source_ref = refs/tags/*\n",
	  0, NULL, NULL },
	{ "another source of a subject",
	  GITHUB "subject = **\nsource_repository = https://github.com/o/x\n",
	  0, NULL, "source_repository" },
	{ "everything",
	  GITHUB "repository = o/r\nrunner_environment = github-hosted\n"
	         "trigger = push\nsource_owner_id = 22\n"
	         "source_repository_id = 11\nbuilder_id = " OWN "*/**\n",
	  0, NULL, NULL },
	{ "another runner",
	  GITHUB "repository = o/r\nrunner_environment = github-hosted\n",
	  CLAIM_RUNNER_ENVIRONMENT, "self-hosted", "runner_environment" },
	{ "another trigger", GITHUB "repository = o/r\ntrigger = push\n",
	  CLAIM_TRIGGER, "pull_request", "trigger" },
	{ "another owner", GITHUB "repository = o/r\nsource_owner_id = 22\n",
	  CLAIM_OWNER_ID, "2", "source_owner_id" },
	{ "another repository of the name",
	  GITHUB "repository = o/r\nsource_repository_id = 11\n",
	  CLAIM_SOURCE_ID, "12", "source_repository_id" },
	{ "another builder", GITHUB "repository = o/r\nbuilder_id = a\n", 0,
	  NULL, "builder_id" },
	{ "no builder", GITHUB "repository = o/r\nbuilder_id = **\n",
	  CLAIM_BUILD_SIGNER_URI, "", "builder_id" },
};

static void read_settings(const char *identity, struct settings *out)
{
	char text[1024];
	struct err err;

	(void)snprintf(text, sizeof text, "[identity ci]\n%s", identity);
	if (settings_parse(text, strlen(text), out, &err) < 0)
		fail_msg("%s: %s", identity, err.text);
}

static void matches_who_the_host_named(void **state)
{
	static struct settings settings;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct match_case *c = &cases[i];
		struct err err = { 0 };
		char text[2 * ERR_TEXT_MAX];
		int got;

		set_claims();
		if (c->text != NULL)
			(void)snprintf(claims.text[c->claim], CLAIM_SIZE, "%s",
			               c->text);
		read_settings(c->identity, &settings);
		got = identity_match(&settings.identities[0], &claims, NULL,
		                     &err);
		(void)err_format(&err, text, sizeof text);
		if (got != (c->says == NULL ? 0 : -1))
			fail_msg("%s: got %d: %s", c->name, got, text);
		if (got < 0 && err.code != ERR_UNTRUSTED)
			fail_msg("%s: code %d", c->name, (int)err.code);
		if (got < 0 && strstr(text, c->says) == NULL)
			fail_msg("%s: says %s", c->name, text);
	}
}

static struct provenance provenance_of_v1(void)
{
	return (struct provenance){
		.build_type = "",
		.builder_id = OWN TAG,
		.invocation_id =
			"https://github.com/o/r/actions/runs/3/attempts/1",
		.workflow_ref = TAG,
		.workflow_repository = "https://github.com/o/r",
		.workflow_path = ".github/workflows/release.yml",
		.event_name = "push",
		.repository_id = "11",
		.repository_owner_id = "22",
		.runner_environment = "github-hosted",
		.git_commit = "abcdef",
	};
}

#define FIELD(member) offsetof(struct provenance, member)

static const struct {
	const char *name;
	size_t field;
	const char *text;
	int want;
} agreements[] = {
	{ "all of it", FIELD(build_type), "", 0 },
	{ "no builder", FIELD(builder_id), "", 0 },
	{ "no commit", FIELD(git_commit), "", 0 },
	{ "the builder of old", FIELD(builder_id),
	  "https://github.com/actions/runner/github-hosted", 0 },
	{ "another runner as builder", FIELD(builder_id),
	  "https://github.com/actions/runner/self-hosted", -1 },
	{ "another builder", FIELD(builder_id), OWN "refs/heads/main", -1 },
	{ "another commit", FIELD(git_commit), "abcdee", -1 },
	{ "another path", FIELD(workflow_path), ".github/workflows/x.yml", -1 },
	{ "a path cut short", FIELD(workflow_path), ".github/workflows", -1 },
	{ "no path", FIELD(workflow_path), "", 0 },
	{ "another ref", FIELD(workflow_ref), "refs/heads/main", -1 },
	{ "another repository", FIELD(workflow_repository),
	  "https://github.com/o/x", -1 },
	{ "another run", FIELD(invocation_id),
	  "https://github.com/o/r/actions/runs/3/attempts/2", -1 },
	{ "another trigger", FIELD(event_name), "schedule", -1 },
	{ "another repository id", FIELD(repository_id), "12", -1 },
	{ "another owner id", FIELD(repository_owner_id), "23", -1 },
	{ "another kind of runner", FIELD(runner_environment), "self-hosted",
	  -1 },
};

static void provenance_agrees_with_the_certificate(void **state)
{
	(void)state;
	set_claims();
	for (size_t i = 0; i < COUNT(agreements); i++) {
		struct provenance provenance = provenance_of_v1();
		struct err err = { 0 };
		int got;

		memcpy((char *)&provenance + agreements[i].field,
		       &agreements[i].text, sizeof agreements[i].text);
		got = identity_check_agreement(&claims, &provenance, &err);
		if (got != agreements[i].want ||
		    (got < 0 && err.code != ERR_UNTRUSTED))
			fail_msg("%s: got %d, code %d", agreements[i].name, got,
			         (int)err.code);
	}
}

static void what_the_certificate_lacks_does_not_disagree(void **state)
{
	struct provenance provenance = provenance_of_v1();
	struct err err;

	(void)state;
	memset(&claims, 0, sizeof claims);
	assert_int_equal(identity_check_agreement(&claims, &provenance, &err),
	                 0);
}

/* Of a provenance that the certificate does not speak of: builder_id asks it.
 */
static void the_builder_of_the_provenance_is_asked_too(void **state)
{
	static struct settings settings;
	struct provenance provenance = provenance_of_v1();
	struct err err;

	(void)state;
	set_claims();
	claims.text[CLAIM_BUILD_SIGNER_URI][0] = '\0';
	read_settings(GITHUB "repository = o/r\nbuilder_id = " OWN "**\n",
	              &settings);
	assert_int_equal(identity_match(&settings.identities[0], &claims,
	                                &provenance, &err),
	                 0);
	provenance.builder_id = "https://evil.org";
	assert_int_equal(identity_match(&settings.identities[0], &claims,
	                                &provenance, &err),
	                 -1);
}

static void finds_all_that_match(void **state)
{
	static struct settings settings;
	char reason[VERDICT_REASON_SIZE];
	uint64_t mask = 77;
	struct err err;
	struct statement statement = { .is_provenance = true };

	(void)state;
	set_claims();
	read_settings(GITHUB "subject = x\n[identity b]\n" GITHUB
	                     "repository = o/r\n[identity c]\n" GITHUB
	                     "subject = **\n",
	              &settings);
	assert_int_equal(
		identity_find(&settings, &claims, NULL, &mask, reason, &err),
		0);
	assert_int_equal(mask, 6);
	assert_string_equal(reason, "");
	statement.provenance = provenance_of_v1();
	assert_int_equal(identity_find(&settings, &claims, &statement, &mask,
	                               reason, &err),
	                 0);
	assert_int_equal(mask, 6);
	statement.provenance.git_commit = "0";
	mask = 77;
	assert_int_equal(identity_find(&settings, &claims, &statement, &mask,
	                               reason, &err),
	                 -1);
	assert_int_equal(mask, 77);
}

static void of_a_stranger_the_nearest_miss_is_told(void **state)
{
	static struct settings settings;
	char reason[VERDICT_REASON_SIZE];
	uint64_t mask = 77;
	struct err err;

	(void)state;
	set_claims();
	read_settings("issuer = a\nsubject = x\n[identity b]\n" GITHUB
	              "repository = o/r\nref = refs/heads/main\n"
	              "[identity c]\nissuer = a\nsubject = **\n",
	              &settings);
	assert_int_equal(
		identity_find(&settings, &claims, NULL, &mask, reason, &err),
		0);
	assert_int_equal(mask, 0);
	if (strncmp(reason, "[identity b] ref: ", 18) != 0)
		fail_msg("says %s", reason);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_who_the_host_named),
		cmocka_unit_test(provenance_agrees_with_the_certificate),
		cmocka_unit_test(what_the_certificate_lacks_does_not_disagree),
		cmocka_unit_test(the_builder_of_the_provenance_is_asked_too),
		cmocka_unit_test(finds_all_that_match),
		cmocka_unit_test(of_a_stranger_the_nearest_miss_is_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
