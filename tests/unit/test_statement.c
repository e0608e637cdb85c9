/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/statement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "changed_text.h"

#define HEX_8     "abababab"
#define HEX_32    HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8
#define SHA256    "\"sha256\":\"" HEX_32 "\""
#define SHA512    "\"sha512\":\"" HEX_32 HEX_32 "\""
#define SUBJECT   "{\"name\":\"a.txt\",\"digest\":{" SHA256 "}}"
#define SUBJECT_2 "{\"name\":\"b.txt\",\"digest\":{" SHA512 "}}"
#define DEPENDENCY                                                             \
	"{\"uri\":\"git+https://github.com/o/r@refs/heads/main\",\"digest\":"  \
	"{\"gitCommit\":\"c0ffee\"}}"
#define OTHER                                                                  \
	"{\"uri\":\"git+https://github.com/o/r2@v1\",\"digest\":"              \
	"{\"gitCommit\":\"decaf\"}}"
#define REPOSITORY "\"repository\":\"https://github.com/o/r\","

static const char text[] =
	"{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[" SUBJECT
	"," SUBJECT_2 "],\"predicateType\":\"https://slsa.dev/provenance/v1\","
	"\"predicate\":{\"buildDefinition\":{\"buildType\":\"bt\","
	"\"externalParameters\":{\"workflow\":{\"ref\":\"refs/heads/"
	"main\"," REPOSITORY "\"path\":\".github/workflows/w.yml\"}},"
	"\"internalParameters\":{\"github\":{\"event_name\":\"push\","
	"\"repository_id\":\"12\",\"repository_owner_id\":\"34\","
	"\"runner_environment\":\"github-hosted\"}},"
	"\"resolvedDependencies\":[" OTHER "," DEPENDENCY "]},"
	"\"runDetails\":{\"builder\":{\"id\":\"the builder\"},"
	"\"metadata\":{\"invocationId\":\"run 7\"}}}}";

static int parse(const char *from, struct statement *out, struct err *err)
{
	return statement_parse(from, strlen(from), out, err);
}

static void subjects_are_given(void **state)
{
	AUTO_STATEMENT struct statement statement = STATEMENT_NONE;
	uint8_t sha256[32], sha512[64];
	struct err err;

	(void)state;
	assert_int_equal(parse(text, &statement, &err), 0);
	assert_int_equal(statement.subject_count, 2);
	assert_string_equal(statement.subjects[0].name, "a.txt");
	assert_true(statement.subjects[0].has_sha256);
	assert_false(statement.subjects[0].has_sha512);
	assert_true(statement.subjects[1].has_sha512);
	assert_false(statement.subjects[1].has_sha256);

	memset(sha256, 0xab, sizeof sha256);
	memset(sha512, 0xab, sizeof sha512);
	assert_ptr_equal(statement_find(&statement, sha256, sha512),
	                 &statement.subjects[0]);
	sha256[31] = 0;
	assert_ptr_equal(statement_find(&statement, sha256, sha512),
	                 &statement.subjects[1]);
	assert_null(statement_find(&statement, sha256, NULL));
	sha512[63] = 0;
	assert_null(statement_find(&statement, sha256, sha512));
	sha256[31] = 0xab;
	assert_ptr_equal(statement_find(&statement, sha256, NULL),
	                 &statement.subjects[0]);
	/* One digest is the artifact's, and the other is not. */
	statement.subjects[0].has_sha512 = true;
	assert_null(statement_find(&statement, sha256, sha512));
	assert_non_null(statement_find(&statement, sha256, NULL));
}

static void provenance_is_given(void **state)
{
	AUTO_STATEMENT struct statement statement = STATEMENT_NONE;
	const struct provenance *says = &statement.provenance;
	struct err err;

	(void)state;
	assert_int_equal(parse(text, &statement, &err), 0);
	assert_string_equal(statement.predicate_type, PREDICATE_SLSA_V1);
	assert_true(statement.is_provenance);
	assert_string_equal(says->build_type, "bt");
	assert_string_equal(says->builder_id, "the builder");
	assert_string_equal(says->invocation_id, "run 7");
	assert_string_equal(says->workflow_ref, "refs/heads/main");
	assert_string_equal(says->workflow_repository,
	                    "https://github.com/o/r");
	assert_string_equal(says->workflow_path, ".github/workflows/w.yml");
	assert_string_equal(says->event_name, "push");
	assert_string_equal(says->repository_id, "12");
	assert_string_equal(says->repository_owner_id, "34");
	assert_string_equal(says->runner_environment, "github-hosted");
	assert_string_equal(says->git_commit, "c0ffee");
}

static void other_predicates_say_nothing_here(void **state)
{
	static const char sbom[] =
		"{\"_type\":\"https://in-toto.io/Statement/"
		"v0.1\",\"subject\":[" SUBJECT
		"],\"predicateType\":\"https://cyclonedx.org/bom\","
		"\"predicate\":{\"buildDefinition\":1,\"runDetails\":[]}}";
	AUTO_STATEMENT struct statement statement = STATEMENT_NONE;
	struct err err;

	(void)state;
	assert_int_equal(parse(sbom, &statement, &err), 0);
	assert_string_equal(statement.predicate_type,
	                    "https://cyclonedx.org/bom");
	assert_false(statement.is_provenance);
	assert_string_equal(statement.provenance.builder_id, "");
	assert_string_equal(statement.provenance.git_commit, "");
}

static const struct change {
	const char *name, *from, *to;
	enum err_code code;
	const char *commit; /* where it is read */
} changes[] = {
	{ "members that are not known", "\"subject\"",
	  "\"x\":{\"y\":[1]},\"subject\"", ERR_NONE, "c0ffee" },
	{ "no predicate", "\"predicate\":", "\"x\":", ERR_NONE, "" },
	{ "no run", "\"runDetails\"", "\"x\"", ERR_NONE, "c0ffee" },
	{ "a null builder", "{\"id\":\"the builder\"}", "null", ERR_NONE,
	  "c0ffee" },
	{ "other digests besides", SHA256, SHA256 ",\"sha1\":\"ABC\"", ERR_NONE,
	  "c0ffee" },
	{ "other digests alone", SHA256, "\"gitCommit\":\"abc\"", ERR_NONE,
	  "c0ffee" },
	{ "no name", "\"name\":\"a.txt\",", "", ERR_NONE, "c0ffee" },

	{ "an unknown type", "Statement/v1", "Statement/v2", ERR_FORMAT, NULL },
	{ "no type", "_type", "type", ERR_FORMAT, NULL },
	{ "no subject", SUBJECT "," SUBJECT_2, "", ERR_FORMAT, NULL },
	{ "no list of subjects", "\"subject\"", "\"subjects\"", ERR_FORMAT,
	  NULL },
	{ "a subject that is no object", SUBJECT, "\"a.txt\"", ERR_FORMAT,
	  NULL },
	{ "a subject without digest", SHA256, "", ERR_FORMAT, NULL },
	{ "a subject without digests", ",\"digest\":{" SHA256 "}", "",
	  ERR_FORMAT, NULL },
	{ "a digest in capitals", HEX_8 HEX_8, "ABABABABABABABAB", ERR_FORMAT,
	  NULL },
	{ "a short SHA-256", HEX_8 HEX_8, HEX_8, ERR_FORMAT, NULL },
	{ "a SHA-512 of 32 bytes", "sha256", "sha512", ERR_FORMAT, NULL },
	{ "an empty SHA-256", HEX_32, "", ERR_FORMAT, NULL },
	{ "a number as digest", "\"" HEX_32 "\"", "1", ERR_FORMAT, NULL },
	{ "a number as name", "\"a.txt\"", "1", ERR_FORMAT, NULL },
	{ "no predicate type", "\"https://slsa.dev/provenance/v1\"", "\"\"",
	  ERR_FORMAT, NULL },
	{ "a list as predicate", "\"predicate\":{", "\"predicate\":[{",
	  ERR_FORMAT, NULL },
	{ "a text as predicate", "\"predicate\":{",
	  "\"predicate\":\"\",\"x\":{", ERR_FORMAT, NULL },
	{ "a number as builder", "\"the builder\"", "7", ERR_FORMAT, NULL },
	{ "a list as workflow", "\"workflow\":{", "\"workflow\":[],\"x\":{",
	  ERR_FORMAT, NULL },
	{ "a number as ref", "\"refs/heads/main\",", "1,", ERR_FORMAT, NULL },
	{ "an object as dependencies", "[" OTHER "," DEPENDENCY "]", OTHER,
	  ERR_FORMAT, NULL },
	{ "a number as commit", "\"c0ffee\"", "1", ERR_FORMAT, NULL },
	{ "a duplicate key", "\"_type\"", "\"subject\":[],\"_type\"",
	  ERR_FORMAT, NULL },

	/* which commit */
	{ "no repository, the first commit", REPOSITORY, "", ERR_NONE,
	  "decaf" },
	{ "a repository without ref", "o/r@refs/heads/main", "o/r", ERR_NONE,
	  "c0ffee" },
	{ "no dependency of the repository", "o/r@refs/heads/main", "o/r/x",
	  ERR_NONE, "" },
	{ "another scheme", "git+https://github.com/o/r@", "git:o/r@", ERR_NONE,
	  "" },
	{ "the same commit twice", OTHER, DEPENDENCY, ERR_NONE, "c0ffee" },
	{ "two commits of one repository", "o/r2@v1", "o/r@v1", ERR_FORMAT,
	  NULL },
	{ "no commit", "{\"gitCommit\":\"c0ffee\"}", "{\"sha1\":\"c0ffee\"}",
	  ERR_NONE, "" },
};

static void each_change_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		const struct change *c = &changes[i];
		AUTO_STATEMENT struct statement statement = STATEMENT_NONE;
		AUTO_BUF struct buf changed = BUF_NONE;
		struct err err = { .code = ERR_NONE };
		int got;

		change_text(&changed, text, c->from, c->to);
		got = parse(buf_text(&changed), &statement, &err);
		if (got != (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: got %d, code %d: %s", c->name, got,
			         (int)err.code, got < 0 ? err.text : "");
		if (got == 0 &&
		    strcmp(statement.provenance.git_commit, c->commit) != 0)
			fail_msg("%s: commit '%s'", c->name,
			         statement.provenance.git_commit);
		if (got < 0 && (statement.document.root != NULL ||
		                statement.subjects != NULL))
			fail_msg("%s: touched what it was given", c->name);
	}
}

static int parse_many(const char *from, const char *each, size_t count,
                      struct err *err)
{
	AUTO_STATEMENT struct statement statement = STATEMENT_NONE;
	AUTO_BUF struct buf list = BUF_NONE, changed = BUF_NONE;

	repeat_text(&list, each, count);
	change_text(&changed, text, from, buf_text(&list));
	return parse(buf_text(&changed), &statement, err);
}

static void lists_are_limited(void **state)
{
	static const struct {
		const char *from, *each;
		size_t max;
	} lists[] = {
		{ SUBJECT "," SUBJECT_2, SUBJECT, STATEMENT_SUBJECTS_MAX },
		{ OTHER "," DEPENDENCY, DEPENDENCY,
		  STATEMENT_DEPENDENCIES_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		struct err err;

		assert_int_equal(parse_many(lists[i].from, lists[i].each,
		                            lists[i].max, &err),
		                 0);
		assert_int_equal(parse_many(lists[i].from, lists[i].each,
		                            lists[i].max + 1, &err),
		                 -1);
		assert_int_equal(err.code, ERR_LIMIT);
	}
}

static int parse_digests(size_t count, struct err *err)
{
	AUTO_STATEMENT struct statement statement = STATEMENT_NONE;
	AUTO_BUF struct buf list = BUF_NONE, changed = BUF_NONE;

	assert_int_equal(buf_adds(&list, SHA256, err), 0);
	for (size_t i = 1; i < count; i++)
		assert_int_equal(buf_printf(&list, err, ",\"x%zu\":\"y\"", i),
		                 0);
	change_text(&changed, text, SHA256, buf_text(&list));
	return parse(buf_text(&changed), &statement, err);
}

static void digests_of_a_subject_are_limited(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(parse_digests(STATEMENT_DIGESTS_MAX, &err), 0);
	assert_int_equal(parse_digests(STATEMENT_DIGESTS_MAX + 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subjects_are_given),
		cmocka_unit_test(provenance_is_given),
		cmocka_unit_test(other_predicates_say_nothing_here),
		cmocka_unit_test(each_change_is_judged),
		cmocka_unit_test(lists_are_limited),
		cmocka_unit_test(digests_of_a_subject_are_limited),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
