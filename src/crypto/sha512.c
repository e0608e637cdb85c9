/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sha512.h"

#include <openssl/evp.h>
#include <string.h>

int sha512_of(struct bytes data, uint8_t out[SHA512_LEN], struct err *err)
{
	uint8_t made[EVP_MAX_MD_SIZE];

	if (EVP_Digest(data.data, data.len, made, NULL, EVP_sha512(), NULL) !=
	    1)
		return err_set(err, ERR_SYSTEM, 0,
		               "libcrypto does not offer SHA-512");
	memcpy(out, made, SHA512_LEN);
	return 0;
}
