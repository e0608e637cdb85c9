/* SPDX-License-Identifier: Apache-2.0 */
/* Fault injection for the crash tests.  Every call that changes the disk goes
 * through a wrapper of base/disk.h, which names its step here first.
 *
 * Only a FAULTS=1 build can fail on purpose: there FAULT_AT=<step>[#<n>] names
 * the n-th (default 1st) passage of a step, and FAULT_DO says what happens
 * then: "kill" (default; SIGKILL to the process), or an errno name: "EIO",
 * "ENOSPC", or "EINVAL" as from a file system that cannot exchange names.  In
 * any other build fault_point() is the constant 0. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#ifdef FAULTS
/** fault_point - 0 to go on, or the errno that the step shall fail with. */
int fault_point(const char *step);
#else
static inline int fault_point(const char *step)
{
	(void)step;
	return 0;
}
#endif

#endif
