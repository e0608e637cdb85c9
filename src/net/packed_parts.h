/* SPDX-License-Identifier: Apache-2.0 */
/* Reading parts.tar.xz, in which the small pinned parts come in one request
 * (docs/bundle-format.md, "parts.tar.xz").  Its own digest is compared before
 * liblzma sees a byte.  What must be in it follows from release.ini to the
 * byte, so that nothing is parsed: headers are compared, and bodies are held
 * against their digests.  Only in fetch-worker; the monitor checks all again.
 */
#ifndef NET_PACKED_PARTS_H
#define NET_PACKED_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "codec/release_ini.h"

/* Bytes that liblzma may take; preset 6 of xz takes 9 MiB. */
#define PACKED_MEMORY_MAX ((uint64_t)32 << 20)

/* Takes the parts in the order of the format. */
struct packed_sink {
	/* @len 0: the part is whole, and has its digest.  -1 with @err set ends
	 * all. */
	int (*take)(void *context, enum part_kind kind, const void *data,
	            size_t len, struct err *err);
	void *context;
};

/**
 * packed_parts_read - unpack @packed.
 * @release: its size and digest, and what it must hold: each part that is
 *           pinned and that a host keeps, as if packed by pack_parts.
 * @sink:    NULL: it is only checked.
 *
 * Returns 0; or -1 with ERR_FORMAT for anything else than that, ERR_LIMIT for
 * what takes more memory than PACKED_MEMORY_MAX, ERR_SYSTEM, or as the sink;
 * the sink may then have bytes that are to be thrown away.
 */
int packed_parts_read(struct bytes packed, const struct release_ini *release,
                      const struct packed_sink *sink,
                      struct err *err) MUST_CHECK;

#endif
