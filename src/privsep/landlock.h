/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock (Linux 5.13): what a process may reach by path, by TCP, and of
 * other processes.  Source: Documentation/userspace-api/landlock.rst. */
#ifndef PRIVSEP_LANDLOCK_H
#define PRIVSEP_LANDLOCK_H

#include "base/err.h"

/**
 * landlock_enter - deny all that the running kernel's Landlock knows, but for
 * reading below @paths (NULL at the end; absent ones are skipped) and
 * connecting.  Needs no_new_privs.
 *
 * Returns 1, 0 where the kernel or a container's filter has no Landlock, or -1
 * with ERR_SYSTEM.
 */
int landlock_enter(const char *const *paths, struct err *err) MUST_CHECK;

#endif
