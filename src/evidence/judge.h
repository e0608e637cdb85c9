/* SPDX-License-Identifier: Apache-2.0 */
/* The evidence on a release, judged in this process: JSON and certificates of
 * strangers are parsed here.  verify-worker calls it in its sandbox, and
 * package-release for whoever asks; the monitor never does (ask.h).
 *
 * What it says are facts: this signature holds, its certificate names whom that
 * identity means.  Whether that is enough, trust/judge.h decides. */
#ifndef EVIDENCE_JUDGE_H
#define EVIDENCE_JUDGE_H

#include "base/err.h"
#include "codec/verdict.h"
#include "evidence/case.h"

/* Takes the verdicts one by one; -1 with err ends the judging. */
struct evidence_listener {
	int (*tell)(void *context, const struct evidence_verdict *verdict,
	            struct err *err);
	void *context;
};

/**
 * evidence_judge - a verdict for each piece of evidence, in their order.
 *
 * - A message signature by a public key is only taken out of its bundle
 *   (VERDICT_SIGNATURE): whoever has the keys checks it.
 * - A bundle with a certificate must hold under one of the host's trusted roots
 *   and what that demands (sigstore/verify.h).
 * - An attestation by a key must be signed by a cosign or minisign key of the
 *   host's; one that is no Sigstore bundle is a plain DSSE envelope.
 * - Attestations must have release.ini among their subjects.
 * - Of an image each bundle must hold by one of the host's cosign keys or under
 *   one of its roots, and be about that digest: its message is a payload of
 *   cosign's, or it is an envelope of "cosign sign" or SLSA provenance.  What
 *   holds is VERDICT_ATTESTATION; a statement of another kind is none, as who
 *   says what he found in an image does not vouch for it.
 *
 * crypto_init and json_read_init come first.  Returns 0, whatever the verdicts;
 * -1 with ERR_FORMAT or ERR_LIMIT for a trusted root that cannot be read or
 * more attestations than there may be, ERR_SYSTEM, or as the listener.
 */
int evidence_judge(const struct evidence_case *given,
                   const struct evidence_listener *listener,
                   struct err *err) MUST_CHECK;

#endif
