/* SPDX-License-Identifier: Apache-2.0 */
/* The health gate: what must hold after a switch, else the old release comes
 * back.  All of it is the administrator's word ([activate], [health]). */
#ifndef INSTALL_GATE_H
#define INSTALL_GATE_H

#include <stdbool.h>

#include "base/err.h"
#include "host.h"

/** gate_is_set - whether anything must pass after a switch. */
bool gate_is_set(const struct host *host);

/**
 * gate_check - that the configured gate can be run at all: as root a health
 * command needs a user.  0, or -1 with ERR_USAGE; ask before changing anything.
 */
int gate_check(const struct host *host, struct err *err) MUST_CHECK;

/**
 * gate_restart - restart the configured units, in their order.  With a root
 * other than / no unit is touched.
 * Returns 0, or -1 with ERR_UNHEALTHY when systemctl says no.
 */
int gate_restart(const struct host *host, struct err *err) MUST_CHECK;

/**
 * gate_run - restart the units, then try command and address, again each
 * second, until both say yes or the timeout is over.
 *
 * Returns 0, or -1 with ERR_UNHEALTHY and what the last try said, or as
 * child_run.
 */
int gate_run(const struct host *host, struct err *err) MUST_CHECK;

#endif
