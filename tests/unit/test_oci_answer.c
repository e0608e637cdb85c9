/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/oci_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static const struct token_case {
	const char *name, *text;
	const char *token; /* NULL: refused */
	uint64_t life;
} tokens[] = {
	{ "both names",
	  "{\"token\":\"t\",\"access_token\":\"a\",\"expires_in\":300}", "t",
	  300 },
	{ "the other name", "{\"access_token\":\"a\"}", "a", OCI_TOKEN_LIFE },
	{ "no life", "{\"token\":\"t\",\"new\":{}}", "t", OCI_TOKEN_LIFE },
	{ "a life of 0", "{\"token\":\"t\",\"expires_in\":0}", "t",
	  OCI_TOKEN_LIFE },
	{ "a long life", "{\"token\":\"t\",\"expires_in\":86401}", "t", 86400 },
	{ "a negative life", "{\"token\":\"t\",\"expires_in\":-1}", NULL, 0 },
	{ "no token", "{}", NULL, 0 },
	{ "an empty token", "{\"token\":\"\"}", NULL, 0 },
	{ "a blank", "{\"token\":\"a b\"}", NULL, 0 },
	{ "a line feed", "{\"token\":\"a\\r\\nX: y\"}", NULL, 0 },
	{ "no ASCII", "{\"token\":\"\xc3\xa9\"}", NULL, 0 },
	{ "a number", "{\"token\":1}", NULL, 0 },
	{ "a page", "<html>", NULL, 0 },
};

static void tokens_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
		const struct token_case *c = &tokens[i];
		struct oci_token got = { .text = "untouched", .life = 7 };
		struct err err;
		int result =
			oci_token_parse(c->text, strlen(c->text), &got, &err);

		if (result != (c->token != NULL ? 0 : -1))
			fail_msg("%s: got %d", c->name, result);
		assert_string_equal(got.text,
		                    c->token != NULL ? c->token : "untouched");
		assert_int_equal(got.life, c->token != NULL ? c->life : 7);
	}
}

static int read_long(size_t len)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct oci_token got;
	struct err err;

	assert_int_equal(buf_adds(&text, "{\"token\":\"", &err), 0);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(buf_add(&text, "t", 1, &err), 0);
	assert_int_equal(buf_adds(&text, "\"}", &err), 0);
	return oci_token_parse(buf_text(&text), text.len, &got, &err);
}

static void the_length_of_a_token_is_limited(void **state)
{
	(void)state;
	assert_int_equal(read_long(OCI_TOKEN_SIZE - 1), 0);
	assert_int_equal(read_long(OCI_TOKEN_SIZE), -1);
}

static const struct error_case {
	const char *text, *want;
} errors[] = {
	{ "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest "
	  "unknown\",\"detail\":{\"Tag\":\"x\"}},{\"code\":\"B\"}]}",
	  "MANIFEST_UNKNOWN: manifest unknown" },
	{ "{\"errors\":[{\"code\":\"DENIED\"}]}", "DENIED" },
	{ "{\"errors\":[{\"message\":\"a\\nb\\u001b[0m\xc3\xa9\"}]}",
	  "a?b?[0m??" },
	{ "{\"errors\":[]}", "" },
	{ "{\"errors\":1}", "" },
	{ "{\"errors\":[1]}", "" },
	{ "[]", "" },
	{ "404 page not found\n", "" },
	{ "", "" },
};

static void errors_are_shown(void **state)
{
	char got[OCI_ERROR_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		oci_error_text(errors[i].text, strlen(errors[i].text), got);
		assert_string_equal(got, errors[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_read),
		cmocka_unit_test(the_length_of_a_token_is_limited),
		cmocka_unit_test(errors_are_shown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
