/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of check-health; each gets a struct request.  Returns the exit
 * status, or -1 with err set. */
#ifndef CHECK_COMMANDS_H
#define CHECK_COMMANDS_H

#include "base/err.h"

int command_check(void *request, struct err *err) MUST_CHECK;
int command_list(void *request, struct err *err) MUST_CHECK;
int command_completion(void *request, struct err *err) MUST_CHECK;
int command_version(void *request, struct err *err) MUST_CHECK;

#endif
