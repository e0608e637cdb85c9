/* SPDX-License-Identifier: Apache-2.0 */
/* The evidence on a release, judged by verify-worker: what the monitor and
 * check-health call, which parse no JSON and no certificate themselves. */
#ifndef EVIDENCE_ASK_H
#define EVIDENCE_ASK_H

#include <stddef.h>

#include "base/err.h"
#include "codec/verdict.h"
#include "evidence/case.h"
#include "evidence/root_ends.h"
#include "privsep/sandbox.h"

/* The verdicts on all evidence of a release.  Large: about 330 KiB. */
struct evidence_verdicts {
	struct evidence_verdict list[VERDICTS_MAX];
	size_t count;
};

/* Where the worker lies and how it runs. */
struct evidence_worker {
	int folder;             /* borrowed; from worker_open_folder */
	enum sandbox_mode mode; /* the administrator's word */
	const char *program;    /* NULL: verify-worker; tests name others */
};

/**
 * evidence_ask - a verdict for each piece of evidence, in their order.
 * @out: written only on 0.
 *
 * The worker gets all in a sealed dossier (privsep/dossier.h).  What it says
 * must be about exactly the evidence there is, each piece once, and name no
 * identity and no key beyond those of the host.  Without evidence none is
 * started.
 *
 * Returns 0, or -1 as worker_start; ERR_FORMAT or ERR_LIMIT for a trusted root
 * that cannot be read or too many attestations; ERR_INTERNAL for a worker that
 * broke the protocol.
 */
int evidence_ask(const struct evidence_case *given,
                 const struct evidence_worker *worker,
                 struct evidence_verdicts *out, struct err *err) MUST_CHECK;

/**
 * evidence_check_root - that a trusted root can be read, before it is laid
 * down.
 * @root: foreign bytes; its name is for messages.
 *
 * Returns 0, or -1 as evidence_ask.
 */
int evidence_check_root(const struct evidence_root *root,
                        const struct evidence_worker *worker,
                        struct err *err) MUST_CHECK;

/**
 * evidence_ask_ends - until when the roots of a host last, by verify-worker.
 * @given: settings and roots count.
 * @out:   written only on 0; each is of a root of @given.
 *
 * Returns 0, or -1 as evidence_ask.
 */
int evidence_ask_ends(const struct evidence_case *given,
                      const struct evidence_worker *worker,
                      struct evidence_root_ends *out,
                      struct err *err) MUST_CHECK;

#endif
