/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/verdict.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

_Static_assert(sizeof(struct evidence_verdict) ==
                       8 * sizeof(uint32_t) + 5 * sizeof(uint64_t) +
                               VERDICT_SIGNATURE_MAX + (size_t)2 * CLAIM_SIZE +
                               VERDICT_REASON_SIZE,
               "padding would cross the socket");

const char *verdict_kind_name(uint32_t kind)
{
	static const char *const names[VERDICT_KINDS] = {
		[VERDICT_REFUSED] = "refused",
		[VERDICT_SIGNATURE] = "signature",
		[VERDICT_MESSAGE] = "message",
		[VERDICT_ATTESTATION] = "attestation",
	};

	return kind < VERDICT_KINDS ? names[kind] : "unknown";
}

void verdict_name(const struct evidence_verdict *verdict,
                  char out[VERDICT_NAME_SIZE])
{
	char name[PART_NAME_SIZE];

	if (verdict->part_kind == PART_SIGSTORE) {
		part_name((struct part){ PART_SIGSTORE, verdict->ordinal },
		          name);
		(void)snprintf(out, VERDICT_NAME_SIZE, "%.*s",
		               VERDICT_NAME_SIZE - 1, name);
		return;
	}
	part_name((struct part){ PART_ATTESTATION, 0 }, name);
	(void)snprintf(out, VERDICT_NAME_SIZE, "%.32s.%u", name, verdict->line);
}

void verdict_refuse(struct evidence_verdict *verdict, const struct err *why)
{
	struct evidence_verdict refused = { .kind = VERDICT_REFUSED,
		                            .part_kind = verdict->part_kind,
		                            .ordinal = verdict->ordinal,
		                            .line = verdict->line };
	char text[ERR_TEXT_MAX];
	size_t len;

	(void)err_format(why, text, sizeof text);
	len = strnlen(text, sizeof refused.reason - 1);
	/* A character that the cut would halve goes as a whole. */
	while (len > 0 && !text_is_printable(text, len))
		len--;
	memcpy(refused.reason, text, len);
	*verdict = refused;
}

static int check_text(const char *name, const char *text, size_t size,
                      struct err *err)
{
	size_t len = strnlen(text, size);

	if (len == size || !text_is_printable(text, len))
		return err_set(err, ERR_FORMAT, 0, "its %s is no text", name);
	return 0;
}

static int check_place(const struct evidence_verdict *verdict, struct err *err)
{
	bool is_part =
		verdict->part_kind == PART_SIGSTORE && verdict->line == 0;
	bool is_line = verdict->part_kind == PART_ATTESTATION &&
	               verdict->ordinal == 0 && verdict->line > 0 &&
	               verdict->line <= VERDICT_ATTESTATIONS_MAX;

	if (!is_part && !is_line)
		return err_set(err, ERR_FORMAT, 0,
		               "it is about no piece of evidence");
	return 0;
}

/* What a kind does not have must be absent. */
static int check_kind(const struct evidence_verdict *verdict, struct err *err)
{
	bool has_signature = verdict->signature_len > 0;
	bool has_keys = (verdict->cosign_keys | verdict->minisign_keys) != 0;

	if (verdict->kind >= VERDICT_KINDS)
		return err_set(err, ERR_FORMAT, 0, "its kind is unknown");
	if (verdict->signature_len > VERDICT_SIGNATURE_MAX ||
	    has_signature != (verdict->kind == VERDICT_SIGNATURE))
		return err_set(err, ERR_FORMAT, 0,
		               "its signature has a length that is wrong for "
		               "a %s",
		               verdict_kind_name(verdict->kind));
	if (has_keys && verdict->kind != VERDICT_ATTESTATION)
		return err_set(err, ERR_FORMAT, 0,
		               "it names keys, and is no attestation");
	if (verdict->identities != 0 && verdict->kind != VERDICT_MESSAGE &&
	    verdict->kind != VERDICT_ATTESTATION)
		return err_set(err, ERR_FORMAT, 0,
		               "it names identities, and verified nothing");
	if (verdict->is_provenance != 0 && verdict->kind != VERDICT_ATTESTATION)
		return err_set(err, ERR_FORMAT, 0,
		               "it is provenance, and no attestation");
	return 0;
}

static int check_numbers(const struct evidence_verdict *verdict,
                         struct err *err)
{
	if (verdict->is_provenance > 1 || verdict->has_time > 1 ||
	    verdict->has_log > 1)
		return err_set(err, ERR_FORMAT, 0, "a flag is neither 0 nor 1");
	if (verdict->time < 0 || verdict->time > (int64_t)CLOCK_MAX ||
	    verdict->log_index > INT64_MAX)
		return err_set(err, ERR_FORMAT, 0,
		               "its time or log index is out of range");
	return 0;
}

int verdict_check(const struct evidence_verdict *verdict, struct err *err)
{
	if (check_place(verdict, err) < 0 || check_kind(verdict, err) < 0 ||
	    check_numbers(verdict, err) < 0 ||
	    check_text("subject", verdict->subject, sizeof verdict->subject,
	               err) < 0 ||
	    check_text("issuer", verdict->issuer, sizeof verdict->issuer, err) <
	            0 ||
	    check_text("reason", verdict->reason, sizeof verdict->reason, err) <
	            0)
		return err_wrap(err, "a verdict of verify-worker");
	return 0;
}
