/* SPDX-License-Identifier: Apache-2.0 */
/* Making a release current, with the gate behind it: the last room of install,
 * and all of activate and rollback. */
#ifndef INSTALL_SWITCH_H
#define INSTALL_SWITCH_H

#include "base/err.h"
#include "host.h"
#include "request.h"
#include "store/activate.h"
#include "store/commit.h"
#include "store/store.h"

/**
 * switch_to - activate @release; when it fails its gate, go back and mark it
 * bad.
 *
 * Returns 1 when it is current now, 0 when it was already; -1 with
 * ERR_UNHEALTHY when it failed and the old release is current again,
 * ERR_STRANDED when going back failed too, or as store_activate: then a step
 * failed, the old release is current (again), and none is marked; only where
 * the very last step failed is the new one current, and the error says so.
 */
int switch_to(const struct request *request, const struct host *host,
              const struct store *store,
              const struct committed_release *release, enum journal_op op,
              struct err *err) MUST_CHECK;

/**
 * switch_recover - the first step of every command that writes: bring what the
 * last run left to an end, running the gate once more where it had not passed.
 *
 * Returns 0, or -1 as switch_to and store_recover.
 */
int switch_recover(const struct request *request, const struct host *host,
                   const struct store *store, struct err *err) MUST_CHECK;

#endif
