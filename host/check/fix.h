/* SPDX-License-Identifier: Apache-2.0 */
/* --fix: what is safe to mend is mended by install-package, which knows how.
 *
 *     journal.clean, store.leftovers    install-package recover
 *     releases.kept                     install-package prune
 *
 * Neither changes a good release, and each may be stopped at any time.  What
 * else is wrong needs a decision, and is left to people. */
#ifndef CHECK_FIX_H
#define CHECK_FIX_H

#include "base/err.h"
#include "health/report.h"
#include "request.h"

/**
 * fix_allowed - that --fix can be meant: by one who owns what is below the
 * root, with --yes or at a terminal, and with a report that people read.
 * @root: open; what request->root names.
 * Returns 0, or -1 with ERR_USAGE; ask before looking at anything.
 */
int fix_allowed(const struct request *request, int root,
                struct err *err) MUST_CHECK;

/**
 * fix_run - ask for each thing that can be mended, unless --yes, and do it.
 * What is done, and what of it failed, is said on standard error.
 *
 * Returns 1 when something was done or tried: look again; 0 when nothing was;
 * -1 with ERR_SYSTEM or ERR_UNTRUSTED where install-package cannot be run.
 */
int fix_run(const struct request *request, const struct report *report,
            struct err *err) MUST_CHECK;

#endif
