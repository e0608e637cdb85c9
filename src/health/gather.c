/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/fs.h"
#include "health/gather_engine.h"
#include "health/gather_images.h"
#include "health/gather_machine.h"
#include "health/gather_policy.h"
#include "health/gather_registry.h"
#include "health/gather_store.h"
#include "health/tree_record.h"
#include "store/releases.h"

/* One app while it is looked at. */
struct survey {
	const struct gather_request *request;
	struct facts *facts;
	struct policy_found policy;
	struct installed_list installed; /* owned */
	struct record_writer writer;     /* owned; of GATHER_RECORD */
};

static void survey_done(struct survey *survey)
{
	record_writer_done(&survey->writer);
	installed_done(&survey->installed);
	policy_found_done(&survey->policy);
}

static int survey_store(struct survey *survey, struct err *err)
{
	const struct gather_store request = {
		.root = survey->request->root,
		.app = survey->request->app,
		.policy = &survey->policy,
		.set = survey->request->set,
		.depth = survey->request->depth,
		.writer = &survey->writer,
	};

	return gather_store(&request, &survey->installed, survey->facts, err);
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
