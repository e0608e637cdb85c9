/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/errands.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

#define LONG_MS 20000

/* What an errand finds out. */
struct note {
	size_t number;
	pid_t pid;
	char text[32];
};

/* How errands of a test behave. */
enum manner { COME_BACK, HANG, CRASH, LEAVE };

struct desk {
	enum manner manners[ERRANDS_AT_ONCE + 1];
	uint32_t limit_ms;
	int line[2]; /* a pipe that errands hold open */
};

static struct err err;
static struct desk desk;

static void run_one(void *context, size_t number, void *result)
{
	const struct desk *at = context;
	struct note *note = result;

	note->number = number;
	note->pid = getpid();
	switch (at->manners[number]) {
	case COME_BACK:
		break;
	case HANG:
		for (;;)
			(void)pause();
	case CRASH:
		(void)raise(SIGKILL);
		break;
	case LEAVE:
		_exit(0);
	}
	(void)memcpy(note->text, "back", sizeof "back");
}

static uint32_t limit_of(const void *context, size_t number)
{
	(void)number;
	return ((const struct desk *)context)->limit_ms;
}

static struct errands_plan plan_of(size_t count)
{
	return (struct errands_plan){ .count = count,
		                      .result_size = sizeof(struct note),
		                      .run = run_one,
		                      .limit_ms = limit_of,
		                      .context = &desk };
}

static int clear_desk(void **state)
{
	(void)state;
	desk = (struct desk){ .limit_ms = LONG_MS, .line = { -1, -1 } };
	return 0;
}

static void begin(size_t count, struct errands *out)
{
	const struct errands_plan plan = plan_of(count);

	assert_int_equal(errands_begin(&plan, out, &err), 0);
}

/* More than run at once, so that some wait for others. */
static void each_leaves_its_own_result(void **state)
{
	static const size_t counts[] = { 0, 1, ERRANDS_AT_ONCE,
		                         ERRANDS_AT_ONCE + 1 };

	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		AUTO_ERRANDS struct errands errands = ERRANDS_NONE;

		begin(counts[i], &errands);
		errands_await(&errands);
		for (size_t n = 0; n < counts[i]; n++) {
			const struct note *note = errands_result(&errands, n);

			if (note == NULL || note->number != n ||
			    note->pid == getpid() ||
			    strcmp(note->text, "back") != 0)
				fail_msg("%zu of %zu left nothing", n,
				         counts[i]);
		}
		assert_null(errands_result(&errands, counts[i]));
	}
}

static void one_that_does_not_come_back_has_no_result(void **state)
{
	AUTO_ERRANDS struct errands errands = ERRANDS_NONE;
	static const bool is_there[] = { true, false, false, false, true };

	(void)state;
	desk.limit_ms = 300;
	desk.manners[1] = HANG;
	desk.manners[2] = CRASH;
	desk.manners[3] = LEAVE;
	begin(5, &errands);
	errands_await(&errands);
	for (size_t n = 0; n < 5; n++)
		if ((errands_result(&errands, n) != NULL) != is_there[n])
			fail_msg("errand %zu", n);
}

/* All that run at once hang, and then there is still one. */
static void those_that_hang_take_one_limit(void **state)
{
	AUTO_ERRANDS struct errands errands = ERRANDS_NONE;
	int64_t began = clock_monotonic_ms();

	(void)state;
	desk.limit_ms = 500;
	for (size_t n = 0; n < ERRANDS_AT_ONCE; n++)
		desk.manners[n] = HANG;
	begin(ERRANDS_AT_ONCE + 1, &errands);
	errands_await(&errands);
	assert_null(errands_result(&errands, 0));
	assert_null(errands_result(&errands, ERRANDS_AT_ONCE - 1));
	assert_non_null(errands_result(&errands, ERRANDS_AT_ONCE));
	assert_true(clock_monotonic_ms() - began <
	            (int64_t)desk.limit_ms * ERRANDS_AT_ONCE / 2);
}

/* Each holds the pipe; its end is seen when none is left. */
static void they_end_with_their_caller(void **state)
{
	struct errands errands = ERRANDS_NONE;
	char byte;

	(void)state;
	assert_int_equal(pipe(desk.line), 0);
	desk.manners[0] = desk.manners[1] = desk.manners[2] = HANG;
	begin(3, &errands);
	(void)close(desk.line[1]);
	errands_done(&errands);
	errands_done(&errands);
	assert_int_equal(read(desk.line[0], &byte, 1), 0);
	(void)close(desk.line[0]);
}

/* The same where the caller is killed, and can say nothing. */
static void they_end_with_a_caller_that_is_killed(void **state)
{
	pid_t caller;
	char byte;

	(void)state;
	assert_int_equal(pipe(desk.line), 0);
	desk.manners[0] = desk.manners[1] = HANG;
	caller = fork();
	assert_true(caller >= 0);
	if (caller == 0) {
		struct errands errands = ERRANDS_NONE;
		const struct errands_plan plan = plan_of(2);

		if (errands_begin(&plan, &errands, &err) == 0)
			(void)raise(SIGKILL);
		_exit(1);
	}
	(void)close(desk.line[1]);
	assert_int_equal(waitpid(caller, NULL, 0), caller);
	assert_int_equal(read(desk.line[0], &byte, 1), 0);
	(void)close(desk.line[0]);
}

/* As make(1) or a careless service manager may start us. */
static void signals_of_the_caller_change_nothing(void **state)
{
	AUTO_ERRANDS struct errands errands = ERRANDS_NONE;
	sigset_t blocked;
	sigset_t before;

	(void)state;
	desk.limit_ms = 300;
	desk.manners[0] = HANG; /* ended by a signal */
	(void)sigfillset(&blocked);
	(void)sigprocmask(SIG_BLOCK, &blocked, &before);
	(void)signal(SIGCHLD, SIG_IGN);
	(void)signal(SIGALRM, SIG_IGN);
	begin(2, &errands);
	errands_await(&errands);
	(void)signal(SIGALRM, SIG_DFL);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	assert_null(errands_result(&errands, 0));
	assert_non_null(errands_result(&errands, 1));
}

static void a_plan_out_of_range_is_refused(void **state)
{
	struct errands errands = ERRANDS_NONE;
	struct errands_plan plan = plan_of((size_t)ERRANDS_MAX + 1);

	(void)state;
	assert_int_equal(errands_begin(&plan, &errands, &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
	plan = plan_of(1);
	plan.result_size = ERRAND_SIZE_MAX + 1;
	assert_int_equal(errands_begin(&plan, &errands, &err), -1);
	assert_int_equal(errands.runner, 0);
	assert_null(errands.board);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_leaves_its_own_result, clear_desk),
		cmocka_unit_test_setup(
			one_that_does_not_come_back_has_no_result, clear_desk),
		cmocka_unit_test_setup(those_that_hang_take_one_limit,
		                       clear_desk),
		cmocka_unit_test_setup(they_end_with_their_caller, clear_desk),
		cmocka_unit_test_setup(they_end_with_a_caller_that_is_killed,
		                       clear_desk),
		cmocka_unit_test_setup(signals_of_the_caller_change_nothing,
		                       clear_desk),
		cmocka_unit_test(a_plan_out_of_range_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
