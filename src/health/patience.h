/* SPDX-License-Identifier: Apache-2.0 */
/* How long others may let a check wait: services, engines and registries.  Each
 * has a time of its own, and all together the time until there must be a
 * verdict.  Services are asked side by side (gather_service.h), meanwhile the
 * engines of an app, and then its registry.  Who has to use all of his time to
 * be known to hang, and finds less left, is unknown. */
#ifndef HEALTH_PATIENCE_H
#define HEALTH_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#define PATIENCE_ENDLESS INT64_MAX

struct patience {
	int64_t end;      /* by clock_monotonic_ms, or PATIENCE_ENDLESS */
	uint32_t wait_ms; /* for the one that is asked now; 0: none is left */
	bool is_cut;      /* that is less than it asked for */
};

/** patience_for - the time of one that may take @wish_ms, from now on. */
struct patience patience_for(int64_t end, uint32_t wish_ms);

/** patience_is_lost - whether it had less than its own time, and that is over:
 * then its silence says nothing about it. */
bool patience_is_lost(const struct patience *patience);

/** patience_left - milliseconds until @end; 0 when it is over, UINT32_MAX for
 * as long or longer. */
uint32_t patience_left(int64_t end);

/**
 * patience_limit - after how many milliseconds one is to be ended that does not
 * keep its time: when its share of what is left is over, and as much of that as
 * the verdict can bear.
 * @wait_ms:  its time, at most @share_ms.
 */
uint32_t patience_limit(uint32_t wait_ms, uint32_t share_ms);

#endif
