/* SPDX-License-Identifier: Apache-2.0 */
#include "base/meter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MIB ((uint64_t)1 << 20)

struct text_case {
	const char *name;
	uint64_t total, done;
	int64_t spent_ms;
	const char *text;
};

static const struct text_case texts[] = {
	{ "in the middle", 1300 * MIB, 130 * MIB, 1000,
	  "packing: 130.0 MiB of 1.3 GiB, 10 %, 130.0 MiB/s, 9 s left" },
	{ "minutes", 600 * MIB, 6 * MIB, 1000,
	  "packing: 6.0 MiB of 600.0 MiB, 1 %, 6.0 MiB/s, 1 min 39 s left" },
	{ "hours", 100000 * MIB, 10 * MIB, 1000,
	  "packing: 10.0 MiB of 97.7 GiB, 0 %, 10.0 MiB/s, 2 h 46 min left" },
	{ "at the end", 2048, 2048, 2000,
	  "packing: 2.0 KiB of 2.0 KiB, 100 %, 1.0 KiB/s, 0 s left" },
	{ "more than there was to be", 1000, 3000, 1000,
	  "packing: 1000 B of 1000 B, 100 %, 2.9 KiB/s, 0 s left" },
	{ "an unknown total", 0, 5 * MIB, 1000, "packing: 5.0 MiB, 5.0 MiB/s" },
	{ "nothing yet", 1000, 0, 1000, "packing: 0 B of 1000 B, 0 %, 0 B/s" },
	{ "no time", 1000, 500, 0, "packing: 500 B of 1000 B, 50 %, 0 B/s" },
	{ "a clock that stands still", 0, 500, 0, "packing: 500 B, 0 B/s" },
	{ "a standstill", UINT64_MAX, 1, 1000,
	  "packing: 1 B of 16777216.0 TiB, 0 %, 1 B/s" },
};

static void lines_say_how_far(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const struct text_case *c = &texts[i];
		struct meter meter;
		char text[METER_TEXT_SIZE];

		meter_begin(&meter, "packing", c->total, 80, 5000);
		meter_text(&meter, c->done, 5000 + c->spent_ms, text);
		if (strcmp(text, c->text) != 0)
			fail_msg("%s: '%s'", c->name, text);
	}
}

static void lines_are_ten_a_second_at_most(void **state)
{
	struct meter meter;
	unsigned shown = 0;

	(void)state;
	meter_begin(&meter, "packing", 1, 80, 5000);
	for (int64_t now = 5000; now < 6000; now++)
		shown += meter_is_due(&meter, now);
	assert_int_equal(shown, 9); /* the first after a pause */
	assert_true(meter_is_due(&meter, 6000));
	assert_false(meter_is_due(&meter, 6099));
	assert_true(meter_is_due(&meter, 7000));
}

static void lines_go_over_each_other_and_away(void **state)
{
	struct meter meter;
	char line[METER_LINE_SIZE];

	(void)state;
	meter_begin(&meter, "packing", 0, 20, 5000);
	meter_clear(&meter, line);
	assert_string_equal(line, ""); /* nothing was shown */
	assert_true(meter_is_due(&meter, 6000));
	meter_line(&meter, 5 * MIB, 6000, line);
	assert_string_equal(line, "\rpacking: 5.0 MiB, 5");
	meter_line(&meter, 0, 6000, line);
	assert_string_equal(line, "\rpacking: 0 B, 0 B/s");
	meter_clear(&meter, line);
	assert_string_equal(line, "\r                   \r");
	meter_clear(&meter, line);
	assert_string_equal(line, "");
	meter_begin(&meter, "packing", 0, 5000, 5000);
	meter_line(&meter, 0, 6000, line);
	assert_int_equal(strlen(line), 80); /* the CR is no column */
}

static void no_terminal_no_lines(void **state)
{
	struct meter meter;

	(void)state;
	meter_begin(&meter, "packing", 1, /* columns= */ 0, 5000);
	assert_false(meter_is_due(&meter, 9000));
	assert_int_equal(meter_columns(-1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_say_how_far),
		cmocka_unit_test(lines_are_ten_a_second_at_most),
		cmocka_unit_test(lines_go_over_each_other_and_away),
		cmocka_unit_test(no_terminal_no_lines),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
