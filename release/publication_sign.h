/* SPDX-License-Identifier: Apache-2.0 */
/* publish --cosign-key: a signature of the manifest, as "cosign sign --key"
 * makes it, so that "cosign verify --key" finds and takes it: a Sigstore bundle
 * whose in-toto statement names the manifest's digest, which refers to the
 * manifest. (What signs a bundle signs release.ini, before there is a
 * manifest.)
 *
 * ECDSA signatures of the same bytes differ.  So that the same run again
 * publishes the same, each stays in the folder of --out, as
 * <digest of what it says>.<key>.sigstore.json, and is taken from there where
 * it is by this key; where it is lost, from a registry that has it. */
#ifndef RELEASE_PUBLICATION_SIGN_H
#define RELEASE_PUBLICATION_SIGN_H

#include "base/cleanup.h"
#include "base/err.h"
#include "crypto/cosign_key.h"
#include "crypto/public_key.h"
#include "publication.h"
#include "publish_settings.h"

/* Who signs, and where signatures are kept. */
struct publication_signer {
	struct cosign_signer *secret; /* owned; NULL: wiped */
	struct public_key key;        /* owned */
	int dir;                      /* owned; the folder of --out */
};

#define PUBLICATION_SIGNER_NONE                                                \
	((struct publication_signer){ .key = PUBLIC_KEY_NONE, .dir = -1 })

/** publication_signer_wipe - forget the secret; what needs none still goes. */
void publication_signer_wipe(struct publication_signer *signer);

/** publication_signer_done - wipe it and release the rest. */
void publication_signer_done(struct publication_signer *signer);

/**
 * publication_signer_open - open the key that the request names.
 * @out: to be released with publication_signer_done, also after -1.
 * Returns 0, or -1 as secret_key_open_cosign, ERR_SYSTEM.
 */
int publication_signer_open(const struct publish_settings *settings,
                            struct publication_signer *out,
                            struct err *err) MUST_CHECK;

/**
 * publication_sign - sign the manifest, and say of it what the bundle's
 * attestations by this key say of release.ini.
 * @publication: sealed.
 *
 * Returns 0, or -1 with ERR_LIMIT, ERR_SYSTEM; it then may have some of the
 * signatures.
 */
int publication_sign(const struct publication_signer *signer,
                     struct publication *publication,
                     struct err *err) MUST_CHECK;

/**
 * publication_sign_recall - let a signature that was published before take the
 * place of the one that this run made to the same effect, in the folder, too.
 * @text: a Sigstore bundle, of whomever.
 *
 * Of several the one with the least digest, so that it is always the same.
 * Returns 0, whether or not it is of use, or -1 with ERR_SYSTEM.
 */
int publication_sign_recall(const struct publication_signer *signer,
                            struct publication *publication,
                            const struct buf *text, struct err *err) MUST_CHECK;

#endif
