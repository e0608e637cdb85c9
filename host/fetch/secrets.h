/* SPDX-License-Identifier: Apache-2.0 */
/* What no text of fetch-worker may hold, whatever a server says back: its
 * errors and notes are read by monitoring, and stay in journals. */
#ifndef FETCH_SECRETS_H
#define FETCH_SECRETS_H

#include "base/err.h"
#include "net/http.h"
#include "sources.h"

/**
 * secrets_note - make the credentials of a request known to net/redact.h, and
 * have @config take them out of what servers say, and what servers give.
 *
 * Credentials that cannot be read are told where they are needed.  Returns 0,
 * or -1 as redact_note.
 */
int secrets_note(const struct asked *asked, struct http_config *config,
                 struct err *err) MUST_CHECK;

#endif
