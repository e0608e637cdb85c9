/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct time_case {
	int64_t time;
	const char *text;
} times[] = {
	{ 0, "1970-01-01T00:00:00Z" },
	{ 951782400, "2000-02-29T00:00:00Z" },
	{ 1767323045, "2026-01-02T03:04:05Z" },
	{ 2147483648, "2038-01-19T03:14:08Z" },
	{ 4107542399, "2100-02-28T23:59:59Z" },
	{ 4107542400, "2100-03-01T00:00:00Z" },
	{ CLOCK_MAX, "9999-12-31T23:59:59Z" },
};

static void times_and_texts_are_inverse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		char text[CLOCK_TEXT_SIZE];
		int64_t time = -1;
		struct err err;

		clock_format(times[i].time, text);
		assert_string_equal(text, times[i].text);
		assert_int_equal(clock_parse(text, strlen(text), &time, &err),
		                 0);
		assert_true(time == times[i].time);
	}
}

static void every_day_is_read_back(void **state)
{
	(void)state;
	for (int64_t time = 0; time < 400 * 366 * (int64_t)CLOCK_DAY;
	     time += CLOCK_DAY + 1) {
		char text[CLOCK_TEXT_SIZE];
		int64_t again = -1;
		struct err err;

		clock_format(time, text);
		if (clock_parse(text, strlen(text), &again, &err) < 0 ||
		    again != time)
			fail_msg("%s", text);
	}
}

static const char *const no_times[] = {
	"",
	"2026-01-02",
	"2026-01-02T03:04:05",
	"2026-01-02T03:04:05z",
	"2026-01-02 03:04:05Z",
	"2026-01-02T03:04:05.0Z",
	"2026-01-02T03:04:05+00:00",
	"2026-00-02T03:04:05Z",
	"2026-13-02T03:04:05Z",
	"2026-01-00T03:04:05Z",
	"2026-01-32T03:04:05Z",
	"2026-02-29T03:04:05Z",
	"2100-02-29T03:04:05Z",
	"2026-04-31T03:04:05Z",
	"2026-01-02T24:00:00Z",
	"2026-01-02T03:60:05Z",
	"2026-01-02T03:04:60Z",
	"1969-12-31T23:59:59Z",
	"2026-1-02T03:04:05Z ",
	"+026-01-02T03:04:05Z",
	"2026-01-02T03:04:05ZZ",
};

static void other_texts_are_no_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(no_times); i++) {
		int64_t time = -77;
		struct err err = { .code = ERR_NONE };

		if (clock_parse(no_times[i], strlen(no_times[i]), &time,
		                &err) == 0)
			fail_msg("read: '%s'", no_times[i]);
		assert_int_equal(err.code, ERR_FORMAT);
		assert_int_equal(time, -77);
	}
}

static void times_out_of_range_are_clamped(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	clock_format(-1, text);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	clock_format(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
}

static void the_clocks_run(void **state)
{
	int64_t before = clock_monotonic_ms();

	(void)state;
	assert_true(clock_now() > 1600000000);
	assert_true(clock_monotonic_ms() >= before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_and_texts_are_inverse),
		cmocka_unit_test(every_day_is_read_back),
		cmocka_unit_test(other_texts_are_no_times),
		cmocka_unit_test(times_out_of_range_are_clamped),
		cmocka_unit_test(the_clocks_run),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
