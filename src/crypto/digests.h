/* SPDX-License-Identifier: Apache-2.0 */
/* An artifact as signatures see it: its SHA-2 digests, made in one pass, so
 * that a file of any size needs no memory.  ECDSA and RSA keys sign SHA-256,
 * SHA-384 or SHA-512 of the artifact, Ed25519ph signs its SHA-512. */
#ifndef CRYPTO_DIGESTS_H
#define CRYPTO_DIGESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/sha256.h"

#define SHA384_LEN 48
#define SHA512_LEN 64

struct digests {
	uint8_t sha256[SHA256_LEN];
	uint8_t sha384[SHA384_LEN]; /* zero without has_long */
	uint8_t sha512[SHA512_LEN]; /* zero without has_long */
	/* The artifact's bytes were there; else only its SHA-256 was named. */
	bool has_long;
};

/**
 * digests_of - the digests of @len bytes.
 * @out: written only on 0.  Returns 0, or -1 with ERR_SYSTEM.
 */
int digests_of(const void *data, size_t len, struct digests *out,
               struct err *err) MUST_CHECK;

/** digests_of_fd - the same of what is left in @fd. */
int digests_of_fd(int fd, struct digests *out, struct err *err) MUST_CHECK;

/** digests_named - an artifact of which only the SHA-256 is known. */
void digests_named(const uint8_t sha256[SHA256_LEN], struct digests *out);

#endif
