/* SPDX-License-Identifier: Apache-2.0 */
/* The evidence parts that were put away with a release, as they lie there. */
#ifndef HEALTH_SEAL_PARTS_H
#define HEALTH_SEAL_PARTS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/part.h"

#define SEAL_PARTS_MAX (1 + PART_SIGNERS_MAX + PART_SIGSTORE_MAX + 1)

struct seal_part {
	struct part part;
	struct buf bytes;
};

struct seal_parts {
	struct seal_part items[SEAL_PARTS_MAX]; /* in the order of a bundle */
	size_t count;
};

#define AUTO_SEAL_PARTS AUTO(seal_parts_done)

/**
 * seal_parts_read - all evidence in packages/<version>.
 * @out: all zero before; release it with seal_parts_done, whatever comes.
 *
 * Returns 0, or -1 with ERR_LIMIT, or as fs_list and fs_read_trusted.
 */
int seal_parts_read(int package, struct seal_parts *out,
                    struct err *err) MUST_CHECK;

void seal_parts_done(struct seal_parts *parts);

#endif
