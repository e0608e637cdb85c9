/* SPDX-License-Identifier: Apache-2.0 */
/* The file of an encrypted cosign private key: PEM around JSON.  Text in,
 * values out; crypto/cosign_key.h computes.  Source: sigstore/cosign
 * pkg/cosign/keys.go and theupdateframework/go-tuf encrypted/encrypted.go.
 *
 * The JSON says which key derivation and cipher made it.  Only what cosign
 * writes or wrote is read: scrypt with N = 32768, 65536 or 131072, r = 8 and
 * p = 1, and nacl/secretbox.  Anything else is refused, so that a foreign file
 * cannot ask for all memory of the machine. */
#ifndef CODEC_COSIGN_KEY_H
#define CODEC_COSIGN_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define COSIGN_FILE_MAX     ((size_t)16 * 1024) /* bytes of the PEM text */
#define COSIGN_SALT_LEN     32
#define COSIGN_NONCE_LEN    24
#define COSIGN_TAG_LEN      16   /* of secretbox, before the encrypted bytes */
#define COSIGN_CLEAR_MAX    4096 /* bytes of PKCS#8; RSA 4096 has some 2,400 */

#define COSIGN_COST_OLD     32768U /* N of scrypt: 32 MiB */
#define COSIGN_COST         65536U /* what cosign writes today: 64 MiB */
#define COSIGN_COST_HIGHEST 131072U

struct cosign_secret {
	uint32_t cost; /* N; one of the three above */
	uint8_t salt[COSIGN_SALT_LEN];
	uint8_t nonce[COSIGN_NONCE_LEN];
	uint8_t sealed[COSIGN_TAG_LEN + COSIGN_CLEAR_MAX];
	size_t sealed_len; /* bytes; more than COSIGN_TAG_LEN */
};

/**
 * cosign_parse_secret - read a private key file.
 * @out: written only on 0.
 *
 * One PEM block of type "ENCRYPTED SIGSTORE PRIVATE KEY", or of the older
 * "ENCRYPTED COSIGN PRIVATE KEY", without headers and with nothing around it
 * but a last LF, which may be missing.
 *
 * Returns 0; -1 with ERR_USAGE for a key of another kind (unencrypted, SEC1,
 * public), which says how cosign imports it; ERR_FORMAT; ERR_LIMIT above
 * COSIGN_FILE_MAX or COSIGN_CLEAR_MAX.
 */
int cosign_parse_secret(const char *text, size_t len, struct cosign_secret *out,
                        struct err *err) MUST_CHECK;

/**
 * cosign_write_secret - append the file that cosign itself would write.
 * Returns 0, or -1 as buf_add; then @out may hold a part.
 */
int cosign_write_secret(const struct cosign_secret *in, struct buf *out,
                        struct err *err) MUST_CHECK;

#endif
