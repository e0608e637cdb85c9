/* SPDX-License-Identifier: Apache-2.0 */
/* Who vouches for a release, and why it is trusted or not, as members of an
 * open JSON object: the same words in all programs. */
#ifndef TRUST_EXPLAIN_JSON_H
#define TRUST_EXPLAIN_JSON_H

#include <stddef.h>

#include "base/err.h"
#include "codec/json_write.h"
#include "codec/signer.h"
#include "trust/judge.h"

/** signers_json - "signers": objects with id, name and, of an identity,
 * subject.  Errors as json_text. */
int signers_json(const struct signer *signers, size_t count,
                 struct json_writer *json, struct err *err) MUST_CHECK;

/**
 * explain_json - judge_explain, as "rules" (rule, state, reason) and "evidence"
 * (part, kind, verdict, signer, id, reason; of Sigstore evidence also subject,
 * issuer, provenance, time, log_index).  What there is not is null.
 * Returns 0, or -1 as judge_explain and json_text.
 */
int explain_json(const struct judge_request *request, struct json_writer *json,
                 struct err *err) MUST_CHECK;

#endif
