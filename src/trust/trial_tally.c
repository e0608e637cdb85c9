/* SPDX-License-Identifier: Apache-2.0 */
/* Who is left when all trials are through. */
#include "trust/trial.h"

#include <string.h>

/* A key laid down as .pub and as .pem is one key. */
static bool has_counted_as_minisign(const struct trials *trials,
                                    const struct public_key *key)
{
	for (size_t i = 0; i < trials->count; i++) {
		const struct trial *other = &trials->list[i];

		if (other->kind == JUDGED_GOOD && other->key != NULL &&
		    keyring_is_twin(&other->key->public, key->id))
			return true;
	}
	return false;
}

/* A threshold counts a key once; where it asks for cosign keys alone, as what
 * it was asked for. */
static bool counts_as_cosign(const struct trials *trials,
                             const struct public_key *key)
{
	return (trials->request->settings->require & REQUIRE_MINISIGN) == 0 ||
	       !has_counted_as_minisign(trials, key);
}

void trials_count(const struct trials *trials, struct trial_tally *out)
{
	*out = (struct trial_tally){ .minisign = 0 };
	for (size_t i = 0; i < trials->count; i++) {
		const struct trial *trial = &trials->list[i];

		if (trial->kind != JUDGED_GOOD)
			continue;
		out->minisign += trial->key != NULL;
		out->cosign += trial->cosign != NULL &&
		               counts_as_cosign(trials, &trial->cosign->key);
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

/* An attestation by a key counts as provenance, and as nothing else. */
static bool has_attested(const struct trials *trials, const struct trial *trial)
{
	return trial->verdict != NULL && trial->verdict->is_provenance == 1 &&
	       (trials->request->settings->require & REQUIRE_PROVENANCE) != 0;
}

static void add_attesters(const struct keyring *keyring,
                          const struct trial *trial, struct signer *list,
                          size_t *count)
{
	for (size_t i = 0; i < keyring->count; i++)
		if (trial_has_bit(trial->minisign_keys, i))
			add_minisign(&keyring->keys[i], list, count);
	for (size_t i = 0; i < keyring->cosign_count; i++)
		if (trial_has_bit(trial->cosign_keys, i))
			add_cosign(&keyring->cosign_keys[i], list, count);
}

/* SIGNERS_MAX is what a keyring and settings can name: there is always room. */
void trial_signers(const struct trials *trials, const struct trial *trial,
                   struct signer *list, size_t *count)
{
	const struct settings *settings = trials->request->settings;

	if (trial->kind != JUDGED_GOOD)
		return;
	if (trial->key != NULL)
		add_minisign(trial->key, list, count);
	if (trial->cosign != NULL)
		add_cosign(trial->cosign, list, count);
	if (has_attested(trials, trial))
		add_attesters(trials->request->keyring, trial, list, count);
	for (size_t i = 0; i < settings->identity_count; i++)
		if (trial_has_bit(trial->identities, i))
			add_identity(&settings->identities[i],
			             trial->verdict->subject, list, count);
}
