/* SPDX-License-Identifier: Apache-2.0 */
/* The walls a worker builds around itself before it reads a byte: Landlock
 * for paths, then seccomp for system calls.  They hold for root and ordinary
 * users alike and cannot be taken down again.
 *
 * PURE is for programs that only compute: no file can be opened, no socket
 * made, no process or thread started, no signal sent.  About twenty calls are
 * allowed; openat answers EACCES and clone3 ENOSYS, because libraries try these
 * and can do without; any other call kills the process (SIGSYS).
 *
 * PARALLEL is the same for programs that compute on several cores: threads may
 * be started, but no process.
 *
 * NETWORK is for programs that talk to strangers with libcurl: files can be
 * read below the named paths only, none can be made or changed, no program
 * started; what reaches other processes or the kernel's configuration answers
 * EPERM. */
#ifndef PRIVSEP_SANDBOX_H
#define PRIVSEP_SANDBOX_H

#include <stddef.h>

#include "base/err.h"
#include "codec/settings.h"

enum sandbox_profile { SANDBOX_PURE, SANDBOX_PARALLEL, SANDBOX_NETWORK };

/* FULL fails where the kernel lacks Landlock or seccomp.  UID_ONLY, the
 * administrator's "sandbox = uid-only", uses what the kernel has. */
enum sandbox_mode { SANDBOX_FULL, SANDBOX_UID_ONLY };

/** sandbox_mode_of - what an app's administrator says of sandboxes. */
enum sandbox_mode sandbox_mode_of(const struct settings *settings);

/* What libcurl, getaddrinfo and the CA store read; NULL at the end. */
extern const char *const sandbox_network_paths[];

/**
 * sandbox_enter - shut the calling process in for good.
 * @paths: NETWORK: what may be read, NULL at the end; those that do not exist
 *         are skipped.  Otherwise NULL.
 *
 * Call it before any thread is started.  Returns 0, or -1 with ERR_SYSTEM; the
 * process may then be half shut in and must exit.
 */
int sandbox_enter(enum sandbox_profile profile, enum sandbox_mode mode,
                  const char *const *paths, struct err *err) MUST_CHECK;

#endif
