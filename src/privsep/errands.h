/* SPDX-License-Identifier: Apache-2.0 */
/* Errands: short jobs of our own that mostly wait for others.  They are run
 * side by side, each in a process of its own, so that none waits for another,
 * and one that does not come back is ended alone.
 *
 *     AUTO_ERRANDS struct errands errands = ERRANDS_NONE;
 *
 *     if (errands_begin(&plan, &errands, err) < 0)
 *             return -1;
 *     ...something else...
 *     errands_await(&errands);
 *     result = errands_result(&errands, 0);
 *
 * A process between the caller and the errands starts them in their order,
 * ERRANDS_AT_ONCE at a time, and the next when one has ended.  All of them die
 * with the caller.  It must have no threads when they begin (fork). */
#ifndef PRIVSEP_ERRANDS_H
#define PRIVSEP_ERRANDS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/err.h"

#define ERRANDS_AT_ONCE 64
#define ERRANDS_MAX     (1 << 20)
#define ERRAND_SIZE_MAX ((size_t)1 << 20) /* bytes of a result */

struct errands_plan {
	size_t count;       /* at most ERRANDS_MAX */
	size_t result_size; /* bytes of each result; at most ERRAND_SIZE_MAX */
	/* Runs one, in its process, and leaves in @result (all zero before,
	 * aligned for any type) what came of it.  It begins with no signal
	 * blocked or caught, SIGPIPE ignored. */
	void (*run)(void *context, size_t number, void *result);
	/* How long one may take, in milliseconds (at least 1): then it is
	 * killed.  It should end by itself before. */
	uint32_t (*limit_ms)(const void *context, size_t number);
	void *context; /* borrowed until they ended; what run changes in it is
	                * seen by nobody */
};

struct errands {
	struct errands_plan plan;
	pid_t runner;   /* 0: none, or reaped */
	uint8_t *board; /* owned; shared memory with all results */
	size_t size;    /* of the board */
};

#define ERRANDS_NONE ((struct errands){ .runner = 0 })
#define AUTO_ERRANDS AUTO(errands_done)

/**
 * errands_begin - start them and return at once.
 * @out: written only on 0; ERRANDS_NONE before.
 * Returns 0, or -1 with ERR_SYSTEM, or ERR_INTERNAL for a plan out of range.
 */
int errands_begin(const struct errands_plan *plan, struct errands *out,
                  struct err *err) MUST_CHECK;

/** errands_await - until all have ended; at once where none runs. */
void errands_await(struct errands *errands);

/**
 * errands_result - what the @number-th left; after errands_await.
 * Returns NULL for one that did not come to its end: it was killed, crashed, or
 * could not be started.  Borrowed until errands_done.
 */
const void *errands_result(const struct errands *errands, size_t number);

/** errands_done - end those that still run, and release all; idempotent. */
void errands_done(struct errands *errands);

#endif
