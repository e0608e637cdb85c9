/* SPDX-License-Identifier: Apache-2.0 */
/* What the calls of disk.h share; for src/base/disk*.c alone. */
#ifndef BASE_DISK_OWN_H
#define BASE_DISK_OWN_H

#include "base/err.h"

/** disk_pass - 0, or -1 with errno where the step is made to fail.  Called
 * just before the system call of the step. */
int disk_pass(const char *step);

/** disk_failed - what errno says of doing @what to @name.  Returns -1 with
 * ERR_SYSTEM. */
int disk_failed(struct err *err, const char *what, const char *name);

#endif
