/* SPDX-License-Identifier: Apache-2.0 */
/* publish --cosign-key: the packages of a run are signed (publication_sign.h).
 */
#ifndef RELEASE_PUBLISH_SIGN_H
#define RELEASE_PUBLISH_SIGN_H

#include "base/err.h"
#include "publication.h"
#include "publication_sign.h"
#include "publish_settings.h"
#include "publish_target.h"

/**
 * publish_sign_check - whether a key can be of use: signatures refer to
 * manifests, and only registries have those.
 * Returns 0, also where no key is named, or -1 with ERR_USAGE.
 */
int publish_sign_check(const struct publish_settings *settings,
                       struct publish_target *const *targets, size_t count,
                       struct err *err) MUST_CHECK;

/**
 * publish_sign - sign each with the key that the request names; nothing where
 * it names none.
 * @out: to be released with publication_signer_done, also after -1; its secret
 *       is wiped: before anybody is talked to.
 *
 * With --keep-going one that cannot be signed has failed at all @count targets.
 * Returns 0, or -1 as publication_signer_open and publication_sign.
 */
int publish_sign(const struct publish_settings *settings,
                 struct publications *publications,
                 struct publish_target *const *targets, size_t count,
                 struct publication_signer *out, struct err *err) MUST_CHECK;

/**
 * publish_sign_recall - where signatures had to be made, look for older ones to
 * the same effect at the targets, which were inspected, and take these.  So
 * what is published twice from a fresh checkout is signed once.
 *
 * With --keep-going one of which a target cannot say it has failed there.
 * Returns 0, or -1 as publication_sign_recall and the targets.
 */
int publish_sign_recall(const struct publication_signer *signer,
                        struct publications *publications,
                        struct publish_target *const *targets, size_t count,
                        struct err *err) MUST_CHECK;

#endif
