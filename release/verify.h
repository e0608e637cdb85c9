/* SPDX-License-Identifier: Apache-2.0 */
/* The judgement of "verify", for commands that act only on what is trusted. */
#ifndef RELEASE_VERIFY_H
#define RELEASE_VERIFY_H

#include "base/err.h"
#include "pack/sealed_bundle.h"
#include "request.h"
#include "trust/judge.h"
#include "trusted.h"

/**
 * verify_signatures - judge a bundle's signatures as a host does.
 * @request: with json, also evidence that nobody asks for is judged.
 * @out:     written only on 0; large.
 *
 * Its bytes are check_bundle's.  Returns 0, or -1 with ERR_UNTRUSTED and the
 * reason; ERR_FORMAT, ERR_LIMIT, ERR_SYSTEM.
 */
int verify_signatures(const struct request *request,
                      const struct sealed_bundle *bundle,
                      const struct trusted *trusted,
                      struct verification_result *out,
                      struct err *err) MUST_CHECK;

#endif
