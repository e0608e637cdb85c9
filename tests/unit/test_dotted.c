/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/dotted.h"

static const struct text_case {
	const char *text;
	bool is, reads;
	unsigned part[DOTTED_PARTS];
} texts[] = {
	{ "5", true, true, { 5 } },
	{ "20.10", true, true, { 20, 10 } },
	{ "1.2.3.4", true, true, { 1, 2, 3, 4 } },
	{ "1.2.3.4.5", false, true, { 1, 2, 3, 4 } },
	{ "999999.0", true, true, { 999999 } },
	{ "1000000.0", false, false, { 0 } },
	{ "1.1000000", false, false, { 0 } },
	{ "01.2", false, true, { 1, 2 } },
	{ "1.00", false, true, { 1 } },
	{ "1.", false, true, { 1 } },
	{ ".1", false, false, { 0 } },
	{ "", false, false, { 0 } },
	{ "v1.2", false, false, { 0 } },
	{ "6.1.0-18-amd64", false, true, { 6, 1, 0 } },
	{ "5.15.167.4-microsoft-standard-WSL2",
	  false,
	  true,
	  { 5, 15, 167, 4 } },
	{ "20.10.24+dfsg1", false, true, { 20, 10, 24 } },
	{ "4.3.1-dev.2", false, true, { 4, 3, 1 } },
};

static void reads_what_a_text_begins_with(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const struct text_case *c = &texts[i];
		struct dotted got = { { 7, 7, 7, 7 } };
		bool reads = dotted_read(c->text, &got);

		if (dotted_is(c->text) != c->is || reads != c->reads)
			fail_msg("'%s': is %d, reads %d", c->text,
			         dotted_is(c->text), reads);
		for (size_t part = 0; part < DOTTED_PARTS; part++)
			if (got.part[part] != (reads ? c->part[part] : 7))
				fail_msg("'%s': part %zu is %u", c->text, part,
				         got.part[part]);
	}
}

static const struct order_case {
	const char *a, *b;
	int want;
} orders[] = {
	{ "5.10", "5.10.0", 0 },   { "5.9", "5.10", -1 },
	{ "6", "5.10", 1 },        { "20.10.1", "20.10.2", -1 },
	{ "1.2.3.4", "1.2.3", 1 },
};

static void versions_are_ordered_by_their_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		const struct order_case *c = &orders[i];
		struct dotted a;
		struct dotted b;

		assert_true(dotted_read(c->a, &a) && dotted_read(c->b, &b));
		if (dotted_compare(&a, &b) != c->want ||
		    dotted_compare(&b, &a) != -c->want)
			fail_msg("%s and %s", c->a, c->b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_a_text_begins_with),
		cmocka_unit_test(versions_are_ordered_by_their_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
