/* SPDX-License-Identifier: Apache-2.0 */
/* What this machine is like, apart from any app.  Each look was judged by the
 * configuration: GOOD, WRONG, NONE where it does not apply, BLOCKED where that
 * is not understood, or why it could not be seen. */
#ifndef HEALTH_MACHINE_FACTS_H
#define HEALTH_MACHINE_FACTS_H

#include <stdbool.h>

#include "health/look.h"

struct machine_facts {
	struct look rights;   /* of who looks */
	struct look kernel;   /* its version */
	struct look wsl;      /* NONE: it is not WSL */
	struct look time;     /* sane, synchronised */
	struct look yama;     /* NONE: no containers are asked for */
	struct look profiles; /* NONE: the configuration names none */
	/* All are loaded, and WRONG is that one of them lets pass what it
	 * forbids. */
	bool are_profiles_lax;
};

#endif
