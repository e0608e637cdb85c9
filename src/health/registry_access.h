/* SPDX-License-Identifier: Apache-2.0 */
/* What this host shows a registry of images, and how it asks there: addresses
 * that may be plain, proxy, authorities, and the credentials that [source] has
 * for this registry: docker_config, and the token where oci names the same
 * one. */
#ifndef HEALTH_REGISTRY_ACCESS_H
#define HEALTH_REGISTRY_ACCESS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/oci_reference.h"
#include "codec/profile_env.h"
#include "codec/settings.h"
#include "health/engine_facts.h"
#include "health/patience.h"
#include "privsep/registry.h"

/* Whose configuration it is; borrowed. */
struct registry_host {
	int root; /* what etc lies in */
	const char *app;
	const struct settings *settings;
	int64_t end; /* as in struct patience */
};

/**
 * registry_image_name - what to ask a registry for, by engine_image_name.
 * @out: ENGINE_NAME_SIZE bytes.
 *
 * Without an IMAGE_PREFIX a name follows REGISTRY itself, which '-' would make
 * another host of: then the seam is '/'.
 * Returns whether '/' is another seam that the name may have instead.
 */
bool registry_image_name(const struct profile_env *profile,
                         const struct engine_wishes *wishes, size_t number,
                         char out[ENGINE_NAME_SIZE]);

/** registry_image_seam - the same name with '/'. */
void registry_image_seam(const struct engine_wishes *wishes,
                         char name[ENGINE_NAME_SIZE]);

struct registry_access {
	struct oci_reference reference; /* of the image */
	struct patience patience; /* for its registry, since it was opened */
	/* The rest is private. */
	const struct registry_host *host;
	struct fetch_request *wanted; /* owned */
	struct buf token, docker_config;
	int authorities, workers; /* owned, or -1 */
};

#define REGISTRY_ACCESS_NONE                                                   \
	((struct registry_access){ .token = BUF_LIMIT(FETCH_CREDENTIALS_MAX),  \
	                           .docker_config =                            \
	                                   BUF_LIMIT(FETCH_CREDENTIALS_MAX),   \
	                           .authorities = -1,                          \
	                           .workers = -1 })
#define AUTO_REGISTRY_ACCESS AUTO(registry_access_done)

/**
 * registry_access_open - prepare to ask for one image.
 * @image: "registry/repository@sha256:..."
 * @host:  must live as long as @out.
 * @out:   REGISTRY_ACCESS_NONE before; release it, also after -1.
 *
 * Returns 0, or -1 with ERR_USAGE for a name that is none, ERR_LOCKED where
 * less than a second is left, or as worker_open_folder and fs_open_trusted.
 */
int registry_access_open(const struct registry_host *host, const char *image,
                         struct registry_access *out,
                         struct err *err) MUST_CHECK;

/** registry_access_ask - what registry_ask and registry_signatures take;
 * borrowed from @access. */
struct registry_ask registry_access_ask(const struct registry_access *access);

/** registry_access_done - wipe the credentials and release all; idempotent. */
void registry_access_done(struct registry_access *access);

#endif
