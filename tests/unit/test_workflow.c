/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/workflow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* The pieces with blanks between them; NULL where the text is refused. */
static const struct workflow_case {
	const char *text, *whole, *setting;
} cases[] = {
	{ "o/r/.github/workflows/x.yml@refs/tags/v1",
	  "o/r .github/workflows/x.yml refs/tags/v1",
	  "o/r .github/workflows/x.yml refs/tags/v1" },
	{ "o/r/.github/workflows/x.yml@a@b/c",
	  "o/r .github/workflows/x.yml a@b/c",
	  "o/r .github/workflows/x.yml a@b/c" },
	{ "o/r/x@y", "o/r x y", "o/r x y" },
	{ "o/r/x", NULL, "o/r x " },
	{ ".github/workflows/x.yml", NULL, " .github/workflows/x.yml " },
	{ ".github/workflows/x.yml@v1", ".github/workflows x.yml v1",
	  " .github/workflows/x.yml v1" },
	{ "x.yml", NULL, " .github/workflows/x.yml " },
	{ "x.yml@refs/heads/main", NULL,
	  " .github/workflows/x.yml refs/heads/main" },
	{ "o/r/x@", NULL, NULL },
	{ "o/r/@v1", NULL, NULL },
	{ "o/r@v1/x", NULL, NULL },
	{ "o//x@v1", NULL, NULL },
	{ "/r/x@v1", NULL, NULL },
	{ "@v1", NULL, NULL },
	{ "", NULL, NULL },
};

static void print(const struct workflow *workflow, char *out, size_t size)
{
	(void)snprintf(out, size, "%.*s %.*s %.*s",
	               (int)workflow->repository.len, workflow->repository.text,
	               (int)workflow->path.len, workflow->path.text,
	               (int)workflow->ref.len, workflow->ref.text);
}

static void check(const char *text, int got, const struct workflow *workflow,
                  const char *want)
{
	char printed[256] = "";

	if ((got == 0) != (want != NULL))
		fail_msg("'%s': got %d", text, got);
	if (got < 0)
		return;
	print(workflow, printed, sizeof printed);
	if (strcmp(printed, want) != 0)
		fail_msg("'%s': '%s'", text, printed);
}

static void takes_names_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct workflow_case *c = &cases[i];
		struct workflow workflow;
		char path[64];
		struct err err;

		check(c->text, workflow_parse(c->text, &workflow, &err),
		      &workflow, c->whole);
		check(c->text,
		      workflow_parse_setting(c->text, path, sizeof path,
		                             &workflow, &err),
		      &workflow, c->setting);
	}
}

static void a_path_that_does_not_fit_is_refused(void **state)
{
	struct workflow workflow;
	char path[24];
	struct err err;

	(void)state;
	assert_int_equal(workflow_parse_setting("x.yml", path, sizeof path,
	                                        &workflow, &err),
	                 0);
	assert_int_equal(workflow_parse_setting("xy.yml", path, sizeof path,
	                                        &workflow, &err),
	                 -1);
	assert_int_equal(err.code, ERR_USAGE);
}

static const struct {
	const char *issuer, *server; /* NULL: refused */
} issuers[] = {
	{ "https://token.actions.githubusercontent.com",
	  "https://github.com/" },
	{ "https://token.actions.githubusercontent.com/acme",
	  "https://github.com/" },
	{ "https://token.actions.acme.ghe.com", "https://acme.ghe.com/" },
	{ "https://token.actions.githubusercontent.com.evil.org", NULL },
	{ "http://token.actions.githubusercontent.com", NULL },
	{ "https://token.actions.ghe.com", NULL },
	{ "https://token.actions..ghe.com", NULL },
	{ "https://token.actions.evil.org/x.ghe.com", NULL },
	{ "https://token.actions.a@b.ghe.com", NULL },
	{ "https://gitlab.com", NULL },
	{ "", NULL },
};

static void knows_where_github_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(issuers); i++) {
		char server[WORKFLOW_SERVER_SIZE] = "untouched";
		struct err err;
		int got = workflow_server(issuers[i].issuer, server, &err);

		if ((got == 0) != (issuers[i].server != NULL))
			fail_msg("%s: got %d", issuers[i].issuer, got);
		assert_string_equal(server,
		                    got == 0 ? issuers[i].server : "untouched");
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_names_apart),
		cmocka_unit_test(a_path_that_does_not_fit_is_refused),
		cmocka_unit_test(knows_where_github_is),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
