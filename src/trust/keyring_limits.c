/* SPDX-License-Identifier: Apache-2.0 */
/* What a key may still sign.  An Ed25519 key can be laid down as NAME.pub and
 * as NAME.pem, under several names and ids; it is one key all the same, told
 * by the SHA-256 of its SPKI. */
#include "trust/keyring.h"

#include <string.h>

#include "codec/release_ini.h"
#include "crypto/minisign.h"

bool keyring_is_same_key(const struct minisign_public *a,
                         const struct minisign_public *b)
{
	return memcmp(a->key, b->key, sizeof a->key) == 0;
}

bool keyring_is_twin(const struct minisign_public *key,
                     const uint8_t spki_sha256[SHA256_LEN])
{
	uint8_t id[SHA256_LEN];

	minisign_spki_id(key, id);
	return sha256_equal(id, spki_sha256);
}

/* --- limits --- */

/* Whether the name in a [key NAME] is one of this key's. */
static bool names_key(const struct keyring *keyring, const char *name,
                      const uint8_t spki_sha256[SHA256_LEN])
{
	const struct keyring_key *key = keyring_find_name(keyring, name);
	const struct keyring_cosign_key *cosign =
		keyring_find_cosign_name(keyring, name);

	return (key != NULL && keyring_is_twin(&key->public, spki_sha256)) ||
	       (cosign != NULL && sha256_equal(cosign->key.id, spki_sha256));
}

static uint64_t find_lowest(const struct keyring *keyring,
                            const struct settings *settings,
                            const uint8_t spki_sha256[SHA256_LEN])
{
	uint64_t lowest = SEQUENCE_MAX;

	for (size_t i = 0; i < settings->key_count; i++) {
		const struct settings_key *limit = &settings->keys[i];

		if (limit->max_sequence < lowest &&
		    names_key(keyring, limit->name, spki_sha256))
			lowest = limit->max_sequence;
	}
	return lowest;
}

uint64_t keyring_max_sequence(const struct keyring *keyring,
                              const struct settings *settings,
                              const struct minisign_public *key)
{
	uint8_t id[SHA256_LEN];

	minisign_spki_id(key, id);
	return find_lowest(keyring, settings, id);
}

uint64_t keyring_max_cosign_sequence(const struct keyring *keyring,
                                     const struct settings *settings,
                                     const struct public_key *key)
{
	return find_lowest(keyring, settings, key->id);
}

/* --- revocations --- */

const char *keyring_find_revoked_cosign(const struct keyring *keyring,
                                        const uint8_t spki_sha256[SHA256_LEN])
{
	const struct revocations *revocations = &keyring->revocations;
	const char *reason =
		revocations_find_cosign_key(revocations, spki_sha256);

	for (size_t i = 0; reason == NULL && i < keyring->count; i++)
		if (keyring_is_twin(&keyring->keys[i].public, spki_sha256))
			reason = revocations_find_key(
				revocations, keyring->keys[i].public.id);
	return reason;
}

const char *keyring_find_revoked(const struct keyring *keyring,
                                 const struct minisign_public *key)
{
	const char *reason =
		revocations_find_key(&keyring->revocations, key->id);
	uint8_t id[SHA256_LEN];

	if (reason != NULL)
		return reason;
	minisign_spki_id(key, id);
	return keyring_find_revoked_cosign(keyring, id);
}

static const char *find_revoked_minisign(const struct keyring *keyring,
                                         const struct signer *signer)
{
	struct minisign_public key = { .id = signer->id };
	const char *reason =
		revocations_find_key(&keyring->revocations, signer->id);

	if (signer->has_key) {
		memcpy(key.key, signer->key, sizeof key.key);
		return keyring_find_revoked(keyring, &key);
	}
	for (size_t i = 0; reason == NULL && i < keyring->count; i++)
		if (keyring->keys[i].public.id == signer->id)
			reason = keyring_find_revoked(keyring,
			                              &keyring->keys[i].public);
	return reason;
}

const char *keyring_find_revoked_signer(const struct keyring *keyring,
                                        const struct signer *signer)
{
	switch (signer->kind) {
	case SIGNER_MINISIGN:
		return find_revoked_minisign(keyring, signer);
	case SIGNER_COSIGN:
		return keyring_find_revoked_cosign(keyring, signer->key);
	case SIGNER_IDENTITY:
		return revocations_find_identity(&keyring->revocations,
		                                 signer->name);
	}
	return NULL;
}

/* --- who is left --- */

static bool is_key(const struct minisign_public *key,
                   const struct signer *signer)
{
	return key->id == signer->id &&
	       (!signer->has_key ||
	        memcmp(key->key, signer->key, sizeof key->key) == 0);
}

static bool counts_minisign(const struct keyring *keyring,
                            const struct settings *settings,
                            const struct signer *signer, uint64_t sequence)
{
	for (size_t i = 0; i < keyring->count; i++) {
		const struct minisign_public *key = &keyring->keys[i].public;

		if (is_key(key, signer) &&
		    sequence <= keyring_max_sequence(keyring, settings, key))
			return true;
	}
	return false;
}

static bool counts_cosign(const struct keyring *keyring,
                          const struct settings *settings,
                          const struct signer *signer, uint64_t sequence)
{
	for (size_t i = 0; i < keyring->cosign_count; i++)
		if (sha256_equal(keyring->cosign_keys[i].key.id, signer->key))
			return sequence <=
			       find_lowest(keyring, settings, signer->key);
	return false;
}

static bool counts_identity(const struct settings *settings,
                            const struct signer *signer, uint64_t sequence)
{
	for (size_t i = 0; i < settings->identity_count; i++)
		if (strcmp(settings->identities[i].name, signer->name) == 0)
			return sequence <= settings->identities[i].max_sequence;
	return false;
}

bool keyring_counts(const struct keyring *keyring,
                    const struct settings *settings,
                    const struct signer *signer, uint64_t sequence)
{
	if (keyring_find_revoked_signer(keyring, signer) != NULL)
		return false;
	switch (signer->kind) {
	case SIGNER_MINISIGN:
		return counts_minisign(keyring, settings, signer, sequence);
	case SIGNER_COSIGN:
		return counts_cosign(keyring, settings, signer, sequence);
	case SIGNER_IDENTITY:
		return counts_identity(settings, signer, sequence);
	}
	return false;
}
