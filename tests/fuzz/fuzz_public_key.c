/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a key, as PEM or DER.  Properties: a key in DER has that one spelling,
 * and one id; no failure leaves a reason behind.  The input is tried as a
 * signature, too. */
#include <openssl/err.h>

#include "crypto/init.h"
#include "crypto/note.h"
#include "crypto/public_key.h"
#include "round_trip.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct err err;

	(void)argc;
	(void)argv;
	require(crypto_init(&err) == 0);
	return 0;
}

/* Nothing signs itself: the input is the key, the message, the signature. */
static void try_key(const struct public_key *key, struct bytes input)
{
	AUTO_PUBLIC_KEY struct public_key again = PUBLIC_KEY_NONE;
	uint8_t spki[PUBLIC_KEY_DER_MAX], id[NOTE_KEY_ID_LEN];
	struct bytes name = { input.data, input.len % NOTE_NAME_MAX };
	struct err err;
	size_t len;

	require(public_key_spki(key, spki, &len, &err) == 0);
	require(public_key_from_spki((struct bytes){ spki, len }, &again,
	                             &err) == 0);
	require(public_key_equal(key, &again));
	require(public_key_verify(key, input, input, &err) < 0);
	require(public_key_verify_digest(key, key->id, input, &err) < 0);
	require(public_key_verify_ed25519ph(key, input, input, &err) < 0);
	require(note_key_id(key, name, id, &err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_PUBLIC_KEY struct public_key pem = PUBLIC_KEY_NONE;
	AUTO_PUBLIC_KEY struct public_key der = PUBLIC_KEY_NONE;
	AUTO_PUBLIC_KEY struct public_key rsa = PUBLIC_KEY_NONE;
	uint8_t spki[PUBLIC_KEY_DER_MAX];
	struct bytes input = { data, size };
	struct err err;
	size_t len;

	if (public_key_from_pem((const char *)data, size, &pem, &err) == 0)
		try_key(&pem, input);
	if (public_key_from_spki(input, &der, &err) == 0) {
		try_key(&der, input);
		require(public_key_spki(&der, spki, &len, &err) == 0);
		require(len == size && memcmp(spki, data, size) == 0);
	}
	if (public_key_from_pkcs1(input, &rsa, &err) == 0)
		try_key(&rsa, input);
	require(ERR_peek_error() == 0);
	return 0;
}
