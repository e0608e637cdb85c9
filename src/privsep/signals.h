/* SPDX-License-Identifier: Apache-2.0 */
/* How a process that we start takes signals. */
#ifndef PRIVSEP_SIGNALS_H
#define PRIVSEP_SIGNALS_H

/**
 * signals_reset - catch, ignore and block none, for a child before execve(2),
 * across which what is ignored or blocked stays so.  Who started us may have
 * begun like that: with SIGCHLD ignored, for one, no end is ever told.
 *
 * Async-signal-safe.  32 and 33 stay as they are: they are glibc's own.
 * Returns 0, or -1 with errno.
 */
int signals_reset(void);

#endif
