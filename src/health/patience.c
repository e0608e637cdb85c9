/* SPDX-License-Identifier: Apache-2.0 */
#include "health/patience.h"

#include "base/clock.h"

/* Who waits in whole milliseconds may come back one early. */
#define ROUNDING_MS 10
#define GRACE_MS    5000
#define GRACE_PART  8 /* of what is left: the verdict takes time, too */

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

uint32_t patience_grace(int64_t end)
{
	int64_t left = end - clock_monotonic_ms();

	if (left <= 0)
		return 0;
	left /= GRACE_PART;
	return left < GRACE_MS ? (uint32_t)left : GRACE_MS;
}
