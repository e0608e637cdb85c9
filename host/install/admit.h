/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this host takes a release whose signatures are good: everything that
 * can be known before a byte is written. */
#ifndef INSTALL_ADMIT_H
#define INSTALL_ADMIT_H

#include "base/err.h"
#include "session.h"
#include "trust/advance.h"
#include "trust/judge.h"

/* What an install has to do. */
enum admission {
	ADMIT_NEW,     /* write and commit the release */
	ADMIT_REPAIR,  /* it is installed, and damaged: build it again */
	ADMIT_RENEW,   /* it is installed and whole, and somebody vouches for it
	                * now who did not then, beside all who did and still
	                * count: put the evidence away */
	ADMIT_PRESENT, /* it is installed and whole: nothing to write */
	ADMIT_OLDER    /* the latest was wanted, and what was seen here is
	                * newer: nothing to do */
};

/**
 * install_admit - judge a verified release against the host and its store.
 * @session: its store may be STORE_NONE where nothing is installed yet.
 *
 * Not for this platform or machine, older than what was seen (but for an
 * installed release, and --allow-downgrade), below minimum_version, other bytes
 * under an installed version, marked bad (where it would be activated), too
 * little room.
 *
 * Returns 0 with @out written, or -1 with ERR_UNTRUSTED, ERR_CONFLICT or
 * ERR_SYSTEM (ENOSPC).
 */
int install_admit(const struct session *session,
                  const struct verification_result *verified,
                  enum admission *out, struct err *err) MUST_CHECK;

#endif
