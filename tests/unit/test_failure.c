/* SPDX-License-Identifier: Apache-2.0 */
/* codec/failure: a failure as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "codec/failure.h"

static const struct failure_case {
	const char *name;
	enum err_code code;
	const char *text;
	const char *want;
} cases[] = {
	{ "a plain failure", ERR_NETWORK, "no route",
	  "{\"result\":\"failed\",\"error\":\"no route\",\"status\":3}" },
	{ "not trusted", ERR_UNTRUSTED, "no key",
	  "{\"result\":\"refused\",\"error\":\"no key\",\"status\":4}" },
	{ "unhealthy", ERR_UNHEALTHY, "503",
	  "{\"result\":\"reverted\",\"error\":\"503\",\"status\":8}" },
	{ "locked", ERR_LOCKED, "held",
	  "{\"result\":\"failed\",\"error\":\"held\",\"status\":75}" },
	{ "what JSON and a terminal must not get", ERR_USAGE, "a \"b\"\x1b",
	  "{\"result\":\"failed\",\"error\":\"a \\\"b\\\"?\",\"status\":2}" },
};

static void failures_are_one_object(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct failure_case *c = &cases[i];
		AUTO_BUF struct buf out = BUF_NONE;
		struct err failure;
		struct err err;

		(void)err_set(&failure, c->code, 0, "%s", c->text);
		assert_int_equal(failure_json(&failure, &out, &err), 0);
		if (strcmp(buf_text(&out), c->want) != 0)
			fail_msg("%s: %s", c->name, buf_text(&out));
	}
}

static void the_steps_are_told(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct err failure;
	struct err err;

	(void)state;
	(void)err_set(&failure, ERR_SYSTEM, 0, "reading it");
	(void)err_wrap(&failure, "installing shop");
	assert_int_equal(failure_json(&failure, &out, &err), 0);
	assert_string_equal(buf_text(&out),
	                    "{\"result\":\"failed\",\"error\":\"installing "
	                    "shop: reading it\",\"status\":7}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_are_one_object),
		cmocka_unit_test(the_steps_are_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
