/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a run that takes too long, wherever it hangs: a file system that
 * no longer answers, a worker, a probe. */
#ifndef CHECK_TIMEOUT_H
#define CHECK_TIMEOUT_H

#include "request.h"

/**
 * timeout_begin - end the program with status 3 (unknown) in @seconds, with a
 * line that says so: on standard error, for Nagios on standard output.
 * Workers and probes end with it (PR_SET_PDEATHSIG); nothing half-written is
 * left in the place of a file.
 */
void timeout_begin(unsigned seconds, enum output_format format);

#endif
