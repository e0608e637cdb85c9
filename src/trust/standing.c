/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/standing.h"

#include <stdbool.h>
#include <stddef.h>

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

static void count_signers(const struct receipt *receipt,
                          const struct keyring *keyring, struct tallies *out)
{
	*out = (struct tallies){ .revoked = NULL };
	for (size_t i = 0; i < receipt->signer_count; i++) {
		const struct signer *signer = &receipt->signers[i];
		struct tally *tally = tally_of(out, signer->kind);
		const char *reason =
			keyring_find_revoked_signer(keyring, signer);

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
	bool wants_provenance = (settings->require & REQUIRE_PROVENANCE) != 0;
	size_t sigstore_left = t->cosign.left + t->identities.left;
	size_t sigstore_lost = t->cosign.lost + t->identities.lost;
	size_t keys = (wants_minisign ? t->minisign.left : 0) +
	              (wants_sigstore ? t->cosign.left : 0);

	if (t->minisign.left + sigstore_left == 0)
		return false;
	if (wants_minisign && t->minisign.lost > 0 && t->minisign.left == 0)
		return false;
	if ((wants_sigstore || wants_provenance) && sigstore_lost > 0 &&
	    sigstore_left == 0)
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
