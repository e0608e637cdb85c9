/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed the app's images, as far as the policy asks.  Made by
 * gather_images. */
#ifndef HEALTH_IMAGE_FACTS_H
#define HEALTH_IMAGE_FACTS_H

#include <stddef.h>

#include "health/engine_facts.h"
#include "health/look.h"

enum image_standing {
	IMAGE_SIGNED,   /* the text names by whom */
	IMAGE_UNSIGNED, /* nobody did who may */
	/* Nobody could tell: */
	IMAGE_ABSENT,    /* its registry has none of that name and digest */
	IMAGE_REFUSED,   /* its registry answers, and does not let us see */
	IMAGE_SILENT,    /* its registry gives no answer, or not in time */
	IMAGE_CUT,       /* its registry has it, and fails before the end */
	IMAGE_HIDDEN,    /* we may not read what to ask its registry with */
	IMAGE_NOT_ASKED, /* something else kept us from it */
	IMAGE_STANDINGS
};

struct image_signed {
	char name[ENGINE_NAME_SIZE]; /* "ghcr.io/acme/shop@sha256:..." */
	enum image_standing standing;
	char text[LOOK_TEXT_SIZE];
};

struct image_facts {
	/* NONE: not asked, and why.  GOOD: each image was looked at. */
	struct look look;
	struct image_signed *items; /* owned */
	size_t count;
};

/** image_facts_done - release all; idempotent. */
void image_facts_done(struct image_facts *facts);

#endif
