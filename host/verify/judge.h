/* SPDX-License-Identifier: Apache-2.0 */
/* The job of verify-worker that judges evidence: its input is a dossier, its
 * answer a verdict for each piece. */
#ifndef VERIFY_JUDGE_H
#define VERIFY_JUDGE_H

#include "base/err.h"
#include "privsep/worker_main.h"

/**
 * judge_prepare - start the libraries, before the sandbox: nothing opens a file
 * afterwards.  Returns 0, or -1 with ERR_SYSTEM.
 */
int judge_prepare(struct err *err) MUST_CHECK;

/**
 * judge - run the job.
 * Returns 0, whatever the verdicts, or -1 as received_case_new and
 * evidence_judge.
 */
int judge(struct worker_context *context, struct err *err) MUST_CHECK;

/**
 * judge_roots - the job that says until when the roots of a dossier last: one
 * item, number 0, as evidence/root_ends.h has it.
 * Returns 0, or -1 as received_case_new and evidence_find_ends.
 */
int judge_roots(struct worker_context *context, struct err *err) MUST_CHECK;

#endif
