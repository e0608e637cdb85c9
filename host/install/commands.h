/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of install-package; each gets a struct request and returns 0,
 * or -1 with err set.  docs/man/install-package.8 says what they do. */
#ifndef INSTALL_COMMANDS_H
#define INSTALL_COMMANDS_H

#include "base/err.h"

int command_install(void *request, struct err *err) MUST_CHECK;
int command_fetch(void *request, struct err *err) MUST_CHECK;
int command_setup(void *request, struct err *err) MUST_CHECK;
int command_trust(void *request, struct err *err) MUST_CHECK;
int command_activate(void *request, struct err *err) MUST_CHECK;
int command_rollback(void *request, struct err *err) MUST_CHECK;
int command_list(void *request, struct err *err) MUST_CHECK;
int command_status(void *request, struct err *err) MUST_CHECK;
int command_history(void *request, struct err *err) MUST_CHECK;
int command_prune(void *request, struct err *err) MUST_CHECK;
int command_hold(void *request, struct err *err) MUST_CHECK;
int command_unhold(void *request, struct err *err) MUST_CHECK;
int command_uninstall(void *request, struct err *err) MUST_CHECK;
int command_recover(void *request, struct err *err) MUST_CHECK;
int command_version(void *request, struct err *err) MUST_CHECK;
int command_completion(void *request, struct err *err) MUST_CHECK;

#endif
