/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys of signers and logs, and signatures by them.
 *
 * ECDSA on P-256, P-384 and P-521, Ed25519, and RSA of 2048 to 4096 bits with
 * PKCS#1 v1.5; anything else is refused by name.  A key has one spelling (named
 * curve, uncompressed point, minimal DER: RFC 5480, 8410, 8017), so that two
 * keys are the same exactly when their ids are.  The hash follows from the key,
 * never from what is verified.
 *
 * Links libcrypto alone, but for Ed25519ph, which stands in a file of its own
 * and takes libsodium.  crypto_init() comes first.  Signatures are untrusted
 * input of at most PUBLIC_KEY_SIGNATURE_MAX bytes. */
#ifndef CRYPTO_PUBLIC_KEY_H
#define CRYPTO_PUBLIC_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "crypto/sha256.h"

#define PUBLIC_KEY_PEM_MAX       4096 /* bytes of a PEM file */
#define PUBLIC_KEY_DER_MAX       1024 /* bytes of a key in DER */
#define PUBLIC_KEY_SIGNATURE_MAX 1024 /* bytes of a signature */

enum public_key_type {
	PUBLIC_KEY_P256,
	PUBLIC_KEY_P384,
	PUBLIC_KEY_P521,
	PUBLIC_KEY_ED25519,
	PUBLIC_KEY_RSA,
};

struct public_key {
	void *key; /* owned; an EVP_PKEY */
	enum public_key_type type;
	uint8_t id[SHA256_LEN]; /* SHA-256 of the key as SPKI in DER */
};

#define PUBLIC_KEY_NONE ((struct public_key){ .key = NULL })
#define AUTO_PUBLIC_KEY AUTO(public_key_done)

/** public_key_done - release the memory; @key is PUBLIC_KEY_NONE afterwards. */
void public_key_done(struct public_key *key);

/**
 * public_key_from_pem - read a key file, as cosign and openssl write it.
 * @text: exactly one block "PUBLIC KEY" with nothing but white space around it;
 *        OpenSSL itself would ignore a second block.
 * @out:  owned by the caller; written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT (a kind of key that is not supported is
 * named), ERR_LIMIT above PUBLIC_KEY_PEM_MAX or for the size of an RSA key, or
 * ERR_SYSTEM without memory.
 */
int public_key_from_pem(const char *text, size_t len, struct public_key *out,
                        struct err *err) MUST_CHECK;

/** public_key_from_spki - the same of a SubjectPublicKeyInfo in DER (RFC 5280,
 * 4.1), all of whose bytes belong to it. */
int public_key_from_spki(struct bytes der, struct public_key *out,
                         struct err *err) MUST_CHECK;

/** public_key_from_pkcs1 - the same of an RSAPublicKey in DER (RFC 8017,
 * A.1.1), as keyDetails PKCS1_RSA_PKCS1V5 of a trusted root means. */
int public_key_from_pkcs1(struct bytes der, struct public_key *out,
                          struct err *err) MUST_CHECK;

/** public_key_copy - a second owner of @key.  0, or -1 with ERR_SYSTEM. */
int public_key_copy(const struct public_key *key, struct public_key *out,
                    struct err *err) MUST_CHECK;

/**
 * public_key_spki - the key as SPKI in DER.
 * @out: PUBLIC_KEY_DER_MAX bytes; @len: the bytes used.
 *
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int public_key_spki(const struct public_key *key,
                    uint8_t out[PUBLIC_KEY_DER_MAX], size_t *len,
                    struct err *err) MUST_CHECK;

/** public_key_equal - whether the two are the same key. */
bool public_key_equal(const struct public_key *a, const struct public_key *b);

/** public_key_type_name - "ECDSA P-256" and so on, for messages. */
const char *public_key_type_name(enum public_key_type type);

/**
 * public_key_verify - whether @key made @signature over @message.
 *
 * P-256 and RSA hash with SHA-256, P-384 with SHA-384 and P-521 with SHA-512;
 * for the latter two SHA-256 counts too, because clients of Sigstore signed so
 * up to 2024.  Ed25519 is the pure one of RFC 8032.
 *
 * Returns 0 when it did; -1 with ERR_UNTRUSTED when it did not, ERR_LIMIT for
 * a signature that is too long, or ERR_SYSTEM without memory.
 */
int public_key_verify(const struct public_key *key, struct bytes message,
                      struct bytes signature, struct err *err) MUST_CHECK;

/**
 * public_key_verify_digest - the same where only the SHA-256 of the message is
 * known.
 *
 * Returns as public_key_verify; Ed25519 cannot do this, and a signature over
 * SHA-384 or SHA-512 cannot be checked so: both are ERR_UNTRUSTED, and the text
 * says that the message itself is needed.
 */
int public_key_verify_digest(const struct public_key *key,
                             const uint8_t digest[SHA256_LEN],
                             struct bytes signature,
                             struct err *err) MUST_CHECK;

/**
 * public_key_verify_ed25519ph - whether @key, an Ed25519 key, made @signature
 * over the SHA-512 of @message: Ed25519ph of RFC 8032, 5.1, with an empty
 * context, as Sigstore signs messages (not DSSE envelopes) with such keys.
 *
 * Returns as public_key_verify; any other kind of key is ERR_UNTRUSTED.
 */
int public_key_verify_ed25519ph(const struct public_key *key,
                                struct bytes message, struct bytes signature,
                                struct err *err) MUST_CHECK;

#endif
