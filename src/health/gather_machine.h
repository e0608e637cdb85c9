/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at this machine, as the kernel tells of it below /proc and /sys. */
#ifndef HEALTH_GATHER_MACHINE_H
#define HEALTH_GATHER_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/settings_health.h"
#include "health/machine_facts.h"

#define KERNEL_FILE_MAX ((size_t)1 << 20) /* bytes of what the kernel tells */

/* What a clock says. */
struct clock_state {
	int64_t now;
	bool is_known; /* whether the kernel told the next one */
	bool is_synchronised;
};

struct gather_machine {
	int top; /* borrowed; what proc, sys, run and usr lie in: / */
	const struct settings_host *host; /* NULL: not understood */
	bool has_containers;              /* some are asked for here */
	int64_t newest; /* when the newest release was installed; 0 */
	struct clock_state clock;
};

/** clock_state_read - ask the kernel (adjtimex(2), which changes nothing). */
struct clock_state clock_state_read(void);

/**
 * gather_machine - look.
 * @out: all of it is written.
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int gather_machine(const struct gather_machine *request,
                   struct machine_facts *out, struct err *err) MUST_CHECK;

#endif
