/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of release.ini without anything around them: what an HSM and
 * base64(1) give, what `cosign sign-blob` of v2 prints, and what its old
 * bundles hold. */
#ifndef RELEASE_BARE_SIGNATURE_H
#define RELEASE_BARE_SIGNATURE_H

#include "base/buf.h"
#include "base/err.h"
#include "pack/sealed_bundle.h"
#include "trust/keyring.h"

/**
 * bare_signature_wrap - make a Sigstore bundle of it.
 * @keys: the cosign keys of it are tried.
 * @text: base64, or JSON with "base64Signature"; the bundle replaces it.
 *
 * Returns 1; 0, with @text as it was, for any other JSON; or -1 with ERR_FORMAT
 * for what is no signature, or ERR_UNTRUSTED for one by none of the keys.
 */
int bare_signature_wrap(const struct sealed_bundle *bundle,
                        const struct keyring *keys, struct buf *text,
                        struct err *err) MUST_CHECK;

#endif
