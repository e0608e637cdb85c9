/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/payload_plan.h"

#include <stdlib.h>

#define ROOM_FIRST 1024

void payload_plan_done(struct payload_plan *plan)
{
	free(plan->members);
	*plan = PAYLOAD_PLAN_NONE;
}

static uint64_t packed_begin(const struct payload_plan *plan, size_t number)
{
	return number == 0 ? 0 : plan->members[number - 1].packed_end;
}

static uint64_t plain_begin(const struct payload_plan *plan, size_t number)
{
	return number == 0 ? 0 : plan->members[number - 1].plain_end;
}

static int make_room(struct payload_plan *plan, struct err *err)
{
	size_t room =
		plan->member_room == 0 ? ROOM_FIRST : 2 * plan->member_room;
	struct plan_member *members;

	if (plan->member_count < plan->member_room)
		return 0;
	if (plan->member_count == PLAN_MEMBERS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %zu members",
		               PLAN_MEMBERS_MAX);
	members = reallocarray(plan->members, room, sizeof *members);
	if (members == NULL)
		return err_nomem(err);
	plan->members = members;
	plan->member_room = room;
	return 0;
}

int payload_plan_member(struct payload_plan *plan,
                        const struct index_member *member, struct err *err)
{
	size_t number = plan->member_count;

	if (make_room(plan, err) < 0)
		return -1;
	if (member->packed_offset != packed_begin(plan, number) ||
	    member->plain_offset != plain_begin(plan, number) ||
	    member->packed_len == 0 || member->plain_len == 0)
		return err_set(err, ERR_FORMAT, 0,
		               "member %zu does not follow the one before",
		               number);
	plan->members[number] = (struct plan_member){
		.packed_end = member->packed_offset + member->packed_len,
		.plain_end = member->plain_offset + member->plain_len,
	};
	plan->member_count++;
	return 0;
}

/* The member that holds byte @at of the tar. */
static size_t find_member(const struct payload_plan *plan, uint64_t at)
{
	size_t low = 0, high = plan->member_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (plan->members[middle].plain_end <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int payload_plan_want(struct payload_plan *plan, uint64_t plain_offset,
                      uint64_t len, struct err *err)
{
	uint64_t end = plain_begin(plan, plan->member_count);

	if (plain_offset > end || len > end - plain_offset)
		return err_set(err, ERR_FORMAT, 0,
		               "a file lies outside the payload");
	if (len == 0)
		return 0;
	for (size_t i = find_member(plan, plain_offset);
	     i < plan->member_count &&
	     plain_begin(plan, i) < plain_offset + len;
	     i++)
		plan->members[i].is_wanted = true;
	return 0;
}

bool payload_plan_is_wanted(const struct payload_plan *plan, size_t number)
{
	return plan->members[number].is_wanted;
}

void payload_plan_have(struct payload_plan *plan, size_t number)
{
	plan->members[number].is_there = true;
}

/* --- the ranges --- */

/* Between two runs of members that must be fetched. */
struct gap {
	uint64_t begin;
	uint64_t end;
};

/* The widest gaps, by width: those that stay gaps. */
struct gaps {
	struct gap list[PLAN_RANGES_MAX];
	size_t count;
	size_t max; /* below PLAN_RANGES_MAX */
};

static uint64_t width(const struct gap *gap)
{
	return gap->end - gap->begin;
}

/* Of equal ones the first stays: the plan depends on nothing else. */
static void consider(struct gaps *gaps, struct gap gap)
{
	size_t at;

	if (width(&gap) < PLAN_GAP || gaps->max == 0)
		return;
	if (gaps->count == gaps->max) {
		if (width(&gap) <= width(&gaps->list[gaps->count - 1]))
			return;
		gaps->count--;
	}
	at = gaps->count++;
	while (at > 0 && width(&gaps->list[at - 1]) < width(&gap)) {
		gaps->list[at] = gaps->list[at - 1];
		at--;
	}
	gaps->list[at] = gap;
}

static int compare_gaps(const void *a, const void *b)
{
	const struct gap *left = a, *right = b;

	return (left->begin > right->begin) - (left->begin < right->begin);
}

static void add_range(struct payload_plan *plan, uint64_t begin, uint64_t end)
{
	plan->ranges[plan->range_count++] =
		(struct payload_range){ begin, end - begin };
	plan->bytes += end - begin;
}

static void cut_at_gaps(struct payload_plan *plan, uint64_t begin, uint64_t end,
                        struct gaps *gaps)
{
	qsort(gaps->list, gaps->count, sizeof gaps->list[0], compare_gaps);
	for (size_t i = 0; i < gaps->count; i++) {
		add_range(plan, begin, gaps->list[i].begin);
		begin = gaps->list[i].end;
	}
	add_range(plan, begin, end);
}

/* Between as many ranges. */
static size_t count_gaps(size_t ranges_max)
{
	if (ranges_max == 0)
		return 0;
	return (ranges_max < PLAN_RANGES_MAX ? ranges_max : PLAN_RANGES_MAX) -
	       1;
}

void payload_plan_finish(struct payload_plan *plan, size_t ranges_max)
{
	struct gaps gaps = { .max = count_gaps(ranges_max) };
	uint64_t first = 0, last = 0; /* of all that is fetched */
	bool is_any = false;

	plan->range_count = 0;
	plan->bytes = 0;
	plan->wanted = 0;
	for (size_t i = 0; i < plan->member_count; i++) {
		const struct plan_member *member = &plan->members[i];
		uint64_t begin = packed_begin(plan, i);

		if (!member->is_wanted)
			continue;
		plan->wanted += member->packed_end - begin;
		if (member->is_there)
			continue;
		if (!is_any)
			first = begin;
		else
			consider(&gaps, (struct gap){ last, begin });
		last = member->packed_end;
		is_any = true;
	}
	if (is_any)
		cut_at_gaps(plan, first, last, &gaps);
}
