/* SPDX-License-Identifier: Apache-2.0 */
/* Signing with a cosign private key: P-256, P-384, P-521, Ed25519 or RSA from
 * 2048 to 4096 bits, in PKCS#8.  What is signed is signed as cosign v3 does:
 *
 *              a message (a blob)     an envelope (the PAE of DSSE)
 *     P-256    SHA-256, DER           the same
 *     P-384    SHA-384, DER           the same
 *     P-521    SHA-512, DER           the same
 *     RSA      SHA-256, PKCS#1 v1.5   the same
 *     Ed25519  Ed25519ph              pure Ed25519
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
#include "codec/digest.h"
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

enum cosign_content { COSIGN_MESSAGE, COSIGN_ENVELOPE };

struct cosign_signature {
	uint8_t data[PUBLIC_KEY_SIGNATURE_MAX];
	size_t len;
};

/**
 * cosign_sign - sign @data; it is checked again before it is given away, so
 * that a fault of the machine leaks no key.
 * @out: written only on 0.
 *
 * ECDSA takes fresh random numbers: two signatures of the same bytes differ.
 * Returns 0, or -1 with ERR_SYSTEM, or ERR_INTERNAL.
 */
int cosign_sign(const struct cosign_signer *signer, enum cosign_content content,
                struct bytes data, struct cosign_signature *out,
                struct err *err) MUST_CHECK;

/**
 * cosign_digest - the digest of a message by the hash that goes with @key, as
 * its bundle names it.
 * @out: written only on 0.  0, or -1 with ERR_SYSTEM.
 */
int cosign_digest(const struct public_key *key, struct bytes message,
                  struct typed_digest *out, struct err *err) MUST_CHECK;

/**
 * cosign_check - whether @key made @signature over @data, by the same table.
 * Returns 0, or -1 as public_key_verify.
 */
int cosign_check(const struct public_key *key, enum cosign_content content,
                 struct bytes data, struct bytes signature,
                 struct err *err) MUST_CHECK;

#endif
