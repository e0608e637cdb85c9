/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the engines of a host, side by side, each in a process of its own: one
 * that hangs costs the others no time. */
#ifndef HEALTH_ENGINE_ROUND_H
#define HEALTH_ENGINE_ROUND_H

#include <stddef.h>

#include "base/err.h"
#include "health/engine_facts.h"
#include "health/gather_engine.h"

/**
 * engine_round - look for an engine at each socket, and ask those that are
 * there; fill in facts->look, engines and count.
 * @count: ENGINES_MAX at most.
 * @facts: its wishes are there; what a failed call leaves is released with
 *         engine_facts_done.
 *
 * An engine that used up all of its time is noted in request->silences, and
 * one that is noted there is not asked again.
 *
 * Returns 0, or -1 as errands_begin, or with ERR_SYSTEM without memory.
 */
int engine_round(const struct gather_engine *request,
                 char (*sockets)[ENGINE_PATH_SIZE], size_t count,
                 struct engine_facts *facts, struct err *err) MUST_CHECK;

#endif
