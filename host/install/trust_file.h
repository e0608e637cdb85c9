/* SPDX-License-Identifier: Apache-2.0 */
/* Changing an app's trust folder: for setup and the trust command.  Laying the
 * same files down by other means is equal. */
#ifndef INSTALL_TRUST_FILE_H
#define INSTALL_TRUST_FILE_H

#include "base/err.h"
#include "host.h"
#include "request.h"

/**
 * trust_folder_lock - make the app's trust folder and those above it, where
 * they are missing, and wait until no other run changes it.  Returns a
 * descriptor the caller owns, which holds the lock while it is open, or -1 with
 * ERR_SYSTEM.
 */
int trust_folder_lock(const struct host *host, struct err *err) MUST_CHECK;

/**
 * trust_file_check - that trust_file_add would take the file, as far as can be
 * known from the file alone; nothing is made.  Returns 0, or -1 as it.
 */
int trust_file_check(const struct host *host, const char *path,
                     struct err *err) MUST_CHECK;

/**
 * trust_file_add - copy a public key or a trusted root into the trust folder.
 * @folder: from trust_folder_lock.
 * @path: the caller's.  What it is follows from its contents: a minisign key, a
 *        PEM key of cosign, JSON of Sigstore or of `gh attestation
 *        trusted-root`; its name says what it is to be called (NAME.pub,
 *        NAME.pem, NAME.trusted_root.json, NAME.jsonl...).
 *
 * Returns 1, 0 when it was there, or -1 with ERR_USAGE for a name that it
 * cannot have, ERR_CONFLICT when another file has it, ERR_FORMAT, ERR_LIMIT,
 * ERR_SYSTEM.
 */
int trust_file_add(const struct request *request, const struct host *host,
                   int folder, const char *path, struct err *err) MUST_CHECK;

#endif
