/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/rfc3339.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct time_case {
	const char *text;
	int64_t seconds; /* -1: refused */
	uint32_t nanoseconds;
} cases[] = {
	{ "1970-01-01T00:00:00Z", 0, 0 },
	{ "2021-01-12T11:53:27Z", 1610452407, 0 },
	{ "2021-01-12T11:53:27.000Z", 1610452407, 0 },
	{ "2022-12-31T23:59:59.999Z", 1672531199, 999000000 },
	{ "2022-12-31T23:59:59.9Z", 1672531199, 900000000 },
	{ "2022-12-31T23:59:59.000000001Z", 1672531199, 1 },
	{ "2022-12-31T23:59:59.123456789Z", 1672531199, 123456789 },
	{ "9999-12-31T23:59:59Z", 253402300799, 0 },
	{ "2022-12-31T23:59:59.1234567890Z", -1, 0 },
	{ "2022-12-31T23:59:59.Z", -1, 0 },
	{ "2022-12-31T23:59:59,5Z", -1, 0 },
	{ "2022-12-31T23:59:59.5 Z", -1, 0 },
	{ "2022-12-31T23:59:59.-5Z", -1, 0 },
	{ "2022-12-31T23:59:59", -1, 0 },
	{ "2022-12-31T23:59:59z", -1, 0 },
	{ "2022-12-31t23:59:59Z", -1, 0 },
	{ "2022-12-31 23:59:59Z", -1, 0 },
	{ "2022-12-31T23:59:59+00:00", -1, 0 },
	{ "2022-12-31T23:59:60Z", -1, 0 },
	{ "2022-02-29T00:00:00Z", -1, 0 },
	{ "2022-13-01T00:00:00Z", -1, 0 },
	{ "1969-12-31T23:59:59Z", -1, 0 },
	{ "", -1, 0 },
	{ "Z", -1, 0 },
	{ " 2021-01-12T11:53:27Z", -1, 0 },
};

static void times_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct time_case *c = &cases[i];
		struct instant out = { 77, 7 };
		struct err err = { .code = ERR_NONE };
		int got = rfc3339_parse(c->text, strlen(c->text), &out, &err);

		if (got != (c->seconds >= 0 ? 0 : -1) ||
		    err.code != (got == 0 ? ERR_NONE : ERR_FORMAT))
			fail_msg("'%s': got %d", c->text, got);
		if (out.seconds != (got == 0 ? c->seconds : 77) ||
		    out.nanoseconds != (got == 0 ? c->nanoseconds : 7))
			fail_msg("'%s': %lld.%u", c->text,
			         (long long)out.seconds, out.nanoseconds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
