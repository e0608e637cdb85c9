/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/instant.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void orders_moments(void **state)
{
	const struct instant sorted[] = {
		INSTANT_FIRST,    { -1, 999999999 }, { 0, 0 },
		{ 0, 1 },         { 0, 2 },          { 1, 0 },
		{ INT64_MAX, 0 }, INSTANT_LAST,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(sorted); i++)
		for (size_t j = 0; j < COUNT(sorted); j++) {
			int order = instant_compare(sorted[i], sorted[j]);

			assert_int_equal(order < 0, i < j);
			assert_int_equal(order > 0, i > j);
		}
}

struct period_case {
	const char *name;
	struct instant at;
	bool is_in;
};

static void both_ends_belong_to_a_period(void **state)
{
	static const struct period period = { { 5, 0 }, { 9, 999000000 } };
	static const struct period_case cases[] = {
		{ "before", { 4, 999999999 }, false },
		{ "its start", { 5, 0 }, true },
		{ "within", { 7, 1 }, true },
		{ "its end", { 9, 999000000 }, true },
		{ "behind", { 9, 999000001 }, false },
		{ "long behind", { 10, 0 }, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (period_holds(&period, cases[i].at) != cases[i].is_in)
			fail_msg("%s", cases[i].name);
	assert_true(period_holds(&PERIOD_ALWAYS, INSTANT_FIRST));
	assert_true(period_holds(&PERIOD_ALWAYS, INSTANT_LAST));
}

static void counts_milliseconds(void **state)
{
	struct instant last = instant_from_ms(UINT64_MAX);

	(void)state;
	assert_int_equal(instant_compare(instant_from_ms(1999),
	                                 (struct instant){ 1, 999000000 }),
	                 0);
	assert_int_equal(last.seconds, INT64_C(18446744073709551));
	assert_int_equal(last.nanoseconds, 615000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_moments),
		cmocka_unit_test(both_ends_belong_to_a_period),
		cmocka_unit_test(counts_milliseconds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
