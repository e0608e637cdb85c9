/* SPDX-License-Identifier: Apache-2.0 */
/* Which files a release has, by the digests of their contents. */
#ifndef CODEC_DIGEST_SET_H
#define CODEC_DIGEST_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/release_ini.h"

#define DIGEST_SET_MAX ((size_t)1 << 20) /* digests; 64 MiB at the most */

/* Fields are private. */
struct digest_set {
	uint8_t (*slots)[DIGEST_LEN]; /* owned; all NUL: empty */
	size_t slot_count;            /* a power of two, or 0 */
	size_t count;
};

#define DIGEST_SET_NONE ((struct digest_set){ .slots = NULL })
#define AUTO_DIGEST_SET AUTO(digest_set_done)

void digest_set_done(struct digest_set *set);

/**
 * digest_set_add - put a digest in; twice is once.
 * Returns 0, or -1 with ERR_LIMIT above DIGEST_SET_MAX, ERR_SYSTEM without
 * memory; the set then is as it was.
 */
int digest_set_add(struct digest_set *set, const uint8_t digest[DIGEST_LEN],
                   struct err *err) MUST_CHECK;

bool digest_set_has(const struct digest_set *set,
                    const uint8_t digest[DIGEST_LEN]);

#endif
