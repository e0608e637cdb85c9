/* SPDX-License-Identifier: Apache-2.0 */
/* Compress gzip members on several threads and hand them over in the order in
 * which they were given: the bytes do not depend on the number of threads. */
#ifndef PACK_PRESS_H
#define PACK_PRESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/payload_index.h"
#include "crypto/sha256.h"

/* Of 1 to 12: each host fetches, and one machine packs. */
#define PRESS_LEVEL       12
#define PRESS_THREADS_MAX 16

struct press; /* opaque; the threads and their slots */

/* One finished member, valid during the call that hands it over. */
struct pressed {
	const uint8_t *data;
	size_t len;
	size_t plain_len;
	uint8_t sha256[SHA256_LEN]; /* of data */
};

/* Takes finished members, in order, on the thread of the caller. */
struct press_sink {
	int (*take)(void *context, const struct pressed *member,
	            struct err *err);
	void *context; /* borrowed */
};

/** press_encoder - what release.ini says of the encoder. */
const char *press_encoder(void);

/**
 * press_new - start @threads (1 to PRESS_THREADS_MAX) of them.
 * @out: written only on 0; press_free stops them and releases it.
 */
int press_new(unsigned threads, struct press_sink sink, struct press **out,
              struct err *err) MUST_CHECK;
void press_free(struct press *press);

/** press_plain - room for the bytes of the next member, MEMBER_PLAIN_MAX of
 * them; valid until press_member. */
uint8_t *press_plain(struct press *press);

/**
 * press_member - give the member whose @len (at least 1) bytes are in
 * press_plain.  May hand over finished ones.
 * Returns 0, or -1 as the sink gave it, or ERR_SYSTEM; then only press_free.
 */
int press_member(struct press *press, size_t len, struct err *err) MUST_CHECK;

/** press_finish - hand over all that is still on its way. */
int press_finish(struct press *press, struct err *err) MUST_CHECK;

#endif
