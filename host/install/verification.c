/* SPDX-License-Identifier: Apache-2.0 */
#include "verification.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

void verification_done(struct verification *verification)
{
	free(verification->verdicts);
	verification->verdicts = NULL;
}

/* --- what is to be judged --- */

static void add_signature(struct verification *verification,
                          const struct evidence *evidence)
{
	size_t n = verification->request.signature_count++;
	struct judge_signature *signature = &verification->signatures[n];
	struct part part;

	*signature = (struct judge_signature){ .data = evidence->bytes.data,
		                               .len = evidence->bytes.len };
	if (!evidence_part(evidence, &part))
		return;
	part_name(part, verification->names[n]);
	signature->name = verification->names[n];
}

/* As many as part_stream lets through, which is as many as fit. */
static void add_signatures(struct verification *verification,
                           const struct description *description)
{
	for (size_t i = 0; i < description->evidence_count; i++) {
		const struct evidence *evidence = &description->evidence[i];

		if (part_is_minisign(evidence->kind) &&
		    verification->request.signature_count <
		            JUDGE_SIGNATURES_MAX)
			add_signature(verification, evidence);
	}
}

/* --- what verify-worker says --- */

static int build_case(const struct host *host,
                      const struct description *description,
                      struct evidence_case *out, struct err *err)
{
	*out = (struct evidence_case){
		.settings = &host->settings,
		.settings_text = buf_bytes(&host->settings_text),
		.release_ini = buf_bytes(&description->release_ini),
	};
	evidence_trust(out, &host->keyring);
	for (size_t i = 0; i < description->evidence_count; i++) {
		const struct evidence *evidence = &description->evidence[i];

		if (evidence_add(out, evidence->kind,
		                 buf_bytes(&evidence->bytes), err) < 0)
			return -1;
	}
	return 0;
}

static int ask(const struct host *host, const struct description *description,
               struct verification *out, struct err *err)
{
	const struct evidence_worker worker = { .folder = host->workers,
		                                .mode = host_sandbox(host) };
	struct evidence_case given;

	if (build_case(host, description, &given, err) < 0)
		return -1;
	out->verdicts = malloc(sizeof *out->verdicts);
	if (out->verdicts == NULL)
		return err_nomem(err);
	if (evidence_ask(&given, &worker, out->verdicts, err) < 0)
		return -1;
	out->request.verdicts = out->verdicts->list;
	out->request.verdict_count = out->verdicts->count;
	return 0;
}

int verification_open(const struct host *host, const char *version,
                      const struct description *description,
                      enum verification_purpose purpose,
                      struct verification *out, struct err *err)
{
	out->request = (struct judge_request){
		.release_ini = description->release_ini.data,
		.release_ini_len = description->release_ini.len,
		.signatures = out->signatures,
		.keyring = &host->keyring,
		.settings = &host->settings,
		.app = host->app,
		.version = version,
	};
	add_signatures(out, description);
	if (purpose == VERIFY_TO_DECIDE &&
	    !judge_needs_verdicts(&host->settings))
		return 0;
	return ask(host, description, out, err);
}

/* --- why --- */

/* null for what there is nothing to say of. */
static int text_or_null(struct json_writer *json, const char *key,
                        const char *value, struct err *err)
{
	return json_text(json, key, value[0] != '\0' ? value : NULL, err);
}

static int explain_rules(const struct judge_explanation *explanation,
                         struct json_writer *json, struct err *err)
{
	if (json_open_array(json, "rules", err) < 0)
		return -1;
	for (size_t i = 0; i < explanation->rule_count; i++) {
		const struct judge_rule *rule = &explanation->rules[i];

		if (json_open_object(json, NULL, err) < 0 ||
		    json_text(json, "rule", rule->name, err) < 0 ||
		    json_text(json, "state", judge_rule_state_name(rule->state),
		              err) < 0 ||
		    text_or_null(json, "reason", rule->text, err) < 0 ||
		    json_close(json, err) < 0)
			return -1;
	}
	return json_close(json, err);
}

/* Who the certificate named, and when and where the signature was seen. */
static int explain_verdict(const struct evidence_verdict *verdict,
                           struct json_writer *json, struct err *err)
{
	char time[CLOCK_TEXT_SIZE];

	if (text_or_null(json, "subject", verdict->subject, err) < 0 ||
	    text_or_null(json, "issuer", verdict->issuer, err) < 0 ||
	    json_bool(json, "provenance", verdict->is_provenance == 1, err) < 0)
		return -1;
	clock_format(verdict->time, time);
	if (json_text(json, "time", verdict->has_time == 1 ? time : NULL, err) <
	    0)
		return -1;
	return verdict->has_log == 1
	               ? json_u64(json, "log_index", verdict->log_index, err)
	               : json_write_null(json, "log_index", err);
}

static int explain_item(const struct judge_item *item, struct json_writer *json,
                        struct err *err)
{
	if (json_open_object(json, NULL, err) < 0 ||
	    text_or_null(json, "part", item->name, err) < 0 ||
	    json_text(json, "kind", item->what, err) < 0 ||
	    json_text(json, "verdict", judge_verdict_name(item->kind), err) <
	            0 ||
	    text_or_null(json, "signer", item->signer, err) < 0 ||
	    text_or_null(json, "id", item->id, err) < 0 ||
	    text_or_null(json, "reason", item->reason, err) < 0 ||
	    (item->verdict != NULL &&
	     explain_verdict(item->verdict, json, err) < 0))
		return -1;
	return json_close(json, err);
}

static int explain_items(const struct judge_explanation *explanation,
                         struct json_writer *json, struct err *err)
{
	if (json_open_array(json, "evidence", err) < 0)
		return -1;
	for (size_t i = 0; i < explanation->item_count; i++)
		if (explain_item(&explanation->items[i], json, err) < 0)
			return -1;
	return json_close(json, err);
}

int verification_explain(const struct verification *verification,
                         struct json_writer *json, struct err *err)
{
	AUTO_FREE struct judge_explanation *explanation =
		malloc(sizeof *explanation);

	if (explanation == NULL)
		return err_nomem(err);
	if (judge_explain(&verification->request, explanation, err) < 0 ||
	    explain_rules(explanation, json, err) < 0)
		return -1;
	return explain_items(explanation, json, err);
}
