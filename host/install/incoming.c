/* SPDX-License-Identifier: Apache-2.0 */
#include "incoming.h"

#include "codec/failure.h"
#include "codec/json_write.h"
#include "report.h"
#include "signers.h"
#include "trust/explain_json.h"

void incoming_done(struct incoming *incoming)
{
	verification_done(&incoming->verification);
	description_done(&incoming->description);
	part_source_done(&incoming->source);
	fetched_bundle_done(&incoming->bundle);
	*incoming = INCOMING_NONE;
}

/* The same object for a release that is refused: nothing that it says of itself
 * is shown.  Returns -1; @failure stands, unless it cannot be explained. */
static int explain_refusal(const struct incoming *incoming, struct err *failure)
{
	AUTO_BUF struct buf out = BUF_NONE;
	char text[2 * ERR_TEXT_MAX];
	struct json_writer json;
	struct err err;

	json_begin(&json, &out);
	if (json_open_object(&json, NULL, &err) < 0 ||
	    json_text(&json, "app", incoming->host->app, &err) < 0 ||
	    json_text(&json, "version", request_version(incoming->request),
	              &err) < 0 ||
	    json_text(&json, "source", incoming->bundle.origin, &err) < 0 ||
	    json_text(&json, "result", "refused", &err) < 0 ||
	    json_text(&json, "reason", err_format(failure, text, sizeof text),
	              &err) < 0 ||
	    failure_members(failure, &json, &err) < 0 ||
	    explain_json(&incoming->verification.request, &json, &err) < 0 ||
	    json_close(&json, &err) < 0 || report_refusal(&out, &err) < 0)
		*failure = err;
	return -1;
}

static void say_verified(const struct incoming *incoming)
{
	const struct verification_result *verified = &incoming->verified;
	const struct release_ini *release = &verified->release;

	for (size_t i = 0; i < verified->signer_count; i++) {
		char line[SIGNER_LINE_SIZE];

		signer_line(&verified->signers[i], line);
		report_step(incoming->request,
		            "verified %s %s (sequence %llu), signed by %s",
		            release->app, release->version,
		            (unsigned long long)release->sequence, line);
	}
}

/* Whoever looks, and reads JSON, wants to know why as well. */
bool incoming_explains(const struct request *request)
{
	return request->verify_only && request->wants_json;
}

static int judge(struct incoming *incoming, struct err *err)
{
	const struct request *request = incoming->request;
	struct verification *verification = &incoming->verification;

	if (verification_open(incoming->host, request_version(request),
	                      &incoming->description,
	                      incoming_explains(request) ? VERIFY_TO_EXPLAIN
	                                                 : VERIFY_TO_DECIDE,
	                      verification, err) < 0)
		return -1;
	if (judge_release(&verification->request, &incoming->verified, err) ==
	    0)
		return 0;
	if (!incoming_explains(request) || err->code != ERR_UNTRUSTED)
		return -1;
	return explain_refusal(incoming, err);
}

static int verify(struct incoming *incoming, struct err *err)
{
	if (part_source_open(incoming->host, &incoming->bundle,
	                     &incoming->source, err) < 0 ||
	    description_read(&incoming->source, &incoming->description,
	                     &incoming->first, err) < 0 ||
	    judge(incoming, err) < 0)
		return err_wrap(err, "verifying %s", incoming->bundle.origin);
	if (incoming->request->locked != NULL &&
	    lockfile_require(&incoming->bundle.lock,
	                     incoming->verified.release_sha256, err) < 0)
		return err_wrap(err, "verifying %s", incoming->bundle.origin);
	say_verified(incoming);
	return 0;
}

int incoming_take_parts(struct incoming *incoming, struct parts_copy *copy,
                        struct err *err)
{
	if (parts_receive(&incoming->source, &incoming->first,
	                  &incoming->verified,
	                  /* stage= */ NULL, copy, err) < 0)
		return err_wrap(err, "verifying %s", incoming->bundle.origin);
	return 0;
}

int incoming_check(struct incoming *incoming, struct err *err)
{
	AUTO_METER struct meter meter = METER_NONE;

	report_meter_begin(incoming->request, &meter, "verifying",
	                   incoming->verified.release.parts[PART_PAYLOAD].size);
	if (incoming_take_parts(incoming, /* copy= */ NULL, err) < 0)
		return -1;
	if (parts_receive_payload(&incoming->source, &incoming->verified,
	                          /* stage= */ NULL, &meter, err) < 0)
		return err_wrap(err, "verifying %s", incoming->bundle.origin);
	return 0;
}

int incoming_open(const struct request *request, const struct host *host,
                  struct incoming *out, struct err *err)
{
	out->request = request;
	out->host = host;
	if (install_fetch(request, host, &out->bundle, err) < 0)
		return -1;
	return verify(out, err);
}
