/* SPDX-License-Identifier: Apache-2.0 */
/* fetch-worker: takes a release from where it lives, in two phases
 * (privsep/fetch.h): what judges it, and then what is wanted of its payload. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "codec/json_read.h"
#include "codec/minisign.h"
#include "codec/part.h"
#include "codec/release_ini.h"
#include "image.h"
#include "load.h"
#include "net/packed_parts.h"
#include "privsep/part_stream.h"
#include "report.h"
#include "secrets.h"
#include "signatures.h"
#include "sources.h"

/* --- the parts --- */

/* What is known of the release while its parts are passed on. */
struct passage {
	struct source *source;
	struct report *report;
	struct buf text; /* of the part that is kept */
	uint64_t signer; /* key id of release.ini.minisig; 0: none */
};

static void passage_done(struct passage *passage)
{
	buf_done(&passage->text);
}

/* A part on its way into the ring. */
struct passing {
	struct report *report;
	struct buf *copy; /* NULL: none is kept */
	uint32_t number;
};

static int pass_on(void *context, uint64_t offset, const void *data, size_t len,
                   struct err *err)
{
	const struct passing *passing = context;

	(void)offset; /* in order, from 0 */
	if (passing->copy != NULL && buf_add(passing->copy, data, len, err) < 0)
		return -1;
	return frame_put(passing->report->ring, passing->number, data, len,
	                 err);
}

/* 1: it was passed on, and to @copy; 0: the release has none. */
static int pass_part(struct passage *passage, struct part part,
                     unsigned ordinal, struct buf *copy, struct err *err)
{
	struct passing passing = { passage->report, copy,
		                   part_frame_number(part.kind, ordinal) };
	const struct http_sink sink = { pass_on, &passing };
	struct source *source = passage->source;
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
	return frame_end(passage->report->ring, passing.number, err) < 0 ? -1
	                                                                 : 1;
}

/* Who signed first needs not be asked for again. */
static int pass_first_signature(struct passage *passage, struct err *err)
{
	AUTO_BUF struct buf text =
		BUF_LIMIT((size_t)part_max_size(PART_MINISIG));
	struct minisign_signature signature;
	struct err ignored; /* the monitor judges it */

	if (pass_part(passage, (struct part){ PART_MINISIG, 0 }, 0, &text,
	              err) < 0)
		return -1;
	if (minisign_parse_signature(buf_text(&text), text.len, &signature,
	                             &ignored) == 0)
		passage->signer = signature.id;
	return 0;
}

/* Those of the keys that the host trusts; what others signed counts nothing. */
static int pass_further_signatures(struct passage *passage, struct err *err)
{
	const struct source_wanted *wanted = passage->source->wanted;
	unsigned ordinal = 0;

	for (size_t i = 0; i < wanted->key_id_count; i++) {
		const struct part part = { PART_MINISIG_FURTHER,
			                   wanted->key_ids[i] };
		int got = 0;

		if (part.id != passage->signer)
			got = pass_part(passage, part, ordinal, NULL, err);
		if (got < 0)
			return -1;
		ordinal += (unsigned)got;
		if (ordinal == PART_SIGNERS_MAX)
			break;
	}
	return 0;
}

static int pass_sigstore(struct passage *passage, struct err *err)
{
	for (unsigned i = 0; i < PART_SIGSTORE_MAX; i++) {
		const struct part part = { PART_SIGSTORE, i + 1 };
		int got = pass_part(passage, part, i, NULL, err);

		if (got <= 0)
			return got;
	}
	return 0;
}

static int pass_one(struct passage *passage, enum part_kind kind,
                    struct err *err)
{
	const struct part part = { kind, 0 };

	return pass_part(passage, part, 0, NULL, err) < 0 ? -1 : 0;
}

/* --- what release.ini pins --- */

static int keep_packed(void *context, uint64_t offset, const void *data,
                       size_t len, struct err *err)
{
	(void)offset; /* in order, from 0 */
	return buf_add(context, data, len, err);
}

static int pass_packed_on(void *context, enum part_kind kind, const void *data,
                          size_t len, struct err *err)
{
	const struct report *report = context;
	uint32_t number = part_frame_number(kind, 0);

	if (len == 0)
		return frame_end(report->ring, number, err);
	return frame_put(report->ring, number, data, len, err);
}

static int pass_by_part(const struct passage *passage, const struct err *why)
{
	char text[ERR_TEXT_MAX];

	http_say(passage->source->client, "taking part by part: %s",
	         err_format(why, text, sizeof text));
	return 0;
}

/* All at once.  1: they were passed on; 0: there is nothing to unpack them
 * from, or only something damaged. */
static int pass_packed(struct passage *passage,
                       const struct release_ini *release, struct err *err)
{
	static const struct part part = { PART_PACKED, 0 };
	const struct part_pin *pin = &release->parts[PART_PACKED];
	AUTO_BUF struct buf packed = BUF_LIMIT((size_t)pin->size);
	const struct http_sink sink = { keep_packed, &packed };
	const struct packed_sink ring = { pass_packed_on, passage->report };
	struct source *source = passage->source;
	struct err why;
	int got;

	if (!pin->is_present)
		return 0;
	got = source->ops->part(source, part, &sink, &why);
	if (got == 0)
		return 0;
	/* One that is longer than it may be, or is none. */
	if (got < 0 && (why.code == ERR_LIMIT || why.code == ERR_FORMAT))
		return pass_by_part(passage, &why);
	if (got < 0) {
		*err = why;
		return err_wrap(err, "parts.tar.xz");
	}
	/* First only checked: what went into the ring cannot be taken back. */
	if (packed_parts_read(buf_bytes(&packed), release, NULL, &why) < 0)
		return pass_by_part(passage, &why);
	return packed_parts_read(buf_bytes(&packed), release, &ring, err) < 0
	               ? -1
	               : 1;
}

static int pass_each(struct passage *passage, struct err *err)
{
	if (pass_one(passage, PART_PROFILE_ENV, err) < 0 ||
	    pass_one(passage, PART_SBOM, err) < 0 ||
	    pass_one(passage, PART_MTREE, err) < 0 ||
	    pass_one(passage, PART_INDEX, err) < 0)
		return -1;
	return pass_one(passage, PART_SHA256, err);
}

/* A release.ini that cannot be read is for the monitor to refuse. */
static int pass_pinned(struct passage *passage, struct err *err)
{
	AUTO_FREE struct release_ini *release = malloc(sizeof *release);
	struct err ignored;
	int got = 0;

	if (release == NULL)
		return err_nomem(err);
	if (release_ini_parse(buf_text(&passage->text), passage->text.len,
	                      release, &ignored) == 0)
		got = pass_packed(passage, release, err);
	if (got == 0)
		got = pass_each(passage, err);
	return got < 0 ? -1 : 0;
}

/* Where a part was redirected, the payload is once, too. */
static int end_parts(const struct http_client *client, struct report *report,
                     struct err *err)
{
	const struct fetch_count count = {
		.sent = (uint32_t)http_requests(client),
		.further = http_was_redirected(client) ? 1 : 0,
	};

	if (frame_put(report->ring, FETCH_ITEM_PARTS_END, &count, sizeof count,
	              err) < 0)
		return -1;
	return frame_end(report->ring, FETCH_ITEM_PARTS_END, err);
}

/* In the order of judging. */
static int pass_parts(struct source *source, struct report *report,
                      struct err *err)
{
	static const struct part description = { PART_RELEASE_INI, 0 };
	AUTO(passage_done)
	struct passage passage = { .source = source,
		                   .report = report,
		                   .text = BUF_LIMIT(RELEASE_INI_MAX) };

	if (pass_part(&passage, description, 0, &passage.text, err) < 0 ||
	    pass_first_signature(&passage, err) < 0 ||
	    pass_further_signatures(&passage, err) < 0 ||
	    pass_sigstore(&passage, err) < 0 ||
	    pass_one(&passage, PART_ATTESTATION, err) < 0 ||
	    pass_pinned(&passage, err) < 0)
		return -1;
	return end_parts(source->client, report, err);
}

/* --- all of it --- */

static int take_release(struct source *source, struct report *report,
                        struct err *err)
{
	if (source->ops->open(source, err) < 0 ||
	    report_text(report, FETCH_ITEM_ORIGIN, source->origin, err) < 0 ||
	    pass_parts(source, report, err) < 0)
		return -1;
	return load_planned(source, report, err);
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
	if (secrets_note(&asked, &config, err) < 0 ||
	    http_open(&config, &client, err) < 0)
		return -1;
	if (asked.request.sources[0].kind == FETCH_IMAGE)
		return image_ask(&asked, client, &report, err);
	if (asked.request.sources[0].kind == FETCH_SIGNATURES)
		return signatures_ask(&asked, client, &report, err);
	if (asked_source(&asked, client, &source, err) < 0)
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
