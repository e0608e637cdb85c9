/* SPDX-License-Identifier: Apache-2.0 */
/* Moments with fractions of a second, and the closed periods between two of
 * them, as the validity of keys and authorities is given.  Plain numbers since
 * 1970 UTC: nothing here asks the host's clock. */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#define INSTANT_NANOSECONDS 1000000000

struct instant {
	int64_t seconds;
	uint32_t nanoseconds; /* less than INSTANT_NANOSECONDS */
};

/* The ends of a period that has none. */
#define INSTANT_FIRST ((struct instant){ INT64_MIN, 0 })
#define INSTANT_LAST  ((struct instant){ INT64_MAX, INSTANT_NANOSECONDS - 1 })

struct period {
	struct instant from, to; /* both belong to it */
};

#define PERIOD_ALWAYS ((struct period){ INSTANT_FIRST, INSTANT_LAST })

/** instant_from_ms - a count of milliseconds since 1970. */
struct instant instant_from_ms(uint64_t ms);

/** instant_compare - less than, equal to or greater than 0 as @a is before, at
 * or after @b. */
int instant_compare(struct instant a, struct instant b);

/** period_holds - whether @at lies in @period, its two ends included. */
bool period_holds(const struct period *period, struct instant at);

#endif
