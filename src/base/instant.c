/* SPDX-License-Identifier: Apache-2.0 */
#include "base/instant.h"

#define MS_PER_SECOND 1000

struct instant instant_from_ms(uint64_t ms)
{
	uint64_t rest = ms % MS_PER_SECOND;

	return (struct instant){
		.seconds = (int64_t)(ms / MS_PER_SECOND),
		.nanoseconds = (uint32_t)(rest * (INSTANT_NANOSECONDS /
		                                  MS_PER_SECOND)),
	};
}

int instant_compare(struct instant a, struct instant b)
{
	if (a.seconds != b.seconds)
		return a.seconds < b.seconds ? -1 : 1;
	if (a.nanoseconds != b.nanoseconds)
		return a.nanoseconds < b.nanoseconds ? -1 : 1;
	return 0;
}

bool period_holds(const struct period *period, struct instant at)
{
	return instant_compare(period->from, at) <= 0 &&
	       instant_compare(at, period->to) <= 0;
}
