/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from init.c, so that a worker that calls only this links no libsodium.
 */
#include <openssl/crypto.h>

#include "crypto/init.h"

int crypto_init_libcrypto(struct err *err)
{
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return err_set(err, ERR_SYSTEM, 0, "libcrypto does not start");
	return 0;
}
