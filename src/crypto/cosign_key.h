/* SPDX-License-Identifier: Apache-2.0 */
/* Signing with a cosign private key: P-256, P-384, P-521, Ed25519 or RSA from
 * 2048 to 4096 bits, in PKCS#8.
 *
 * ECDSA (DER) and RSA (PKCS#1 v1.5) sign the SHA-256 of the data on every
 * curve, and Ed25519 is the pure one, for blobs and envelopes alike: it is what
 * `cosign verify-blob --key` of v2 and v3 checks.  (cosign 3.1.2 itself signs
 * blobs by P-384, P-521 and Ed25519 so that it then refuses them.)
 *
 * crypto_init() comes first. */
#ifndef CRYPTO_COSIGN_KEY_H
#define CRYPTO_COSIGN_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/cosign_key.h"
#include "crypto/public_key.h"

/* A key pair in the clear.  What this module holds of it is in locked memory
 * and wiped when it is freed; libcrypto clears its own. */
struct cosign_signer;

#define AUTO_COSIGN_SIGNER AUTO(cosign_signer_free)
#define AUTO_COSIGN_SECRET AUTO(cosign_secret_wipe)

/** cosign_signer_free - wipe and free; *@signer is NULL afterwards. */
void cosign_signer_free(struct cosign_signer **signer);

void cosign_secret_wipe(struct cosign_secret *secret);

/** cosign_generate - make a P-256 key pair.
 * Returns 0 with *@out owned by the caller, or -1 with ERR_SYSTEM. */
int cosign_generate(struct cosign_signer **out, struct err *err) MUST_CHECK;

/**
 * cosign_lock - the form to store, encrypted with a password.
 * @password, @len: may be empty, as cosign allows.
 * @cost:           COSIGN_COST; tests take COSIGN_COST_OLD.
 * @out:            written only on 0.
 *
 * Returns 0, or -1 with ERR_SYSTEM (ENOMEM) where scrypt's memory cannot be
 * had.
 */
int cosign_lock(const struct cosign_signer *signer, const char *password,
                size_t len, uint32_t cost, struct cosign_secret *out,
                struct err *err) MUST_CHECK;

/**
 * cosign_unlock - make a stored key usable.
 *
 * The decrypted bytes must be one PKCS#8 structure to their end (a SEC1 key is
 * refused, as cosign does), of a kind in the table above, whose two halves
 * belong together.
 *
 * Returns 0 with *@out owned by the caller; -1 with ERR_USAGE for a wrong
 * password (or a damaged file: the two cannot be told apart), ERR_FORMAT, or
 * ERR_SYSTEM.
 */
int cosign_unlock(const struct cosign_secret *stored, const char *password,
                  size_t len, struct cosign_signer **out,
                  struct err *err) MUST_CHECK;

/** cosign_signer_public - the half to give away, borrowed.  Its id is how hosts
 * know the key. */
const struct public_key *
cosign_signer_public(const struct cosign_signer *signer);

/** cosign_write_public - append it as PEM "PUBLIC KEY".
 * Returns 0, or -1 as buf_add, or ERR_SYSTEM; then @out is unchanged. */
int cosign_write_public(const struct cosign_signer *signer, struct buf *out,
                        struct err *err) MUST_CHECK;

struct cosign_signature {
	uint8_t data[PUBLIC_KEY_SIGNATURE_MAX];
	size_t len;
};

/**
 * cosign_sign - sign @data; public_key_verify checks it again before it is
 * given away, so that a fault of the machine leaks no key.
 * @out: written only on 0.
 *
 * ECDSA takes fresh random numbers: two signatures of the same bytes differ.
 * Returns 0, or -1 with ERR_SYSTEM, or ERR_UNTRUSTED from that check.
 */
int cosign_sign(const struct cosign_signer *signer, struct bytes data,
                struct cosign_signature *out, struct err *err) MUST_CHECK;

#endif
