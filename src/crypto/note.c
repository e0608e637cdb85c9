/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/note.h"

#include <openssl/evp.h>
#include <string.h>

#include "crypto/openssl_err.h"

#define ED25519_LEN 32

/* Between name and key, for the kinds of keys whose id depends on the name. */
static const char ed25519_mark[] = "\n\x01";
static const char rsa_mark[] = "\n\xffPKIX-RSA-PKCS#1v1.5";

static int hash_named(struct bytes name, const char *mark, struct bytes key,
                      uint8_t out[SHA256_LEN], struct err *err)
{
	AUTO_SHA256 struct sha256 hash = SHA256_NONE;

	if (sha256_begin(&hash, err) < 0 ||
	    sha256_add(&hash, name.data, name.len, err) < 0 ||
	    sha256_add(&hash, mark, strlen(mark), err) < 0 ||
	    sha256_add(&hash, key.data, key.len, err) < 0)
		return -1;
	return sha256_end(&hash, out, err);
}

static int hash_ed25519(const struct public_key *key, struct bytes name,
                        uint8_t out[SHA256_LEN], struct err *err)
{
	uint8_t raw[ED25519_LEN];
	size_t len = sizeof raw;

	if (EVP_PKEY_get_raw_public_key(key->key, raw, &len) != 1)
		return openssl_err_set(err, ERR_SYSTEM,
		                       "Ed25519 key cannot be written");
	return hash_named(name, ed25519_mark, (struct bytes){ raw, len }, out,
	                  err);
}

static int hash_rsa(const struct public_key *key, struct bytes name,
                    uint8_t out[SHA256_LEN], struct err *err)
{
	uint8_t spki[PUBLIC_KEY_DER_MAX];
	size_t len;

	if (public_key_spki(key, spki, &len, err) < 0)
		return -1;
	return hash_named(name, rsa_mark, (struct bytes){ spki, len }, out,
	                  err);
}

/* What the key id is the start of. */
static int hash_key(const struct public_key *key, struct bytes name,
                    uint8_t out[SHA256_LEN], struct err *err)
{
	switch (key->type) {
	case PUBLIC_KEY_P256:
	case PUBLIC_KEY_P384:
	case PUBLIC_KEY_P521:
		memcpy(out, key->id, SHA256_LEN);
		return 0;
	case PUBLIC_KEY_ED25519:
		return hash_ed25519(key, name, out, err);
	case PUBLIC_KEY_RSA:
		return hash_rsa(key, name, out, err);
	}
	return err_set(err, ERR_INTERNAL, 0, "key of type %d", (int)key->type);
}

int note_key_id(const struct public_key *key, struct bytes name,
                uint8_t out[NOTE_KEY_ID_LEN], struct err *err)
{
	uint8_t hash[SHA256_LEN];

	if (name.len > NOTE_NAME_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "name of %zu bytes on a signature line; at "
		               "most %d",
		               name.len, NOTE_NAME_MAX);
	if (hash_key(key, name, hash, err) < 0)
		return -1;
	memcpy(out, hash, NOTE_KEY_ID_LEN);
	return 0;
}

int note_verify(const struct note_line *line, struct bytes text,
                const struct public_key *key, struct err *err)
{
	uint8_t id[NOTE_KEY_ID_LEN];

	if (note_key_id(key, line->name, id, err) < 0)
		return -1;
	if (memcmp(id, line->key_id, sizeof id) != 0)
		return 1;
	if (public_key_verify(key, text, line->signature, err) < 0)
		return err_wrap(err, "note signed by '%.*s'",
		                (int)line->name.len,
		                (const char *)line->name.data);
	return 0;
}
