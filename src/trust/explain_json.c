/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/explain_json.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"

int signers_json(const struct signer *signers, size_t count,
                 struct json_writer *json, struct err *err)
{
	if (json_open_array(json, "signers", err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct signer *signer = &signers[i];
		char id[SIGNER_TEXT_SIZE];

		signer_text(signer, id);
		if (json_open_object(json, NULL, err) < 0 ||
		    json_text(json, "id", id, err) < 0 ||
		    json_text(json, "name", signer->name, err) < 0 ||
		    (signer->kind == SIGNER_IDENTITY &&
		     json_text(json, "subject", signer->subject, err) < 0) ||
		    json_close(json, err) < 0)
			return -1;
	}
	return json_close(json, err);
}

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

int explain_json(const struct judge_request *request, struct json_writer *json,
                 struct err *err)
{
	AUTO_FREE struct judge_explanation *explanation =
		malloc(sizeof *explanation);

	if (explanation == NULL)
		return err_nomem(err);
	if (judge_explain(request, explanation, err) < 0 ||
	    explain_rules(explanation, json, err) < 0)
		return -1;
	return explain_items(explanation, json, err);
}
