/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/payload_plan.h"

#define KIB ((uint64_t)1024)

/* @count members of @packed bytes, each 2 * @packed of the tar. */
static void add_members(struct payload_plan *plan, size_t count,
                        uint64_t packed)
{
	struct err err;

	for (size_t i = 0; i < count; i++) {
		const struct index_member member = {
			.packed_offset = i * packed,
			.packed_len = packed,
			.plain_offset = i * 2 * packed,
			.plain_len = 2 * packed,
		};

		assert_int_equal(payload_plan_member(plan, &member, &err), 0);
	}
}

static void want_member(struct payload_plan *plan, size_t number,
                        uint64_t packed)
{
	struct err err;

	assert_int_equal(payload_plan_want(plan, number * 2 * packed, 1, &err),
	                 0);
}

struct plan_case {
	const char *name;
	const char *members; /* '.' not wanted, 'w' wanted, 'h' wanted and
	                      * there */
	uint64_t packed;
	size_t range_count;
	struct payload_range ranges[3];
};

static const struct plan_case cases[] = {
	{ "nothing is wanted", "....", 64 * KIB, 0, { { 0, 0 } } },
	{ "all is", "wwww", 64 * KIB, 1, { { 0, 256 * KIB } } },
	{ "all that is wanted is there", ".hh.", 64 * KIB, 0, { { 0, 0 } } },
	{ "the first", "w...", 64 * KIB, 1, { { 0, 64 * KIB } } },
	{ "the last", "...w", 64 * KIB, 1, { { 192 * KIB, 64 * KIB } } },
	{ "a gap of PLAN_GAP stays",
	  "w.w.",
	  64 * KIB,
	  2,
	  { { 0, 64 * KIB }, { 128 * KIB, 64 * KIB } } },
	{ "a smaller one is fetched along",
	  "w.w.",
	  64 * KIB - 1,
	  1,
	  { { 0, 3 * (64 * KIB - 1) } } },
	{ "what is there is a gap, too",
	  "whw",
	  64 * KIB,
	  2,
	  { { 0, 64 * KIB }, { 128 * KIB, 64 * KIB } } },
	{ "neighbours are one range",
	  ".ww.ww",
	  64 * KIB,
	  2,
	  { { 64 * KIB, 128 * KIB }, { 256 * KIB, 128 * KIB } } },
};

static void plans_are_as_few_ranges_as_pay(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct plan_case *c = &cases[i];
		AUTO_PAYLOAD_PLAN struct payload_plan plan = PAYLOAD_PLAN_NONE;
		uint64_t bytes = 0;

		add_members(&plan, strlen(c->members), c->packed);
		for (size_t n = 0; c->members[n] != '\0'; n++) {
			if (c->members[n] != '.')
				want_member(&plan, n, c->packed);
			if (c->members[n] == 'h')
				payload_plan_have(&plan, n);
		}
		payload_plan_finish(&plan, PLAN_RANGES_MAX);
		if (plan.range_count != c->range_count)
			fail_msg("%s: %zu ranges", c->name, plan.range_count);
		for (size_t r = 0; r < c->range_count; r++) {
			if (plan.ranges[r].offset != c->ranges[r].offset ||
			    plan.ranges[r].len != c->ranges[r].len)
				fail_msg("%s: range %zu", c->name, r);
			bytes += plan.ranges[r].len;
		}
		assert_int_equal(plan.bytes, bytes);
	}
}

static void the_widest_gaps_stay_when_there_are_too_many(void **state)
{
	AUTO_PAYLOAD_PLAN struct payload_plan plan = PAYLOAD_PLAN_NONE;
	const uint64_t packed = 64 * KIB;
	const size_t pairs = 2 * PLAN_RANGES_MAX;

	(void)state;
	/* Every third member; in the upper half every fifth. */
	add_members(&plan, 8 * pairs, packed);
	for (size_t i = 0; i < pairs; i++)
		want_member(&plan, i < pairs / 2 ? 3 * i : 5 * i, packed);
	payload_plan_finish(&plan, PLAN_RANGES_MAX);
	assert_int_equal(plan.range_count, PLAN_RANGES_MAX);
	/* The jump from one half to the other is the widest of all. */
	assert_int_equal(plan.ranges[0].offset, 0);
	assert_int_equal(plan.wanted, pairs * packed);
	assert_true(plan.bytes < 5 * pairs * packed);
	for (size_t i = 1; i < plan.range_count; i++)
		assert_true(plan.ranges[i].offset >=
		            plan.ranges[i - 1].offset + plan.ranges[i - 1].len +
		                    PLAN_GAP);
}

static const struct {
	size_t max;
	size_t count;
} ranges[] = {
	{ 0, 1 },
	{ 1, 1 },
	{ 2, 2 },
	{ PLAN_RANGES_MAX, PLAN_RANGES_MAX },
	{ PLAN_RANGES_MAX + 1, PLAN_RANGES_MAX },
	{ SIZE_MAX, PLAN_RANGES_MAX },
};

static void a_plan_has_one_range_at_least_and_so_many_at_most(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		AUTO_PAYLOAD_PLAN struct payload_plan plan = PAYLOAD_PLAN_NONE;

		add_members(&plan, (size_t)4 * PLAN_RANGES_MAX, 64 * KIB);
		for (size_t n = 0; n < plan.member_count; n += 2)
			want_member(&plan, n, 64 * KIB);
		payload_plan_finish(&plan, ranges[i].max);
		if (plan.range_count != ranges[i].count)
			fail_msg("%zu: %zu ranges", ranges[i].max,
			         plan.range_count);
	}
}

static void a_plan_can_be_finished_again_with_fewer_ranges(void **state)
{
	AUTO_PAYLOAD_PLAN struct payload_plan again = PAYLOAD_PLAN_NONE;
	AUTO_PAYLOAD_PLAN struct payload_plan once = PAYLOAD_PLAN_NONE;

	(void)state;
	add_members(&again, 90, 64 * KIB);
	add_members(&once, 90, 64 * KIB);
	for (size_t n = 0; n < 90; n += 3) {
		want_member(&again, n, 64 * KIB);
		want_member(&once, n, 64 * KIB);
	}
	payload_plan_finish(&again, 9);
	payload_plan_finish(&again, 8);
	payload_plan_finish(&once, 8);
	assert_int_equal(again.range_count, 8);
	assert_int_equal(again.bytes, once.bytes);
	assert_int_equal(again.wanted, once.wanted);
	assert_memory_equal(again.ranges, once.ranges,
	                    8 * sizeof once.ranges[0]);
}

static void a_plan_has_so_many_members_at_most(void **state)
{
	AUTO_PAYLOAD_PLAN struct payload_plan plan = PAYLOAD_PLAN_NONE;
	const struct index_member further = {
		.packed_offset = PLAN_MEMBERS_MAX,
		.packed_len = 1,
		.plain_offset = 2 * PLAN_MEMBERS_MAX,
		.plain_len = 2,
	};
	struct err err;

	(void)state;
	add_members(&plan, PLAN_MEMBERS_MAX, 1);
	assert_int_equal(payload_plan_member(&plan, &further, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(plan.member_count, PLAN_MEMBERS_MAX);
	want_member(&plan, PLAN_MEMBERS_MAX - 1, 1);
	payload_plan_finish(&plan, PLAN_RANGES_MAX);
	assert_int_equal(plan.bytes, 1);
}

static void a_file_wants_each_member_it_touches(void **state)
{
	AUTO_PAYLOAD_PLAN struct payload_plan plan = PAYLOAD_PLAN_NONE;
	struct err err;

	(void)state;
	add_members(&plan, 5, 100 * KIB);
	/* From the last byte of member 1 to the first of member 3. */
	assert_int_equal(
		payload_plan_want(&plan, 400 * KIB - 1, 200 * KIB + 2, &err),
		0);
	assert_false(payload_plan_is_wanted(&plan, 0));
	assert_true(payload_plan_is_wanted(&plan, 1));
	assert_true(payload_plan_is_wanted(&plan, 2));
	assert_true(payload_plan_is_wanted(&plan, 3));
	assert_false(payload_plan_is_wanted(&plan, 4));
	assert_int_equal(payload_plan_want(&plan, 1000 * KIB, 0, &err), 0);
	assert_int_equal(payload_plan_want(&plan, 1000 * KIB, 1, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(payload_plan_want(&plan, 1, UINT64_MAX, &err), -1);
}

static void members_must_tile(void **state)
{
	AUTO_PAYLOAD_PLAN struct payload_plan plan = PAYLOAD_PLAN_NONE;
	struct index_member member = { .packed_offset = 1,
		                       .packed_len = 10,
		                       .plain_len = 10 };
	struct err err;

	(void)state;
	assert_int_equal(payload_plan_member(&plan, &member, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(plan.member_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_are_as_few_ranges_as_pay),
		cmocka_unit_test(the_widest_gaps_stay_when_there_are_too_many),
		cmocka_unit_test(
			a_plan_has_one_range_at_least_and_so_many_at_most),
		cmocka_unit_test(
			a_plan_can_be_finished_again_with_fewer_ranges),
		cmocka_unit_test(a_plan_has_so_many_members_at_most),
		cmocka_unit_test(a_file_wants_each_member_it_touches),
		cmocka_unit_test(members_must_tile),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
