/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sha512.h"

#include <openssl/evp.h>
#include <string.h>

static int digest_of(const EVP_MD *kind, struct bytes data, uint8_t *out,
                     size_t size, struct err *err)
{
	uint8_t made[EVP_MAX_MD_SIZE];

	if (EVP_Digest(data.data, data.len, made, NULL, kind, NULL) != 1)
		return err_set(err, ERR_SYSTEM, 0,
		               "libcrypto does not offer SHA-2");
	memcpy(out, made, size);
	return 0;
}

int sha512_of(struct bytes data, uint8_t out[SHA512_LEN], struct err *err)
{
	return digest_of(EVP_sha512(), data, out, SHA512_LEN, err);
}

int sha384_of(struct bytes data, uint8_t out[SHA384_LEN], struct err *err)
{
	return digest_of(EVP_sha384(), data, out, SHA384_LEN, err);
}
