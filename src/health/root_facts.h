/* SPDX-License-Identifier: Apache-2.0 */
/* Until when the trusted roots of the host last.  Made by gather_roots. */
#ifndef HEALTH_ROOT_FACTS_H
#define HEALTH_ROOT_FACTS_H

#include <stddef.h>

#include "codec/name.h"
#include "health/look.h"

struct root_seen {
	char name[KEY_NAME_SIZE + 24]; /* of its file */
	struct look look;              /* WRONG: at its end, or near it */
};

struct root_facts {
	struct look look; /* NONE: the policy needs none; GOOD: looked at */
	struct root_seen *items; /* owned; a file may hold several */
	size_t count;
};

#endif
