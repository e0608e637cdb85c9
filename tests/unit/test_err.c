/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void steps_stand_before_the_cause(void **state)
{
	struct err err;
	char text[ERR_TEXT_MAX];

	(void)state;
	assert_int_equal(err_set(&err, ERR_SYSTEM, ENOENT, "opening %s", "x"),
	                 -1);
	assert_int_equal(err_wrap(&err, "reading"), -1);
	assert_int_equal(err_wrap(&err, "installing %d", 7), -1);
	assert_string_equal(
		err_format(&err, text, sizeof text),
		"installing 7: reading: opening x: No such file or directory");
}

static void a_new_cause_discards_the_old_one(void **state)
{
	struct err err;
	char text[ERR_TEXT_MAX];

	(void)state;
	(void)err_set(&err, ERR_SYSTEM, EIO, "old");
	(void)err_wrap(&err, "step");
	(void)err_set(&err, ERR_FORMAT, 0, "new");
	assert_string_equal(err_format(&err, text, sizeof text), "new");
	assert_int_equal(err.sys, 0);
}

static void control_bytes_never_reach_the_terminal(void **state)
{
	struct err err;
	char text[ERR_TEXT_MAX];

	(void)state;
	(void)err_set(&err, ERR_FORMAT, 0, "'%s'", "a\x1b[2J\n\x7f");
	assert_string_equal(err_format(&err, text, sizeof text), "'a?[2J?"
	                                                         "?'");
}

static void the_cause_outlives_steps_without_room(void **state)
{
	struct err err;
	char text[2 * ERR_TEXT_MAX];
	char cut[8];

	(void)state;
	(void)err_set(&err, ERR_LIMIT, 0, "cause");
	(void)err_wrap(&err, "%0600d", 0);
	(void)err_wrap(&err, "step");
	assert_string_equal(err_format(&err, text, sizeof text), "step: cause");
	assert_string_equal(err_format(&err, cut, sizeof cut), "step: c");
	(void)err_set(&err, ERR_LIMIT, 0, "%0600d", 0);
	(void)err_wrap(&err, "step");
	assert_int_equal(strlen(err_format(&err, text, sizeof text)),
	                 ERR_TEXT_MAX - 1);
}

static const struct status_case {
	enum err_code code;
	int want;
} statuses[] = {
	{ ERR_NONE, 0 },      { ERR_FINDINGS, 1 },  { ERR_USAGE, 2 },
	{ ERR_NETWORK, 3 },   { ERR_UNTRUSTED, 4 }, { ERR_FORMAT, 5 },
	{ ERR_LIMIT, 5 },     { ERR_CONFLICT, 6 },  { ERR_SYSTEM, 7 },
	{ ERR_UNHEALTHY, 8 }, { ERR_INTERNAL, 70 }, { ERR_LOCKED, 75 },
};

static void codes_have_the_statuses_of_the_format(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (err_exit_status(statuses[i].code) != statuses[i].want)
			fail_msg("code %d", (int)statuses[i].code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_stand_before_the_cause),
		cmocka_unit_test(a_new_cause_discards_the_old_one),
		cmocka_unit_test(control_bytes_never_reach_the_terminal),
		cmocka_unit_test(the_cause_outlives_steps_without_room),
		cmocka_unit_test(codes_have_the_statuses_of_the_format),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
