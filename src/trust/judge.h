/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the host trusts a release.  The only place that makes a struct
 * verification_result; what writes to the host demands one.
 *
 * In this order: the signatures are checked over the raw bytes of release.ini;
 * only if one of them is good is it parsed; then limits, threshold and names.
 */
#ifndef TRUST_JUDGE_H
#define TRUST_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/part.h"
#include "codec/release_ini.h"
#include "codec/settings.h"
#include "trust/keyring.h"

#define JUDGE_SIGNATURES_MAX (1 + PART_SIGNERS_MAX)

/* A minisig part as it came; borrowed. */
struct judge_signature {
	const void *data;
	size_t len;
};

/* Everything is borrowed for the call. */
struct judge_request {
	const void *release_ini; /* raw bytes */
	size_t release_ini_len;
	const struct judge_signature *signatures;
	size_t signature_count;
	const struct keyring *keyring;
	const struct settings *settings; /* threshold, [key NAME] */
	const char *app;                 /* what it must be; NULL: any */
	const char *version;             /* the same */
};

/* A key whose signature counted. */
struct judge_signer {
	uint64_t id;
	char name[KEY_NAME_SIZE]; /* of its file */
	uint8_t key[MINISIGN_KEY_LEN];
};

/* A release that this host trusts. */
struct verification_result {
	uint8_t release_sha256[DIGEST_LEN]; /* of the raw release.ini */
	struct release_ini release;
	struct judge_signer signers[JUDGE_SIGNATURES_MAX]; /* by key id */
	size_t signer_count; /* distinct keys; at least the threshold */
};

enum judge_verdict_kind {
	JUDGED_GOOD,     /* counts */
	JUDGED_DAMAGED,  /* no signature that this version reads */
	JUDGED_UNKNOWN,  /* by a key that is not in the trust folder */
	JUDGED_WRONG,    /* the key did not sign these bytes */
	JUDGED_REVOKED,  /* by a key that is revoked */
	JUDGED_REPEATED, /* the key has counted already */
	JUDGED_COMMENT,  /* its trusted comment names another release */
	JUDGED_RETIRED   /* the sequence is above the key's max_sequence */
};

struct judge_verdict {
	enum judge_verdict_kind kind;
	uint64_t id;              /* 0 where DAMAGED */
	char name[KEY_NAME_SIZE]; /* "" where DAMAGED or UNKNOWN */
};

/** judge_verdict_name - "good", "damaged", "unknown-key" and so on. */
const char *judge_verdict_name(enum judge_verdict_kind kind);

/**
 * judge_release - decide whether this is a release that the host trusts.
 * @out: written only on 0.
 *
 * Returns 0; or -1 with ERR_UNTRUSTED that says which signature is wrong in
 * which way and what to do, or whose app or version differs from what was
 * named; ERR_USAGE for a [key NAME] that names no key; ERR_FORMAT or ERR_LIMIT
 * for a release.ini that a trusted key signed and that is none.
 */
int judge_release(const struct judge_request *request,
                  struct verification_result *out, struct err *err) MUST_CHECK;

/**
 * judge_explain - what became of each signature, for reports; no decision
 * follows from it.  COMMENT and RETIRED are only known where some signature is
 * good and release.ini is legal.
 * @out: one verdict for each signature, in their order.
 *
 * Returns 0, or -1 with ERR_LIMIT above JUDGE_SIGNATURES_MAX, or ERR_SYSTEM.
 */
int judge_explain(const struct judge_request *request,
                  struct judge_verdict out[JUDGE_SIGNATURES_MAX],
                  struct err *err) MUST_CHECK;

#endif
