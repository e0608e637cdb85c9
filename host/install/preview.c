/* SPDX-License-Identifier: Apache-2.0 */
#include "preview.h"

#include <errno.h>
#include <string.h>

#include "ahead.h"
#include "base/cleanup.h"
#include "report.h"
#include "store/spool.h"

int preview_verify(struct install *install, struct err *err)
{
	if (incoming_check(&install->incoming, err) < 0)
		return -1;
	report_step(install->session.request, "every part is as signed");
	return install_print_json(install, "verified", err);
}

/* What a plan says holds without the payload, so that none is fetched for it.
 */
static int check_for_plan(struct install *install, struct err *err)
{
	const struct host *host = &install->session.host;
	AUTO_CLOSE int spool = -1;

	if (install->incoming.bundle.kind != BUNDLE_REMOTE)
		return incoming_check(&install->incoming, err);
	if (ahead_needed(install) < AHEAD_ALL)
		return incoming_take_parts(&install->incoming, /* copy= */ NULL,
		                           err);
	spool = spool_peek(host->root, host->app, err);
	if (spool < 0 && err->sys != ENOENT)
		return -1;
	install->plan.fetch = &install->delta;
	if (ahead_take_parts(install, err) < 0)
		return -1;
	return ahead_plan_payload(install, spool, err);
}

int preview_plan(struct install *install, struct err *err)
{
	if (install_open_to_look(install, err) < 0 ||
	    install_admit(&install->session, &install->incoming.verified,
	                  &install->admission, err) < 0)
		return -1;
	if (install->admission == ADMIT_OLDER) {
		install_say_nothing_newer(install);
		return install_print_json(install, "unchanged", err);
	}
	if (check_for_plan(install, err) < 0 ||
	    plan_make(&install->session, &install->incoming.verified,
	              install->admission, &install->plan, err) < 0)
		return -1;
	memcpy(install->from, install->plan.from, sizeof install->from);
	plan_say(&install->plan);
	return install_print_json(install, "planned", err);
}
