/* SPDX-License-Identifier: Apache-2.0 */
/* The installed release that a patch is made from (codec/payload_patch.h):
 * which one that is, and what its files hold.  What its payload.mtree says of a
 * file is no proof that it still holds these bytes: patch_base_copy checks. */
#ifndef STORE_PATCH_BASE_H
#define STORE_PATCH_BASE_H

#include <stdint.h>

#include "base/err.h"
#include "codec/digest_set.h"
#include "codec/release_ini.h"
#include "store/store.h"

/**
 * patch_base_find - of the patches of @release, the one that an installed
 * release is the base of; of several, the smallest.
 * @version: out, of the installed release.
 * @out:     borrowed from @release.
 *
 * Returns 1; 0 where there is none, or its payload.mtree cannot be read; or -1
 * with ERR_SYSTEM.
 */
int patch_base_find(const struct store *store,
                    const struct release_ini *release,
                    char version[VERSION_SIZE],
                    const struct release_patch **out,
                    struct err *err) MUST_CHECK;

/** patch_files - add the digest of each file of a payload.mtree that is not
 * empty.  0, or -1 as tree_cursor_next and digest_set_add. */
int patch_files(int mtree, struct digest_set *out, struct err *err) MUST_CHECK;

/** patch_base_files - the same of an installed release. */
int patch_base_files(const struct store *store, const char *version,
                     struct digest_set *out, struct err *err) MUST_CHECK;

/**
 * patch_copy - append @size bytes at @offset of @from to @to, and hold what was
 * written against its digest, so that who changes @from meanwhile gains
 * nothing.
 * Returns 1; 0 where it has another digest; or -1 as fs_read_at (it is shorter)
 * and disk_write.
 */
int patch_copy(int from, uint64_t offset, uint64_t size,
               const uint8_t sha256[DIGEST_LEN], int to,
               struct err *err) MUST_CHECK;

/**
 * patch_base_copy - write the old stream: the files of an installed release
 * that the new one lacks.
 * @kept: what the new one has (patch_files).
 * @to:   an empty file.
 * @room: bytes that it may take.
 * @size: out.
 *
 * Returns 0; or -1 with ERR_FORMAT where a file has other bytes than
 * payload.mtree says, ERR_SYSTEM where one is gone, ENOSPC
 * beyond @room, or as disk_write.
 */
int patch_base_copy(const struct store *store, const char *version,
                    const struct digest_set *kept, int to, uint64_t room,
                    uint64_t *size, struct err *err) MUST_CHECK;

#endif
