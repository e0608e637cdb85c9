/* SPDX-License-Identifier: Apache-2.0 */
#include "ahead.h"

#include <stddef.h>

#include "base/cleanup.h"
#include "crypto/sha256.h"
#include "part_source.h"
#include "remote.h"
#include "report.h"

/* What is repaired is no source of files, and a payload that is kept must be
 * whole. */
static enum delta_reuse reuse_of(const struct install *install)
{
	if (install->admission == ADMIT_REPAIR ||
	    install->session.host.settings.keeps_payload)
		return DELTA_WHOLE;
	return install->reuse;
}

int ahead_take_parts(struct install *install, struct err *err)
{
	parts_copy_init(&install->copy, &install->session.host);
	if (incoming_take_parts(&install->incoming, &install->copy, err) < 0)
		return -1;
	install->ahead = AHEAD_PARTS;
	return 0;
}

int ahead_plan_payload(struct install *install, int spool, struct err *err)
{
	const struct store *store = &install->session.store;
	const struct parts_copy *copy = &install->copy;
	const struct delta_fetch fetch = { spool,
		                           &install->incoming.bundle.remote };

	return delta_make(store->app >= 0 ? store : NULL,
	                  install_release(install), copy->fds[PART_MTREE],
	                  copy->fds[PART_INDEX], &fetch, reuse_of(install),
	                  &install->delta, err);
}

enum ahead ahead_needed(const struct install *install)
{
	if (install->incoming.bundle.kind != BUNDLE_REMOTE)
		return AHEAD_NOTHING;
	switch (install->admission) {
	case ADMIT_NEW:
	case ADMIT_REPAIR:
		return AHEAD_ALL;
	case ADMIT_RENEW:
		return AHEAD_PARTS;
	case ADMIT_PRESENT:
	case ADMIT_OLDER:
		break;
	}
	return AHEAD_NOTHING;
}

static int fetch_payload(struct install *install, struct err *err)
{
	const struct release_ini *release = install_release(install);
	struct remote *remote = &install->incoming.bundle.remote;
	AUTO_CLOSE int payload = -1;
	struct job_unpack job;

	if (ahead_plan_payload(install, remote_begun_spool(remote), err) < 0)
		return -1;
	delta_say(&install->delta, release, "", install->session.request);
	if (install->delta.patch != NULL) {
		if (delta_fetch_patch(&install->delta,
		                      &install->incoming.source, release,
		                      &install->session.host, err) < 0)
			return -1;
		install->ahead = AHEAD_ALL;
		return 0;
	}
	payload = part_source_payload(&install->incoming.source, release,
	                              &install->delta.plan, &job, err);
	if (payload < 0)
		return err_wrap(err, "fetching from %s",
		                install->incoming.bundle.origin);
	install->ahead = AHEAD_ALL;
	return 0;
}

static int bring_ahead(struct install *install, struct err *err)
{
	enum ahead needed = ahead_needed(install);

	if (install->wanted < needed)
		install->wanted = needed;
	if (install->ahead < AHEAD_PARTS && install->wanted >= AHEAD_PARTS &&
	    ahead_take_parts(install, err) < 0)
		return -1;
	if (install->ahead < AHEAD_ALL && install->wanted == AHEAD_ALL)
		return fetch_payload(install, err);
	return 0;
}

/* Open the source anew, to take all of the release from there. */
static int open_again(struct install *install, struct err *err)
{
	delta_done(&install->delta);
	parts_copy_done(&install->copy);
	incoming_done(&install->incoming);
	install->ahead = AHEAD_NOTHING;
	if (incoming_open(install->session.request, &install->session.host,
	                  &install->incoming, err) < 0)
		return -1;
	if (!sha256_equal(install->judged.release_sha256,
	                  install->incoming.verified.release_sha256))
		return err_set(err, ERR_CONFLICT, 0,
		               "the source has another release now; try again");
	install->judged = install->incoming.verified;
	install->is_spent = false;
	return 0;
}

/* What an earlier run left of a patch may be all that is wrong with it. */
static bool is_begun_wrong(const struct delta *delta, const struct err *err)
{
	return delta->patch_begun > 0 && delta->patch_fd < 0 &&
	       err->code == ERR_FORMAT;
}

void ahead_give_up_patch(struct install *install, const struct err *err)
{
	char why[2 * ERR_TEXT_MAX];

	report_warning("the patch from %s does not do: %s", install->delta.base,
	               err_format(err, why, sizeof why));
	install->reuse = is_begun_wrong(&install->delta, err) ? DELTA_PATCH_ANEW
	                                                      : DELTA_REUSE;
	install->is_spent = true;
}

static int look_ahead(struct install *install, struct err *err)
{
	struct session *session = &install->session;
	int result = -1;

	if (install->is_spent && open_again(install, err) < 0)
		return -1;
	if (install_open_to_look(install, err) == 0 &&
	    install_admit(session, &install->incoming.verified,
	                  &install->admission, err) == 0)
		result = bring_ahead(install, err);
	store_done(&session->store);
	return result;
}

int ahead_fetch(struct install *install, struct err *err)
{
	if (install->incoming.bundle.kind != BUNDLE_REMOTE)
		return 0;
	/* Patch, all of the patch, members: three times at most. */
	while (look_ahead(install, err) < 0) {
		if (install->delta.patch == NULL)
			return -1;
		ahead_give_up_patch(install, err);
	}
	return 0;
}
