/* SPDX-License-Identifier: Apache-2.0 */
/* Who is left when all trials are through. */
#include "trust/trial.h"

#include <string.h>

/* An Ed25519 key laid down as .pub and as .pem is one key (RFC 8410, 4: the
 * SPKI is this head and the 32 bytes). */
static bool is_cosign_of(const struct public_key *key,
                         const struct minisign_public *minisign)
{
	uint8_t spki[PUBLIC_KEY_DER_MAX];
	struct err ignored; /* then it is no such key */
	size_t len = 0;

	return key->type == PUBLIC_KEY_ED25519 &&
	       public_key_spki(key, spki, &len, &ignored) == 0 &&
	       len >= MINISIGN_KEY_LEN &&
	       memcmp(spki + len - MINISIGN_KEY_LEN, minisign->key,
	              MINISIGN_KEY_LEN) == 0;
}

static bool has_counted_as_minisign(const struct trials *trials,
                                    const struct public_key *key)
{
	for (size_t i = 0; i < trials->count; i++) {
		const struct trial *other = &trials->list[i];

		if (other->kind == JUDGED_GOOD && other->key != NULL &&
		    is_cosign_of(key, &other->key->public))
			return true;
	}
	return false;
}

void trials_count(const struct trials *trials, struct trial_tally *out)
{
	*out = (struct trial_tally){ .minisign = 0 };
	for (size_t i = 0; i < trials->count; i++) {
		const struct trial *trial = &trials->list[i];

		if (trial->kind != JUDGED_GOOD)
			continue;
		out->minisign += trial->key != NULL;
		out->cosign +=
			trial->cosign != NULL &&
			!has_counted_as_minisign(trials, &trial->cosign->key);
		out->identified += trial->identities != 0;
		out->provenance += trial->verdict != NULL &&
		                   trial->verdict->is_provenance == 1;
	}
}

static void add_minisign(const struct keyring_key *key, struct signer *list,
                         size_t *count)
{
	struct signer signer = { .kind = SIGNER_MINISIGN,
		                 .id = key->public.id,
		                 .has_key = true };

	memcpy(signer.key, key->public.key, sizeof signer.key);
	memcpy(signer.name, key->name, sizeof signer.name);
	(void)signers_add(list, count, SIGNERS_MAX, &signer);
}

static void add_cosign(const struct keyring_cosign_key *key,
                       struct signer *list, size_t *count)
{
	struct signer signer = { .kind = SIGNER_COSIGN, .has_key = true };

	memcpy(signer.key, key->key.id, sizeof signer.key);
	memcpy(signer.name, key->name, sizeof signer.name);
	(void)signers_add(list, count, SIGNERS_MAX, &signer);
}

static void add_identity(const struct settings_identity *identity,
                         const char *subject, struct signer *list,
                         size_t *count)
{
	struct signer signer = { .kind = SIGNER_IDENTITY };

	memcpy(signer.name, identity->name, sizeof signer.name);
	signer_set_subject(&signer, subject);
	(void)signers_add(list, count, SIGNERS_MAX, &signer);
}

/* SIGNERS_MAX is what a keyring and settings can name: there is always room. */
void trial_signers(const struct trials *trials, const struct trial *trial,
                   struct signer *list, size_t *count)
{
	const struct keyring *keyring = trials->request->keyring;
	const struct settings *settings = trials->request->settings;

	if (trial->kind != JUDGED_GOOD)
		return;
	if (trial->key != NULL)
		add_minisign(trial->key, list, count);
	if (trial->cosign != NULL)
		add_cosign(trial->cosign, list, count);
	for (size_t i = 0; i < keyring->count; i++)
		if (trial_has_bit(trial->minisign_keys, i))
			add_minisign(&keyring->keys[i], list, count);
	for (size_t i = 0; i < keyring->cosign_count; i++)
		if (trial_has_bit(trial->cosign_keys, i))
			add_cosign(&keyring->cosign_keys[i], list, count);
	for (size_t i = 0; i < settings->identity_count; i++)
		if (trial_has_bit(trial->identities, i))
			add_identity(&settings->identities[i],
			             trial->verdict->subject, list, count);
}
