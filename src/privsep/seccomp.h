/* SPDX-License-Identifier: Apache-2.0 */
/* Filters for system calls (seccomp(2)), for x86_64 and aarch64.  Each returns
 * 1, 0 where the kernel has no filters, or -1 with ERR_SYSTEM; each needs
 * no_new_privs.  sandbox.h says what they let through. */
#ifndef PRIVSEP_SECCOMP_H
#define PRIVSEP_SECCOMP_H

#include "base/err.h"

/** seccomp_enter_pure - allow what computing on open descriptors needs. */
int seccomp_enter_pure(struct err *err) MUST_CHECK;

/** seccomp_enter_parallel - the same, and to start threads. */
int seccomp_enter_parallel(struct err *err) MUST_CHECK;

/** seccomp_enter_network - deny what a program that only talks to the network
 * has no use for. */
int seccomp_enter_network(struct err *err) MUST_CHECK;

#endif
