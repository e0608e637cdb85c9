/* SPDX-License-Identifier: Apache-2.0 */
/* fetch-worker: takes a release from where it lives, in two phases
 * (privsep/fetch.h): what judges it, and then what is wanted of its payload. */
#include <errno.h>
#include <unistd.h>

#include "base/fs.h"
#include "codec/json_read.h"
#include "codec/part.h"
#include "privsep/part_stream.h"
#include "report.h"
#include "sources.h"

/* --- the parts --- */

/* A part on its way into the ring. */
struct passing {
	struct report *report;
	uint32_t number;
};

static int pass_on(void *context, uint64_t offset, const void *data, size_t len,
                   struct err *err)
{
	const struct passing *passing = context;

	(void)offset; /* in order, from 0 */
	return frame_put(passing->report->ring, passing->number, data, len,
	                 err);
}

/* 1: it was passed on; 0: the release has none. */
static int pass_part(struct source *source, struct report *report,
                     struct part part, unsigned ordinal, struct err *err)
{
	struct passing passing = { report,
		                   part_frame_number(part.kind, ordinal) };
	const struct http_sink sink = { pass_on, &passing };
	char name[PART_NAME_SIZE];
	int got = source->ops->part(source, part, &sink, err);

	part_name(part, name);
	if (got < 0)
		return err_wrap(err, "%s", name);
	if (got == 0 && part_is_required(part.kind))
		return err_set(err, ERR_FORMAT, 0, "%s has no %s",
		               source->origin, name);
	if (got == 0)
		return 0;
	return frame_end(report->ring, passing.number, err) < 0 ? -1 : 1;
}

/* Those of the keys that the host trusts; what others signed counts nothing. */
static int pass_further_signatures(struct source *source, struct report *report,
                                   struct err *err)
{
	unsigned ordinal = 0;

	for (size_t i = 0; i < source->wanted->key_id_count; i++) {
		const struct part part = { PART_MINISIG_FURTHER,
			                   source->wanted->key_ids[i] };
		int got = pass_part(source, report, part, ordinal, err);

		if (got < 0)
			return -1;
		ordinal += (unsigned)got;
		if (ordinal == PART_SIGNERS_MAX)
			break;
	}
	return 0;
}

static int pass_sigstore(struct source *source, struct report *report,
                         struct err *err)
{
	for (unsigned i = 0; i < PART_SIGSTORE_MAX; i++) {
		const struct part part = { PART_SIGSTORE, i + 1 };
		int got = pass_part(source, report, part, i, err);

		if (got <= 0)
			return got;
	}
	return 0;
}

static int pass_one(struct source *source, struct report *report,
                    enum part_kind kind, struct err *err)
{
	return pass_part(source, report, (struct part){ kind, 0 }, 0, err) < 0
	               ? -1
	               : 0;
}

/* In the order of judging. */
static int pass_parts(struct source *source, struct report *report,
                      struct err *err)
{
	if (pass_one(source, report, PART_RELEASE_INI, err) < 0 ||
	    pass_one(source, report, PART_MINISIG, err) < 0 ||
	    pass_further_signatures(source, report, err) < 0 ||
	    pass_sigstore(source, report, err) < 0 ||
	    pass_one(source, report, PART_ATTESTATION, err) < 0 ||
	    pass_one(source, report, PART_PROFILE_ENV, err) < 0 ||
	    pass_one(source, report, PART_SBOM, err) < 0 ||
	    pass_one(source, report, PART_MTREE, err) < 0 ||
	    pass_one(source, report, PART_INDEX, err) < 0 ||
	    pass_one(source, report, PART_SHA256, err) < 0)
		return -1;
	return frame_end(report->ring, FETCH_ITEM_PARTS_END, err);
}

/* --- the payload --- */

static int write_payload(void *context, uint64_t offset, const void *data,
                         size_t len, struct err *err)
{
	struct report *report = context;
	const char *at = data;

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

static int load_payload(struct source *source, struct report *report,
                        struct err *err)
{
	const struct http_sink sink = { write_payload, report };
	struct http_range ranges[PLAN_REQUESTS_MAX];
	struct fetch_plan plan;

	if (fs_read_at(FETCH_INPUT_PLAN, 0, &plan, sizeof plan, err) < 0)
		return -1;
	if (plan.count > PLAN_REQUESTS_MAX)
		return err_set(err, ERR_INTERNAL, 0, "a plan with no sense");
	for (uint32_t i = 0; i < plan.count; i++)
		ranges[i] = (struct http_range){ plan.ranges[i].offset,
			                         plan.ranges[i].len };
	report->is_loading = 1;
	if (plan.count == 0)
		return 0;
	if (source->ops->payload(source, plan.payload_size, ranges, plan.count,
	                         &sink, err) < 0)
		return -1;
	return report_progress(report, err);
}

/* --- both --- */

static int take_release(struct source *source, struct report *report,
                        struct err *err)
{
	if (source->ops->open(source, err) < 0 ||
	    report_text(report, FETCH_ITEM_ORIGIN, source->origin, err) < 0 ||
	    pass_parts(source, report, err) < 0 ||
	    ring_await_go(report->ring, err) < 0)
		return -1;
	return load_payload(source, report, err);
}

static int fetch(struct worker_context *context, struct err *err)
{
	AUTO_ASKED struct asked asked = ASKED_NONE;
	AUTO_HTTP struct http_client *client = NULL;
	AUTO_SOURCE struct source *source = NULL;
	struct report report = { .ring = &context->ring };
	struct http_config config;

	if (asked_read(&asked, err) < 0)
		return -1;
	asked_config(&asked, &config);
	config.alive = report_alive;
	config.say = report_say;
	config.context = &report;
	if (http_open(&config, &client, err) < 0 ||
	    asked_source(&asked, client, &source, err) < 0)
		return -1;
	return take_release(source, &report, err);
}

/* What would read files of its own accord does so before the sandbox. */
static int prepare(struct err *err)
{
	return json_read_init(err) < 0 ? -1 : http_prepare(err);
}

static const struct worker_program program = {
	.profile = SANDBOX_NETWORK,
	.paths = sandbox_network_paths,
	.prepare = prepare,
	.run = fetch,
};

int main(int argc, char **argv)
{
	return worker_main(&program, argc, argv);
}
