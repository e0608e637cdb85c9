/* SPDX-License-Identifier: Apache-2.0 */
/* [identity NAME] in the app's configuration, changed for the administrator:
 * atomically, and all else stays as he wrote it. */
#ifndef INSTALL_TRUST_IDENTITY_H
#define INSTALL_TRUST_IDENTITY_H

#include "base/err.h"
#include "host.h"
#include "request.h"

/**
 * trust_identity_add - the identity that the command line names.
 *
 * Both read the configuration again, for which the caller holds
 * trust_folder_lock, and leave the new settings in @host.  Returns 1, 0 where
 * the same is there already, or -1 as settings_add_identity, or ERR_SYSTEM.
 */
int trust_identity_add(const struct request *request, struct host *host,
                       struct err *err) MUST_CHECK;

/** trust_identity_remove - 0, or -1 as settings_remove_identity. */
int trust_identity_remove(struct host *host, const char *name,
                          struct err *err) MUST_CHECK;

#endif
