/* SPDX-License-Identifier: Apache-2.0 */
/* What the services of an app answered, each as [service] names it. */
#ifndef HEALTH_SERVICE_FACTS_H
#define HEALTH_SERVICE_FACTS_H

#include <stddef.h>

#include "codec/settings_value.h"
#include "health/check_id.h"
#include "health/look.h"

struct service_probe {
	enum check_id check;
	char object[SETTINGS_VALUE_SIZE]; /* unit, program or address */
	struct look look;
};

struct service_facts {
	struct look look; /* GOOD: those that are named were tried */
	struct service_probe *probes; /* owned */
	size_t count;
};

#endif
