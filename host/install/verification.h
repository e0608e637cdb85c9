/* SPDX-License-Identifier: Apache-2.0 */
/* A description on its way to trust/judge: what it is judged by, and what
 * verify-worker says of its Sigstore evidence. */
#ifndef INSTALL_VERIFICATION_H
#define INSTALL_VERIFICATION_H

#include "base/cleanup.h"
#include "base/err.h"
#include "description.h"
#include "evidence/ask.h"
#include "host.h"
#include "trust/judge.h"

enum verification_purpose {
	VERIFY_TO_DECIDE, /* ask the worker where the policy needs it */
	VERIFY_TO_EXPLAIN /* ask it where there is anything to judge */
};

struct verification {
	/* All of it borrowed from host, description and this struct. */
	struct judge_request request;
	struct judge_signature signatures[JUDGE_SIGNATURES_MAX];
	char names[JUDGE_SIGNATURES_MAX][PART_NAME_SIZE];
	struct evidence_verdicts *verdicts; /* owned; NULL: none were needed */
};

#define VERIFICATION_NONE ((struct verification){ .verdicts = NULL })
#define AUTO_VERIFICATION AUTO(verification_done)

void verification_done(struct verification *verification);

/**
 * verification_open - fill in the request, with verdicts where the purpose
 * wants them.
 * @version: that it must be; NULL: any.
 * @out:     VERIFICATION_NONE before, and not moved afterwards; release it with
 *           verification_done, whatever comes.
 *
 * Where the policy does not need them, a worker that cannot judge is a warning.
 * Returns 0, or -1 as evidence_ask.
 */
int verification_open(const struct host *host, const char *version,
                      const struct description *description,
                      enum verification_purpose purpose,
                      struct verification *out, struct err *err) MUST_CHECK;

#endif
