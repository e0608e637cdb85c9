/* SPDX-License-Identifier: Apache-2.0 */
/* Making a worker's process: between fork and exec only calls that are
 * async-signal-safe, and each is checked. */
#ifndef PRIVSEP_SPAWN_H
#define PRIVSEP_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "privsep/sandbox.h"

#define SPAWN_FDS_MAX 16

struct spawn {
	int program; /* O_PATH descriptor */
	char *const *argv;
	const int *fds;      /* become 3, 4, ...; the first is the socket */
	size_t fd_count;     /* at most SPAWN_FDS_MAX */
	bool drops_identity; /* as root only */
	uid_t uid;
	gid_t gid;
	enum sandbox_profile profile; /* NETWORK has the wider limits */
};

/**
 * spawn_start - fork and exec.
 * @pid: written only on 0; the caller kills and reaps it.
 *
 * A child that cannot go on says why in a FAILED message on its socket.
 * Returns 0, or -1 with ERR_SYSTEM.
 */
int spawn_start(const struct spawn *spawn, pid_t *pid,
                struct err *err) MUST_CHECK;

#endif
