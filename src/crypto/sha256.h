/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 in pieces, by libcrypto (which uses the CPU's instructions). */
#ifndef CRYPTO_SHA256_H
#define CRYPTO_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

#define SHA256_LEN     32
#define SHA256_HEX_LEN 64

struct sha256 {
	void *context; /* owned; an EVP_MD_CTX, reused by each sha256_begin */
};

#define SHA256_NONE ((struct sha256){ NULL })
#define AUTO_SHA256 AUTO(sha256_done)

void sha256_done(struct sha256 *hash);

/** sha256_begin - start (again).  0, or -1 with ERR_SYSTEM. */
int sha256_begin(struct sha256 *hash, struct err *err) MUST_CHECK;

/** sha256_add - hash further bytes.  0, or -1 with ERR_INTERNAL. */
int sha256_add(struct sha256 *hash, const void *data, size_t len,
               struct err *err) MUST_CHECK;

/** sha256_end - the digest of all since sha256_begin. */
int sha256_end(struct sha256 *hash, uint8_t out[SHA256_LEN],
               struct err *err) MUST_CHECK;

/** sha256_of - the digest of one piece. */
int sha256_of(const void *data, size_t len, uint8_t out[SHA256_LEN],
              struct err *err) MUST_CHECK;

/** sha256_of_fd - the digest of what is left in @fd; @size (may be NULL)
 * receives its length. */
int sha256_of_fd(int fd, uint8_t out[SHA256_LEN], uint64_t *size,
                 struct err *err) MUST_CHECK;

/** sha256_equal - compare in constant time. */
bool sha256_equal(const uint8_t a[SHA256_LEN], const uint8_t b[SHA256_LEN]);

#endif
