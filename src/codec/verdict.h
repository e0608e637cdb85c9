/* SPDX-License-Identifier: Apache-2.0 */
/* What verify-worker says of one piece of evidence: one for each
 * release.ini.<n>.sigstore.json and for each line of attestation.intoto.jsonl.
 *
 * Of fixed size, without pointers: it crosses a socket as it is.  It comes from
 * a process that reads foreign input, so that the monitor copies it and calls
 * verdict_check before it looks at anything else.  Its masks count as the
 * host's policy says (trust/judge.h); its texts are shown and recorded, never
 * compared and never used as a path. */
#ifndef CODEC_VERDICT_H
#define CODEC_VERDICT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/claims.h"
#include "codec/part.h"

#define VERDICT_SIGNATURE_MAX    1024 /* bytes */
#define VERDICT_REASON_SIZE      256  /* bytes, with the NUL */
#define VERDICT_ATTESTATIONS_MAX 64   /* lines of attestation.intoto.jsonl */
#define VERDICTS_MAX             (PART_SIGSTORE_MAX + VERDICT_ATTESTATIONS_MAX)
#define VERDICT_NAME_SIZE        48 /* bytes of verdict_name, with the NUL */

enum verdict_kind {
	/* It proves nothing; reason says why. */
	VERDICT_REFUSED,
	/* A message signature by a public key.  The worker only took it out of
	 * the JSON: the monitor checks it with the host's PEM keys, over the
	 * raw bytes of release.ini. */
	VERDICT_SIGNATURE,
	/* A message signature over release.ini by the owner of a certificate,
	 * verified. */
	VERDICT_MESSAGE,
	/* An attestation by a certificate or a key, verified; release.ini (or
	 * the image, evidence/case.h) is among its subjects. */
	VERDICT_ATTESTATION,
	VERDICT_KINDS
};

/* Only members of fixed width, ordered so that there is no padding; what a kind
 * does not use is zero. */
struct evidence_verdict {
	uint32_t kind;      /* enum verdict_kind */
	uint32_t part_kind; /* PART_SIGSTORE or PART_ATTESTATION */
	uint32_t ordinal;   /* <n> of the part; 0 for an attestation */
	uint32_t line;      /* from 1, of an attestation; else 0 */

	uint32_t is_provenance; /* 1: the predicate is SLSA provenance v1 */
	uint32_t has_time;      /* 1: time is verified */
	uint32_t has_log;       /* 1: log_index is verified */
	uint32_t signature_len; /* SIGNATURE: 1 to VERDICT_SIGNATURE_MAX */

	/* Bit n: the n-th [identity NAME] of the settings matches. */
	uint64_t identities;
	/* ATTESTATION: bit n, the n-th cosign or minisign key of the keyring
	 * made the signature. */
	uint64_t cosign_keys;
	uint64_t minisign_keys;

	int64_t time;       /* seconds since 1970, the first verified one */
	uint64_t log_index; /* of the first verified log entry */

	uint8_t signature[VERDICT_SIGNATURE_MAX];
	char subject[CLAIM_SIZE]; /* who the certificate names; "" by a key */
	char issuer[CLAIM_SIZE];  /* of his identity; "" by a key */
	/* REFUSED: why; without identities and keys: why none matches. */
	char reason[VERDICT_REASON_SIZE];
};

/** verdict_kind_name - "refused", "signature", "message", "attestation"; for
 * reports.  "unknown" for any other number. */
const char *verdict_kind_name(uint32_t kind);

/** verdict_name - what it is about: "release.ini.2.sigstore.json", or
 * "attestation.intoto.jsonl.3" for the third line. */
void verdict_name(const struct evidence_verdict *verdict,
                  char out[VERDICT_NAME_SIZE]);

/** verdict_refuse - make it VERDICT_REFUSED, keeping only which piece of
 * evidence it is about.
 * @why: becomes the reason, cut to what fits. */
void verdict_refuse(struct evidence_verdict *verdict, const struct err *why);

/**
 * verdict_check - that what came over a socket is a verdict: numbers within
 * their limits, texts that end and are printable, and nothing that its kind
 * does not have.
 *
 * Returns 0, or -1 with ERR_FORMAT that names the member.
 */
int verdict_check(const struct evidence_verdict *verdict,
                  struct err *err) MUST_CHECK;

#endif
