/* SPDX-License-Identifier: Apache-2.0 */
/* Sigstore evidence on a release, judged in this process as verify-worker does
 * it on a host. */
#ifndef RELEASE_VERDICTS_H
#define RELEASE_VERDICTS_H

#include "base/err.h"
#include "evidence/ask.h"
#include "evidence/case.h"
#include "pack/sealed_bundle.h"
#include "trusted.h"

/** verdicts_begin - a case about a bundle's release, to which evidence is added
 * (evidence_add).  Borrows from both. */
void verdicts_begin(const struct sealed_bundle *bundle,
                    const struct trusted *trusted, struct evidence_case *out);

/**
 * verdicts_make - a verdict for each piece of evidence.
 * @out: all zero before; unspecified after -1.
 *
 * Returns 0, whatever the verdicts, or -1 as evidence_judge.
 */
int verdicts_make(const struct evidence_case *given,
                  struct evidence_verdicts *out, struct err *err) MUST_CHECK;

#endif
