/* SPDX-License-Identifier: Apache-2.0 */
/* Signing with a secret key file. */
#ifndef RELEASE_SIGNING_H
#define RELEASE_SIGNING_H

#include "base/err.h"
#include "pack/sealed_bundle.h"
#include "request.h"

/**
 * sign_bundle - add a signature of release.ini by the key in @key.
 * @password_file: NULL: where else password_get looks.
 * @id:            MINISIGN_ID_TEXT bytes; the key's id.
 *
 * Returns 1 when a signature was added, 0 when this key had signed already, or
 * -1 with ERR_USAGE for a missing or wrong password, ERR_FORMAT, ERR_LIMIT or
 * ERR_SYSTEM.
 */
int sign_bundle(const struct request *request, const char *key,
                const char *password_file, struct sealed_bundle *bundle,
                char *id, struct err *err) MUST_CHECK;

/**
 * adopt_from - add the evidence that the bundle at @path has and @bundle lacks.
 * One of another release, or one that cannot be read, has nothing to give.
 */
int adopt_from(const char *path, struct sealed_bundle *bundle,
               struct err *err) MUST_CHECK;

/**
 * store_evidence - write the evidence parts of @bundle that are no files of
 * their own yet to @dir, each at once.
 */
int store_evidence(const struct sealed_bundle *bundle, int dir,
                   struct err *err) MUST_CHECK;

/**
 * store_bundle - replace the bundle file @name in @dir at once.
 */
int store_bundle(const struct sealed_bundle *bundle, int dir, const char *name,
                 struct err *err) MUST_CHECK;

#endif
