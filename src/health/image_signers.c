/* SPDX-License-Identifier: Apache-2.0 */
#include "health/image_signers.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"

#define BIT(n) ((uint64_t)1 << (n))

_Static_assert(SETTINGS_WORDS_MAX <= EVIDENCE_KEYS_MAX,
               "images_signed names more keys than a case has");

/* What the words are resolved by. */
struct search {
	int root;
	const struct settings *settings;
	const struct keyring *keyring;
	uint64_t sequence;
	struct image_signers *out;
};

static void drop(struct search *search, const char *name, const char *why)
{
	(void)snprintf(search->out->dropped, sizeof search->out->dropped,
	               "'%.64s' is %s", name, why);
}

static void take_key(struct search *search, const char *name,
                     const struct public_key *key)
{
	const struct keyring *keyring = search->keyring;

	if (keyring_find_revoked_cosign(keyring, key->id) != NULL) {
		drop(search, name, "revoked");
		return;
	}
	if (keyring_max_cosign_sequence(keyring, search->settings, key) <
	    search->sequence) {
		drop(search, name, "retired (max_sequence)");
		return;
	}
	search->out->keys[search->out->key_count++] =
		(struct image_key){ name, key };
}

static int take_file(struct search *search, const char *path, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(PUBLIC_KEY_PEM_MAX);
	struct public_key *key = &search->out->files[search->out->file_count];
	int found = fs_read_trusted(search->root, path + 1, &text, err);

	if (found == 0)
		return err_set(err, ERR_USAGE, 0, "there is no file '%s'",
		               path);
	if (found < 0 ||
	    public_key_from_pem(buf_text(&text), text.len, key, err) < 0)
		return err_wrap(err, "%s", path);
	search->out->file_count++;
	take_key(search, path, key);
	return 0;
}

static void take_identity(struct search *search, size_t number)
{
	const struct settings_identity *identity =
		&search->settings->identities[number];

	if (revocations_find_identity(&search->keyring->revocations,
	                              identity->name) != NULL)
		drop(search, identity->name, "revoked");
	else if (identity->max_sequence < search->sequence)
		drop(search, identity->name, "retired (max_sequence)");
	else
		search->out->identities |= BIT(number);
}

/* A key, an identity, or both. */
static int take_name(struct search *search, const char *name, struct err *err)
{
	const struct keyring_cosign_key *key =
		keyring_find_cosign_name(search->keyring, name);
	bool is_known = key != NULL;

	if (key != NULL)
		take_key(search, name, &key->key);
	for (size_t i = 0; i < search->settings->identity_count; i++) {
		if (strcmp(search->settings->identities[i].name, name) != 0)
			continue;
		take_identity(search, i);
		is_known = true;
	}
	if (is_known)
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "there is neither a key %s.pem in the trust folder nor "
	               "an [identity %s]",
	               name, name);
}

static void note_revoked(struct search *search)
{
	const struct settings *settings = search->settings;

	for (size_t i = 0; i < settings->identity_count; i++)
		if (revocations_find_identity(&search->keyring->revocations,
		                              settings->identities[i].name) !=
		    NULL)
			search->out->revoked |= BIT(i);
}

int image_signers_find(int root, const struct settings *settings,
                       const struct keyring *keyring, uint64_t sequence,
                       struct image_signers *out, struct err *err)
{
	const struct settings_words *words = &settings->container.images_signed;
	struct search search = { root, settings, keyring, sequence, out };

	for (size_t i = 0; i < words->count; i++) {
		const char *word = settings_word(words, i);
		int got = word[0] == '/' ? take_file(&search, word, err)
		                         : take_name(&search, word, err);

		if (got < 0)
			return err_wrap(err, "images_signed of [container]");
	}
	note_revoked(&search);
	if (out->key_count > 0 || out->identities != 0)
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "images_signed of [container] names nobody who counts: "
	               "%s",
	               out->dropped);
}

void image_signers_trust(const struct image_signers *signers,
                         struct evidence_case *given)
{
	given->minisign_key_count = 0; /* cosign has none */
	given->cosign_key_count = signers->key_count;
	for (size_t i = 0; i < signers->key_count; i++)
		given->cosign_keys[i] = signers->keys[i].key;
}

const char *image_signers_match(const struct image_signers *signers,
                                const struct settings *settings,
                                const struct evidence_verdict *verdict)
{
	if (verdict->kind != VERDICT_ATTESTATION)
		return NULL;
	for (size_t i = 0; i < signers->key_count; i++)
		if ((verdict->cosign_keys & BIT(i)) != 0)
			return signers->keys[i].name;
	/* Who is revoked under one name counts under no other. */
	if ((verdict->identities & signers->revoked) != 0)
		return NULL;
	for (size_t i = 0; i < settings->identity_count; i++)
		if ((verdict->identities & signers->identities & BIT(i)) != 0)
			return settings->identities[i].name;
	return NULL;
}

void image_signers_done(struct image_signers *signers)
{
	for (size_t i = 0; i < signers->file_count; i++)
		public_key_done(&signers->files[i]);
	*signers = (struct image_signers){ .key_count = 0 };
}
