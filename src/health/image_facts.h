/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed the app's images, as far as the policy asks.  Made by
 * gather_images. */
#ifndef HEALTH_IMAGE_FACTS_H
#define HEALTH_IMAGE_FACTS_H

#include <stddef.h>

#include "health/engine_facts.h"
#include "health/look.h"

struct image_signed {
	char name[ENGINE_NAME_SIZE]; /* "ghcr.io/acme/shop@sha256:..." */
	/* GOOD: the text names who signed.  WRONG: nobody did who may.
	 * FAILED: nobody could tell. */
	struct look look;
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
