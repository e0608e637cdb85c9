/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the host trusts a release.  The only place that makes a struct
 * verification_result; what writes to the host demands one.
 *
 * In this order:
 * 1. signatures by the host's keys (minisign, cosign) are checked here, over
 * the raw bytes of release.ini; what verify-worker says of certificates and
 *    attestations (codec/verdict.h) is held against the host's identities, keys
 *    and revocations;
 * 2. release.ini is parsed, only if something of that is good and counts for
 *    this policy;
 * 3. signers that are retired (max_sequence), or whose trusted comment names
 *    another release, drop out;
 * 4. the rules of the policy are asked one by one; the first that is not met is
 *    the error. */
#ifndef TRUST_JUDGE_H
#define TRUST_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/part.h"
#include "codec/receipt.h"
#include "codec/release_ini.h"
#include "codec/settings.h"
#include "codec/signer.h"
#include "codec/verdict.h"
#include "trust/keyring.h"

#define JUDGE_SIGNATURES_MAX (1 + PART_SIGNERS_MAX)
#define JUDGE_ITEMS_MAX      (JUDGE_SIGNATURES_MAX + VERDICTS_MAX)
#define JUDGE_RULES_MAX      12

/* A minisig part as it came; borrowed. */
struct judge_signature {
	const void *data;
	size_t len;
	const char *name; /* of its part, for reports; may be NULL */
};

/* Everything is borrowed for the call. */
struct judge_request {
	const void *release_ini; /* raw bytes */
	size_t release_ini_len;
	const struct judge_signature *signatures;
	size_t signature_count;
	const struct evidence_verdict *verdicts; /* may be NULL where 0 */
	size_t verdict_count;
	const struct keyring *keyring;
	const struct settings
		*settings;   /* [policy], [key NAME], [identity...] */
	const char *app;     /* what it must be; NULL: any */
	const char *version; /* the same */
};

/* A release that this host trusts.  Large: about 40 KiB. */
struct verification_result {
	uint8_t release_sha256[DIGEST_LEN]; /* of the raw release.ini */
	struct release_ini release;
	/* All that count; sorted.  Whoever attested is among them only where
	 * provenance is asked for: nobody else's word makes a key a signer. */
	struct signer signers[SIGNERS_MAX];
	size_t signer_count; /* at least 1 */
	/* Sigstore evidence that counts: when and where it was seen. */
	struct receipt_evidence evidence[VERDICTS_MAX];
	size_t evidence_count;
};

/** judge_needs_verdicts - whether this policy asks for what only verify-worker
 * can judge. */
bool judge_needs_verdicts(const struct settings *settings);

/**
 * judge_release - decide whether this is a release that the host trusts.
 * @out: written only on 0.
 *
 * Returns 0; or -1 with ERR_UNTRUSTED that names the rule that is not met, what
 * became of each piece of evidence, and what to do, or whose app or version
 * differs from what was named; ERR_USAGE where configuration and trust folder
 * make no policy; ERR_FORMAT or ERR_LIMIT for a release.ini that a trusted key
 * signed and that is none, or for a verdict that is none.
 */
int judge_release(const struct judge_request *request,
                  struct verification_result *out, struct err *err) MUST_CHECK;

/* --- why --- */

enum judge_verdict_kind {
	JUDGED_GOOD,     /* counts */
	JUDGED_DAMAGED,  /* no signature that this version reads */
	JUDGED_REFUSED,  /* verify-worker: it proves nothing */
	JUDGED_UNKNOWN,  /* by a key or an owner whom the host does not name */
	JUDGED_WRONG,    /* the key did not sign these bytes */
	JUDGED_REVOKED,  /* by a key or identity that is revoked */
	JUDGED_REPEATED, /* the key has counted already */
	JUDGED_COMMENT,  /* its trusted comment names another release */
	JUDGED_RETIRED   /* the sequence is above max_sequence */
};

/* What became of one piece of evidence. */
struct judge_item {
	/* Which: a part of the bundle, or "attestation.intoto.jsonl.3". */
	char name[VERDICT_NAME_SIZE];
	const char *what; /* "minisign", or verdict_kind_name; static */
	enum judge_verdict_kind kind;
	char signer[KEY_NAME_SIZE]; /* what the host calls it; "" unknown */
	char id[SIGNER_TEXT_SIZE];  /* key id; "" where there is none */
	char reason[VERDICT_REASON_SIZE];       /* for people; "" where GOOD */
	const struct evidence_verdict *verdict; /* of the request, or NULL:
	                                         * subject, issuer, time... */
};

enum judge_rule_state {
	RULE_MET,
	RULE_UNMET,
	RULE_NOT_ASKED,  /* the policy does not have it */
	RULE_NOT_REACHED /* release.ini was not parsed */
};

/* What one rule of the policy decided. */
struct judge_rule {
	const char *name; /* "require.sigstore"; static */
	enum judge_rule_state state;
	char text[ERR_TEXT_MAX]; /* UNMET: what is missing, and what to do */
};

/* Large: about 100 KiB. */
struct judge_explanation {
	struct judge_item items[JUDGE_ITEMS_MAX]; /* signatures, then verdicts,
	                                           * in their order */
	size_t item_count;
	struct judge_rule rules[JUDGE_RULES_MAX]; /* as they are asked */
	size_t rule_count;
};

/** judge_verdict_name - "good", "damaged", "unknown" and so on. */
const char *judge_verdict_name(enum judge_verdict_kind kind);

/** judge_rule_state_name - "met", "unmet", "not-asked", "not-reached". */
const char *judge_rule_state_name(enum judge_rule_state state);

/**
 * judge_explain - which rule decided what, of which evidence; for reports.  It
 * asks the same rules as judge_release, all of them; no decision follows.
 * @out: written only on 0.
 *
 * Returns 0, also for a release that is not trusted, or -1 with ERR_LIMIT above
 * the limits, ERR_FORMAT for a verdict that is none, or ERR_SYSTEM.
 */
int judge_explain(const struct judge_request *request,
                  struct judge_explanation *out, struct err *err) MUST_CHECK;

#endif
