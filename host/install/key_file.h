/* SPDX-License-Identifier: Apache-2.0 */
/* Changing an app's trust folder: for setup and the trust command.  Laying the
 * same files down by other means is equal. */
#ifndef INSTALL_KEY_FILE_H
#define INSTALL_KEY_FILE_H

#include "base/err.h"
#include "host.h"
#include "request.h"

/**
 * trust_folder_make - make the app's trust folder and those above it, where
 * they are missing.  Returns a descriptor the caller owns, or -1 with
 * ERR_SYSTEM.
 */
int trust_folder_make(const struct host *host, struct err *err) MUST_CHECK;

/**
 * key_file_add - copy a public key into the trust folder, under its own name.
 * @path: the caller's; "<name>.pub".
 *
 * Returns 1, 0 when it was there, or -1 with ERR_USAGE for a name that keys
 * cannot have, ERR_CONFLICT when another key has it, ERR_FORMAT, ERR_SYSTEM.
 */
int key_file_add(const struct request *request, int folder, const char *path,
                 struct err *err) MUST_CHECK;

#endif
