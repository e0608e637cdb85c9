/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the services of an app whether they are well, as [service] says: one
 * after the other, each with its own deadline, and all before that of the run.
 */
#ifndef HEALTH_GATHER_SERVICE_H
#define HEALTH_GATHER_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/settings_health.h"
#include "health/check_id.h"
#include "health/service_facts.h"
#include "privsep/sandbox.h"

struct gather_service {
	const struct settings_service *service; /* NULL: not understood */
	struct check_set set; /* what no check in it asks for is not tried */
	bool is_real;         /* the root is /: its units are this host's */
	enum sandbox_mode mode;
	int64_t end; /* as in struct patience */
};

/**
 * gather_service - try.
 * @out: all zero before; facts_done releases it, whatever comes.
 *
 * systemctl's exit status tells of units, probe-worker of addresses; a Unix
 * socket is only connected to.  Returns 0, or -1 with ERR_SYSTEM without
 * memory.
 */
int gather_service(const struct gather_service *request,
                   struct service_facts *out, struct err *err) MUST_CHECK;

#endif
