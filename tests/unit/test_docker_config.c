/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/docker_config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define AUTH(key, auth) "\"" key "\":{\"auth\":\"" auth "\"}"
#define AUTHS(entries)  "{\"auths\":{" entries "}}"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(credentials_are_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
