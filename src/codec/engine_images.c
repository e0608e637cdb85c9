/* SPDX-License-Identifier: Apache-2.0 */
/* The part of engine_answer_own.h that reads which images an engine has. */
#include <string.h>

#include "codec/engine_answer_own.h"

#define IMAGES_MAX 10000 /* far above what a host has */

/* --- IMAGES --- */

/* One image of the list. */
struct listed {
	struct engine_reading *reading;
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

		if (!engine_is_same_id(wishes->images[i].digest, digest))
			continue;
		image->state = ENGINE_IMAGE_PRESENT;
		memcpy(image->id, listed->id, sizeof image->id);
	}
}

static void take_digest_alone(struct listed *listed, const char *text)
{
	uint8_t digest[ENGINE_ID_LEN];

	if (engine_read_id(text, digest))
		note_present(listed, digest);
}

/* "registry/repository@sha256:..." */
static void take_digest(void *context, const char *text)
{
	struct listed *listed = context;
	const char *at = strrchr(text, '@');
	uint8_t digest[ENGINE_ID_LEN];

	if (at == NULL || !engine_read_id(at + 1, digest))
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

static int take_listed(struct engine_reading *reading,
                       const struct json_node *node, struct err *err)
{
	struct listed listed = { .reading = reading };
	const char *digest;

	if (engine_require_id(node, "Id", listed.id, err) < 0)
		return -1;
	/* Where the engine keeps images as containerd does, the ID is the
	 * digest; Podman tells that of an image without a name, too. */
	note_present(&listed, listed.id);
	if (engine_get_member(node, "Digest", &digest, err) < 0)
		return -1;
	take_digest_alone(&listed, digest);
	if (engine_for_each_text(node, "RepoDigests", ENGINE_NAMES_MAX,
	                         take_digest, &listed, err) < 0)
		return -1;
	return engine_for_each_text(node, "RepoTags", ENGINE_NAMES_MAX,
	                            take_tag, &listed, err);
}

int engine_take_images(struct engine_reading *reading,
                       const struct json_node *top, struct err *err)
{
	return engine_take_list(reading, top, IMAGES_MAX, take_listed, err);
}

/* --- IMAGE --- */

static void write_platform(const char *system, const char *architecture,
                           char out[ENGINE_TEXT_SIZE])
{
	char shown[ENGINE_TEXT_SIZE];
	size_t len;

	ENGINE_SHOW(system, shown);
	len = strlen(shown);
	memcpy(out, shown, len + 1);
	ENGINE_SHOW(architecture, shown);
	if (len + 1 + strlen(shown) >= ENGINE_TEXT_SIZE)
		return; /* no platform is called like that */
	out[len] = '/';
	memcpy(out + len + 1, shown, strlen(shown) + 1);
}

int engine_take_image(struct engine_reading *reading,
                      const struct json_node *top, struct err *err)
{
	const char *system, *architecture;
	uint8_t id[ENGINE_ID_LEN];

	if (json_require_object(top, NULL, err) < 0 ||
	    engine_require_id(top, "Id", id, err) < 0 ||
	    engine_get_member(top, "Os", &system, err) < 0 ||
	    engine_get_member(top, "Architecture", &architecture, err) < 0)
		return -1;
	for (uint32_t i = 0; i < reading->wishes->image_count; i++) {
		struct engine_image *image = &reading->report->images[i];

		if (image->state != ENGINE_IMAGE_PRESENT ||
		    !engine_is_same_id(image->id, reading->id))
			continue;
		write_platform(system, architecture, image->platform);
		image->is_inspected = 1;
	}
	return 0;
}
