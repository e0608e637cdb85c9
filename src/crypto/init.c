/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/init.h"

#include <sodium.h>

int crypto_init(struct err *err)
{
	if (crypto_init_libcrypto(err) < 0)
		return -1;
	if (sodium_init() < 0)
		return err_set(err, ERR_SYSTEM, 0, "libsodium does not start");
	return 0;
}
