/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-512 of one piece, for attestations that name their subjects by it. */
#ifndef CRYPTO_SHA512_H
#define CRYPTO_SHA512_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define SHA512_LEN 64

/** sha512_of - the digest of @data; @out is written only on 0.  Returns 0, or
 * -1 with ERR_SYSTEM. */
int sha512_of(struct bytes data, uint8_t out[SHA512_LEN],
              struct err *err) MUST_CHECK;

#endif
