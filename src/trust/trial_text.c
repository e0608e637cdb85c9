/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trial.h"

#include <stdio.h>
#include <string.h>

/* --- minisign signatures --- */

static int say_damaged(const struct trial *trial, struct buf *out,
                       struct err *err)
{
	char text[ERR_TEXT_MAX];

	return buf_printf(out, err, "; %s",
	                  err_format(&trial->damage, text, sizeof text));
}

static int say_signature(const struct trials *trials, const struct trial *trial,
                         struct buf *out, struct err *err)
{
	const char *name = trial->key != NULL ? trial->key->name : "";
	char id[MINISIGN_ID_TEXT];

	minisign_id_text(trial->signature.id, id);
	switch (trial->kind) {
	case JUDGED_GOOD:
	case JUDGED_REFUSED: /* of verdicts only */
		return 0;
	case JUDGED_DAMAGED:
		return say_damaged(trial, out, err);
	case JUDGED_UNKNOWN:
		return buf_printf(out, err,
		                  "; key %s is not in the trust folder", id);
	case JUDGED_WRONG:
		return buf_printf(out, err,
		                  "; the signature by key %s (%s) does not "
		                  "match: release.ini or it was changed",
		                  id, name);
	case JUDGED_REVOKED:
		return buf_printf(out, err, "; key %s (%s) is revoked: %s", id,
		                  name, trial->revoked);
	case JUDGED_REPEATED:
		return buf_printf(out, err, "; key %s (%s) counts only once",
		                  id, name);
	case JUDGED_COMMENT:
		return buf_printf(out, err,
		                  "; key %s (%s) signed with the comment '%s', "
		                  "which does not name this release",
		                  id, name, trial->signature.comment);
	case JUDGED_RETIRED:
		return buf_printf(
			out, err,
			"; key %s (%s) is retired: it signs up to sequence "
			"%llu, and this is %llu",
			id, name, (unsigned long long)trial->limit,
			(unsigned long long)trials->release.sequence);
	}
	return 0;
}

/* --- Sigstore evidence --- */

static int say_stranger(const struct trial *trial, struct buf *out,
                        struct err *err)
{
	const struct evidence_verdict *verdict = trial->verdict;

	if (verdict->kind == VERDICT_SIGNATURE)
		return buf_printf(out, err,
		                  "no cosign key in the trust folder made this "
		                  "signature over release.ini");
	if (verdict->subject[0] == '\0')
		return buf_printf(out, err,
		                  "no key in the trust folder made it");
	return buf_printf(out, err,
	                  "'%s' of issuer '%s' matches no [identity NAME] of "
	                  "the configuration%s%s",
	                  verdict->subject, verdict->issuer,
	                  verdict->reason[0] != '\0' ? ": " : "",
	                  verdict->reason);
}

static int say_verdict(const struct trials *trials, const struct trial *trial,
                       struct buf *out, struct err *err)
{
	char name[VERDICT_NAME_SIZE];

	if (trial->kind == JUDGED_GOOD)
		return 0;
	verdict_name(trial->verdict, name);
	if (buf_printf(out, err, "; %s: ", name) < 0)
		return -1;
	switch (trial->kind) {
	case JUDGED_GOOD:
	case JUDGED_DAMAGED: /* of minisign signatures only */
	case JUDGED_WRONG:
	case JUDGED_COMMENT:
		return 0;
	case JUDGED_REFUSED:
		return buf_printf(out, err, "%s", trial->verdict->reason);
	case JUDGED_UNKNOWN:
		return say_stranger(trial, out, err);
	case JUDGED_REVOKED:
		return buf_printf(out, err, "%s is revoked: %s", trial->dropped,
		                  trial->revoked);
	case JUDGED_REPEATED:
		return buf_printf(out, err, "key %s counts only once",
		                  trial->dropped);
	case JUDGED_RETIRED:
		return buf_printf(
			out, err,
			"%s is retired: it signs up to sequence %llu, and this "
			"is %llu",
			trial->dropped, (unsigned long long)trial->limit,
			(unsigned long long)trials->release.sequence);
	}
	return 0;
}

int trial_say(const struct trials *trials, const struct trial *trial,
              struct buf *out, struct err *err)
{
	return trial->verdict == NULL ? say_signature(trials, trial, out, err)
	                              : say_verdict(trials, trial, out, err);
}

/* --- for reports --- */

static void describe_signature(const struct trials *trials,
                               const struct trial *trial,
                               struct judge_item *out)
{
	size_t number = (size_t)(trial - trials->list);
	const char *name = trials->request->signatures[number].name;

	out->what = "minisign";
	if (name != NULL)
		(void)snprintf(out->name, sizeof out->name, "%s", name);
	if (trial->kind != JUDGED_DAMAGED)
		minisign_id_text(trial->signature.id, out->id);
	if (trial->key != NULL)
		memcpy(out->signer, trial->key->name, sizeof out->signer);
}

/* The first of those that still count, else who dropped out last. */
static void describe_verdict(const struct trials *trials,
                             const struct trial *trial, struct judge_item *out)
{
	struct signer signers[SIGNERS_MAX];
	size_t count = 0;

	out->what = verdict_kind_name(trial->verdict->kind);
	out->verdict = trial->verdict;
	verdict_name(trial->verdict, out->name);
	trial_signers(trials, trial, signers, &count);
	if (count > 0) {
		memcpy(out->signer, signers[0].name, sizeof out->signer);
		signer_text(&signers[0], out->id);
	} else if (trial->dropped != NULL) {
		(void)snprintf(out->signer, sizeof out->signer, "%s",
		               trial->dropped);
	}
}

int trial_describe(const struct trials *trials, const struct trial *trial,
                   struct judge_item *out, struct err *err)
{
	AUTO_BUF struct buf reason = BUF_NONE;
	const char *text;

	memset(out, 0, sizeof *out);
	out->kind = trial->kind;
	if (trial->verdict == NULL)
		describe_signature(trials, trial, out);
	else
		describe_verdict(trials, trial, out);
	if (trial_say(trials, trial, &reason, err) < 0)
		return -1;
	text = buf_text(&reason);
	if (reason.len > strlen("; "))
		text += strlen("; ");
	/* The full text is an error's; here the beginning does. */
	(void)snprintf(out->reason, sizeof out->reason, "%.*s",
	               (int)sizeof out->reason - 1, text);
	return 0;
}
