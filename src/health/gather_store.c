/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "health/gather_expiry.h"
#include "health/gather_history.h"
#include "health/gather_release.h"
#include "health/gather_roots.h"
#include "health/gather_upkeep.h"
#include "privsep/worker.h"
#include "store/activate.h"
#include "store/links.h"
#include "store/space.h"
#include "trust/judge.h"

struct visit {
	const struct gather_store *request;
	struct store store; /* owned */
	struct installed_list *installed;
	struct facts *facts;
};

/* --- the store --- */

static int open_store(struct visit *visit, struct err *err)
{
	struct look *look = &visit->facts->store;
	int found = store_open(visit->request->root, visit->request->app,
	                       STORE_READ, &visit->store, err);

	if (found < 0)
		return look_note(look, err);
	look_set(look, found == 1 ? SIGHT_GOOD : SIGHT_ABSENT, "%s",
	         found == 1 ? "open" : "nothing is installed");
	return 0;
}

static int check_owners(const struct store *store, struct err *err)
{
	if (fs_check_owner(store->app, store->name, err) < 0 ||
	    fs_check_owner(store->releases, "releases", err) < 0 ||
	    fs_check_owner(store->packages, "packages", err) < 0)
		return -1;
	return fs_check_owner(store->state, "the state folder", err);
}

static int gather_owner(struct visit *visit, struct err *err)
{
	struct look *look = &visit->facts->owner;

	if (check_owners(&visit->store, err) < 0)
		return look_note_trusted(look, err);
	look_set(look, SIGHT_GOOD, "nobody else can write");
	return 0;
}

static int follow(const struct store *store, const char *link,
                  struct link_facts *out, struct err *err)
{
	struct stat st;
	int found = link_read(store, link, out->version, err);
	int there;

	if (found < 1)
		return found;
	there = fs_exists(store->releases, out->version, &st, err);
	if (there < 0)
		return -1;
	out->is_installed = there == 1 && S_ISDIR(st.st_mode);
	found = mark_find(store, MARK_BAD, out->version, NULL, err);
	out->is_bad = found == 1;
	return found < 0 ? -1 : 1;
}

static int gather_link(struct visit *visit, const char *link,
                       struct link_facts *out, struct err *err)
{
	int found = follow(&visit->store, link, out, err);

	if (found < 0)
		return look_note(&out->look, err);
	look_set(&out->look, found == 1 ? SIGHT_GOOD : SIGHT_ABSENT, "%s",
	         found == 1 ? out->version : "there is none");
	return 0;
}

static int gather_links(struct visit *visit, struct err *err)
{
	if (gather_link(visit, LINK_CURRENT, &visit->facts->current, err) < 0)
		return -1;
	return gather_link(visit, LINK_PREVIOUS, &visit->facts->previous, err);
}

static int gather_journal(struct visit *visit, struct err *err)
{
	struct journal_facts *journal = &visit->facts->journal;
	int found = store_pending(&visit->store, &journal->journal, err);

	if (found < 0)
		return look_note(&journal->look, err);
	look_set(&journal->look, found == 1 ? SIGHT_GOOD : SIGHT_ABSENT, "%s",
	         found == 1 ? "there is one" : "there is none");
	return 0;
}

static int gather_space(struct visit *visit, struct err *err)
{
	struct space_facts *out = &visit->facts->space;
	struct space space;

	if (space_free(visit->store.releases, &space, err) < 0)
		return look_note(&out->look, err);
	look_set(&out->look, SIGHT_GOOD, "known");
	out->free_bytes = space.bytes;
	out->free_files = space.files;
	out->is_min_known = visit->request->policy->has_settings;
	if (out->is_min_known)
		out->min_free = visit->request->policy->settings.min_free;
	return 0;
}

/* --- the releases --- */

/* The current release first, because its findings matter most; the others as
 * the store lists them. */
static void put_current_first(struct facts *facts)
{
	for (size_t i = 1; i < facts->release_count; i++) {
		struct release_facts current = facts->releases[i];

		if (!current.is_current)
			continue;
		memmove(&facts->releases[1], &facts->releases[0],
		        i * sizeof facts->releases[0]);
		facts->releases[0] = current;
		return;
	}
}

static int name_release(const struct visit *visit,
                        const struct installed *installed,
                        struct release_facts *out, struct err *err)
{
	int found;

	memcpy(out->version, installed->version, sizeof out->version);
	memcpy(out->release_sha256, installed->release_sha256,
	       sizeof out->release_sha256);
	out->installed = installed->time;
	out->is_current = installed->is_current;
	found = mark_find(&visit->store, MARK_BAD, out->version,
	                  out->bad_reason, err);
	out->is_bad = found == 1;
	return found < 0 ? -1 : 0;
}

static int list_releases(struct visit *visit, struct err *err)
{
	struct facts *facts = visit->facts;

	if (store_list(&visit->store, visit->installed, err) < 0)
		return -1;
	if (visit->installed->count == 0)
		return 0;
	facts->releases =
		calloc(visit->installed->count, sizeof *facts->releases);
	if (facts->releases == NULL)
		return err_nomem(err);
	facts->release_count = visit->installed->count;
	for (size_t i = 0; i < facts->release_count; i++)
		if (name_release(visit, &visit->installed->items[i],
		                 &facts->releases[i], err) < 0)
			return -1;
	put_current_first(facts);
	return 0;
}

/* The folder of the workers, where the policy asks for what a worker alone can
 * judge; else, and where there is none, -1. */
static int open_workers(const struct policy_found *policy,
                        char why[ERR_TEXT_MAX])
{
	struct err err;
	int workers;

	if (!policy->has_settings || !judge_needs_verdicts(&policy->settings))
		return -1;
	workers = worker_open_folder(&err);
	if (workers < 0)
		(void)err_format(&err, why, ERR_TEXT_MAX);
	return workers;
}

static int gather_releases(struct visit *visit, struct err *err)
{
	const struct gather_store *request = visit->request;
	const struct policy_found *policy = request->policy;
	char no_workers[ERR_TEXT_MAX] = "";
	AUTO_CLOSE int workers = open_workers(policy, no_workers);
	const struct gather_trust trust = {
		.store = &visit->store,
		.settings = policy->has_settings ? &policy->settings : NULL,
		.settings_text = buf_bytes(&policy->settings_text),
		.keyring = policy->has_keyring ? &policy->keyring : NULL,
		.workers = workers,
		.no_workers = no_workers,
		.set = request->set,
		.depth = request->depth,
		.writer = request->writer,
	};

	for (size_t i = 0; i < visit->facts->release_count; i++)
		if (gather_release(&trust, &visit->facts->releases[i], err) < 0)
			return -1;
	return 0;
}

/* --- its upkeep --- */

static int gather_trusted_roots(struct visit *visit, int64_t now,
                                struct err *err)
{
	const struct policy_found *policy = visit->request->policy;
	const struct gather_roots request = {
		.settings = &policy->settings,
		.settings_text = buf_bytes(&policy->settings_text),
		.keyring = &policy->keyring,
		.now = now,
	};

	if (!check_set_has(visit->request->set, CHECK_TRUST_EXPIRY) ||
	    !policy->has_settings || !policy->has_keyring)
		return 0;
	return gather_roots(&request, &visit->facts->upkeep.roots, err);
}

static int gather_upkeep(struct visit *visit, struct err *err)
{
	const struct policy_found *policy = visit->request->policy;
	struct upkeep_facts *upkeep = &visit->facts->upkeep;
	int64_t now = clock_now();

	if (policy->has_settings)
		gather_kept(visit->installed, policy->settings.keep,
		            &upkeep->kept);
	else
		look_set(&upkeep->kept, SIGHT_FAILED,
		         "the configuration is not understood");
	if (policy->has_settings && policy->has_keyring)
		gather_expiry(&policy->settings, &policy->keyring,
		              visit->installed, now, &upkeep->expiry);
	else
		look_set(&upkeep->expiry, SIGHT_FAILED,
		         "policy or keys could not be read");
	if (gather_trusted_roots(visit, now, err) < 0)
		return -1;
	return gather_leftovers(&visit->store, now, &upkeep->leftovers, err);
}

/* --- all of it --- */

/* What can be said of a store that is not there, or closed to us. */
static void close_all(struct facts *facts)
{
	struct look *const looks[] = {
		&facts->owner,         &facts->current.look,
		&facts->previous.look, &facts->journal.look,
		&facts->history.look,  &facts->space.look,
		&facts->upkeep.kept,   &facts->upkeep.leftovers,
		&facts->upkeep.expiry,
	};

	for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++)
		*looks[i] = facts->store;
	if (facts->store.sight == SIGHT_ABSENT)
		facts->owner.sight = facts->space.look.sight =
			facts->upkeep.kept.sight =
				facts->upkeep.leftovers.sight =
					facts->upkeep.expiry.sight = SIGHT_NONE;
}

static int look_round(struct visit *visit, struct err *err)
{
	struct facts *facts = visit->facts;

	if (open_store(visit, err) < 0)
		return -1;
	if (facts->store.sight != SIGHT_GOOD) {
		close_all(facts);
		if (facts->store.sight != SIGHT_ABSENT)
			return 0;
		return gather_loss(visit->request->root, visit->request->app,
		                   &facts->current, err);
	}
	if (gather_owner(visit, err) < 0 || gather_links(visit, err) < 0 ||
	    gather_journal(visit, err) < 0 || gather_space(visit, err) < 0)
		return -1;
	if (list_releases(visit, err) < 0) {
		facts->release_count = 0;
		return look_note(&facts->store, err);
	}
	if (gather_history(&visit->store, facts, err) < 0 ||
	    gather_upkeep(visit, err) < 0)
		return -1;
	return gather_releases(visit, err);
}

int gather_store(const struct gather_store *request,
                 struct installed_list *installed, struct facts *facts,
                 struct err *err)
{
	struct visit visit = { .request = request,
		               .store = STORE_NONE,
		               .installed = installed,
		               .facts = facts };
	int result = look_round(&visit, err);

	store_done(&visit.store);
	return result;
}
