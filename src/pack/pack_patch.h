/* SPDX-License-Identifier: Apache-2.0 */
/* payload.patch-<id>: what a release has that an old one lacks, for hosts that
 * have the old one (codec/payload_patch.h). */
#ifndef PACK_PACK_PATCH_H
#define PACK_PACK_PATCH_H

#include <stdint.h>

#include "base/err.h"
#include "codec/release_ini.h"
#include "pack/pack_payload.h"
#include "pack/sealed_bundle.h"
#include "pack/source_tree.h"

/* Of some 170 MiB each, and one frame more that waits (66 MiB); the old stream
 * is mapped besides. */
#define PACK_PATCH_THREADS 4

/* All borrowed. */
struct pack_patch_request {
	const struct sealed_bundle *old;
	uint64_t id; /* that the part is to have: crypto/patch_id.h */
	const struct source_tree *tree; /* packed: with the files' digests */
	int dir;                        /* where the part is made */
	unsigned threads;               /* the bytes do not depend on it */
	const struct pack_watch *watch; /* bytes that are compressed; or NULL */
};

/**
 * pack_patch - check the old release, and make the part.
 * @out: written only on 0: its id, size and digest.
 *
 * The same releases and the same libzstd give the same bytes.  Returns 0, or -1
 * as patch_old_read, with ERR_CONFLICT where a file changed since it was
 * packed, ERR_LIMIT where a patch would have more than PATCH_FRAMES_MAX frames;
 * a part of the file may then be there.
 */
int pack_patch(const struct pack_patch_request *request,
               struct release_patch *out, struct err *err) MUST_CHECK;

#endif
