/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs of each kind, made when the test runs. */
#ifndef TESTS_MAKE_KEY_H
#define TESTS_MAKE_KEY_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "crypto/public_key.h"

#define SIGNATURE_SPACE 1024

/* @name: a curve, "ED25519" or "RSA" (2048 bits).  NULL on failure. */
static inline EVP_PKEY *make_key(const char *name)
{
	if (strcmp(name, "RSA") == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	if (name[0] != 'P' && name[0] != 's') /* no "P-..." or "secp..." */
		return EVP_PKEY_Q_keygen(NULL, NULL, name);
	return EVP_PKEY_Q_keygen(NULL, NULL, "EC", name);
}

/* The public half as the code under test has it. */
static inline int make_public(EVP_PKEY *pkey, struct public_key *out,
                              struct err *err)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);
	int result = public_key_from_spki(
		(struct bytes){ der, len > 0 ? (size_t)len : 0 }, out, err);

	OPENSSL_free(der);
	return result;
}

/* @hash: NULL for Ed25519.  Returns the length, 0 on failure. */
static inline size_t make_signature(EVP_PKEY *pkey, const EVP_MD *hash,
                                    struct bytes message,
                                    uint8_t out[SIGNATURE_SPACE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t len = SIGNATURE_SPACE;

	if (context == NULL ||
	    EVP_DigestSignInit(context, NULL, hash, NULL, pkey) != 1 ||
	    EVP_DigestSign(context, out, &len, message.data, message.len) != 1)
		len = 0;
	EVP_MD_CTX_free(context);
	return len;
}

#endif
