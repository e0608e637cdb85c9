/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the registry of the app's images who signed them. */
#ifndef HEALTH_GATHER_IMAGES_H
#define HEALTH_GATHER_IMAGES_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "codec/profile_env.h"
#include "health/image_facts.h"
#include "health/registry_access.h"
#include "trust/keyring.h"

/* Everything is borrowed. */
struct gather_images {
	struct registry_host host;
	struct bytes settings_text; /* what the settings were parsed from */
	const struct keyring *keyring;
	const struct profile_env *profile; /* of the current release */
	uint64_t sequence;                 /* of that */
};

/**
 * gather_images - fetch the signatures of each image that the profile pins, and
 * have them judged by verify-worker.  The policy asks for it (images_signed).
 * @out: all zero before; release it with image_facts_done.
 *
 * Once the registry did not answer, it is not asked for further images.
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int gather_images(const struct gather_images *request, struct image_facts *out,
                  struct err *err) MUST_CHECK;

#endif
