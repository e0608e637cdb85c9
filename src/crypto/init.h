/* SPDX-License-Identifier: Apache-2.0 */
/* What every main() calls before anything of libcrypto or libsodium. */
#ifndef CRYPTO_INIT_H
#define CRYPTO_INIT_H

#include "base/err.h"

/**
 * crypto_init - make both libraries ready.
 *
 * libcrypto starts without its configuration file: with OPENSSL_CONF set, or a
 * changed openssl.cnf, the first EVP call would load a library of somebody
 * else's choice into this process.  libsodium picks the code for this CPU.
 * The environment must be cleared before.
 *
 * Returns 0, or -1 with ERR_SYSTEM; then neither may be used.
 */
int crypto_init(struct err *err) MUST_CHECK;

/** crypto_init_libcrypto - its first half, for workers without libsodium. */
int crypto_init_libcrypto(struct err *err) MUST_CHECK;

#endif
