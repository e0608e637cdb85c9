/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/errands.h"

#include <errno.h>
#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privsep/signals.h"

#define MS_PER_S  1000
#define US_PER_MS 1000

/* A place on the board: the result, and behind it whether it is whole. */
static size_t place_size(const struct errands_plan *plan)
{
	size_t align = alignof(max_align_t);

	return (plan->result_size + 1 + align - 1) / align * align;
}

static uint8_t *place_of(const struct errands *errands, size_t number)
{
	return errands->board + number * place_size(&errands->plan);
}

/* --- in the processes of their own ---------------------------------------- */

/* End with @parent, also where it ended before this was called. */
static void bind_to(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    getppid() != parent)
		_exit(1);
}

/* The kernel's clock ends what hangs in a call that we did not think of. */
static int set_limit(uint32_t limit_ms)
{
	const struct itimerval limit = {
		.it_value = { .tv_sec = limit_ms / MS_PER_S,
		              .tv_usec = (suseconds_t)(limit_ms % MS_PER_S) *
		                         US_PER_MS },
	};

	return setitimer(ITIMER_REAL, &limit, NULL);
}

static void run_one(const struct errands *errands, size_t number, pid_t runner)
{
	const struct errands_plan *plan = &errands->plan;
	uint8_t *place = place_of(errands, number);

	bind_to(runner);
	if (set_limit(plan->limit_ms(plan->context, number)) < 0)
		_exit(1);
	plan->run(plan->context, number, place);
	place[plan->result_size] = true;
	_exit(0);
}

/* Whether it was started; one that was not has no result. */
static bool start_one(const struct errands *errands, size_t number)
{
	pid_t runner = getpid();
	pid_t pid = fork();

	if (pid == 0)
		run_one(errands, number, runner);
	return pid > 0;
}

/* Start each, and wait for all; never returns. */
static void run_all(const struct errands *errands, pid_t caller)
{
	size_t next = 0;
	size_t running = 0;

	bind_to(caller);
	/* With SIGCHLD ignored, as somebody may have started us, no end would
	 * be told. */
	if (signals_reset() < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		_exit(1);
	while (next < errands->plan.count || running > 0) {
		if (next < errands->plan.count && running < ERRANDS_AT_ONCE)
			running += start_one(errands, next++) ? 1 : 0;
		else if (waitpid(-1, NULL, 0) > 0)
			running--;
		else if (errno != EINTR)
			_exit(1);
	}
	_exit(0);
}

/* --- the caller's side ---------------------------------------------------- */

static int make_board(struct errands *errands, struct err *err)
{
	const struct errands_plan *plan = &errands->plan;
	void *board;

	if (plan->count > ERRANDS_MAX || plan->result_size > ERRAND_SIZE_MAX)
		return err_set(err, ERR_INTERNAL, 0,
		               "%zu errands of %zu bytes are too many",
		               plan->count, plan->result_size);
	errands->size = (plan->count + 1) * place_size(plan);
	board = mmap(NULL, errands->size, PROT_READ | PROT_WRITE,
	             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		return err_set(err, ERR_SYSTEM, errno, "making shared memory");
	errands->board = board;
	return 0;
}

int errands_begin(const struct errands_plan *plan, struct errands *out,
                  struct err *err)
{
	AUTO_ERRANDS struct errands errands = { .plan = *plan };
	pid_t caller = getpid();
	pid_t runner;

	if (make_board(&errands, err) < 0)
		return -1;
	runner = fork();
	if (runner < 0)
		return err_set(err, ERR_SYSTEM, errno, "forking");
	if (runner == 0)
		run_all(&errands, caller);
	errands.runner = runner;
	*out = errands;
	errands = ERRANDS_NONE;
	return 0;
}

void errands_await(struct errands *errands)
{
	if (errands->runner == 0)
		return;
	while (waitpid(errands->runner, NULL, 0) < 0 && errno == EINTR)
		;
	errands->runner = 0;
}

const void *errands_result(const struct errands *errands, size_t number)
{
	const uint8_t *place;

	if (errands->board == NULL || number >= errands->plan.count)
		return NULL;
	place = place_of(errands, number);
	return place[errands->plan.result_size] != 0 ? place : NULL;
}

void errands_done(struct errands *errands)
{
	if (errands->runner > 0)
		(void)kill(errands->runner, SIGKILL); /* and so the others */
	errands_await(errands);
	if (errands->board != NULL)
		(void)munmap(errands->board, errands->size);
	*errands = ERRANDS_NONE;
}
