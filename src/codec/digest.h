/* SPDX-License-Identifier: Apache-2.0 */
/* The digests that Sigstore's messages name: values only, nothing is computed
 * here.  Source: HashOutput of sigstore_common.proto. */
#ifndef CODEC_DIGEST_H
#define CODEC_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"

struct json_node;

#define TYPED_DIGEST_MAX 64 /* bytes of the longest, SHA-512 */

enum digest_type { DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };

struct typed_digest {
	enum digest_type type;
	uint8_t data[TYPED_DIGEST_MAX]; /* digest_len(type) bytes, then 0 */
};

/** digest_len - the length of a digest of that type: 32, 48 or 64. */
static inline size_t digest_len(enum digest_type type)
{
	switch (type) {
	case DIGEST_SHA256:
		return 32;
	case DIGEST_SHA384:
		return 48;
	case DIGEST_SHA512:
		break;
	}
	return 64;
}

/** digest_equal - same type, same bytes; digests are no secret. */
static inline bool digest_equal(const struct typed_digest *a,
                                const struct typed_digest *b)
{
	return a->type == b->type &&
	       memcmp(a->data, b->data, digest_len(a->type)) == 0;
}

/**
 * digest_read - read {"algorithm": "SHA2_256", "digest": "<base64>"}; SHA2_384
 * and SHA2_512 as well.
 * @out: written only on 0.
 *
 * Both members must be there, and fit each other.
 *
 * Returns 0, or -1 with ERR_FORMAT naming the field.
 */
int digest_read(const struct json_node *node, struct typed_digest *out,
                struct err *err) MUST_CHECK;

#endif
