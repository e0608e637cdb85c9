/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes what goes to a sink on its way there: for a body that is asked for in
 * one range, whose bytes come in order. */
#ifndef NET_HASHING_SINK_H
#define NET_HASHING_SINK_H

#include "base/cleanup.h"
#include "crypto/sha256.h"
#include "net/http.h"

/* Owned by who began it. */
struct hashing_sink {
	struct http_sink sink; /* to hand on; lives as long as this does */

	/* Private. */
	const struct http_sink *to; /* borrowed */
	struct sha256 hash;
};

#define HASHING_SINK_NONE ((struct hashing_sink){ .hash = SHA256_NONE })
#define AUTO_HASHING_SINK AUTO(hashing_sink_done)

/** hashing_sink_begin - 0, or -1 as sha256_begin. */
int hashing_sink_begin(struct hashing_sink *hashing, const struct http_sink *to,
                       struct err *err) MUST_CHECK;

/** hashing_sink_end - the digest of all that went through.  0, or -1 as
 * sha256_end. */
int hashing_sink_end(struct hashing_sink *hashing, uint8_t out[SHA256_LEN],
                     struct err *err) MUST_CHECK;

void hashing_sink_done(struct hashing_sink *hashing);

#endif
