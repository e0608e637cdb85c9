/* SPDX-License-Identifier: Apache-2.0 */
/* The part of engine_answer_own.h that reads an engine's containers. */
#include <string.h>

#include "codec/engine_answer_own.h"

#define CONTAINERS_MAX 5000 /* far above what a host runs */

/* Podman has words of its own; what is unknown counts as not running. */
static enum engine_container_state read_state(const char *word)
{
	static const struct {
		const char *word;
		enum engine_container_state state;
	} words[] = {
		{ "created", ENGINE_CREATED },
		{ "configured", ENGINE_CREATED },
		{ "initialized", ENGINE_CREATED },
		{ "running", ENGINE_RUNNING },
		{ "stopping", ENGINE_RUNNING },
		{ "paused", ENGINE_PAUSED },
		{ "restarting", ENGINE_RESTARTING },
		{ "exited", ENGINE_EXITED },
		{ "stopped", ENGINE_EXITED },
		{ "removing", ENGINE_LEAVING },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(word, words[i].word) == 0)
			return words[i].state;
	return ENGINE_DEAD;
}

/* The wish that an image of this content fulfils. */
static uint32_t wish_by_content(const struct engine_reading *reading,
                                const uint8_t image_id[ENGINE_ID_LEN])
{
	for (uint32_t i = 0; i < reading->wishes->image_count; i++)
		if (reading->report->images[i].state == ENGINE_IMAGE_PRESENT &&
		    engine_is_same_id(reading->report->images[i].id, image_id))
			return i;
	return ENGINE_NO_WISH;
}

/* By name first: that is what it should be. */
static uint32_t wish_of_container(const struct engine_reading *reading,
                                  const char *reference,
                                  const uint8_t image_id[ENGINE_ID_LEN])
{
	uint32_t wish = engine_wish_of(reading->wishes, reference);

	return wish != ENGINE_NO_WISH ? wish
	                              : wish_by_content(reading, image_id);
}

/* --- CONTAINERS --- */

static void take_name(void *context, const char *text)
{
	struct engine_container *container = context;

	if (container->name[0] == '\0')
		ENGINE_SHOW(text[0] == '/' ? text + 1 : text, container->name);
}

static int read_container(const struct engine_reading *reading,
                          const struct json_node *node,
                          struct engine_container *out, const char **image,
                          struct err *err)
{
	const char *state, *image_id;

	if (engine_require_id(node, "Id", out->id, err) < 0 ||
	    engine_get_member(node, "Image", image, err) < 0 ||
	    engine_get_member(node, "ImageID", &image_id, err) < 0 ||
	    engine_get_member(node, "State", &state, err) < 0 ||
	    engine_for_each_text(node, "Names", ENGINE_NAMES_MAX, take_name,
	                         out, err) < 0)
		return -1;
	/* It may be gone: then it is none of ours, which is what 0 is. */
	(void)engine_read_id(image_id, out->image_id);
	ENGINE_SHOW(*image, out->image);
	out->state = read_state(state);
	out->wish = wish_of_container(reading, *image, out->image_id);
	return 0;
}

static int take_container_listed(struct engine_reading *reading,
                                 const struct json_node *node, struct err *err)
{
	struct engine_report *report = reading->report;
	struct engine_container container = { .wish = ENGINE_NO_WISH };
	const char *image;

	if (reading->wishes->image_count == 0)
		return 0;
	if (read_container(reading, node, &container, &image, err) < 0)
		return -1;
	if (container.wish == ENGINE_NO_WISH && !engine_is_bare_id(image))
		return 0;
	if (report->container_count == ENGINE_CONTAINERS_MAX)
		report->unlisted++;
	else
		report->containers[report->container_count++] = container;
	return 0;
}

int engine_take_containers(struct engine_reading *reading,
                           const struct json_node *top, struct err *err)
{
	return engine_take_list(reading, top, CONTAINERS_MAX,
	                        take_container_listed, err);
}

/* --- CONTAINER --- */

static struct engine_container *find_container(struct engine_report *report,
                                               const uint8_t *id)
{
	for (uint32_t i = 0; i < report->container_count; i++)
		if (engine_is_same_id(report->containers[i].id, id))
			return &report->containers[i];
	return NULL;
}

static int take_health(const struct json_node *state,
                       struct engine_container *out, struct err *err)
{
	struct json_node health = json_member(state, "Health");
	const char *word;

	if (engine_get_member(&health, "Status", &word, err) < 0)
		return -1;
	if (strcmp(word, "healthy") == 0)
		out->health = ENGINE_HEALTHY;
	else if (strcmp(word, "unhealthy") == 0)
		out->health = ENGINE_UNHEALTHY;
	else if (strcmp(word, "starting") == 0)
		out->health = ENGINE_STARTING;
	return 0;
}

static int take_state(const struct json_node *top, struct engine_container *out,
                      struct err *err)
{
	struct json_node state = json_member(top, "State");
	struct json_node code = json_member(&state, "ExitCode");
	uint64_t exit_code = 0;
	const char *word;

	if (json_require_object(&state, NULL, err) < 0 ||
	    engine_get_member(&state, "Status", &word, err) < 0 ||
	    json_get_u64(&code, INT32_MAX, &exit_code, err) < 0)
		return -1;
	out->state = read_state(word);
	out->exit_code = (uint32_t)exit_code;
	return take_health(&state, out, err);
}

static int take_policy(const struct json_node *top,
                       struct engine_container *out, struct err *err)
{
	struct json_node host = json_member(top, "HostConfig");
	struct json_node policy = json_member(&host, "RestartPolicy");
	const char *word;

	if (engine_get_member(&policy, "Name", &word, err) < 0)
		return -1;
	out->is_kept = word[0] != '\0' && strcmp(word, "no") != 0 ? 1 : 0;
	return 0;
}

int engine_take_container(struct engine_reading *reading,
                          const struct json_node *top, struct err *err)
{
	struct engine_container *known =
		find_container(reading->report, reading->id);
	struct json_node config = json_member(top, "Config");
	struct engine_container container;
	const char *image;

	if (json_require_object(top, NULL, err) < 0)
		return -1;
	if (known == NULL)
		return 0;
	container = *known;
	if (engine_get_member(&config, "Image", &image, err) < 0 ||
	    take_state(top, &container, err) < 0 ||
	    take_policy(top, &container, err) < 0)
		return -1;
	ENGINE_SHOW(image, container.image);
	container.wish = wish_of_container(reading, image, container.image_id);
	container.is_inspected = 1;
	*known = container;
	return 0;
}

void engine_answer_gone(enum engine_question question,
                        const uint8_t id[ENGINE_ID_LEN],
                        struct engine_report *report)
{
	struct engine_container *container;

	if (question != ENGINE_CONTAINER)
		return; /* of an image only the platform stays unknown */
	container = find_container(report, id);
	if (container != NULL)
		*container = report->containers[--report->container_count];
}
