/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trial.h"

#include <string.h>

#include "crypto/minisign.h"

/* --- minisign signatures --- */

/* Ids are short and free to choose, so that several keys may have the same:
 * the one that made the signature is meant, else the first. */
static void find_signer(const struct judge_request *request,
                        struct trial *trial)
{
	trial->kind = JUDGED_UNKNOWN;
	for (size_t i = 0; i < request->keyring->count; i++) {
		const struct keyring_key *key = &request->keyring->keys[i];
		struct err ignored; /* the verdict says it all */

		if (key->public.id != trial->signature.id)
			continue;
		if (trial->key == NULL)
			trial->key = key;
		trial->kind = JUDGED_WRONG;
		if (minisign_verify(&key->public, &trial->signature,
		                    request->release_ini,
		                    request->release_ini_len, &ignored) < 0)
			continue;
		trial->key = key;
		trial->kind = JUDGED_GOOD;
		return;
	}
}

static bool has_counted(const struct trials *trials,
                        const struct minisign_public *key)
{
	for (size_t i = 0; i < trials->count; i++) {
		const struct trial *other = &trials->list[i];

		if (other->kind == JUDGED_GOOD && other->key != NULL &&
		    keyring_is_same_key(&other->key->public, key))
			return true;
	}
	return false;
}

static void try_signature(const struct trials *trials,
                          const struct judge_signature *part,
                          struct trial *trial)
{
	const struct judge_request *request = trials->request;

	if (minisign_parse_signature(part->data, part->len, &trial->signature,
	                             &trial->damage) < 0) {
		trial->kind = JUDGED_DAMAGED;
		return;
	}
	find_signer(request, trial);
	if (trial->kind != JUDGED_GOOD)
		return;
	trial->revoked =
		keyring_find_revoked(request->keyring, &trial->key->public);
	if (trial->revoked != NULL)
		trial->kind = JUDGED_REVOKED;
	else if (has_counted(trials, &trial->key->public))
		trial->kind = JUDGED_REPEATED;
}

/* --- signatures by cosign keys --- */

/* Ed25519 has two ways to sign a message: cosign 3 hashes it first. */
static bool has_signed(const struct public_key *key,
                       const struct judge_request *request,
                       const struct evidence_verdict *verdict)
{
	const struct bytes message = { request->release_ini,
		                       request->release_ini_len };
	const struct bytes signature = { verdict->signature,
		                         verdict->signature_len };
	struct err ignored; /* the verdict says it all */

	if (public_key_verify(key, message, signature, &ignored) == 0)
		return true;
	return key->type == PUBLIC_KEY_ED25519 &&
	       public_key_verify_ed25519ph(key, message, signature, &ignored) ==
	               0;
}

static bool has_cosign_counted(const struct trials *trials,
                               const struct public_key *key)
{
	for (size_t i = 0; i < trials->count; i++) {
		const struct trial *other = &trials->list[i];

		if (other->kind == JUDGED_GOOD && other->cosign != NULL &&
		    public_key_equal(&other->cosign->key, key))
			return true;
	}
	return false;
}

static void try_cosign(const struct trials *trials, struct trial *trial)
{
	const struct judge_request *request = trials->request;
	const struct keyring *keyring = request->keyring;

	trial->kind = JUDGED_UNKNOWN;
	for (size_t i = 0; i < keyring->cosign_count; i++)
		if (has_signed(&keyring->cosign_keys[i].key, request,
		               trial->verdict)) {
			trial->cosign = &keyring->cosign_keys[i];
			break;
		}
	if (trial->cosign == NULL)
		return;
	trial->dropped = trial->cosign->name;
	trial->revoked =
		keyring_find_revoked_cosign(keyring, trial->cosign->key.id);
	if (trial->revoked != NULL)
		trial->kind = JUDGED_REVOKED;
	else if (has_cosign_counted(trials, &trial->cosign->key))
		trial->kind = JUDGED_REPEATED;
	else
		trial->kind = JUDGED_GOOD;
}

/* --- what the worker verified --- */

/* Who is revoked under one name counts under no other: a broader identity must
 * not let in what the narrow one was revoked for. */
static void drop_revoked_identities(const struct judge_request *request,
                                    struct trial *trial)
{
	for (size_t i = 0; i < request->settings->identity_count; i++) {
		const char *name = request->settings->identities[i].name;
		const char *reason;

		if (!trial_has_bit(trial->verdict->identities, i))
			continue;
		trial->identities |= TRIAL_BIT(i);
		reason = revocations_find_identity(
			&request->keyring->revocations, name);
		if (reason == NULL)
			continue;
		trial->dropped = name;
		trial->revoked = reason;
	}
	if (trial->revoked != NULL)
		trial->identities = 0;
}

static void drop_revoked_keys(const struct keyring *keyring,
                              struct trial *trial)
{
	for (size_t i = 0; i < keyring->count; i++) {
		const char *reason;

		if (!trial_has_bit(trial->verdict->minisign_keys, i))
			continue;
		reason =
			keyring_find_revoked(keyring, &keyring->keys[i].public);
		if (reason == NULL) {
			trial->minisign_keys |= TRIAL_BIT(i);
			continue;
		}
		trial->dropped = keyring->keys[i].name;
		trial->revoked = reason;
	}
}

static void drop_revoked_cosign_keys(const struct keyring *keyring,
                                     struct trial *trial)
{
	for (size_t i = 0; i < keyring->cosign_count; i++) {
		const char *reason;

		if (!trial_has_bit(trial->verdict->cosign_keys, i))
			continue;
		reason = keyring_find_revoked_cosign(
			keyring, keyring->cosign_keys[i].key.id);
		if (reason == NULL) {
			trial->cosign_keys |= TRIAL_BIT(i);
			continue;
		}
		trial->dropped = keyring->cosign_keys[i].name;
		trial->revoked = reason;
	}
}

static bool is_vouched_for(const struct trial *trial)
{
	return (trial->identities | trial->cosign_keys |
	        trial->minisign_keys) != 0;
}

/* Bits beyond what the host has name nobody, and fall away here. */
static void try_verified(const struct trials *trials, struct trial *trial)
{
	const struct judge_request *request = trials->request;

	drop_revoked_identities(request, trial);
	drop_revoked_keys(request->keyring, trial);
	drop_revoked_cosign_keys(request->keyring, trial);
	if (is_vouched_for(trial))
		trial->kind = JUDGED_GOOD;
	else
		trial->kind = trial->revoked != NULL ? JUDGED_REVOKED
		                                     : JUDGED_UNKNOWN;
}

static void try_verdict(const struct trials *trials,
                        const struct evidence_verdict *verdict,
                        struct trial *trial)
{
	trial->verdict = verdict;
	switch ((enum verdict_kind)verdict->kind) { /* verdict_check: legal */
	case VERDICT_SIGNATURE:
		try_cosign(trials, trial);
		return;
	case VERDICT_MESSAGE:
	case VERDICT_ATTESTATION:
		try_verified(trials, trial);
		return;
	case VERDICT_REFUSED:
	case VERDICT_KINDS:
		trial->kind = JUDGED_REFUSED;
		return;
	}
}

int trials_try(const struct judge_request *request, struct trials *out,
               struct err *err)
{
	out->request = request;
	if (request->signature_count > JUDGE_SIGNATURES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d signatures",
		               JUDGE_SIGNATURES_MAX);
	if (request->verdict_count > VERDICTS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d verdicts",
		               VERDICTS_MAX);
	for (size_t i = 0; i < request->signature_count; i++) {
		try_signature(out, &request->signatures[i],
		              &out->list[out->count]);
		out->count++;
	}
	for (size_t i = 0; i < request->verdict_count; i++) {
		if (verdict_check(&request->verdicts[i], err) < 0)
			return -1;
		try_verdict(out, &request->verdicts[i], &out->list[out->count]);
		out->count++;
	}
	return 0;
}

/* --- what release.ini says --- */

static void retire(struct trial *trial, const char *name, uint64_t limit)
{
	trial->dropped = name;
	trial->limit = limit;
}

static void limit_signature(const struct trials *trials, struct trial *trial)
{
	const struct judge_request *request = trials->request;
	char comment[RELEASE_COMMENT_SIZE];
	uint64_t limit = keyring_max_sequence(
		request->keyring, request->settings, &trial->key->public);

	release_ini_comment(&trials->release, comment);
	if (strcmp(trial->signature.comment, comment) != 0) {
		trial->kind = JUDGED_COMMENT;
	} else if (trials->release.sequence > limit) {
		trial->kind = JUDGED_RETIRED;
		retire(trial, trial->key->name, limit);
	}
}

static void limit_cosign(const struct trials *trials, struct trial *trial)
{
	const struct judge_request *request = trials->request;
	uint64_t limit = keyring_max_cosign_sequence(
		request->keyring, request->settings, &trial->cosign->key);

	if (trials->release.sequence <= limit)
		return;
	trial->kind = JUDGED_RETIRED;
	retire(trial, trial->cosign->name, limit);
}

static void limit_keys(const struct trials *trials, struct trial *trial)
{
	const struct keyring *keyring = trials->request->keyring;
	const struct settings *settings = trials->request->settings;
	uint64_t sequence = trials->release.sequence, limit;

	for (size_t i = 0; i < keyring->count; i++) {
		limit = keyring_max_sequence(keyring, settings,
		                             &keyring->keys[i].public);
		if (!trial_has_bit(trial->minisign_keys, i) ||
		    sequence <= limit)
			continue;
		trial->minisign_keys &= ~TRIAL_BIT(i);
		retire(trial, keyring->keys[i].name, limit);
	}
	for (size_t i = 0; i < keyring->cosign_count; i++) {
		limit = keyring_max_cosign_sequence(
			keyring, settings, &keyring->cosign_keys[i].key);
		if (!trial_has_bit(trial->cosign_keys, i) || sequence <= limit)
			continue;
		trial->cosign_keys &= ~TRIAL_BIT(i);
		retire(trial, keyring->cosign_keys[i].name, limit);
	}
}

static void limit_verified(const struct trials *trials, struct trial *trial)
{
	const struct settings *settings = trials->request->settings;

	for (size_t i = 0; i < settings->identity_count; i++) {
		const struct settings_identity *identity =
			&settings->identities[i];

		if (!trial_has_bit(trial->identities, i) ||
		    trials->release.sequence <= identity->max_sequence)
			continue;
		trial->identities &= ~TRIAL_BIT(i);
		retire(trial, identity->name, identity->max_sequence);
	}
	limit_keys(trials, trial);
	if (!is_vouched_for(trial))
		trial->kind = JUDGED_RETIRED;
}

void trials_limit(struct trials *trials)
{
	for (size_t i = 0; i < trials->count; i++) {
		struct trial *trial = &trials->list[i];

		if (trial->kind != JUDGED_GOOD)
			continue;
		if (trial->key != NULL)
			limit_signature(trials, trial);
		else if (trial->cosign != NULL)
			limit_cosign(trials, trial);
		else
			limit_verified(trials, trial);
	}
}
