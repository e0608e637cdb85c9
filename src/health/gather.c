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

/* Why nobody can tell what the profile asks for; NULL: one can, or there is
 * none. */
static const char *find_profile_obstacle(const struct facts *facts)
{
	const struct release_facts *current = find_current(facts);

	if (facts->store.sight != SIGHT_GOOD &&
	    facts->store.sight != SIGHT_ABSENT)
		return "the store could not be read";
	if (current == NULL)
		return facts->current.look.sight == SIGHT_ABSENT
		               ? NULL
		               : "which release is current is not known";
	if (current->profile.sight == SIGHT_NONE ||
	    current->profile_env != NULL)
		return NULL;
	return "the profile.env of the current release is not to be relied on";
}

/* Whether it can be told if there is an engine to ask; else the look says why
 * not. */
static bool is_engine_decided(const struct survey *survey, struct look *out)
{
	const char *obstacle = NULL;

	if (!survey->policy.has_settings)
		obstacle = "the configuration is not understood";
	else if (survey->policy.settings.container.engine ==
	         CONTAINER_BY_PROFILE)
		obstacle = find_profile_obstacle(survey->facts);
	if (obstacle != NULL)
		look_set(out, SIGHT_BLOCKED, "%s", obstacle);
	return obstacle == NULL;
}

static int survey_engine(struct survey *survey, struct err *err)
{
	const struct gather_engine request = {
		.root = survey->request->root,
		.settings = &survey->policy.settings,
		.profile = find_profile(survey->facts),
		.timeout_ms = ENGINE_TIMEOUT_MS,
		.end = survey->request->end,
		.silences = survey->request->silences,
	};

	if (!gather_engine_asks(survey->request->set) ||
	    !is_engine_decided(survey, &survey->facts->engine.look))
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
	struct look *look = &survey->facts->registry;
	const char *obstacle = survey->policy.has_settings
	                               ? find_profile_obstacle(survey->facts)
	                               : "the configuration is not understood";

	if (!check_set_has(survey->request->set, CHECK_REGISTRY_REACHABLE))
		return 0;
	if (survey->request->reach != GATHER_ONLINE)
		look_set(look, SIGHT_NONE, "asked with --online alone");
	else if (obstacle != NULL)
		look_set(look, SIGHT_FAILED, "%s", obstacle);
	else
		return gather_registry(&request, look, err);
	return 0;
}

static uint64_t current_sequence(const struct installed_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].is_current)
			return list->items[i].sequence;
	return 0;
}

/* Whether there is something to ask for; else the look says why not. */
static bool wants_signatures(const struct survey *survey, struct look *out)
{
	const struct settings_container *policy =
		&survey->policy.settings.container;
	const char *obstacle = find_profile_obstacle(survey->facts);

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
	else if (obstacle != NULL)
		look_set(out, SIGHT_BLOCKED, "%s", obstacle);
	else if (find_profile(survey->facts) == NULL)
		look_set(out, SIGHT_NONE, "no profile.env names images");
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
	const struct gather_machine request = {
		.top = top,
		.host = survey->policy.has_settings
		                ? &survey->policy.settings.host
		                : NULL,
		.has_containers =
			survey->facts->engine.look.sight == SIGHT_GOOD,
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
