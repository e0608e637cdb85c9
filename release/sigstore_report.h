/* SPDX-License-Identifier: Apache-2.0 */
/* What "sigstore verify-bundle" prints of a verified bundle. */
#ifndef RELEASE_SIGSTORE_REPORT_H
#define RELEASE_SIGSTORE_REPORT_H

#include "base/err.h"
#include "request.h"
#include "sigstore/verify.h"

/**
 * sigstore_report - a few lines of text, or JSON with --json.
 *
 * Returns 0, or -1 with ERR_SYSTEM.
 */
int sigstore_report(const struct request *request,
                    const struct sigstore_result *result,
                    struct err *err) MUST_CHECK;

#endif
