/* SPDX-License-Identifier: Apache-2.0 */
/* publish --cosign-key: a signature of the manifest, as "cosign sign --key"
 * makes it, so that "cosign verify --key" finds and takes it: a Sigstore bundle
 * whose in-toto statement names the manifest's digest, which refers to the
 * manifest. (What signs a bundle signs release.ini, before there is a
 * manifest.)
 *
 * ECDSA signatures of the same bytes differ.  So that the same run again
 * publishes the same, each stays in the folder of --out, as
 * <digest of what it says>.sigstore.json, and is taken from there where it is
 * by this key. */
#ifndef RELEASE_PUBLICATION_SIGN_H
#define RELEASE_PUBLICATION_SIGN_H

#include "base/err.h"
#include "publication.h"
#include "publish_settings.h"

/**
 * publications_sign - sign each with the key that the request names; nothing
 * where it names none, and in a dry run, which needs no key.
 *
 * All are sealed.  Returns 0, or -1 as secret_key_open_cosign, ERR_LIMIT,
 * ERR_SYSTEM.
 */
int publications_sign(const struct publish_settings *settings,
                      struct publications *publications,
                      struct err *err) MUST_CHECK;

#endif
