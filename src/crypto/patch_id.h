/* SPDX-License-Identifier: Apache-2.0 */
/* What a patch is called by (docs/bundle-format.md, "payload.patch-<id>").  Two
 * lists of files make one patch and no other, so that patches of one name hold
 * the same, wherever they lie side by side: those of two platforms on one
 * release page, or of two versions in one folder. */
#ifndef CRYPTO_PATCH_ID_H
#define CRYPTO_PATCH_ID_H

#include <stdint.h>

#include "base/err.h"
#include "crypto/sha256.h"

/**
 * patch_id_of - the id of the patch from one release to another: the first 8
 * bytes of the SHA-256 of what sha256sum | cut -d' ' -f1 prints of the two
 * payload.mtree.
 * @old_mtree, @new_mtree: their SHA-256.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_SYSTEM or ERR_INTERNAL, as sha256_of.
 */
int patch_id_of(const uint8_t old_mtree[SHA256_LEN],
                const uint8_t new_mtree[SHA256_LEN], uint64_t *out,
                struct err *err) MUST_CHECK;

#endif
