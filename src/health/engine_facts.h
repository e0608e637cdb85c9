/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen of the host's container engines, and of the images and
 * containers of the app.  Made by gather_engine. */
#ifndef HEALTH_ENGINE_FACTS_H
#define HEALTH_ENGINE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/engine_report.h"
#include "codec/settings_health.h"
#include "health/look.h"

#define ENGINES_MAX      5
#define ENGINE_PATH_SIZE 256 /* of a socket or folder, with the NUL */

/* One socket at which an engine may listen. */
struct engine_seen {
	/* GOOD: it answered.  WRONG: it is stopped, or not well. */
	struct look look;
	char socket[ENGINE_PATH_SIZE];
	struct engine_report *report; /* owned; NULL unless GOOD */
};

/* Where the engine keeps its images. */
struct engine_storage {
	struct look look; /* GOOD: what follows is known */
	char folder[ENGINE_PATH_SIZE];
	uint64_t free_bytes, free_files;
};

struct engine_facts {
	/* NONE: these checks do not apply, and why.  GOOD: sockets were looked
	 * for.  FAILED: nobody could ask.  BLOCKED: nor tell whether to. */
	struct look look;
	struct settings_container policy;
	struct engine_wishes *wishes; /* owned; NULL unless GOOD */
	struct engine_seen engines[ENGINES_MAX];
	size_t count;                  /* of sockets that are there */
	struct engine_storage storage; /* of the one that was chosen */
	/* Files that are there. */
	bool has_docker, has_podman, has_containerd, has_compose;
	/* What the kernel can do. */
	bool kernel_has_seccomp, kernel_has_apparmor;
	char platform[ENGINE_TEXT_SIZE]; /* of this host: "linux/amd64" */
};

/** engine_facts_done - release all; idempotent. */
void engine_facts_done(struct engine_facts *facts);

/**
 * engine_choose - the engine that the app's containers run by, as far as one
 * can tell: one that answers, of the kind that the policy wants before others,
 * and Docker before Podman.  NULL: none answers.
 */
const struct engine_seen *engine_choose(const struct engine_facts *facts);

/* base, "-", name, "@sha256:", digits, NUL */
#define ENGINE_NAME_SIZE                                                       \
	(ENGINE_REFERENCE_SIZE + PROFILE_NAME_SIZE + 2 * ENGINE_ID_LEN + 16)

/**
 * engine_image_name - "ghcr.io/acme/shop-web@sha256:..." of a wish.  How the
 * name was spelled before it became a key is a guess.
 */
void engine_image_name(const struct engine_wishes *wishes, size_t number,
                       char out[ENGINE_NAME_SIZE]);

/** engine_kind_name - "Docker Engine" */
const char *engine_kind_name(uint32_t kind);

#endif
