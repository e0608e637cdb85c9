/* SPDX-License-Identifier: Apache-2.0 */
/* A few threads that do pieces of work and hand them back in the order in
 * which they were given, so that what is made of them does not depend on the
 * number of threads.
 *
 *     while (crew_has_room(crew, &slot)) {
 *             ...fill the slot...
 *             crew_give(crew);
 *     }
 *     got = crew_take(crew, &slot, err);
 *     ...use what the thread left in the slot...
 *
 * A slot is a number; what it stands for is memory of the caller's.  It is the
 * caller's while it is filled, a thread's from crew_give until crew_take gives
 * it back, and then the caller's until the next crew_take.  All calls come from
 * one thread. */
#ifndef BASE_CREW_H
#define BASE_CREW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"

#define CREW_THREADS_MAX 16

struct crew; /* opaque */

struct crew_plan {
	unsigned threads; /* 1 to CREW_THREADS_MAX */
	size_t slots;     /* at least 2 */
	/* Does the work of a slot, on a thread numbered from 0; 0 or -1. */
	int (*work)(void *context, unsigned thread, size_t slot,
	            struct err *err);
	void *context; /* borrowed */
};

/** crew_processors - how many this process may use: 1 to CREW_THREADS_MAX. */
unsigned crew_processors(void);

/**
 * crew_new - start the threads.
 * @out: written only on 0; crew_free releases it.
 * Returns 0, or -1 with ERR_SYSTEM.
 */
int crew_new(const struct crew_plan *plan, struct crew **out,
             struct err *err) MUST_CHECK;

/** crew_free - wait for what is being done, drop what was not begun, and end
 * the threads.  NULL is none. */
void crew_free(struct crew *crew);

/** crew_has_room - whether one more slot can be given; @slot, which one that
 * is, is written only then. */
bool crew_has_room(const struct crew *crew, size_t *slot);

/** crew_give - hand the slot that crew_has_room named to the threads. */
void crew_give(struct crew *crew);

/**
 * crew_take - wait for the oldest slot that was given.
 * @slot: written only on 1.
 *
 * Returns 1, 0 when none is on its way, or -1 as its work did; then only
 * crew_free may be called.
 */
int crew_take(struct crew *crew, size_t *slot, struct err *err) MUST_CHECK;

#endif
