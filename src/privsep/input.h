/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker is to read and is larger than a message: a file in memory
 * without a name. */
#ifndef PRIVSEP_INPUT_H
#define PRIVSEP_INPUT_H

#include <stddef.h>

#include "base/err.h"

/** input_make - a file of @len bytes, to be named in struct worker_spec.
 * Returns a descriptor the caller owns, or -1 with ERR_SYSTEM. */
int input_make(const void *data, size_t len, struct err *err) MUST_CHECK;

#endif
