/* SPDX-License-Identifier: Apache-2.0 */
/* Asking one service whether it is well. */
#ifndef HEALTH_SERVICE_TRY_H
#define HEALTH_SERVICE_TRY_H

#include <stdint.h>

#include "base/err.h"
#include "codec/settings_health.h"
#include "health/check_id.h"
#include "privsep/sandbox.h"

struct service_try {
	enum check_id check;                    /* of service.* */
	const char *object;                     /* unit, program or address */
	const struct settings_service *service; /* whose object it is */
	enum sandbox_mode mode;
	uint32_t wait_ms; /* until it must have answered; at least 1 */
};

/**
 * service_try - ask.
 *
 * systemctl's exit status tells of units, probe-worker of addresses; a Unix
 * socket is only connected to.  Waits little longer than wait_ms; for
 * probe-worker that does not keep the time, as long as probe_http.
 *
 * Returns 0 where it is well; -1 with ERR_UNHEALTHY where it is not, and with
 * another code where it cannot be asked, which says nothing of it.
 */
int service_try(const struct service_try *what, struct err *err) MUST_CHECK;

#endif
