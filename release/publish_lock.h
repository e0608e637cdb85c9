/* SPDX-License-Identifier: Apache-2.0 */
/* What a publication says in packs.lock.json. */
#ifndef RELEASE_PUBLISH_LOCK_H
#define RELEASE_PUBLISH_LOCK_H

#include "base/err.h"
#include "publication.h"
#include "publish_settings.h"
#include "publish_target.h"

/**
 * publish_lock_write - write the lockfile, at once and durable.
 * @targets: @count of them; a package that failed at one of them is left out.
 *
 * Packages that are in the file, of this version and not of a dry run, and are
 * not of this run, stay; so do members that we do not know.  A file there that
 * is no lockfile is not replaced.
 *
 * Returns 0, or -1 as packs_lock_read and packs_lock_write, and ERR_SYSTEM.
 */
int publish_lock_write(const struct publish_settings *settings,
                       const struct publications *publications,
                       struct publish_target *const *targets, size_t count,
                       struct err *err) MUST_CHECK;

#endif
