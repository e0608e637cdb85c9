/* SPDX-License-Identifier: Apache-2.0 */
/* The second phase of fetch-worker (privsep/fetch.h): it answers whether there
 * is a patch, and writes what the plan wants into the monitor's file. */
#ifndef FETCH_LOAD_H
#define FETCH_LOAD_H

#include "base/err.h"
#include "net/source.h"
#include "report.h"

/**
 * load_planned - wait for the plan, and carry it out.
 * @source: open, all its parts given.
 * Returns 0; or -1 as the source, ERR_NETWORK where a patch that was planned is
 * not there, ERR_INTERNAL for a plan with no sense, or ERR_SYSTEM.
 */
int load_planned(struct source *source, struct report *report,
                 struct err *err) MUST_CHECK;

#endif
