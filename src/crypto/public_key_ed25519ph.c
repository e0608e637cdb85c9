/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from public_key.c, so that what does not call this links no libsodium:
 * OpenSSL has Ed25519ph from 3.2 on only. */
#include <openssl/evp.h>
#include <sodium.h>

#include "crypto/openssl_err.h"
#include "crypto/public_key.h"

int public_key_verify_ed25519ph(const struct public_key *key,
                                struct bytes message, struct bytes signature,
                                struct err *err)
{
	uint8_t raw[crypto_sign_ed25519_PUBLICKEYBYTES];
	size_t len = sizeof raw;
	crypto_sign_ed25519ph_state state;

	if (key->type != PUBLIC_KEY_ED25519)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "Ed25519ph needs an Ed25519 key, not %s",
		               public_key_type_name(key->type));
	if (EVP_PKEY_get_raw_public_key(key->key, raw, &len) != 1)
		return openssl_err_set(err, ERR_SYSTEM,
		                       "Ed25519 key cannot be written");
	if (signature.len != crypto_sign_ed25519_BYTES)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "Ed25519ph signature of %zu bytes, not %u",
		               signature.len, crypto_sign_ed25519_BYTES);
	(void)crypto_sign_ed25519ph_init(&state);
	(void)crypto_sign_ed25519ph_update(&state, message.data, message.len);
	if (crypto_sign_ed25519ph_final_verify(&state, signature.data, raw) !=
	    0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "Ed25519ph signature does not match the data");
	return 0;
}
