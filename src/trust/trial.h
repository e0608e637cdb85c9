/* SPDX-License-Identifier: Apache-2.0 */
/* Each piece of evidence of a release on its way to a verdict; inside of
 * trust/judge.  A trial says who vouches; whether that is enough is for the
 * rules. */
#ifndef TRUST_TRIAL_H
#define TRUST_TRIAL_H

#include "base/buf.h"
#include "codec/minisign.h"
#include "trust/judge.h"

#define TRIAL_BIT(n) ((uint64_t)1 << (n))

static inline bool trial_has_bit(uint64_t mask, size_t number)
{
	return (mask & TRIAL_BIT(number)) != 0;
}

/* The masks hold only what still counts. */
struct trial {
	enum judge_verdict_kind kind;

	/* A minisign signature: */
	struct minisign_signature signature; /* unless DAMAGED */
	const struct keyring_key *key;       /* NULL where DAMAGED or UNKNOWN */
	struct err damage;                   /* where DAMAGED */

	/* Sigstore evidence: */
	const struct evidence_verdict *verdict;  /* else NULL */
	const struct keyring_cosign_key *cosign; /* SIGNATURE: who made it */
	uint64_t identities;                     /* bits as in the verdict */
	uint64_t cosign_keys;                    /* of an attestation */
	uint64_t minisign_keys;                  /* of an attestation */

	/* Why the last of them dropped out; borrowed. */
	const char *dropped; /* its name; "" */
	const char *revoked; /* REVOKED: the reason */
	uint64_t limit;      /* RETIRED: its max_sequence */
};

struct trials {
	const struct judge_request *request;
	struct trial list[JUDGE_ITEMS_MAX]; /* signatures, then verdicts */
	size_t count;
	bool is_parsed;
	struct release_ini release; /* legal only where it is parsed */
};

/**
 * trials_try - step 1: over the raw bytes.
 * @out: all zero before.
 * Returns 0, or -1 with ERR_LIMIT, or ERR_FORMAT for a verdict that is none.
 */
int trials_try(const struct judge_request *request, struct trials *out,
               struct err *err) MUST_CHECK;

/** trials_limit - step 3: what release.ini says, once it is parsed. */
void trials_limit(struct trials *trials);

/* How many vouch, of those that are good. */
struct trial_tally {
	size_t minisign;   /* distinct minisign keys; checked by us */
	size_t cosign;     /* distinct cosign keys, and none of those */
	size_t identified; /* signatures and attestations by identities */
	size_t provenance; /* attestations of provenance, by anybody named */
};

void trials_count(const struct trials *trials, struct trial_tally *out);

/** trial_signers - add who vouches by this one, if it is good, to a sorted list
 * with room for SIGNERS_MAX. */
void trial_signers(const struct trials *trials, const struct trial *trial,
                   struct signer *list, size_t *count);

/** trial_say - "; key X (ops) is revoked: lost"; nothing for a GOOD one. */
int trial_say(const struct trials *trials, const struct trial *trial,
              struct buf *out, struct err *err) MUST_CHECK;

/** trial_describe - for a report.  0, or -1 as buf_add. */
int trial_describe(const struct trials *trials, const struct trial *trial,
                   struct judge_item *out, struct err *err) MUST_CHECK;

#endif
