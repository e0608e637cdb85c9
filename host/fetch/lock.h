/* SPDX-License-Identifier: Apache-2.0 */
/* The lockfile of --locked: what it pins for the app, and where that is. */
#ifndef FETCH_LOCK_H
#define FETCH_LOCK_H

#include "base/err.h"
#include "sources.h"

/**
 * lock_apply - make the pinned artifact, by its digest, the only source; else
 * the release page of the pinned version.
 * @asked: read, with a lockfile.
 *
 * Returns 0, or -1 with ERR_USAGE that says what the lockfile lacks (the app, a
 * digest, a registry, the digest of release.ini; it is a dry run's, or another
 * version was asked for), ERR_FORMAT, ERR_LIMIT, ERR_SYSTEM.
 */
int lock_apply(struct asked *asked, struct err *err) MUST_CHECK;

#endif
