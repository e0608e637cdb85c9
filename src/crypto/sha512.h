/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-512 and SHA-384 of one piece: signatures by larger keys and some
 * attestations name artifacts by them. */
#ifndef CRYPTO_SHA512_H
#define CRYPTO_SHA512_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define SHA384_LEN 48
#define SHA512_LEN 64

/** sha512_of - the digest of @data; @out is written only on 0.  Returns 0, or
 * -1 with ERR_SYSTEM. */
int sha512_of(struct bytes data, uint8_t out[SHA512_LEN],
              struct err *err) MUST_CHECK;

/** sha384_of - the same of SHA-384. */
int sha384_of(struct bytes data, uint8_t out[SHA384_LEN],
              struct err *err) MUST_CHECK;

#endif
