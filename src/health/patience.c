/* SPDX-License-Identifier: Apache-2.0 */
#include "health/patience.h"

#include "base/clock.h"

/* Who waits in whole milliseconds may come back one early. */
#define ROUNDING_MS 10
#define GRACE_MS    5000
#define GRACE_PART  8 /* of a share: the verdict takes time, too */

struct patience patience_for(int64_t end, uint32_t wish_ms)
{
	struct patience patience = { .end = end, .wait_ms = wish_ms };
	int64_t left = end - clock_monotonic_ms();

	if (left >= (int64_t)wish_ms)
		return patience;
	patience.is_cut = true;
	patience.wait_ms = left > 0 ? (uint32_t)left : 0;
	return patience;
}

bool patience_is_lost(const struct patience *patience)
{
	return patience->is_cut &&
	       clock_monotonic_ms() >= patience->end - ROUNDING_MS;
}

uint32_t patience_left(int64_t end)
{
	int64_t left = end - clock_monotonic_ms();

	if (left <= 0)
		return 0;
	return left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
}

uint32_t patience_limit(uint32_t wait_ms, uint32_t share_ms)
{
	uint64_t grace = (uint64_t)(share_ms - wait_ms) + share_ms / GRACE_PART;

	return wait_ms + (grace < GRACE_MS ? (uint32_t)grace : GRACE_MS);
}
