/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at the host's container engines.  Their sockets are looked for where
 * engines put them, and each that is there is asked (privsep/engine.h); nothing
 * else of theirs is read, and no program is run. */
#ifndef HEALTH_GATHER_ENGINE_H
#define HEALTH_GATHER_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/profile_env.h"
#include "codec/settings.h"
#include "health/check_id.h"
#include "health/engine_facts.h"

/* Each of them; a plugin of Nagios has ten seconds for all. */
#define ENGINE_TIMEOUT_MS 5000

/* Engines that said nothing in all of their time: who asks for the next app
 * need not wait for them again. */
#define ENGINE_SILENCES_MAX 8

struct engine_silences {
	struct engine_silence {
		char socket[ENGINE_PATH_SIZE];
		struct look look;
	} items[ENGINE_SILENCES_MAX];
	size_t count;
};

struct gather_engine {
	int root; /* borrowed; what run lies in */
	const struct settings *settings;
	/* Of the current release, sealed; NULL: there is none to go by. */
	const struct profile_env *profile;
	uint32_t timeout_ms; /* for each engine; they are asked side by side */
	int64_t end;         /* for all; as in struct patience */
	struct engine_silences *silences; /* in and out: of all apps of a run */
};

/** gather_engine_asks - whether a check in @set needs these facts. */
bool gather_engine_asks(struct check_set set);

/**
 * gather_engine - look.
 * @out: all zero before; release it with engine_facts_done, whatever comes.
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int gather_engine(const struct gather_engine *request, struct engine_facts *out,
                  struct err *err) MUST_CHECK;

/**
 * engine_wishes_of - what is asked of an engine for a profile and a
 * configuration.
 * @profile: NULL: no images.
 */
void engine_wishes_of(const struct profile_env *profile,
                      const struct settings_container *policy,
                      struct engine_wishes *out);

#endif
