/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a registry for the signatures of an image, for check-health.  Nothing
 * is judged here. */
#ifndef FETCH_SIGNATURES_H
#define FETCH_SIGNATURES_H

#include "base/err.h"
#include "net/http.h"
#include "report.h"
#include "sources.h"

/**
 * signatures_ask - all that sign the image that the request names.
 *
 * What is too large, too much or no signature by its shape is left out, which
 * LEFT_OUT tells: whoever may push could otherwise hide a good one.  Referrers
 * that say that they hold an attestation of another kind are passed over.
 * Returns 0, also where there is none; or -1 as oci_get_manifest.
 */
int signatures_ask(const struct asked *asked, struct http_client *client,
                   struct report *report, struct err *err) MUST_CHECK;

#endif
