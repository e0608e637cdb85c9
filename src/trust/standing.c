/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/standing.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Signers of a kind, by whether they are revoked. */
struct tally {
	size_t left, lost;
};

struct tallies {
	struct tally minisign, cosign, identities;
	const struct signer *revoked; /* the last one that is; NULL: none */
	const char *reason;
};

static struct tally *tally_of(struct tallies *tallies, enum signer_kind kind)
{
	switch (kind) {
	case SIGNER_MINISIGN:
		return &tallies->minisign;
	case SIGNER_COSIGN:
		return &tallies->cosign;
	case SIGNER_IDENTITY:
		return &tallies->identities;
	}
	return NULL;
}

/* One owner may have several names; revoked under one, he is under all. */
static const char *find_revoked_owner(const struct receipt *receipt,
                                      const struct signer *signer,
                                      const struct keyring *keyring)
{
	const char *reason = NULL;

	for (size_t i = 0; reason == NULL && i < receipt->signer_count; i++) {
		const struct signer *other = &receipt->signers[i];

		if (other->kind == SIGNER_IDENTITY &&
		    strcmp(other->subject, signer->subject) == 0)
			reason = keyring_find_revoked_signer(keyring, other);
	}
	return reason;
}

static const char *find_revoked(const struct receipt *receipt,
                                const struct signer *signer,
                                const struct keyring *keyring)
{
	if (signer->kind == SIGNER_IDENTITY)
		return find_revoked_owner(receipt, signer, keyring);
	return keyring_find_revoked_signer(keyring, signer);
}

static void count_signers(const struct receipt *receipt,
                          const struct keyring *keyring, struct tallies *out)
{
	*out = (struct tallies){ .revoked = NULL };
	for (size_t i = 0; i < receipt->signer_count; i++) {
		const struct signer *signer = &receipt->signers[i];
		struct tally *tally = tally_of(out, signer->kind);
		const char *reason = find_revoked(receipt, signer, keyring);

		if (reason == NULL) {
			tally->left++;
			continue;
		}
		tally->lost++;
		out->revoked = signer;
		out->reason = reason;
	}
}

/* Only what was lost is asked for again. */
static bool is_enough(const struct tallies *t, const struct settings *settings)
{
	bool wants_minisign = (settings->require & REQUIRE_MINISIGN) != 0;
	bool wants_sigstore = (settings->require & REQUIRE_SIGSTORE) != 0;
	size_t sigstore_left = t->cosign.left + t->identities.left;
	size_t sigstore_lost = t->cosign.lost + t->identities.lost;
	size_t keys = (wants_minisign ? t->minisign.left : 0) +
	              (wants_sigstore ? t->cosign.left : 0);

	/* A receipt does not say whose the provenance was. */
	if ((settings->require & REQUIRE_PROVENANCE) != 0)
		return false;
	if (t->minisign.left + sigstore_left == 0)
		return false;
	if (wants_minisign && t->minisign.lost > 0 && t->minisign.left == 0)
		return false;
	if (wants_sigstore && sigstore_lost > 0 && sigstore_left == 0)
		return false;
	return t->minisign.lost + t->cosign.lost == 0 ||
	       keys >= settings->threshold ||
	       (settings->accepts_keyless_alone && settings->threshold <= 1);
}

int standing_check(const struct receipt *receipt, const struct keyring *keyring,
                   const struct settings *settings, struct err *err)
{
	const char *reason = revocations_find_release(&keyring->revocations,
	                                              receipt->release_sha256);
	char text[SIGNER_TEXT_SIZE];
	struct tallies tallies;

	if (reason != NULL)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "release %s is revoked: %s", receipt->version,
		               reason);
	count_signers(receipt, keyring, &tallies);
	if (tallies.revoked == NULL || is_enough(&tallies, settings))
		return 0;
	signer_text(tallies.revoked, text);
	return err_set(err, ERR_UNTRUSTED, 0,
	               "release %s is signed by %s %s (%s), which is revoked: "
	               "%s",
	               receipt->version,
	               tallies.revoked->kind == SIGNER_IDENTITY ? "identity"
	                                                        : "key",
	               tallies.revoked->name, text, tallies.reason);
}
