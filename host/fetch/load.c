/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <errno.h>
#include <unistd.h>

#include "base/fs.h"
#include "codec/part.h"
#include "privsep/fetch.h"

/* --- the payload --- */

/* What is fetched, and who is told. */
struct loading {
	struct report *report;
	const struct http_client *client;
	struct http_range ranges[PLAN_RANGES_MAX];
	size_t range_count;
	bool has_told; /* that more comes than the ranges */
};

static int write_bytes(struct report *report, uint64_t offset, const char *at,
                       size_t len, struct err *err)
{
	while (len > 0) {
		ssize_t n = pwrite(FETCH_INPUT_SPOOL, at, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_SYSTEM, errno,
			               "writing the download");
		offset += (uint64_t)n;
		at += n;
		len -= (size_t)n;
		report->bytes += (uint64_t)n;
	}
	return 0;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void tell_of_more(struct loading *loading)
{
	if (!loading->has_told)
		http_say(loading->client,
		         "the server gives no ranges: all of the payload "
		         "comes, and what is needed of it is kept");
	loading->has_told = true;
}

/* A server without ranges sends all, and there was room on the disk for the
 * ranges: the rest is dropped. */
static int write_payload(void *context, uint64_t offset, const void *data,
                         size_t len, struct err *err)
{
	struct loading *loading = context;
	const char *at = data;
	size_t kept = 0;

	for (size_t i = 0; i < loading->range_count; i++) {
		const struct http_range *range = &loading->ranges[i];
		uint64_t begin = larger(offset, range->offset);
		uint64_t end =
			smaller(offset + len, range->offset + range->len);

		if (begin >= end)
			continue;
		if (write_bytes(loading->report, begin, at + (begin - offset),
		                (size_t)(end - begin), err) < 0)
			return -1;
		kept += (size_t)(end - begin);
	}
	if (kept < len)
		tell_of_more(loading);
	return 0;
}

/* Where a patch goes, and how much of it there may be. */
struct patch_place {
	struct report *report;
	uint64_t offset, size;
};

static int write_patch(void *context, uint64_t offset, const void *data,
                       size_t len, struct err *err)
{
	const struct patch_place *place = context;

	if (offset > place->size || len > place->size - offset)
		return err_set(err, ERR_FORMAT, 0,
		               "it is longer than release.ini says");
	return write_bytes(place->report, place->offset + offset, data, len,
	                   err);
}

static struct source_patch wanted_patch(const struct fetch_plan *plan)
{
	return (struct source_patch){ .part = { PART_PATCH, plan->patch_id },
		                      .size = plan->patch_size,
		                      .from = plan->patch_from };
}

static int load_patch(struct source *source, const struct fetch_plan *plan,
                      struct report *report, struct err *err)
{
	struct patch_place place = { report, plan->payload_size,
		                     plan->patch_size };
	const struct http_sink sink = { write_patch, &place };
	const struct source_patch patch = wanted_patch(plan);
	char name[PART_NAME_SIZE];
	int got;

	if (patch.from >= patch.size)
		return err_set(err, ERR_INTERNAL, 0, "a plan with no sense");
	report->is_loading = 1;
	part_name(patch.part, name);
	got = source->ops->patch(source, &patch, &sink, err);
	if (got < 0)
		return err_wrap(err, "%s", name);
	if (got == 0)
		return err_set(err, ERR_NETWORK, 0, "%s has no %s",
		               source->origin, name);
	return report_progress(report, err);
}

static int load_ranges(struct source *source, const struct fetch_plan *plan,
                       struct report *report, struct err *err)
{
	struct loading loading = { .report = report, .client = source->client };
	const struct http_sink sink = { write_payload, &loading };

	for (uint32_t i = 0; i < plan->count; i++)
		loading.ranges[loading.range_count++] =
			(struct http_range){ plan->ranges[i].offset,
			                     plan->ranges[i].len };
	report->is_loading = 1;
	if (plan->count == 0)
		return 0;
	if (source->ops->payload(source, plan->payload_size, loading.ranges,
	                         loading.range_count, &sink, err) < 0)
		return -1;
	return report_progress(report, err);
}

/* --- the plan --- */

/* What cannot be found out is not there: ranges do, or say what is wrong. */
static bool find_patch(struct source *source, const struct fetch_plan *plan)
{
	const struct source_patch patch = wanted_patch(plan);
	char why[ERR_TEXT_MAX];
	char name[PART_NAME_SIZE];
	struct err err;
	int got = source->ops->has_patch(source, &patch, &err);

	part_name(patch.part, name);
	if (got < 0)
		http_say(source->client, "going on without %s: %s", name,
		         err_format(&err, why, sizeof why));
	if (got == 0)
		http_say(source->client, "%s has no %s of %llu bytes",
		         source->origin, name,
		         (unsigned long long)plan->patch_size);
	return got == 1;
}

static int answer_plan(struct source *source, const struct fetch_plan *plan,
                       struct report *report, struct err *err)
{
	size_t sent = http_requests(source->client);
	struct fetch_answer answer = { .has = find_patch(source, plan) };

	answer.sent = (uint32_t)(http_requests(source->client) - sent);
	if (frame_put(report->ring, FETCH_ITEM_HAS_PATCH, &answer,
	              sizeof answer, err) < 0)
		return -1;
	return frame_end(report->ring, FETCH_ITEM_HAS_PATCH, err);
}

static int await_plan(struct report *report, struct fetch_plan *out,
                      struct err *err)
{
	if (ring_await_go(report->ring, err) < 0 ||
	    fs_read_at(FETCH_INPUT_PLAN, 0, out, sizeof *out, err) < 0)
		return -1;
	if (out->count > PLAN_RANGES_MAX)
		return err_set(err, ERR_INTERNAL, 0, "a plan with no sense");
	return 0;
}

int load_planned(struct source *source, struct report *report, struct err *err)
{
	struct fetch_plan plan;

	if (await_plan(report, &plan, err) < 0)
		return -1;
	if (plan.asks != 0 && (answer_plan(source, &plan, report, err) < 0 ||
	                       await_plan(report, &plan, err) < 0))
		return -1;
	return plan.patch_size > 0 ? load_patch(source, &plan, report, err)
	                           : load_ranges(source, &plan, report, err);
}
