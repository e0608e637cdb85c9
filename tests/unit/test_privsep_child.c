/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "privsep/child.h"

#define LONG_MS 20000

static struct err err;

/* How "sh -c SCRIPT" ends: what child_exit gives. */
static int run_script(const char *script, int64_t time_ms, int *code)
{
	const char *argv[] = { "/bin/sh", "-c", script, NULL };
	const struct child child = { .argv = argv,
		                     .deadline =
		                             clock_monotonic_ms() + time_ms };

	return child_exit(&child, code, &err);
}

struct end_case {
	const char *name;
	const char *script;
	int64_t time_ms;
	int want; /* the status, or -1 */
	const char *text;
};

static void each_end_is_told(void **state)
{
	static const struct end_case cases[] = {
		{ "status 0", "exit 0", LONG_MS, 0, NULL },
		{ "status 3", "exit 3", LONG_MS, 3, NULL },
		{ "status 255", "exit 255", LONG_MS, 255, NULL },
		{ "not started", "exit 127", LONG_MS, -1, "not be started" },
		{ "a signal", "kill -TERM $$", LONG_MS, -1, "by signal 15" },
		{ "its deadline", "exec sleep 60", 100, -1, "in time" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct end_case *c = &cases[i];
		int code = -1;
		int got = run_script(c->script, c->time_ms, &code);

		if (got != (c->want < 0 ? -1 : 0) || code != c->want)
			fail_msg("%s: got %d, status %d", c->name, got, code);
		if (c->want < 0 && (err.code != ERR_UNHEALTHY ||
		                    strstr(err.text, c->text) == NULL))
			fail_msg("%s: %s", c->name, err.text);
	}
}

static void only_status_0_is_well(void **state)
{
	const char *argv[] = { "/bin/sh", "-c", "exit 3", NULL };
	const struct child child = { .argv = argv,
		                     .deadline =
		                             clock_monotonic_ms() + LONG_MS };

	(void)state;
	assert_int_equal(child_run(&child, &err), -1);
	assert_int_equal(err.code, ERR_UNHEALTHY);
	assert_non_null(strstr(err.text, "gave status 3"));
}

/* Fields of proc_pid_status(5); bit n - 1 stands for signal n.  32 and 33 are
 * glibc's own, which nobody can set, and make(1) leaves them ignored. */
static void no_signal_is_blocked_or_ignored(void **state)
{
	static const char script[] =
		"while read -r key value; do case $key$value in "
		"SigBlk:0000000000000000|SigIgn:0000000180000000) ;;"
		"SigIgn:0000000000000000) ;;"
		"SigBlk:*|SigIgn:*) exit 1;;"
		"esac; done </proc/self/status";
	sigset_t blocked;
	sigset_t before;
	int code = -1;

	(void)state;
	(void)sigfillset(&blocked);
	(void)sigprocmask(SIG_BLOCK, &blocked, &before);
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(run_script(script, LONG_MS, &code), 0);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	assert_int_equal(code, 0);
}

/* Else the kernel reaps its children, and no status is ever told. */
static void an_end_is_told_where_SIGCHLD_is_ignored(void **state)
{
	int code = -1;

	(void)state;
	(void)signal(SIGCHLD, SIG_IGN);
	assert_int_equal(run_script("exit 9", LONG_MS, &code), 0);
	(void)signal(SIGCHLD, SIG_DFL);
	assert_int_equal(code, 9);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_end_is_told),
		cmocka_unit_test(only_status_0_is_well),
		cmocka_unit_test(no_signal_is_blocked_or_ignored),
		cmocka_unit_test(an_end_is_told_where_SIGCHLD_is_ignored),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
