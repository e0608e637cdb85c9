/* SPDX-License-Identifier: Apache-2.0 */
/* How many findings of each severity there are; for the reports that count. */
#ifndef HEALTH_REPORT_TALLY_H
#define HEALTH_REPORT_TALLY_H

#include <stdint.h>

#include "health/finding.h"

#define SEVERITY_COUNT (SEVERITY_CRITICAL + 1)

struct tally {
	uint64_t of[SEVERITY_COUNT];
};

/** tally_add - count the findings of @app; those beyond
 * FINDINGS_PER_CHECK_MAX count as its worst. */
void tally_add(struct tally *tally, const struct findings *app);

#endif
