/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at all that the checks of one app judge.  Nothing is written, nothing
 * is followed that could lead elsewhere, and no root is needed: what may not
 * be seen is a fact too. */
#ifndef HEALTH_GATHER_H
#define HEALTH_GATHER_H

#include "base/err.h"
#include "health/check_id.h"
#include "health/facts.h"

/* Whether what lies outside this host is asked, such as a registry. */
enum gather_reach { GATHER_OFFLINE, GATHER_ONLINE };

struct gather_request {
	int root;        /* borrowed; what opt, etc and var lie in */
	const char *app; /* checked: name_is_app */
	/* What no check in it asks for is not looked at, where that is costly.
	 */
	struct check_set set;
	enum gather_reach reach;
};

/**
 * facts_gather - look.
 * @out: written only on 0; release it with facts_done.
 *
 * release.ini is parsed only after its signature is good under the host's
 * trust of today, and a part only after its digest is that of release.ini.
 *
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int facts_gather(const struct gather_request *request, struct facts *out,
                 struct err *err) MUST_CHECK;

#endif
