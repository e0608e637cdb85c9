/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets of the small text formats share. */
#ifndef FUZZ_ROUND_TRIP_H
#define FUZZ_ROUND_TRIP_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(int holds)
{
	if (!holds)
		abort();
}

static inline void require_same(const struct buf *buf, const char *text,
                                size_t len)
{
	require(buf->len == len && memcmp(buf_text(buf), text, len) == 0);
}

#endif
