/* SPDX-License-Identifier: Apache-2.0 */
/* One run at a time for each application.  The kernel releases the lock when
 * its holder dies, so that a lock is never left behind. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "base/cleanup.h"
#include "base/err.h"
#include "store/store.h"

#define AUTO_LOCK AUTO_CLOSE

/**
 * lock_take - lock the store for this process and note who holds it.
 * @command: what the holder does, as "install-package install"; for others to
 *           read.
 *
 * Returns a descriptor that holds the lock until it is closed (closed on exec,
 * so that a worker never inherits it), or -1 with ERR_LOCKED "... is held by
 * install-package install (pid 123, since 2026-01-02T03:04:05Z)", or
 * ERR_SYSTEM.
 */
int lock_take(const struct store *store, const char *command,
              struct err *err) MUST_CHECK;

#endif
