/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

enum stage { STAGE_GIVEN, STAGE_DONE, STAGE_FAILED };

/* Slots are used in turn.  The counts only grow: those in [out, next) are done
 * or being worked on, those in [next, in) wait for a thread. */
struct crew {
	struct crew_plan plan;
	size_t out;           /* the caller's own */
	size_t in;            /* written by the caller, under the lock */
	pthread_mutex_t lock; /* guards all that follows */
	pthread_cond_t given; /* there is work, or all is over */
	pthread_cond_t done;  /* a stage changed */
	size_t next;
	bool is_over;
	enum stage *stages; /* owned; one a slot */
	struct err *errs;   /* owned; why a slot failed */
	pthread_t threads[CREW_THREADS_MAX];
	unsigned started;
	unsigned numbered; /* threads that know their number */
};

static size_t slot_of(const struct crew *crew, size_t count)
{
	return count % crew->plan.slots;
}

/* Wait for work; false when all is over. */
static bool take_work(struct crew *crew, size_t *slot)
{
	while (!crew->is_over && crew->next == crew->in)
		(void)pthread_cond_wait(&crew->given, &crew->lock);
	if (crew->is_over)
		return false;
	*slot = slot_of(crew, crew->next++);
	return true;
}

static void *run(void *argument)
{
	struct crew *crew = argument;
	unsigned thread;
	size_t slot;

	(void)pthread_mutex_lock(&crew->lock); /* a plain one cannot fail */
	thread = crew->numbered++;
	while (take_work(crew, &slot)) {
		int result;

		(void)pthread_mutex_unlock(&crew->lock);
		result = crew->plan.work(crew->plan.context, thread, slot,
		                         &crew->errs[slot]);
		(void)pthread_mutex_lock(&crew->lock);
		crew->stages[slot] = result < 0 ? STAGE_FAILED : STAGE_DONE;
		(void)pthread_cond_signal(&crew->done);
	}
	(void)pthread_mutex_unlock(&crew->lock);
	return NULL;
}

static int start(struct crew *crew, struct err *err)
{
	for (; crew->started < crew->plan.threads; crew->started++) {
		int failed = pthread_create(&crew->threads[crew->started], NULL,
		                            run, crew);

		if (failed != 0)
			return err_set(err, ERR_SYSTEM, failed,
			               "starting a thread");
	}
	return 0;
}

unsigned crew_processors(void)
{
	cpu_set_t set;
	int count = 1;

	/* A machine with more than 1,024 gives EINVAL, and then one will do. */
	if (sched_getaffinity(0, sizeof set, &set) == 0)
		count = CPU_COUNT(&set);
	if (count < 1)
		return 1;
	return count < CREW_THREADS_MAX ? (unsigned)count : CREW_THREADS_MAX;
}

int crew_new(const struct crew_plan *plan, struct crew **out, struct err *err)
{
	struct crew *crew = calloc(1, sizeof *crew);

	if (crew == NULL)
		return err_nomem(err);
	crew->plan = *plan;
	(void)pthread_mutex_init(&crew->lock, NULL); /* cannot fail on Linux */
	(void)pthread_cond_init(&crew->given, NULL);
	(void)pthread_cond_init(&crew->done, NULL);
	crew->stages = calloc(plan->slots, sizeof *crew->stages);
	crew->errs = calloc(plan->slots, sizeof *crew->errs);
	if (crew->stages == NULL || crew->errs == NULL) {
		crew_free(crew);
		return err_nomem(err);
	}
	if (start(crew, err) < 0) {
		crew_free(crew);
		return -1;
	}
	*out = crew;
	return 0;
}

void crew_free(struct crew *crew)
{
	if (crew == NULL)
		return;
	(void)pthread_mutex_lock(&crew->lock);
	crew->is_over = true;
	(void)pthread_cond_broadcast(&crew->given);
	(void)pthread_mutex_unlock(&crew->lock);
	for (unsigned i = 0; i < crew->started; i++)
		(void)pthread_join(crew->threads[i], NULL);
	(void)pthread_cond_destroy(&crew->given);
	(void)pthread_cond_destroy(&crew->done);
	(void)pthread_mutex_destroy(&crew->lock);
	free(crew->stages);
	free(crew->errs);
	free(crew);
}

bool crew_has_room(const struct crew *crew, size_t *slot)
{
	/* One slot is the one that crew_take gave back last. */
	if (crew->in - crew->out == crew->plan.slots - 1)
		return false;
	*slot = slot_of(crew, crew->in);
	return true;
}

void crew_give(struct crew *crew)
{
	(void)pthread_mutex_lock(&crew->lock);
	crew->stages[slot_of(crew, crew->in)] = STAGE_GIVEN;
	crew->in++;
	(void)pthread_cond_signal(&crew->given);
	(void)pthread_mutex_unlock(&crew->lock);
}

int crew_take(struct crew *crew, size_t *slot, struct err *err)
{
	size_t oldest = slot_of(crew, crew->out);
	enum stage stage;

	if (crew->out == crew->in)
		return 0;
	(void)pthread_mutex_lock(&crew->lock);
	while ((stage = crew->stages[oldest]) == STAGE_GIVEN)
		(void)pthread_cond_wait(&crew->done, &crew->lock);
	(void)pthread_mutex_unlock(&crew->lock);
	crew->out++;
	if (stage == STAGE_FAILED) {
		*err = crew->errs[oldest];
		return -1;
	}
	*slot = oldest;
	return 1;
}
