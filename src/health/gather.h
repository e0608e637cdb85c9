/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at all that the checks of one app judge.  Nothing is written but
 * the record that is asked for, nothing is followed that could lead elsewhere,
 * and no root is needed: what may not be seen is a fact too. */
#ifndef HEALTH_GATHER_H
#define HEALTH_GATHER_H

#include <stdbool.h>

#include "base/err.h"
#include "health/check_id.h"
#include "health/facts.h"
#include "health/gather_service.h"

/* Whether what lies outside this host is asked, such as a registry. */
enum gather_reach { GATHER_OFFLINE, GATHER_ONLINE };

/* How the content of files is judged. */
enum gather_depth {
	GATHER_FULL,  /* each is read */
	GATHER_QUICK, /* those are trusted that are as on record */
	GATHER_RECORD /* each is read, and put on record */
};

struct engine_silences; /* health/gather_engine.h */

struct gather_request {
	int root;        /* borrowed; what opt, etc and var lie in */
	const char *app; /* checked: name_is_app */
	/* What no check in it asks for is not looked at, where that is costly.
	 */
	struct check_set set;
	enum gather_reach reach;
	enum gather_depth depth; /* RECORD: with release.tree in set */
	int64_t end; /* for what others answer; as in struct patience */
	struct engine_silences *silences; /* borrowed; of the whole run */
	/* Where its services are asked, begun before, and its number there. */
	struct service_round *services; /* borrowed */
	size_t number;
};

/**
 * facts_gather - look.
 * @out: written only on 0; release it with facts_done.
 *
 * release.ini is parsed only after its signature is good under the host's
 * trust of today, and a part only after its digest is that of release.ini.
 *
 * Returns 0, or -1 with ERR_SYSTEM without memory, or where it cannot write
 * what is to be put on record: then what was on record still is.
 */
int facts_gather(const struct gather_request *request, struct facts *out,
                 struct err *err) MUST_CHECK;

#endif
