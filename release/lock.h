/* SPDX-License-Identifier: Apache-2.0 */
/* What the two commands on lockfiles share. */
#ifndef RELEASE_LOCK_H
#define RELEASE_LOCK_H

#include "base/err.h"
#include "codec/packs_lock.h"
#include "request.h"

/** lock_read - read the lockfile at @path.  0, or -1 as packs_lock_read, or
 * file_read. */
int lock_read(const char *path, struct packs_lock *out,
              struct err *err) MUST_CHECK;

/** lock_diff - "lock diff OLD NEW".  0 where they are alike, or -1 with
 * ERR_FINDINGS where they differ, or as lock_read. */
int lock_diff(const struct request *request, struct err *err) MUST_CHECK;

#endif
