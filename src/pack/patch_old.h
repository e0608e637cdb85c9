/* SPDX-License-Identifier: Apache-2.0 */
/* What an old release gives a patch: the old stream (codec/payload_patch.h), in
 * a file without a name, and which files it has. */
#ifndef PACK_PATCH_OLD_H
#define PACK_PATCH_OLD_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "codec/digest_set.h"
#include "pack/sealed_bundle.h"
#include "pack/source_tree.h"

struct patch_old_file {
	char *path;      /* owned */
	uint64_t offset; /* in the stream */
};

struct patch_old {
	struct digest_set all; /* of its files that are not empty */
	struct patch_old_file *files;
	size_t count, room;
	const uint8_t *data; /* the stream, mapped; NULL where it is empty */
	uint64_t size;
};

#define PATCH_OLD_NONE ((struct patch_old){ .all = DIGEST_SET_NONE })
#define AUTO_PATCH_OLD AUTO(patch_old_done)

void patch_old_done(struct patch_old *old);

/**
 * patch_old_read - check @bundle as check_bundle does, and take from it what
 * @tree (packed: with digests) lacks.
 * @dir: where the file is made and unlinked.
 * @out: PATCH_OLD_NONE before; release it with patch_old_done, whatever comes.
 *
 * Returns 0; or -1 as check_bundle, with ERR_LIMIT above DIGEST_SET_MAX files,
 * or ERR_SYSTEM.
 */
int patch_old_read(const struct sealed_bundle *bundle,
                   const struct source_tree *tree, int dir,
                   struct patch_old *out, struct err *err) MUST_CHECK;

/**
 * patch_old_near - the stretch of the stream, at most PATCH_OLD_MAX bytes, that
 * is likely to hold what files from @first to @last (paths) were before: all of
 * it, or what lies around their places.  @offset: out.
 */
struct bytes patch_old_near(const struct patch_old *old, const char *first,
                            const char *last, uint64_t *offset);

#endif
