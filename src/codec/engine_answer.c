/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/engine_answer.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* What an engine may list: each is far above what a host runs. */
#define COMPONENTS_MAX 64
#define OPTIONS_MAX    64
#define RUNTIMES_MAX   256
#define IMAGES_MAX     10000
#define NAMES_MAX      1000 /* tags or digests of an image */
#define CONTAINERS_MAX 5000

static const char id_head[] = "sha256:";

/* One answer while it is read. */
struct reading {
	const struct engine_wishes *wishes;
	const uint8_t *id; /* what was asked about */
	struct engine_report *report;
};

/* --- values ----------------------------------------------------------------
 */

/* What is shown and no more is made fit to be shown. */
static void show(const char *text, char *out, size_t size)
{
	size_t len = strlen(text);

	if (len >= size)
		len = size - 1;
	memmove(out, text, len);
	out[len] = '\0';
	if (text_is_printable(out, len))
		return;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)out[i] < 0x20 ||
		    (unsigned char)out[i] >= 0x7f)
			out[i] = '?';
}

#define SHOW(text, field) show(text, field, sizeof(field))

/* The text of a member; "" where there is none. */
static int get_member(const struct json_node *object, const char *key,
                      const char **out, struct err *err)
{
	struct json_node node = json_member(object, key);

	return json_get_text(&node, out, err);
}

static int show_member(const struct json_node *object, const char *key,
                       char *out, size_t size, struct err *err)
{
	const char *text;

	if (get_member(object, key, &text, err) < 0)
		return -1;
	show(text, out, size);
	return 0;
}

/* "sha256:<hex>", or the digits alone. */
static bool read_id(const char *text, uint8_t out[ENGINE_ID_LEN])
{
	size_t head = strlen(id_head);
	struct err err;

	if (strncmp(text, id_head, head) == 0)
		text += head;
	return text_from_hex(text, strlen(text), out, ENGINE_ID_LEN, &err) == 0;
}

static int require_id(const struct json_node *object, const char *key,
                      uint8_t out[ENGINE_ID_LEN], struct err *err)
{
	struct json_node node = json_member(object, key);
	const char *text;

	if (json_require_text(&node, &text, err) < 0)
		return -1;
	if (!read_id(text, out))
		return json_refuse(&node, ERR_FORMAT, err, "is no SHA-256");
	return 0;
}

static bool is_same(const uint8_t a[ENGINE_ID_LEN],
                    const uint8_t b[ENGINE_ID_LEN])
{
	return memcmp(a, b, ENGINE_ID_LEN) == 0;
}

/* Do @each for the texts of a list. */
static int for_each_text(const struct json_node *object, const char *key,
                         size_t max,
                         void (*each)(void *context, const char *text),
                         void *context, struct err *err)
{
	struct json_node list = json_member(object, key);
	size_t count;

	if (json_get_list(&list, max, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_node node = json_element(&list, i);
		const char *text;

		if (json_get_text(&node, &text, err) < 0)
			return -1;
		each(context, text);
	}
	return 0;
}

/* --- VERSION ---------------------------------------------------------------
 */

static int take_component(struct reading *reading, const struct json_node *node,
                          struct err *err)
{
	const char *name;

	if (get_member(node, "Name", &name, err) < 0)
		return -1;
	if (strcmp(name, "Podman Engine") == 0)
		reading->report->kind = ENGINE_PODMAN;
	else if (strcmp(name, "Engine") == 0 &&
	         reading->report->kind == ENGINE_OTHER)
		reading->report->kind = ENGINE_DOCKER;
	return 0;
}

static int take_platform(struct reading *reading, const struct json_node *top,
                         struct err *err)
{
	struct json_node platform = json_member(top, "Platform");
	const char *name;

	if (get_member(&platform, "Name", &name, err) < 0)
		return -1;
	if (strncmp(name, "Docker Desktop", strlen("Docker Desktop")) == 0)
		reading->report->kind = ENGINE_DESKTOP;
	return 0;
}

static int take_version(struct reading *reading, const struct json_node *top,
                        struct err *err)
{
	struct json_node components = json_member(top, "Components");
	size_t count;

	if (json_require_object(top, NULL, err) < 0 ||
	    show_member(top, "Version", reading->report->version,
	                sizeof reading->report->version, err) < 0 ||
	    json_get_list(&components, COMPONENTS_MAX, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_node node = json_element(&components, i);

		if (take_component(reading, &node, err) < 0)
			return -1;
	}
	return take_platform(reading, top, err);
}

/* --- INFO ------------------------------------------------------------------
 */

/* "name=seccomp,profile=default" */
static void take_option(void *context, const char *text)
{
	static const struct {
		const char *name;
		enum engine_guard guard;
	} known[] = {
		{ "name=seccomp", ENGINE_SECCOMP },
		{ "name=apparmor", ENGINE_APPARMOR },
		{ "name=selinux", ENGINE_SELINUX },
		{ "name=rootless", ENGINE_ROOTLESS },
	};
	struct engine_report *report = context;
	size_t len = strcspn(text, ",");

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_equal(text, len, known[i].name))
			report->guards |= known[i].guard;
	if (strcmp(text, "name=seccomp,profile=unconfined") == 0)
		report->guards |= ENGINE_UNCONFINED;
}

static int take_cgroups(struct reading *reading, const struct json_node *top,
                        struct err *err)
{
	const char *version;

	if (get_member(top, "CgroupVersion", &version, err) < 0)
		return -1;
	reading->report->cgroup_version = strcmp(version, "1") == 0   ? 1
	                                  : strcmp(version, "2") == 0 ? 2
	                                                              : 0;
	return 0;
}

static int take_runtimes(struct reading *reading, const struct json_node *top,
                         struct err *err)
{
	struct json_node runtimes = json_member(top, "Runtimes");
	size_t count;

	if (json_count_members(&runtimes, RUNTIMES_MAX, &count, err) < 0)
		return -1;
	for (uint32_t i = 0; i < reading->wishes->runtime_count; i++) {
		struct json_node node =
			json_member(&runtimes, reading->wishes->runtimes[i]);

		if (json_is_present(&node))
			reading->report->runtimes |= (uint64_t)1 << i;
	}
	return show_member(top, "DefaultRuntime", reading->report->runtime,
	                   sizeof reading->report->runtime, err);
}

/* A member of Podman's alone. */
static int take_rootless(struct reading *reading, const struct json_node *top,
                         struct err *err)
{
	struct json_node node = json_member(top, "Rootless");
	bool is_rootless = false;

	if (json_get_bool(&node, &is_rootless, err) < 0)
		return -1;
	if (is_rootless)
		reading->report->guards |= ENGINE_ROOTLESS;
	return 0;
}

static int take_info(struct reading *reading, const struct json_node *top,
                     struct err *err)
{
	struct engine_report *report = reading->report;
	const char *system;

	if (json_require_object(top, NULL, err) < 0 ||
	    show_member(top, "Driver", report->driver, sizeof report->driver,
	                err) < 0 ||
	    show_member(top, "DockerRootDir", report->folder,
	                sizeof report->folder, err) < 0 ||
	    get_member(top, "OperatingSystem", &system, err) < 0 ||
	    take_cgroups(reading, top, err) < 0 ||
	    take_rootless(reading, top, err) < 0 ||
	    take_runtimes(reading, top, err) < 0)
		return -1;
	if (strcmp(system, "Docker Desktop") == 0)
		report->kind = ENGINE_DESKTOP;
	return for_each_text(top, "SecurityOptions", OPTIONS_MAX, take_option,
	                     report, err);
}

/* --- IMAGES, IMAGE ---------------------------------------------------------
 */

/* One image of the list. */
struct listed {
	struct reading *reading;
	uint8_t id[ENGINE_ID_LEN];
	uint8_t digest[ENGINE_ID_LEN]; /* of a name that is ours */
	bool has_digest;
};

static void note_present(struct listed *listed, const uint8_t *digest)
{
	const struct engine_wishes *wishes = listed->reading->wishes;

	for (uint32_t i = 0; i < wishes->image_count; i++) {
		struct engine_image *image =
			&listed->reading->report->images[i];

		if (!is_same(wishes->images[i].digest, digest))
			continue;
		image->state = ENGINE_IMAGE_PRESENT;
		memcpy(image->id, listed->id, sizeof image->id);
	}
}

static void take_digest_alone(struct listed *listed, const char *text)
{
	uint8_t digest[ENGINE_ID_LEN];

	if (read_id(text, digest))
		note_present(listed, digest);
}

/* "registry/repository@sha256:..." */
static void take_digest(void *context, const char *text)
{
	struct listed *listed = context;
	const char *at = strrchr(text, '@');
	uint8_t digest[ENGINE_ID_LEN];

	if (at == NULL || !read_id(at + 1, digest))
		return; /* another algorithm cannot be ours */
	note_present(listed, digest);
	if (engine_wish_of(listed->reading->wishes, text) == ENGINE_NO_WISH)
		return;
	memcpy(listed->digest, digest, sizeof digest);
	listed->has_digest = true;
}

/* Whether "repository:tag" is what profile.env's tag means. */
static bool has_tag(const struct engine_wishes *wishes, const char *text)
{
	const char *colon = strrchr(text, ':');

	return wishes->tag[0] == '\0' ||
	       (colon != NULL && strcmp(colon + 1, wishes->tag) == 0);
}

/* "registry/repository:tag"; what the digests say comes first. */
static void take_tag(void *context, const char *text)
{
	struct listed *listed = context;
	const struct engine_wishes *wishes = listed->reading->wishes;
	uint32_t wish = engine_wish_of(wishes, text);
	struct engine_image *image;

	if (wish == ENGINE_NO_WISH || !has_tag(wishes, text))
		return;
	image = &listed->reading->report->images[wish];
	if (image->state != ENGINE_IMAGE_ABSENT)
		return;
	image->state = ENGINE_IMAGE_DIFFERS;
	if (listed->has_digest)
		memcpy(image->other, listed->digest, sizeof image->other);
}

static int take_listed(struct reading *reading, const struct json_node *node,
                       struct err *err)
{
	struct listed listed = { .reading = reading };
	const char *digest;

	if (require_id(node, "Id", listed.id, err) < 0)
		return -1;
	/* Where the engine keeps images as containerd does, the ID is the
	 * digest; Podman tells that of an image without a name, too. */
	note_present(&listed, listed.id);
	if (get_member(node, "Digest", &digest, err) < 0)
		return -1;
	take_digest_alone(&listed, digest);
	if (for_each_text(node, "RepoDigests", NAMES_MAX, take_digest, &listed,
	                  err) < 0)
		return -1;
	return for_each_text(node, "RepoTags", NAMES_MAX, take_tag, &listed,
	                     err);
}

static int take_list(struct reading *reading, const struct json_node *top,
                     size_t max,
                     int (*take)(struct reading *reading,
                                 const struct json_node *node, struct err *err),
                     struct err *err)
{
	size_t count;

	if (!json_is_present(top))
		return json_refuse(top, ERR_FORMAT, err, "is no list");
	if (json_get_list(top, max, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_node node = json_element(top, i);

		if (json_require_object(&node, NULL, err) < 0 ||
		    take(reading, &node, err) < 0)
			return -1;
	}
	return 0;
}

static int take_images(struct reading *reading, const struct json_node *top,
                       struct err *err)
{
	return take_list(reading, top, IMAGES_MAX, take_listed, err);
}

static void write_platform(const char *system, const char *architecture,
                           char out[ENGINE_TEXT_SIZE])
{
	char shown[ENGINE_TEXT_SIZE];
	size_t len;

	SHOW(system, shown);
	len = strlen(shown);
	memcpy(out, shown, len + 1);
	SHOW(architecture, shown);
	if (len + 1 + strlen(shown) >= ENGINE_TEXT_SIZE)
		return; /* no platform is called like that */
	out[len] = '/';
	memcpy(out + len + 1, shown, strlen(shown) + 1);
}

static int take_image(struct reading *reading, const struct json_node *top,
                      struct err *err)
{
	const char *system, *architecture;
	uint8_t id[ENGINE_ID_LEN];

	if (json_require_object(top, NULL, err) < 0 ||
	    require_id(top, "Id", id, err) < 0 ||
	    get_member(top, "Os", &system, err) < 0 ||
	    get_member(top, "Architecture", &architecture, err) < 0)
		return -1;
	for (uint32_t i = 0; i < reading->wishes->image_count; i++) {
		struct engine_image *image = &reading->report->images[i];

		if (image->state != ENGINE_IMAGE_PRESENT ||
		    !is_same(image->id, reading->id))
			continue;
		write_platform(system, architecture, image->platform);
		image->is_inspected = 1;
	}
	return 0;
}

/* --- CONTAINERS, CONTAINER -------------------------------------------------
 */

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
static uint32_t wish_by_content(const struct reading *reading,
                                const uint8_t image_id[ENGINE_ID_LEN])
{
	for (uint32_t i = 0; i < reading->wishes->image_count; i++)
		if (reading->report->images[i].state == ENGINE_IMAGE_PRESENT &&
		    is_same(reading->report->images[i].id, image_id))
			return i;
	return ENGINE_NO_WISH;
}

/* By name first: that is what it should be. */
static uint32_t wish_of_container(const struct reading *reading,
                                  const char *reference,
                                  const uint8_t image_id[ENGINE_ID_LEN])
{
	uint32_t wish = engine_wish_of(reading->wishes, reference);

	return wish != ENGINE_NO_WISH ? wish
	                              : wish_by_content(reading, image_id);
}

/* A tag that went on to another image leaves its containers with a bare ID in
 * the list; which image they were started from only they know. */
static bool is_bare_id(const char *reference)
{
	size_t head = strlen(id_head);
	size_t len;

	if (strncmp(reference, id_head, head) == 0)
		return true;
	len = strspn(reference, "0123456789abcdef");
	return len >= 12 && reference[len] == '\0';
}

static void take_name(void *context, const char *text)
{
	struct engine_container *container = context;

	if (container->name[0] == '\0')
		SHOW(text[0] == '/' ? text + 1 : text, container->name);
}

static int read_container(const struct reading *reading,
                          const struct json_node *node,
                          struct engine_container *out, const char **image,
                          struct err *err)
{
	const char *state, *image_id;

	if (require_id(node, "Id", out->id, err) < 0 ||
	    get_member(node, "Image", image, err) < 0 ||
	    get_member(node, "ImageID", &image_id, err) < 0 ||
	    get_member(node, "State", &state, err) < 0 ||
	    for_each_text(node, "Names", NAMES_MAX, take_name, out, err) < 0)
		return -1;
	/* It may be gone: then it is none of ours, which is what 0 is. */
	(void)read_id(image_id, out->image_id);
	SHOW(*image, out->image);
	out->state = read_state(state);
	out->wish = wish_of_container(reading, *image, out->image_id);
	return 0;
}

static int take_container_listed(struct reading *reading,
                                 const struct json_node *node, struct err *err)
{
	struct engine_report *report = reading->report;
	struct engine_container container = { .wish = ENGINE_NO_WISH };
	const char *image;

	if (reading->wishes->image_count == 0)
		return 0;
	if (read_container(reading, node, &container, &image, err) < 0)
		return -1;
	if (container.wish == ENGINE_NO_WISH && !is_bare_id(image))
		return 0;
	if (report->container_count == ENGINE_CONTAINERS_MAX)
		report->unlisted++;
	else
		report->containers[report->container_count++] = container;
	return 0;
}

static int take_containers(struct reading *reading, const struct json_node *top,
                           struct err *err)
{
	return take_list(reading, top, CONTAINERS_MAX, take_container_listed,
	                 err);
}

static struct engine_container *find_container(struct engine_report *report,
                                               const uint8_t *id)
{
	for (uint32_t i = 0; i < report->container_count; i++)
		if (is_same(report->containers[i].id, id))
			return &report->containers[i];
	return NULL;
}

static int take_health(const struct json_node *state,
                       struct engine_container *out, struct err *err)
{
	struct json_node health = json_member(state, "Health");
	const char *word;

	if (get_member(&health, "Status", &word, err) < 0)
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
	    get_member(&state, "Status", &word, err) < 0 ||
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

	if (get_member(&policy, "Name", &word, err) < 0)
		return -1;
	out->is_kept = word[0] != '\0' && strcmp(word, "no") != 0 ? 1 : 0;
	return 0;
}

static int take_container(struct reading *reading, const struct json_node *top,
                          struct err *err)
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
	if (get_member(&config, "Image", &image, err) < 0 ||
	    take_state(top, &container, err) < 0 ||
	    take_policy(top, &container, err) < 0)
		return -1;
	SHOW(image, container.image);
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

/* --- all of them -----------------------------------------------------------
 */

int engine_answer_take(const struct engine_wishes *wishes,
                       enum engine_question question,
                       const uint8_t id[ENGINE_ID_LEN], struct bytes body,
                       struct engine_report *report, struct err *err)
{
	static int (*const takes[ENGINE_QUESTIONS])(struct reading * reading,
	                                            const struct json_node *top,
	                                            struct err *err) = {
		[ENGINE_VERSION] = take_version,
		[ENGINE_INFO] = take_info,
		[ENGINE_IMAGES] = take_images,
		[ENGINE_CONTAINERS] = take_containers,
		[ENGINE_IMAGE] = take_image,
		[ENGINE_CONTAINER] = take_container,
	};
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct reading reading = { wishes, id, report };
	struct json_node top;

	if (json_read((const char *)body.data, body.len, ENGINE_ANSWER_MAX,
	              &document, err) < 0)
		return -1;
	top = json_top(&document);
	return takes[question](&reading, &top, err);
}
