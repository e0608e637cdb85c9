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
 * @targets: @count of them; a package that failed at one of them gets no new
 *           entry.
 *
 * Whatever else the file pins stays: a pin goes only when its package is
 * published anew.  So do members that we do not know.  A dry run leaves the
 * pins of packages that are not of it; a publication takes the place of what a
 * dry run foretold.  Where every package failed the file stays as it is, and so
 * does a file there that is no lockfile.
 *
 * Returns 0, or -1 as packs_lock_read and packs_lock_write, and ERR_SYSTEM.
 */
int publish_lock_write(const struct publish_settings *settings,
                       const struct publications *publications,
                       struct publish_target *const *targets, size_t count,
                       struct err *err) MUST_CHECK;

/**
 * publish_lock_check - whether publish_lock_write would do, if all went well:
 * to be asked before anything is sent.  Writes nothing.
 */
int publish_lock_check(const struct publish_settings *settings,
                       const struct publications *publications,
                       struct publish_target *const *targets, size_t count,
                       struct err *err) MUST_CHECK;

#endif
