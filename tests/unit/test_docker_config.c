/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/docker_config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define AUTH(key, auth)   "\"" key "\":{\"auth\":\"" auth "\"}"
#define AUTHS_OF(entries) "\"auths\":{" entries "}"
#define AUTHS(entries)    "{" AUTHS_OF(entries) "}"
/* u:p, v:q:r, w: */
#define U_P   "dTpw"
#define V_Q_R "djpxOnI="
#define W     "dzo="

static const struct find_case {
	const char *name, *reference, *text;
	int want;
	const char *user, *password, *identity, *token, *helper;
} cases[] = {
	{ "by registry", "ghcr.io/a/b", AUTHS(AUTH("ghcr.io", U_P)), 1, "u",
	  "p", "", "", "" },
	{ "colons in the password", "ghcr.io/a/b",
	  AUTHS(AUTH("ghcr.io", V_Q_R)), 1, "v", "q:r", "", "", "" },
	{ "with its port", "localhost:5000/a",
	  AUTHS(AUTH("localhost", V_Q_R) "," AUTH("localhost:5000", U_P)), 1,
	  "u", "p", "", "", "" },
	{ "another port", "localhost:5001/a",
	  AUTHS(AUTH("localhost:5000", U_P)), 0, "", "", "", "", "" },
	{ "as an address", "ghcr.io/a", AUTHS(AUTH("https://ghcr.io/v1/", U_P)),
	  1, "u", "p", "", "", "" },
	{ "by repository before the registry", "q.io/a/b",
	  AUTHS(AUTH("q.io", V_Q_R) "," AUTH("q.io/a/b", U_P)), 1, "u", "p", "",
	  "", "" },
	{ "by folder", "q.io/a/b",
	  AUTHS(AUTH("q.io", V_Q_R) "," AUTH("q.io/a", U_P)), 1, "u", "p", "",
	  "", "" },
	{ "by no other folder", "q.io/ab/b", AUTHS(AUTH("q.io/a", U_P)), 0, "",
	  "", "", "", "" },
	{ "of docker.io", "docker.io/a",
	  AUTHS(AUTH("https://index.docker.io/v1/", U_P)), 1, "u", "p", "", "",
	  "" },
	{ "of docker.io alone", "ghcr.io/a",
	  AUTHS(AUTH("https://index.docker.io/v1/", U_P)), 0, "", "", "", "",
	  "" },
	{ "in two fields", "ghcr.io/a",
	  AUTHS("\"ghcr.io\":{\"username\":\"u\",\"password\":\"p\"}"), 1, "u",
	  "p", "", "", "" },
	{ "an identity token", "ghcr.io/a",
	  AUTHS("\"ghcr.io\":{\"auth\":\"" W "\",\"identitytoken\":\"i\"}"), 1,
	  "w", "", "i", "", "" },
	{ "an identity token as a password", "ghcr.io/a",
	  AUTHS("\"ghcr.io\":{\"username\":\"<token>\",\"password\":\"i\"}"), 1,
	  "<token>", "", "i", "", "" },
	{ "a registry token", "ghcr.io/a",
	  AUTHS("\"ghcr.io\":{\"registrytoken\":\"t\"}"), 1, "", "", "", "t",
	  "" },
	{ "an empty entry", "ghcr.io/a", AUTHS("\"ghcr.io\":{}"), 0, "", "", "",
	  "", "" },
	{ "an empty entry beside a store", "ghcr.io/a",
	  "{\"auths\":{\"ghcr.io\":{}},\"credsStore\":\"desktop\"}", 1, "", "",
	  "", "", "desktop" },
	{ "a helper", "gcr.io/a",
	  "{\"credHelpers\":{\"gcr.io\":\"gcloud\"},\"credsStore\":\"x\"}", 1,
	  "", "", "", "", "gcloud" },
	{ "a helper of another", "ghcr.io/a",
	  "{\"credHelpers\":{\"gcr.io\":\"gcloud\"}}", 0, "", "", "", "", "" },
	{ "nothing", "ghcr.io/a", "{}", 0, "", "", "", "", "" },
	{ "no object", "ghcr.io/a", "[]", -1, "", "", "", "", "" },
	{ "no JSON", "ghcr.io/a", "user:password", -1, "", "", "", "", "" },
	{ "auths that are none", "ghcr.io/a", "{\"auths\":[]}", -1, "", "", "",
	  "", "" },
	{ "no base64", "ghcr.io/a", AUTHS(AUTH("ghcr.io", "u:p")), -1, "", "",
	  "", "", "" },
	{ "no colon", "ghcr.io/a", AUTHS(AUTH("ghcr.io", "dXA=")), -1, "", "",
	  "", "", "" },
	{ "a NUL", "ghcr.io/a", AUTHS(AUTH("ghcr.io", "dTpwAA==")), -1, "", "",
	  "", "", "" },
};

static void check_found(const struct find_case *c,
                        const struct docker_credential *got)
{
	const char *const pairs[][2] = {
		{ got->user, c->user },
		{ got->password, c->password },
		{ got->identity_token, c->identity },
		{ got->registry_token, c->token },
		{ got->helper, c->helper },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		if (strcmp(pairs[i][0], pairs[i][1]) != 0)
			fail_msg("%s: '%s', not '%s'", c->name, pairs[i][0],
			         pairs[i][1]);
}

static void credentials_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct find_case *c = &cases[i];
		AUTO_DOCKER_CREDENTIAL struct docker_credential got =
			DOCKER_CREDENTIAL_NONE;
		struct oci_reference reference;
		struct err err;
		int result;

		assert_int_equal(
			oci_reference_parse(c->reference, &reference, &err), 0);
		result = docker_config_find(c->text, strlen(c->text),
		                            &reference, &got, &err);
		if (result != c->want)
			fail_msg("%s: got %d", c->name, result);
		if (result == 1)
			check_found(c, &got);
		else
			assert_null(got.user);
	}
}

/* --- writing ------------------------------------------------------------ */

#define OTHERS "\"ghcr.io\":{\"auth\":\"" V_Q_R "\",\"email\":\"e\"}"

static struct oci_reference refer(const char *text)
{
	struct oci_reference reference;
	struct err err;

	assert_int_equal(oci_reference_parse(text, &reference, &err), 0);
	return reference;
}

/* The text without blanks and newlines outside of texts, which have none. */
static void squeeze(const struct buf *in, char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < in->len; i++)
		if (in->data[i] != ' ' && in->data[i] != '\n' && len + 1 < size)
			out[len++] = in->data[i];
	out[len] = '\0';
}

static const struct write_case {
	const char *name, *reference, *text;
	const char *set;     /* as u:p */
	const char *removed; /* NULL: nothing was there */
} writes[] = {
	{ "no file", "q.io/a", "", AUTHS(AUTH("q.io", U_P)), NULL },
	{ "an empty object", "q.io/a", "{}", AUTHS(AUTH("q.io", U_P)), NULL },
	{ "others stay", "q.io/a", "{\"x\":[1.5,null]," AUTHS_OF(OTHERS) "}",
	  "{\"x\":[1.5,null]," AUTHS_OF(OTHERS "," AUTH("q.io", U_P)) "}",
	  NULL },
	{ "an old entry goes", "ghcr.io/a", "{" AUTHS_OF(OTHERS) "}",
	  AUTHS(AUTH("ghcr.io", U_P)), AUTHS("") },
	{ "under another spelling", "q.io/a",
	  AUTHS(AUTH("https://q.io/v1/", V_Q_R)), AUTHS(AUTH("q.io", U_P)),
	  AUTHS("") },
	{ "docker.io", "docker.io/a", AUTHS(AUTH("docker.io", V_Q_R)),
	  AUTHS(AUTH("https://index.docker.io/v1/", U_P)), AUTHS("") },
	{ "a folder's entry stays", "q.io/a", AUTHS(AUTH("q.io/a", V_Q_R)),
	  AUTHS(AUTH("q.io/a", V_Q_R) "," AUTH("q.io", U_P)), NULL },
};

static void entries_are_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
		const struct write_case *c = &writes[i];
		struct oci_reference reference = refer(c->reference);
		AUTO_BUF struct buf set = BUF_NONE;
		AUTO_BUF struct buf removed = BUF_NONE;
		char text[1024];
		struct err err;
		int got;

		if (docker_config_set(c->text, strlen(c->text), &reference, "u",
		                      "p", &set, &err) < 0)
			fail_msg("%s: %s", c->name, err.text);
		squeeze(&set, text, sizeof text);
		if (strcmp(text, c->set) != 0)
			fail_msg("%s: %s", c->name, text);
		got = docker_config_remove(c->text, strlen(c->text), &reference,
		                           &removed, &err);
		if (got != (c->removed != NULL))
			fail_msg("%s: removed %d", c->name, got);
		squeeze(&removed, text, sizeof text);
		if (strcmp(text, c->removed != NULL ? c->removed : "") != 0)
			fail_msg("%s: %s", c->name, text);
	}
}

static void what_is_refused(void **state)
{
	struct oci_reference reference = refer("q.io/a");
	AUTO_BUF struct buf out = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(
		docker_config_set("{}", 2, &reference, "u:v", "p", &out, &err),
		-1);
	assert_int_equal(
		docker_config_set("{}", 2, &reference, "", "p", &out, &err),
		-1);
	assert_int_equal(
		docker_config_set("[]", 2, &reference, "u", "p", &out, &err),
		-1);
	assert_int_equal(docker_config_remove("{", 1, &reference, &out, &err),
	                 -1);
	assert_int_equal(out.len, 0);
}

static void helpers_are_named(void **state)
{
	static const char text[] = "{\"credHelpers\":{\"q.io\":\"ecr-login\"},"
				   "\"credsStore\":\"pass\"}";
	struct oci_reference own = refer("q.io/a");
	struct oci_reference other = refer("r.io/a");
	char name[DOCKER_HELPER_SIZE];
	struct err err;

	(void)state;
	assert_int_equal(
		docker_config_helper(text, strlen(text), &own, name, &err), 1);
	assert_string_equal(name, "ecr-login");
	assert_int_equal(
		docker_config_helper(text, strlen(text), &other, name, &err),
		1);
	assert_string_equal(name, "pass");
	assert_int_equal(docker_config_helper("{}", 2, &own, name, &err), 0);
	assert_int_equal(docker_config_helper("{\"credsStore\":\"a/b\"}", 20,
	                                      &own, name, &err),
	                 -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(credentials_are_found),
		cmocka_unit_test(entries_are_written),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(helpers_are_named),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
