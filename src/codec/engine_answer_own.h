/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind engine_answer.h share:
 *
 *     engine_answer.c       the question to its reader
 *     engine_setup.c        VERSION, INFO
 *     engine_images.c       IMAGES, IMAGE
 *     engine_containers.c   CONTAINERS, CONTAINER; what is gone
 *     engine_name.c         which image of the wishes a name means
 *     engine_value.c        texts, IDs and lists, as all answers have them */
#ifndef CODEC_ENGINE_ANSWER_OWN_H
#define CODEC_ENGINE_ANSWER_OWN_H

#include <stdbool.h>
#include <string.h>

#include "codec/engine_answer.h"

#define ENGINE_NAMES_MAX 1000 /* of an image or a container */

/* One answer while it is read. */
struct engine_reading {
	const struct engine_wishes *wishes;
	const uint8_t *id; /* what was asked about */
	struct engine_report *report;
};

/* --- answers: 0, or -1 as engine_answer_take --- */

int engine_take_version(struct engine_reading *reading,
                        const struct json_node *top,
                        struct err *err) MUST_CHECK;
int engine_take_info(struct engine_reading *reading,
                     const struct json_node *top, struct err *err) MUST_CHECK;
int engine_take_images(struct engine_reading *reading,
                       const struct json_node *top, struct err *err) MUST_CHECK;
int engine_take_image(struct engine_reading *reading,
                      const struct json_node *top, struct err *err) MUST_CHECK;
int engine_take_containers(struct engine_reading *reading,
                           const struct json_node *top,
                           struct err *err) MUST_CHECK;
int engine_take_container(struct engine_reading *reading,
                          const struct json_node *top,
                          struct err *err) MUST_CHECK;

/* --- values --- */

/** engine_show - put a text that is shown and no more into a field of @size
 * bytes: cut to fit, and '?' for what is not fit to be shown. */
void engine_show(const char *text, char *out, size_t size);

/* The same for a field that is an array. */
#define ENGINE_SHOW(text, field) engine_show(text, field, sizeof(field))

/** engine_get_member - the text of a member; "" where there is none.
 * @out: borrowed from the document.  0, or -1 with ERR_FORMAT. */
int engine_get_member(const struct json_node *object, const char *key,
                      const char **out, struct err *err) MUST_CHECK;

/** engine_show_member - engine_show of a member's text.  As
 * engine_get_member. */
int engine_show_member(const struct json_node *object, const char *key,
                       char *out, size_t size, struct err *err) MUST_CHECK;

/** engine_read_id - whether @text is "sha256:<hex>", or the digits alone.
 * @out: written only where it is. */
bool engine_read_id(const char *text, uint8_t out[ENGINE_ID_LEN]);

/** engine_require_id - the same of a member, which must be one.  0, or -1 with
 * ERR_FORMAT. */
int engine_require_id(const struct json_node *object, const char *key,
                      uint8_t out[ENGINE_ID_LEN], struct err *err) MUST_CHECK;

/** engine_is_bare_id - whether the reference of a container's image is an ID,
 * whole or its beginning, and no name.  A tag that went on to another image
 * leaves its containers so in the list; which image they were started from only
 * they know. */
bool engine_is_bare_id(const char *reference);

/** engine_is_same_id - IDs are no secret. */
static inline bool engine_is_same_id(const uint8_t a[ENGINE_ID_LEN],
                                     const uint8_t b[ENGINE_ID_LEN])
{
	return memcmp(a, b, ENGINE_ID_LEN) == 0;
}

/** engine_for_each_text - call @each for the texts of a member that is a list
 * of @max at most, or is not there.  0, or -1 with ERR_FORMAT, ERR_LIMIT. */
int engine_for_each_text(const struct json_node *object, const char *key,
                         size_t max,
                         void (*each)(void *context, const char *text),
                         void *context, struct err *err) MUST_CHECK;

/** engine_take_list - call @take for the objects of an answer that is a list of
 * @max at most.  0, or -1 with ERR_FORMAT, ERR_LIMIT, or as @take. */
int engine_take_list(struct engine_reading *reading,
                     const struct json_node *top, size_t max,
                     int (*take)(struct engine_reading *reading,
                                 const struct json_node *node, struct err *err),
                     struct err *err) MUST_CHECK;

#endif
