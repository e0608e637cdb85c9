/* SPDX-License-Identifier: Apache-2.0 */
/* What the paths of signers and of time stamping authorities have in common:
 * one anchor, one time, no file and no clock.  For this room alone. */
#ifndef CRYPTO_CERTIFICATE_PATH_H
#define CRYPTO_CERTIFICATE_PATH_H

#include <openssl/x509.h>

#include "crypto/certificate.h"

/**
 * certificate_path_anchor - the rules of a path: trust the last certificate of
 * @authority alone, and judge all at @time (seconds).
 * @out: owned by the caller; written only on 0.
 *
 * Returns 0, or -1 with ERR_USAGE for an empty authority, or ERR_SYSTEM.
 */
int certificate_path_anchor(const struct certificate_chain *authority,
                            int64_t time, X509_STORE **out,
                            struct err *err) MUST_CHECK;

/**
 * certificate_path_helpers - what may stand between leaf and anchor.
 * @helpers: may be NULL.
 * @out:     owned by the caller; written only on 0.
 *
 * Returns 0, or -1 with ERR_SYSTEM.
 */
int certificate_path_helpers(const struct certificate_chain *authority,
                             const struct certificate_chain *helpers,
                             STACK_OF(X509) * *out, struct err *err) MUST_CHECK;

#endif
