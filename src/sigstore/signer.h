/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed, as the bundle's material and the request say it: one certificate
 * or one key, read once, before anything is verified. */
#ifndef SIGSTORE_SIGNER_H
#define SIGSTORE_SIGNER_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/sigstore_bundle.h"
#include "crypto/certificate.h"
#include "crypto/public_key.h"

struct signer {
	bool is_by_key;
	struct public_key key;   /* owned; the certificate's, or the caller's */
	struct certificate leaf; /* owned; none for a key */
	struct certificate_chain
		helpers; /* owned; further ones of the bundle */
};

#define SIGNER_NONE                                                            \
	((struct signer){ .key = PUBLIC_KEY_NONE,                              \
	                  .leaf = CERTIFICATE_NONE,                            \
	                  .helpers = CERTIFICATE_CHAIN_NONE })
#define AUTO_SIGNER AUTO(signer_done)

/** signer_done - release the memory. */
void signer_done(struct signer *signer);

/**
 * signer_read - take the material of @bundle.
 * @key: the caller's, or NULL; it must be there exactly when the bundle names a
 *       key (whose hint nothing authenticates, and nothing reads).
 * @out: is SIGNER_NONE; to be released also after -1.
 *
 * Returns 0; -1 with ERR_UNTRUSTED for the other kind of material and for a
 * certificate behind the leaf that is self-issued or stands there twice, or as
 * certificate_parse.
 */
int signer_read(const struct sigstore_bundle *bundle,
                const struct public_key *key, struct signer *out,
                struct err *err) MUST_CHECK;

#endif
