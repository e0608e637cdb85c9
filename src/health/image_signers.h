/* SPDX-License-Identifier: Apache-2.0 */
/* Who may sign images: what images_signed of [container] names, made of the
 * host's own keys and identities.  Who is revoked, or retired before this
 * release, is left out; what an image's registry holds decides nothing. */
#ifndef HEALTH_IMAGE_SIGNERS_H
#define HEALTH_IMAGE_SIGNERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/settings.h"
#include "codec/verdict.h"
#include "crypto/public_key.h"
#include "evidence/case.h"
#include "trust/keyring.h"

/* A key, by the word that names it; both borrowed from the rest. */
struct image_key {
	const char *name;
	const struct public_key *key;
};

/* All zero is nobody. */
struct image_signers {
	struct image_key keys[SETTINGS_WORDS_MAX];
	size_t key_count;
	uint64_t identities; /* bit n: the n-th of the settings */
	uint64_t revoked;    /* the same; who counts under no other name */
	/* The last one that was left out, or "" */
	char dropped[KEY_NAME_SIZE + 64];
	struct public_key files[SETTINGS_WORDS_MAX]; /* owned */
	size_t file_count;
};

#define AUTO_IMAGE_SIGNERS AUTO(image_signers_done)

/**
 * image_signers_find - resolve each word of images_signed.
 * @root:     what paths of keys are below.
 * @sequence: of the current release, which pins the images: a key or identity
 *            with a lower max_sequence signs none of them.
 * @out:      all zero before; release it, also after -1.  It borrows from
 *            @settings and @keyring.
 *
 * Returns 0, or -1 with ERR_USAGE for a name that nobody has, or where nobody
 * is left; or as fs_read_trusted and public_key_from_pem.
 */
int image_signers_find(int root, const struct settings *settings,
                       const struct keyring *keyring, uint64_t sequence,
                       struct image_signers *out, struct err *err) MUST_CHECK;

/** image_signers_trust - let these be the keys of @given, instead of those that
 * may sign releases. */
void image_signers_trust(const struct image_signers *signers,
                         struct evidence_case *given);

/**
 * image_signers_match - who of them made a signature.
 * Returns the name, borrowed, or NULL.
 */
const char *image_signers_match(const struct image_signers *signers,
                                const struct settings *settings,
                                const struct evidence_verdict *verdict);

void image_signers_done(struct image_signers *signers);

#endif
