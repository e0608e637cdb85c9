/* SPDX-License-Identifier: Apache-2.0 */
/* Until when the trusted roots of a host last.  Of fixed size, without
 * pointers: verify-worker, which alone reads roots, answers with one. */
#ifndef EVIDENCE_ROOT_ENDS_H
#define EVIDENCE_ROOT_ENDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/trusted_root.h"
#include "evidence/case.h"

#define ROOT_ENDS_MAX (EVIDENCE_ROOTS_MAX * TRUSTED_ROOTS_MAX)

/* Of one root; a file may hold several. */
struct evidence_root_end {
	uint32_t file; /* which of the case's roots */
	uint32_t part; /* enum sigstore_part that ends first */
	int64_t end;   /* as sigstore_trust_end has it */
};

struct evidence_root_ends {
	uint32_t count;
	uint32_t unused;                              /* 0 */
	struct evidence_root_end list[ROOT_ENDS_MAX]; /* by file */
};

/**
 * evidence_find_ends - read the roots of @given, with what its settings demand
 * of each; for the worker.
 * Returns 0, or -1 as evidence_judge for a root that cannot be read.
 */
int evidence_find_ends(const struct evidence_case *given,
                       struct evidence_root_ends *out,
                       struct err *err) MUST_CHECK;

#endif
