/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: that an authority of the host's had issued it at each verified
 * time, that a CT log promised to publish it, and whose it is. */
#ifndef SIGSTORE_OWNER_H
#define SIGSTORE_OWNER_H

#include "base/err.h"
#include "codec/claims.h"
#include "sigstore/signer.h"
#include "sigstore/times.h"
#include "sigstore/trust.h"
#include "sigstore/verify.h"

/**
 * owner_verify_path - at every verified time, a valid path to an authority that
 * was trusted then ("hybrid model").
 * @times:  at least one.
 * @issuer: out, owned by the caller: the certificate above the leaf.
 *
 * Returns 0, or -1 as certificate_verify with the last authority's reason.
 */
int owner_verify_path(const struct signer *signer,
                      const struct sigstore_trust *trust,
                      const struct times *times, struct certificate *issuer,
                      struct err *err) MUST_CHECK;

/** owner_verify_sct - where the root demands SIGSTORE_SCT, one of its CT logs
 * has promised to publish the certificate.  0, or -1 as sct_verify. */
int owner_verify_sct(const struct signer *signer,
                     const struct certificate *issuer,
                     const struct sigstore_trust *trust,
                     struct err *err) MUST_CHECK;

/**
 * owner_check - what the certificate says of its owner, who must be the one
 * that the request names.
 * @out: written only on 0.  Returns 0, or -1 with ERR_UNTRUSTED, or as
 * certificate_claims.
 */
int owner_check(const struct signer *signer,
                const struct sigstore_request *request, struct claims *out,
                struct err *err) MUST_CHECK;

#endif
