/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_expiry.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "codec/release_ini.h"

/* Who may sign a release of one sequence. */
struct signers_left {
	size_t minisign;
	size_t cosign;
	size_t cosign_alone; /* those that are no minisign key as well */
	size_t identities;
};

/* --- who is left -----------------------------------------------------------
 */

static bool is_minisign_left(const struct settings *settings,
                             const struct keyring *keyring, size_t n,
                             uint64_t sequence)
{
	const struct minisign_public *key = &keyring->keys[n].public;

	for (size_t i = 0; i < n; i++)
		if (keyring_is_same_key(&keyring->keys[i].public, key))
			return false; /* counted already */
	return keyring_find_revoked(keyring, key) == NULL &&
	       keyring_max_sequence(keyring, settings, key) >= sequence;
}

static bool is_cosign_left(const struct settings *settings,
                           const struct keyring *keyring, size_t n,
                           uint64_t sequence)
{
	const struct public_key *key = &keyring->cosign_keys[n].key;

	for (size_t i = 0; i < n; i++)
		if (sha256_equal(keyring->cosign_keys[i].key.id, key->id))
			return false;
	return keyring_find_revoked_cosign(keyring, key->id) == NULL &&
	       keyring_max_cosign_sequence(keyring, settings, key) >= sequence;
}

static bool has_twin(const struct keyring *keyring, size_t n)
{
	for (size_t i = 0; i < keyring->count; i++)
		if (keyring_is_twin(&keyring->keys[i].public,
		                    keyring->cosign_keys[n].key.id))
			return true;
	return false;
}

static struct signers_left count_left(const struct settings *settings,
                                      const struct keyring *keyring,
                                      uint64_t sequence)
{
	struct signers_left left = { .minisign = 0 };

	for (size_t i = 0; i < keyring->count; i++)
		left.minisign +=
			is_minisign_left(settings, keyring, i, sequence);
	for (size_t i = 0; i < keyring->cosign_count; i++) {
		if (!is_cosign_left(settings, keyring, i, sequence))
			continue;
		left.cosign++;
		left.cosign_alone += !has_twin(keyring, i);
	}
	for (size_t i = 0; i < settings->identity_count; i++)
		left.identities +=
			settings->identities[i].max_sequence >= sequence &&
			revocations_find_identity(
				&keyring->revocations,
				settings->identities[i].name) == NULL;
	return left;
}

/* --- the rules, as trust/judge.c has them ----------------------------------
 */

/* Keys of the kinds that require names. */
static size_t count_keys(const struct settings *settings,
                         const struct signers_left *left)
{
	bool wants_minisign = (settings->require & REQUIRE_MINISIGN) != 0;
	bool wants_sigstore = (settings->require & REQUIRE_SIGSTORE) != 0;

	if (wants_minisign && wants_sigstore)
		return left->minisign + left->cosign_alone;
	if (wants_sigstore)
		return left->cosign;
	return wants_minisign ? left->minisign : 0;
}

static bool meets_threshold(const struct settings *settings,
                            const struct signers_left *left)
{
	size_t keys = count_keys(settings, left);

	if (settings->accepts_keyless_alone && settings->threshold <= 1)
		return keys + left->identities > 0;
	return keys > 0 && keys >= settings->threshold;
}

static bool meets_minisign(const struct settings *settings,
                           const struct signers_left *left)
{
	return (settings->require & REQUIRE_MINISIGN) == 0 ||
	       left->minisign > 0;
}

static bool meets_sigstore(const struct settings *settings,
                           const struct signers_left *left)
{
	return (settings->require & REQUIRE_SIGSTORE) == 0 ||
	       left->cosign + left->identities > 0;
}

/* A key may attest whether or not require names its kind. */
static bool meets_provenance(const struct settings *settings,
                             const struct signers_left *left)
{
	return (settings->require & REQUIRE_PROVENANCE) == 0 ||
	       left->minisign + left->cosign + left->identities > 0;
}

static const struct rule {
	const char *name;
	bool (*is_met)(const struct settings *settings,
	               const struct signers_left *left);
} rules[] = {
	{ "threshold", meets_threshold },
	{ "require = minisign", meets_minisign },
	{ "require = sigstore", meets_sigstore },
	{ "require = provenance", meets_provenance },
};

#define UNMET_SIZE 128 /* bytes of all their names, with the NUL */

/* The rules that no release of @sequence can meet, by their names: "" none. */
static void name_unmet(const struct settings *settings,
                       const struct keyring *keyring, uint64_t sequence,
                       char out[UNMET_SIZE])
{
	const struct signers_left left =
		count_left(settings, keyring, sequence);
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		if (rules[i].is_met(settings, &left))
			continue;
		(void)snprintf(out + used, UNMET_SIZE - used, "%s%s",
		               used > 0 ? ", " : "", rules[i].name);
		used = strlen(out);
	}
}

/* --- when ------------------------------------------------------------------
 */

static uint64_t newest_sequence(const struct installed_list *list)
{
	uint64_t newest = 0;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].sequence > newest)
			newest = list->items[i].sequence;
	return newest;
}

/* Whether sequences are dates here, as package-release makes them. */
static bool is_date(uint64_t sequence, int64_t now)
{
	return sequence >= SEQUENCE_DATE_MIN &&
	       sequence <= (uint64_t)(now + CLOCK_DAY);
}

void gather_expiry(const struct settings *settings,
                   const struct keyring *keyring,
                   const struct installed_list *list, int64_t now,
                   struct look *out)
{
	uint64_t newest = newest_sequence(list);
	char unmet[UNMET_SIZE] = "";

	if (newest < SEQUENCE_MAX)
		name_unmet(settings, keyring, newest + 1, unmet);
	if (unmet[0] != '\0') {
		look_set(out, SIGHT_WRONG,
		         "no release after sequence %" PRIu64
		         " can meet the policy (max_sequence, revoked): %s",
		         newest, unmet);
		return;
	}
	if (is_date(newest, now))
		name_unmet(settings, keyring, (uint64_t)(now + EXPIRY_NEAR_S),
		           unmet);
	if (unmet[0] != '\0')
		look_set(out, SIGHT_WRONG,
		         "in less than 30 days no release can meet the policy "
		         "(max_sequence): %s",
		         unmet);
	else
		look_set(out, SIGHT_GOOD,
		         "enough signers are left for the next release");
}
