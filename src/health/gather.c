/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "health/gather_engine.h"
#include "health/gather_expiry.h"
#include "health/gather_history.h"
#include "health/gather_images.h"
#include "health/gather_machine.h"
#include "health/gather_policy.h"
#include "health/gather_registry.h"
#include "health/gather_release.h"
#include "health/gather_roots.h"
#include "health/gather_upkeep.h"
#include "health/tree_record.h"
#include "privsep/worker.h"
#include "store/activate.h"
#include "store/links.h"
#include "store/releases.h"
#include "store/space.h"
#include "trust/judge.h"

/* One app while it is looked at. */
struct survey {
	const struct gather_request *request;
	struct facts *facts;
	struct policy_found policy;
	struct store store;
	struct installed_list installed;
	int workers; /* their folder, or -1; owned */
	char no_workers[ERR_TEXT_MAX];
	struct record_writer writer; /* owned; of GATHER_RECORD */
};

static void survey_done(struct survey *survey)
{
	record_writer_done(&survey->writer);
	installed_done(&survey->installed);
	store_done(&survey->store);
	policy_found_done(&survey->policy);
	cleanup_close(&survey->workers);
}

/* --- the store -------------------------------------------------------------
 */

static int check_owners(const struct store *store, struct err *err)
{
	if (fs_check_owner(store->app, store->name, err) < 0 ||
	    fs_check_owner(store->releases, "releases", err) < 0 ||
	    fs_check_owner(store->packages, "packages", err) < 0)
		return -1;
	return fs_check_owner(store->state, "the state folder", err);
}

static int gather_owner(struct survey *survey, struct err *err)
{
	struct look *look = &survey->facts->owner;

	if (check_owners(&survey->store, err) < 0)
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

static int gather_link(struct survey *survey, const char *link,
                       struct link_facts *out, struct err *err)
{
	int found = follow(&survey->store, link, out, err);

	if (found < 0)
		return look_note(&out->look, err);
	look_set(&out->look, found == 1 ? SIGHT_GOOD : SIGHT_ABSENT, "%s",
	         found == 1 ? out->version : "there is none");
	return 0;
}

static int gather_journal(struct survey *survey, struct err *err)
{
	struct journal_facts *journal = &survey->facts->journal;
	int found = store_pending(&survey->store, &journal->journal, err);

	if (found < 0)
		return look_note(&journal->look, err);
	look_set(&journal->look, found == 1 ? SIGHT_GOOD : SIGHT_ABSENT, "%s",
	         found == 1 ? "there is one" : "there is none");
	return 0;
}

static int gather_space(struct survey *survey, struct err *err)
{
	struct space_facts *out = &survey->facts->space;
	struct space space;

	if (space_free(survey->store.releases, &space, err) < 0)
		return look_note(&out->look, err);
	look_set(&out->look, SIGHT_GOOD, "known");
	out->free_bytes = space.bytes;
	out->free_files = space.files;
	out->min_free = survey->policy.settings.min_free;
	return 0;
}

/* --- the releases ----------------------------------------------------------
 */

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

static int name_release(const struct survey *survey,
                        const struct installed *installed,
                        struct release_facts *out, struct err *err)
{
	int found;

	memcpy(out->version, installed->version, sizeof out->version);
	memcpy(out->release_sha256, installed->release_sha256,
	       sizeof out->release_sha256);
	out->installed = installed->time;
	out->is_current = installed->is_current;
	found = mark_find(&survey->store, MARK_BAD, out->version,
	                  out->bad_reason, err);
	out->is_bad = found == 1;
	return found < 0 ? -1 : 0;
}

static int list_releases(struct survey *survey, struct err *err)
{
	struct facts *facts = survey->facts;

	if (store_list(&survey->store, &survey->installed, err) < 0)
		return -1;
	if (survey->installed.count == 0)
		return 0;
	facts->releases =
		calloc(survey->installed.count, sizeof *facts->releases);
	if (facts->releases == NULL)
		return err_nomem(err);
	facts->release_count = survey->installed.count;
	for (size_t i = 0; i < facts->release_count; i++)
		if (name_release(survey, &survey->installed.items[i],
		                 &facts->releases[i], err) < 0)
			return -1;
	put_current_first(facts);
	return 0;
}

/* Only where the policy asks for what a worker alone can judge. */
static void open_workers(struct survey *survey)
{
	struct err err;

	if (!survey->policy.has_settings ||
	    !judge_needs_verdicts(&survey->policy.settings))
		return;
	survey->workers = worker_open_folder(&err);
	if (survey->workers < 0)
		(void)err_format(&err, survey->no_workers,
		                 sizeof survey->no_workers);
}

static int gather_releases(struct survey *survey, struct err *err)
{
	const struct gather_trust trust = {
		.store = &survey->store,
		.settings = survey->policy.has_settings
		                    ? &survey->policy.settings
		                    : NULL,
		.settings_text = buf_bytes(&survey->policy.settings_text),
		.keyring = survey->policy.has_keyring ? &survey->policy.keyring
		                                      : NULL,
		.workers = survey->workers,
		.no_workers = survey->no_workers,
		.set = survey->request->set,
		.depth = survey->request->depth,
		.writer = &survey->writer,
	};

	for (size_t i = 0; i < survey->facts->release_count; i++)
		if (gather_release(&trust, &survey->facts->releases[i], err) <
		    0)
			return -1;
	return 0;
}

/* --- all of it -------------------------------------------------------------
 */

static int gather_links(struct survey *survey, struct err *err)
{
	if (gather_link(survey, LINK_CURRENT, &survey->facts->current, err) < 0)
		return -1;
	return gather_link(survey, LINK_PREVIOUS, &survey->facts->previous,
	                   err);
}

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

static int open_store(struct survey *survey, struct err *err)
{
	struct look *look = &survey->facts->store;
	int found = store_open(survey->request->root, survey->request->app,
	                       STORE_READ, &survey->store, err);

	if (found < 0)
		return look_note(look, err);
	look_set(look, found == 1 ? SIGHT_GOOD : SIGHT_ABSENT, "%s",
	         found == 1 ? "open" : "nothing is installed");
	return 0;
}

static int survey_roots(struct survey *survey, int64_t now, struct err *err)
{
	const struct gather_roots request = {
		.settings = &survey->policy.settings,
		.settings_text = buf_bytes(&survey->policy.settings_text),
		.keyring = &survey->policy.keyring,
		.now = now,
	};

	if (!check_set_has(survey->request->set, CHECK_TRUST_EXPIRY) ||
	    !survey->policy.has_settings || !survey->policy.has_keyring)
		return 0;
	return gather_roots(&request, &survey->facts->upkeep.roots, err);
}

static int gather_upkeep(struct survey *survey, struct err *err)
{
	struct upkeep_facts *upkeep = &survey->facts->upkeep;
	int64_t now = clock_now();

	if (survey->policy.has_settings)
		gather_kept(&survey->installed, survey->policy.settings.keep,
		            &upkeep->kept);
	else
		look_set(&upkeep->kept, SIGHT_BLOCKED,
		         "the configuration is not understood");
	if (survey->policy.has_settings && survey->policy.has_keyring)
		gather_expiry(&survey->policy.settings, &survey->policy.keyring,
		              &survey->installed, now, &upkeep->expiry);
	else
		look_set(&upkeep->expiry, SIGHT_BLOCKED,
		         "policy or keys could not be read");
	if (survey_roots(survey, now, err) < 0)
		return -1;
	return gather_leftovers(&survey->store, now, &upkeep->leftovers, err);
}

static int survey_store(struct survey *survey, struct err *err)
{
	struct facts *facts = survey->facts;

	if (open_store(survey, err) < 0)
		return -1;
	if (facts->store.sight != SIGHT_GOOD) {
		close_all(facts);
		return 0;
	}
	if (gather_owner(survey, err) < 0 || gather_links(survey, err) < 0 ||
	    gather_journal(survey, err) < 0 || gather_space(survey, err) < 0)
		return -1;
	if (list_releases(survey, err) < 0) {
		facts->release_count = 0;
		return look_note(&facts->store, err);
	}
	if (gather_history(&survey->store, facts, err) < 0 ||
	    gather_upkeep(survey, err) < 0)
		return -1;
	open_workers(survey);
	return gather_releases(survey, err);
}

/* The current release; NULL: there is none. */
static const struct release_facts *find_current(const struct facts *facts)
{
	for (size_t i = 0; i < facts->release_count; i++)
		if (facts->releases[i].is_current)
			return &facts->releases[i];
	return NULL;
}

/* Of that; NULL: there is none to go by. */
static const struct profile_env *find_profile(const struct facts *facts)
{
	const struct release_facts *current = find_current(facts);

	return current != NULL ? current->profile_env : NULL;
}

static int survey_engine(struct survey *survey, struct err *err)
{
	const struct gather_engine request = {
		.root = survey->request->root,
		.settings = survey->policy.has_settings
		                    ? &survey->policy.settings
		                    : NULL,
		.profile = find_profile(survey->facts),
		.timeout_ms = ENGINE_TIMEOUT_MS,
		.end = survey->request->end,
	};

	if (!gather_engine_asks(survey->request->set))
		return 0;
	return gather_engine(&request, &survey->facts->engine, err);
}

static struct registry_host host_of(const struct survey *survey)
{
	return (struct registry_host){
		.root = survey->request->root,
		.app = survey->request->app,
		.settings = survey->policy.has_settings
		                    ? &survey->policy.settings
		                    : NULL,
		.end = survey->request->end,
	};
}

static int survey_registry(struct survey *survey, struct err *err)
{
	const struct gather_registry request = {
		.host = host_of(survey),
		.profile = find_profile(survey->facts),
	};

	if (!check_set_has(survey->request->set, CHECK_REGISTRY_REACHABLE))
		return 0;
	if (survey->request->reach == GATHER_ONLINE)
		return gather_registry(&request, &survey->facts->registry, err);
	look_set(&survey->facts->registry, SIGHT_NONE,
	         "asked with --online alone");
	return 0;
}

static uint64_t current_sequence(const struct installed_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].is_current)
			return list->items[i].sequence;
	return 0;
}

static bool is_store_known(const struct facts *facts)
{
	return facts->store.sight == SIGHT_GOOD ||
	       facts->store.sight == SIGHT_ABSENT;
}

/* Whether there is something to ask for; else the look says why not. */
static bool wants_signatures(const struct survey *survey, struct look *out)
{
	const struct release_facts *current = find_current(survey->facts);
	const struct settings_container *policy =
		&survey->policy.settings.container;

	if (!survey->policy.has_settings)
		look_set(out, SIGHT_BLOCKED,
		         "the configuration is not understood");
	else if (policy->images_signed.count == 0)
		look_set(out, SIGHT_NONE,
		         "the policy names nobody who signs images: "
		         "images_signed of [container]");
	else if (survey->request->reach != GATHER_ONLINE)
		look_set(out, SIGHT_NONE, "asked with --online alone");
	else if (!survey->policy.has_keyring)
		look_set(out, SIGHT_BLOCKED, "the keys could not be read");
	else if (current == NULL && !is_store_known(survey->facts))
		look_set(out, SIGHT_BLOCKED, "the store could not be read");
	else if (current == NULL || current->profile.sight == SIGHT_NONE)
		look_set(out, SIGHT_NONE, "no profile.env names images");
	else if (current->profile_env == NULL)
		look_set(out, SIGHT_BLOCKED,
		         "the profile.env of the current release is not to be "
		         "relied on");
	else
		return true;
	return false;
}

static int survey_images(struct survey *survey, struct err *err)
{
	struct image_facts *images = &survey->facts->images;
	const struct gather_images request = {
		.host = host_of(survey),
		.settings_text = buf_bytes(&survey->policy.settings_text),
		.keyring = &survey->policy.keyring,
		.profile = find_profile(survey->facts),
		.sequence = current_sequence(&survey->installed),
	};

	if (!check_set_has(survey->request->set, CHECK_IMAGES_SIGNED) ||
	    !wants_signatures(survey, &images->look))
		return 0;
	return gather_images(&request, images, err);
}

static int64_t newest_install(const struct installed_list *list)
{
	int64_t newest = 0;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].time > newest)
			newest = list->items[i].time;
	return newest;
}

/* The machine is the one that we run on, whatever the root. */
static int survey_machine(struct survey *survey, struct err *err)
{
	AUTO_CLOSE int top = fs_open_anchor("/", err);
	struct settings_host defaults = { .requires_time_sync = false };
	const struct gather_machine request = {
		.top = top,
		.host = survey->policy.has_settings
		                ? &survey->policy.settings.host
		                : &defaults,
		.has_containers =
			survey->facts->engine.look.sight != SIGHT_NONE,
		.newest = newest_install(&survey->installed),
		.clock = clock_state_read(),
	};

	if (top < 0)
		return -1;
	return gather_machine(&request, &survey->facts->machine, err);
}

/* Before the long work, so that a want of rights is known at once. */
static int begin_record(struct survey *survey, struct err *err)
{
	const struct gather_request *request = survey->request;

	if (request->depth != GATHER_RECORD)
		return 0;
	return record_writer_begin(request->root, request->app, &survey->writer,
	                           err);
}

static int commit_record(struct survey *survey, struct err *err)
{
	if (survey->request->depth != GATHER_RECORD)
		return 0;
	return record_writer_commit(&survey->writer, err);
}

int facts_gather(const struct gather_request *request, struct facts *out,
                 struct err *err)
{
	AUTO_FACTS struct facts facts = { .release_count = 0 };
	AUTO(survey_done)
	struct survey survey = { .request = request,
		                 .facts = &facts,
		                 .policy.settings_text =
		                         BUF_LIMIT(SETTINGS_MAX),
		                 .store = STORE_NONE,
		                 .workers = -1,
		                 .writer = RECORD_WRITER_NONE };

	(void)snprintf(facts.app, sizeof facts.app, "%s", request->app);
	if (begin_record(&survey, err) < 0 ||
	    gather_config(request, &survey.policy, &facts, err) < 0 ||
	    gather_keys(request, &survey.policy, &facts.keys, err) < 0 ||
	    survey_store(&survey, err) < 0 || commit_record(&survey, err) < 0 ||
	    survey_engine(&survey, err) < 0 ||
	    survey_registry(&survey, err) < 0 ||
	    survey_images(&survey, err) < 0 ||
	    survey_machine(&survey, err) < 0 ||
	    service_round_take(request->services, request->number,
	                       &facts.service, err) < 0)
		return err_wrap(err, "looking at %s", request->app);
	*out = facts;
	facts = (struct facts){ .release_count = 0 };
	return 0;
}
