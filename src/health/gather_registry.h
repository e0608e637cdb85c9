/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the registry of the app's images, which lies outside this host. */
#ifndef HEALTH_GATHER_REGISTRY_H
#define HEALTH_GATHER_REGISTRY_H

#include "base/err.h"
#include "codec/profile_env.h"
#include "health/look.h"
#include "health/registry_access.h"

struct gather_registry {
	struct registry_host host;
	const struct profile_env *profile; /* NULL: none to go by */
};

/**
 * gather_registry - ask for the first image that the profile pins, with the
 * credentials that [source] has for its registry: docker_config, and the token
 * where oci names the same registry.
 * @out: GOOD: it answers and lets this host in; WRONG: it does not; NONE: there
 *       is none to ask.
 *
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int gather_registry(const struct gather_registry *request, struct look *out,
                    struct err *err) MUST_CHECK;

#endif
