/* SPDX-License-Identifier: Apache-2.0 */
/* For this room alone: the trusted roots of a case, made usable. */
#ifndef EVIDENCE_ROOTS_H
#define EVIDENCE_ROOTS_H

#include <stddef.h>

#include "base/err.h"
#include "codec/trusted_root.h"
#include "evidence/case.h"
#include "sigstore/trust.h"

#define EVIDENCE_TRUSTS_MAX ((size_t)EVIDENCE_ROOTS_MAX * TRUSTED_ROOTS_MAX)

/* All zero is none. */
struct evidence_roots {
	struct sigstore_trust *owned[EVIDENCE_TRUSTS_MAX];
	const struct sigstore_trust *list[EVIDENCE_TRUSTS_MAX]; /* the same */
	size_t files[EVIDENCE_TRUSTS_MAX]; /* the root of the case it is of */
	size_t count;
};

/**
 * evidence_roots_open - read each root of @given, with the evidence that its
 * [trusted_root NAME] demands, or sigstore_default_evidence.
 * @out: all zero before; release it with evidence_roots_done, whatever comes.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the root, or ERR_SYSTEM:
 * one that cannot be read is never passed over.
 */
int evidence_roots_open(const struct evidence_case *given,
                        struct evidence_roots *out, struct err *err) MUST_CHECK;

void evidence_roots_done(struct evidence_roots *roots);

#endif
