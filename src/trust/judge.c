/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/judge.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "crypto/sha256.h"
#include "trust/trial.h"

/* Bytes; an err keeps the first 500. */
#define REASONS_MAX ((size_t)256 * 1024)

const char *judge_verdict_name(enum judge_verdict_kind kind)
{
	switch (kind) {
	case JUDGED_GOOD:
		return "good";
	case JUDGED_DAMAGED:
		return "damaged";
	case JUDGED_REFUSED:
		return "refused";
	case JUDGED_UNKNOWN:
		return "unknown";
	case JUDGED_WRONG:
		return "wrong";
	case JUDGED_REVOKED:
		return "revoked";
	case JUDGED_REPEATED:
		return "repeated";
	case JUDGED_COMMENT:
		return "wrong-comment";
	case JUDGED_RETIRED:
		return "retired";
	}
	return "unknown";
}

const char *judge_rule_state_name(enum judge_rule_state state)
{
	switch (state) {
	case RULE_MET:
		return "met";
	case RULE_UNMET:
		return "unmet";
	case RULE_NOT_ASKED:
		return "not-asked";
	case RULE_NOT_REACHED:
		return "not-reached";
	}
	return "unknown";
}

bool judge_needs_verdicts(const struct settings *settings)
{
	return (settings->require & (REQUIRE_SIGSTORE | REQUIRE_PROVENANCE)) !=
	       0;
}

/* --- the rules ---
 *
 * Each looks at the trials alone, so that the decision and its explanation
 * can't differ. */

struct judging {
	struct trials trials;
	struct trial_tally tally;
	uint8_t sha256[DIGEST_LEN];
};

static bool wants(const struct judging *judging, enum requirement requirement)
{
	return (judging->trials.request->settings->require &
	        (unsigned)requirement) != 0;
}

/* Signatures that we checked ourselves, of the kinds that require names. */
static size_t count_keys(const struct judging *judging)
{
	return (wants(judging, REQUIRE_MINISIGN) ? judging->tally.minisign
	                                         : 0) +
	       (wants(judging, REQUIRE_SIGSTORE) ? judging->tally.cosign : 0);
}

/* The refusal, and what became of each piece of evidence. */
static int refuse(const struct judging *judging, const char *what,
                  struct err *err)
{
	AUTO_BUF struct buf reasons = BUF_LIMIT(REASONS_MAX);
	const struct trials *trials = &judging->trials;

	for (size_t i = 0; i < trials->count; i++)
		if (trial_say(trials, &trials->list[i], &reasons, err) < 0)
			return -1;
	return err_set(err, ERR_UNTRUSTED, 0, "%s%s", what, buf_text(&reasons));
}

static int refuse_few_keys(const struct judging *judging, struct err *err)
{
	unsigned threshold = judging->trials.request->settings->threshold;
	char what[80];

	if (threshold <= 1)
		return refuse(judging, "no good signature by a trusted key",
		              err);
	(void)snprintf(what, sizeof what,
	               "only %zu of %u required signatures by trusted keys",
	               count_keys(judging), threshold);
	return refuse(judging, what, err);
}

static bool wants_minisign(const struct judging *judging)
{
	return wants(judging, REQUIRE_MINISIGN);
}

static int check_minisign(const struct judging *judging, struct err *err)
{
	if (judging->tally.minisign > 0)
		return 0;
	if (judging->trials.request->settings->require == REQUIRE_MINISIGN)
		return refuse_few_keys(judging, err);
	return refuse(judging,
	              "require = minisign is not met: no good signature by a "
	              "trusted minisign key (package-release sign --key FILE "
	              "makes one)",
	              err);
}

static bool wants_sigstore(const struct judging *judging)
{
	return wants(judging, REQUIRE_SIGSTORE);
}

static int check_sigstore(const struct judging *judging, struct err *err)
{
	if (judging->tally.cosign + judging->tally.identified > 0)
		return 0;
	return refuse(judging,
	              "require = sigstore is not met: no good signature by a "
	              "trusted cosign key or a named identity (package-release "
	              "sign --cosign-key, or attach, adds one)",
	              err);
}

static bool wants_provenance(const struct judging *judging)
{
	return wants(judging, REQUIRE_PROVENANCE);
}

static int check_provenance(const struct judging *judging, struct err *err)
{
	if (judging->tally.provenance > 0)
		return 0;
	return refuse(judging,
	              "require = provenance is not met: no good SLSA "
	              "provenance of release.ini by a trusted key or a named "
	              "identity (package-release attest, or attach, adds one)",
	              err);
}

/* release.ini may be read only once something that this policy trusts is good.
 * Without that it is a stranger's text. */
static bool has_evidence(const struct judging *judging)
{
	const struct trial_tally *tally = &judging->tally;

	return count_keys(judging) > 0 ||
	       (judging->trials.request->settings->accepts_keyless_alone &&
	        tally->identified + tally->provenance > 0);
}

/* The rule that the release fails first. */
static int check_evidence(const struct judging *judging, struct err *err)
{
	if (has_evidence(judging))
		return 0;
	if (judging->trials.count == 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "the release is not signed; run: "
		               "package-release sign --key FILE");
	if (wants(judging, REQUIRE_MINISIGN))
		return refuse_few_keys(judging, err);
	if (wants(judging, REQUIRE_SIGSTORE) &&
	    check_sigstore(judging, err) < 0)
		return -1;
	if (wants(judging, REQUIRE_PROVENANCE) &&
	    check_provenance(judging, err) < 0)
		return -1;
	return refuse(judging,
	              "no good signature by a trusted cosign key, and what "
	              "else is good counts without one only where "
	              "accept_keyless_alone = yes",
	              err);
}

/* A threshold of 0 is no policy: one signature is always needed, unless the
 * host says that identities are enough. */
static int check_threshold(const struct judging *judging, struct err *err)
{
	const struct settings *settings = judging->trials.request->settings;
	size_t keys = count_keys(judging);

	if (settings->accepts_keyless_alone && settings->threshold <= 1)
		return 0;
	if (keys > 0 && keys >= settings->threshold)
		return 0;
	return refuse_few_keys(judging, err);
}

static int check_revoked(const struct judging *judging, struct err *err)
{
	const struct trials *trials = &judging->trials;
	const char *reason = revocations_find_release(
		&trials->request->keyring->revocations, judging->sha256);

	if (reason == NULL)
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0, "release %s %s is revoked: %s",
	               trials->release.app, trials->release.version, reason);
}

static int check_name(const char *what, const char *wanted, const char *is,
                      struct err *err)
{
	if (strcmp(wanted, is) == 0)
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "what is signed is %s '%s', not '%s'", what, is, wanted);
}

static bool names_app(const struct judging *judging)
{
	return judging->trials.request->app != NULL;
}

static int check_app(const struct judging *judging, struct err *err)
{
	return check_name("app", judging->trials.request->app,
	                  judging->trials.release.app, err);
}

static bool names_version(const struct judging *judging)
{
	return judging->trials.request->version != NULL;
}

static int check_version(const struct judging *judging, struct err *err)
{
	return check_name("version", judging->trials.request->version,
	                  judging->trials.release.version, err);
}

struct rule {
	const char *name;
	bool (*applies)(const struct judging *judging); /* NULL: always */
	int (*check)(const struct judging *judging, struct err *err);
};

/* Before release.ini is read... */
static const struct rule evidence_rule = { "evidence", NULL, check_evidence };

/* ...and behind it, in this order. */
static const struct rule rules[] = {
	{ "require.minisign", wants_minisign, check_minisign },
	{ "require.sigstore", wants_sigstore, check_sigstore },
	{ "require.provenance", wants_provenance, check_provenance },
	{ "threshold", NULL, check_threshold },
	{ "revoked", NULL, check_revoked },
	{ "app", names_app, check_app },
	{ "version", names_version, check_version },
};

#define RULE_COUNT (sizeof rules / sizeof rules[0])

_Static_assert(RULE_COUNT + 3 <= JUDGE_RULES_MAX, "too many rules to explain");

static bool applies(const struct rule *rule, const struct judging *judging)
{
	return rule->applies == NULL || rule->applies(judging);
}

/* --- the steps --- */

static int check_policy(const struct judge_request *request, struct err *err)
{
	if (keyring_require(request->keyring, request->app, err) < 0)
		return -1;
	return keyring_check_settings(request->keyring, request->settings, err);
}

static int try_evidence(const struct judge_request *request,
                        struct judging *judging, struct err *err)
{
	if (trials_try(request, &judging->trials, err) < 0)
		return -1;
	trials_count(&judging->trials, &judging->tally);
	return 0;
}

static int read_release(struct judging *judging, struct err *err)
{
	struct trials *trials = &judging->trials;
	const struct judge_request *request = trials->request;

	if (release_ini_parse(request->release_ini, request->release_ini_len,
	                      &trials->release, err) < 0)
		return err_wrap(err, "release.ini, though signed");
	if (sha256_of(request->release_ini, request->release_ini_len,
	              judging->sha256, err) < 0)
		return -1;
	trials->is_parsed = true;
	trials_limit(trials);
	trials_count(trials, &judging->tally);
	return 0;
}

static int ask_rules(const struct judging *judging, struct err *err)
{
	for (size_t i = 0; i < RULE_COUNT; i++)
		if (applies(&rules[i], judging) &&
		    rules[i].check(judging, err) < 0)
			return -1;
	return 0;
}

static void note_evidence(const struct trial *trial,
                          struct receipt_evidence *out)
{
	const struct evidence_verdict *verdict = trial->verdict;

	verdict_name(verdict, out->name);
	out->has_time = verdict->has_time == 1;
	out->time = verdict->time;
	out->has_log = verdict->has_log == 1;
	out->log_index = verdict->log_index;
}

static void conclude(const struct judging *judging,
                     struct verification_result *out)
{
	const struct trials *trials = &judging->trials;

	memset(out, 0, sizeof *out);
	memcpy(out->release_sha256, judging->sha256, DIGEST_LEN);
	out->release = trials->release;
	for (size_t i = 0; i < trials->count; i++) {
		const struct trial *trial = &trials->list[i];

		trial_signers(trials, trial, out->signers, &out->signer_count);
		if (trial->kind == JUDGED_GOOD && trial->verdict != NULL)
			note_evidence(trial,
			              &out->evidence[out->evidence_count++]);
	}
}

int judge_release(const struct judge_request *request,
                  struct verification_result *out, struct err *err)
{
	AUTO_FREE struct judging *judging = calloc(1, sizeof *judging);

	if (judging == NULL)
		return err_nomem(err);
	if (check_policy(request, err) < 0 ||
	    try_evidence(request, judging, err) < 0 ||
	    evidence_rule.check(judging, err) < 0 ||
	    read_release(judging, err) < 0 || ask_rules(judging, err) < 0)
		return -1;
	conclude(judging, out);
	return 0;
}

/* --- why --- */

static void note_rule(struct judge_explanation *out, const char *name,
                      enum judge_rule_state state, const struct err *why)
{
	struct judge_rule *rule = &out->rules[out->rule_count++];

	*rule = (struct judge_rule){ .name = name, .state = state };
	if (state == RULE_UNMET)
		(void)err_format(why, rule->text, sizeof rule->text);
}

/* Returns whether it is met. */
static bool explain_result(const char *name, int result, const struct err *why,
                           struct judge_explanation *out)
{
	note_rule(out, name, result == 0 ? RULE_MET : RULE_UNMET, why);
	return result == 0;
}

static void explain_rule(const struct judging *judging, const struct rule *rule,
                         struct judge_explanation *out)
{
	struct err why;

	if (!applies(rule, judging)) {
		note_rule(out, rule->name, RULE_NOT_ASKED, NULL);
		return;
	}
	if (!judging->trials.is_parsed) {
		note_rule(out, rule->name, RULE_NOT_REACHED, NULL);
		return;
	}
	(void)explain_result(rule->name, rule->check(judging, &why), &why, out);
}

static void explain_rules(struct judging *judging,
                          struct judge_explanation *out)
{
	struct err why;

	(void)explain_result("policy",
	                     check_policy(judging->trials.request, &why), &why,
	                     out);
	if (explain_result(evidence_rule.name,
	                   evidence_rule.check(judging, &why), &why, out))
		(void)explain_result("release.ini", read_release(judging, &why),
		                     &why, out);
	else
		note_rule(out, "release.ini", RULE_NOT_REACHED, NULL);
	for (size_t i = 0; i < RULE_COUNT; i++)
		explain_rule(judging, &rules[i], out);
}

int judge_explain(const struct judge_request *request,
                  struct judge_explanation *out, struct err *err)
{
	AUTO_FREE struct judging *judging = calloc(1, sizeof *judging);
	AUTO_FREE struct judge_explanation *made = calloc(1, sizeof *made);

	if (judging == NULL || made == NULL)
		return err_nomem(err);
	if (try_evidence(request, judging, err) < 0)
		return -1;
	explain_rules(judging, made);
	for (size_t i = 0; i < judging->trials.count; i++)
		if (trial_describe(&judging->trials, &judging->trials.list[i],
		                   &made->items[made->item_count++], err) < 0)
			return -1;
	*out = *made;
	return 0;
}
