/* SPDX-License-Identifier: Apache-2.0 */
/* Property: an accepted list written again is the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trust/seen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct seen seen;
	AUTO_BUF struct buf out = BUF_LIMIT(SEEN_TEXT_MAX);
	struct err err;

	if (seen_parse((const char *)data, size, &seen, &err) < 0)
		return 0;
	if (seen_format(&seen, &out, &err) < 0 || out.len != size ||
	    (size > 0 && memcmp(out.data, data, size) != 0))
		abort();
	return 0;
}
