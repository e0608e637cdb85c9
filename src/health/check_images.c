/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the app's images and containers. */
#include "health/check.h"

#include <string.h>

#include "base/text.h"
#include "health/gather_engine.h"

#define HEX_SHOWN 12 /* digits of an ID, as engines show them */
/* --- what the checks have in common ----------------------------------------
 */

/* The engine that has the images, or NULL: then the finding is made. */
static const struct engine_seen *require_engine(const struct facts *facts,
                                                enum check_id check,
                                                struct findings *out,
                                                int *result, struct err *err)
{
	const struct engine_facts *engine = &facts->engine;
	const struct engine_seen *chosen = engine_choose(engine);
	const struct judgement unknown = { .check = check,
		                           .severity = SEVERITY_UNKNOWN,
		                           .remedy = REMEDY_FIRST };

	if (engine->look.sight == SIGHT_NONE)
		*result = check_not_applicable(check, engine->look.text, out,
		                               err);
	else if (engine->look.sight != SIGHT_GOOD)
		*result = findings_add(out, &unknown, err, "%s",
		                       engine->look.text);
	else if (engine->wishes != NULL && engine->wishes->image_count == 0)
		*result = check_not_applicable(
			check, "no profile.env pins an image by its digest",
			out, err);
	else if (chosen == NULL)
		*result = findings_add(out, &unknown, err,
		                       "no engine could be asked");
	else
		return chosen;
	return NULL;
}

/* --- images.present --------------------------------------------------------
 */

/* An image that is there: is it for this host? */
static int check_platform(const struct engine_facts *engine,
                          const struct engine_image *image,
                          struct judgement *judgement, struct findings *out,
                          struct err *err)
{
	if (image->is_inspected == 0) {
		judgement->severity = SEVERITY_UNKNOWN;
		return findings_add(out, judgement, err,
		                    "it went away while it was looked at");
	}
	if (strcmp(image->platform, engine->platform) == 0)
		return 0;
	return findings_add(out, judgement, err,
	                    "it is for %s, this host is %s", image->platform,
	                    engine->platform);
}

static int check_image(const struct engine_facts *engine,
                       const struct engine_report *report, size_t number,
                       struct findings *out, struct err *err)
{
	static const uint8_t nothing[ENGINE_ID_LEN];
	const struct engine_image *image = &report->images[number];
	char object[ENGINE_NAME_SIZE], other[2 * ENGINE_ID_LEN + 1];
	struct judgement judgement = { .check = CHECK_IMAGES_PRESENT,
		                       .severity = SEVERITY_CRITICAL,
		                       .object = object,
		                       .remedy = REMEDY_PULL };

	engine_image_name(engine->wishes, number, object);
	if (image->state == ENGINE_IMAGE_PRESENT)
		return check_platform(engine, image, &judgement, out, err);
	if (image->state == ENGINE_IMAGE_ABSENT)
		return findings_add(out, &judgement, err,
		                    "the engine does not have it");
	if (memcmp(image->other, nothing, sizeof nothing) == 0)
		return findings_add(out, &judgement, err,
		                    "the engine has an image of this name that "
		                    "came from no registry");
	text_to_hex(image->other, ENGINE_ID_LEN, other);
	return findings_add(out, &judgement, err,
	                    "the engine has another one of this name: "
	                    "sha256:%s",
	                    other);
}

int check_images_present(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	const struct engine_facts *engine = &facts->engine;
	int result = 0;
	const struct engine_seen *chosen =
		require_engine(facts, CHECK_IMAGES_PRESENT, out, &result, err);
	const struct judgement good = { .check = CHECK_IMAGES_PRESENT,
		                        .severity = SEVERITY_OK };

	if (chosen == NULL)
		return result;
	for (size_t i = 0; i < engine->wishes->image_count; i++)
		if (check_image(engine, chosen->report, i, out, err) < 0)
			return -1;
	if (findings_has(out, CHECK_IMAGES_PRESENT))
		return 0;
	return findings_add(out, &good, err, "%u by digest, for %s",
	                    (unsigned)engine->wishes->image_count,
	                    engine->platform);
}

/* --- images.signed ---------------------------------------------------------
 */

/* What each standing comes to. */
static const struct {
	enum severity severity;
	enum remedy remedy;
} standings[IMAGE_STANDINGS] = {
	[IMAGE_SIGNED] = { SEVERITY_OK, REMEDY_NONE },
	[IMAGE_UNSIGNED] = { SEVERITY_CRITICAL, REMEDY_SIGN },
	[IMAGE_ABSENT] = { SEVERITY_UNKNOWN, REMEDY_PUSH },
	[IMAGE_REFUSED] = { SEVERITY_UNKNOWN, REMEDY_LOGIN },
	[IMAGE_SILENT] = { SEVERITY_UNKNOWN, REMEDY_NETWORK },
	[IMAGE_CUT] = { SEVERITY_UNKNOWN, REMEDY_REGISTRY },
	[IMAGE_HIDDEN] = { SEVERITY_UNKNOWN, REMEDY_RIGHTS },
	[IMAGE_NOT_ASKED] = { SEVERITY_UNKNOWN, REMEDY_AGAIN },
};

static int check_signed(const struct image_signed *image, struct findings *out,
                        struct err *err)
{
	const struct judgement wrong = {
		.check = CHECK_IMAGES_SIGNED,
		.severity = standings[image->standing].severity,
		.object = image->name,
		.remedy = standings[image->standing].remedy,
	};

	if (image->standing == IMAGE_SIGNED)
		return 0;
	return findings_add(out, &wrong, err, "%s", image->text);
}

int check_images_signed(const struct facts *facts, struct findings *out,
                        struct err *err)
{
	const struct image_facts *images = &facts->images;
	const struct judgement policy = { .check = CHECK_IMAGES_SIGNED,
		                          .severity = SEVERITY_CRITICAL,
		                          .remedy = REMEDY_CONFIG };
	const struct judgement good = { .check = CHECK_IMAGES_SIGNED,
		                        .severity = SEVERITY_OK };

	if (images->look.sight != SIGHT_GOOD)
		return check_look(&images->look, &policy, out, err);
	for (size_t i = 0; i < images->count; i++)
		if (check_signed(&images->items[i], out, err) < 0)
			return -1;
	if (findings_has(out, CHECK_IMAGES_SIGNED))
		return 0;
	return findings_add(out, &good, err, "%zu of %zu; the first is %s",
	                    images->count, images->count,
	                    images->items[0].text);
}

/* --- containers ------------------------------------------------------------
 */

/* Whether something of the image is executed now. */
static bool is_alive(const struct engine_container *container)
{
	switch ((enum engine_container_state)container->state) {
	case ENGINE_RUNNING:
	case ENGINE_PAUSED:
	case ENGINE_RESTARTING:
		return true;
	case ENGINE_CREATED:
	case ENGINE_EXITED:
	case ENGINE_DEAD:
	case ENGINE_LEAVING:
	case ENGINE_CONTAINER_STATES:
		break;
	}
	return false;
}

static bool is_ours(const struct engine_container *container)
{
	return container->wish != ENGINE_NO_WISH;
}

static bool is_right(const struct engine_report *report,
                     const struct engine_container *container)
{
	const struct engine_image *image = &report->images[container->wish];

	return image->state == ENGINE_IMAGE_PRESENT &&
	       memcmp(image->id, container->image_id, ENGINE_ID_LEN) == 0;
}

/* Containers that were not looked at could be anything. */
static int note_unlisted(const struct engine_report *report,
                         enum check_id check, struct findings *out,
                         struct err *err)
{
	const struct judgement unknown = { .check = check,
		                           .severity = SEVERITY_UNKNOWN };

	if (report->unlisted == 0)
		return 0;
	return findings_add(out, &unknown, err,
	                    "%u more containers were not looked at",
	                    (unsigned)report->unlisted);
}

static int check_origin(const struct engine_report *report,
                        const struct engine_container *container,
                        struct findings *out, struct err *err)
{
	const struct judgement wrong = { .check = CHECK_CONTAINERS_RUNNING,
		                         .severity = SEVERITY_CRITICAL,
		                         .object = container->name,
		                         .remedy = REMEDY_RECREATE };
	char id[2 * ENGINE_ID_LEN + 1];

	if (!is_ours(container) || !is_alive(container) ||
	    is_right(report, container))
		return 0;
	text_to_hex(container->image_id, ENGINE_ID_LEN, id);
	return findings_add(out, &wrong, err,
	                    "it runs another image than profile.env pins: "
	                    "%.*s, started as %s",
	                    HEX_SHOWN, id, container->image);
}

static size_t count_alive(const struct engine_report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->container_count; i++)
		if (is_ours(&report->containers[i]) &&
		    is_alive(&report->containers[i]))
			count++;
	return count;
}

static bool is_any_alive_of(const struct engine_report *report, size_t image)
{
	for (size_t i = 0; i < report->container_count; i++)
		if (report->containers[i].wish == image &&
		    is_alive(&report->containers[i]))
			return true;
	return false;
}

static int check_each_runs(const struct engine_facts *engine,
                           const struct engine_report *report,
                           struct findings *out, struct err *err)
{
	char object[ENGINE_NAME_SIZE];
	const struct judgement missing = { .check = CHECK_CONTAINERS_RUNNING,
		                           .severity = SEVERITY_CRITICAL,
		                           .object = object,
		                           .remedy = REMEDY_START };

	for (size_t i = 0; i < engine->wishes->image_count; i++) {
		if (is_any_alive_of(report, i))
			continue;
		engine_image_name(engine->wishes, i, object);
		if (findings_add(out, &missing, err,
		                 "no container of it runs") < 0)
			return -1;
	}
	return 0;
}

/* What must run, and does not. */
static int check_expected(const struct engine_facts *engine,
                          const struct engine_report *report,
                          struct findings *out, struct err *err)
{
	const struct judgement down = { .check = CHECK_CONTAINERS_RUNNING,
		                        .severity = SEVERITY_CRITICAL,
		                        .remedy = REMEDY_START };

	switch (engine->policy.expect) {
	case EXPECT_ANY:
		break;
	case EXPECT_EACH:
		return check_each_runs(engine, report, out, err);
	case EXPECT_NONE:
		return 0;
	}
	if (count_alive(report) > 0)
		return 0;
	return findings_add(out, &down, err,
	                    "no container of the app's images runs");
}

int check_containers_running(const struct facts *facts, struct findings *out,
                             struct err *err)
{
	int result = 0;
	const struct engine_seen *chosen = require_engine(
		facts, CHECK_CONTAINERS_RUNNING, out, &result, err);
	const struct judgement good = { .check = CHECK_CONTAINERS_RUNNING,
		                        .severity = SEVERITY_OK };
	const struct engine_report *report;
	size_t alive;

	if (chosen == NULL)
		return result;
	report = chosen->report;
	for (size_t i = 0; i < report->container_count; i++)
		if (check_origin(report, &report->containers[i], out, err) < 0)
			return -1;
	if (note_unlisted(report, CHECK_CONTAINERS_RUNNING, out, err) < 0)
		return -1;
	/* One of those that were not looked at may be what is expected. */
	if (report->unlisted == 0 &&
	    check_expected(&facts->engine, report, out, err) < 0)
		return -1;
	if (findings_has(out, CHECK_CONTAINERS_RUNNING))
		return 0;
	alive = count_alive(report);
	if (alive == 0)
		return check_not_applicable(CHECK_CONTAINERS_RUNNING,
		                            "no container of these images runs",
		                            out, err);
	return findings_add(out, &good, err, "%zu, from exactly these images",
	                    alive);
}

/* What is wrong with a container's state; NULL: nothing. */
static const char *find_illness(const struct engine_container *container)
{
	switch ((enum engine_container_state)container->state) {
	case ENGINE_RUNNING:
		return container->health == ENGINE_UNHEALTHY
		               ? "its health check fails"
		               : NULL;
	case ENGINE_RESTARTING:
		return "it ends, and is started again and again";
	case ENGINE_DEAD:
		return "it is dead: the engine could not remove it";
	case ENGINE_PAUSED:
		return "it is paused";
	case ENGINE_EXITED:
		return container->is_kept != 0 && container->exit_code != 0
		               ? "it should be kept running, and ended with an "
		                 "error"
		               : NULL;
	case ENGINE_CREATED:
	case ENGINE_LEAVING:
	case ENGINE_CONTAINER_STATES:
		break;
	}
	return NULL;
}

static int check_health(const struct engine_container *container,
                        struct findings *out, struct err *err)
{
	const char *illness =
		is_ours(container) ? find_illness(container) : NULL;
	const struct judgement wrong = { .check = CHECK_CONTAINERS_HEALTHY,
		                         .severity = SEVERITY_CRITICAL,
		                         .object = container->name,
		                         .remedy = REMEDY_CONTAINER };

	return illness == NULL ? 0
	                       : findings_add(out, &wrong, err, "%s", illness);
}

int check_containers_healthy(const struct facts *facts, struct findings *out,
                             struct err *err)
{
	int result = 0;
	const struct engine_seen *chosen = require_engine(
		facts, CHECK_CONTAINERS_HEALTHY, out, &result, err);
	const struct judgement good = { .check = CHECK_CONTAINERS_HEALTHY,
		                        .severity = SEVERITY_OK };
	const struct engine_report *report;
	size_t alive;

	if (chosen == NULL)
		return result;
	report = chosen->report;
	for (size_t i = 0; i < report->container_count; i++)
		if (check_health(&report->containers[i], out, err) < 0)
			return -1;
	if (note_unlisted(report, CHECK_CONTAINERS_HEALTHY, out, err) < 0)
		return -1;
	if (findings_has(out, CHECK_CONTAINERS_HEALTHY))
		return 0;
	alive = count_alive(report);
	if (alive == 0)
		return check_not_applicable(CHECK_CONTAINERS_HEALTHY,
		                            "no container of these images runs",
		                            out, err);
	return findings_add(out, &good, err, "%zu", alive);
}
