/* SPDX-License-Identifier: Apache-2.0 */
/* The walls hold: a worker tries each way out and says what came of it. */
#include "play.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../helpers/attempt.h"

#define KILLED UINT32_MAX /* by the filter for system calls */
#define OK     0
#define NOBODY 65534

struct prison_case {
	const char *name;
	enum attempt attempt;
	uint32_t pure;    /* errno, OK or KILLED; a fact's value */
	uint32_t network; /* the same */
};

static const struct prison_case cases[] = {
	{ "is it root", FACT_IS_ROOT, 0, 0 },
	{ "variables", FACT_ENVIRONMENT, 0, 0 },
	/* 0 to 2, the socket, the ring, its one input */
	{ "descriptors", FACT_DESCRIPTORS, 6, 6 },
	{ "no_new_privs", FACT_NO_NEW_PRIVS, 1, 1 },
	{ "dies with the monitor", FACT_DIES_WITH_MONITOR, 1, 1 },
	{ "blocked or ignored signals", FACT_BLOCKED_SIGNALS, 0, 0 },

	{ "nothing", TRY_NOTHING, OK, OK },
	{ "open", TRY_OPEN, EACCES, EACCES },
	{ "open what is allowed", TRY_OPEN_ALLOWED, EACCES, OK },
	{ "open for writing", TRY_OPEN_WRITING, EACCES, EACCES },
	{ "openat2", TRY_OPENAT2, KILLED, EACCES },
	{ "stat", TRY_STAT, EACCES, OK },
	{ "create a file", TRY_CREATE, EACCES, EACCES },
	{ "mkdir", TRY_MKDIR, KILLED, EACCES },
	{ "unlink", TRY_UNLINK, KILLED, EACCES },
	{ "chmod", TRY_CHMOD, KILLED, EPERM },
	{ "read an input", TRY_READ_INPUT, KILLED, OK },
	{ "seek in an input", TRY_SEEK_INPUT, KILLED, OK },
	{ "cut the ring", TRY_CUT_RING, KILLED, EBADF },
	{ "an internet socket", TRY_SOCKET_INTERNET, KILLED, OK },
	{ "a unix socket", TRY_SOCKET_UNIX, KILLED, OK },
	{ "a packet socket", TRY_SOCKET_PACKET, KILLED, EAFNOSUPPORT },
	{ "sendmsg", TRY_SEND_DESCRIPTOR, KILLED, EBADF },
	{ "fork", TRY_FORK, KILLED, EPERM },
	{ "vfork", TRY_VFORK, KILLED, EPERM },
	{ "clone3", TRY_CLONE3, ENOSYS, ENOSYS },
	{ "a thread", TRY_THREAD, KILLED, OK },
	{ "execve", TRY_EXECUTE, KILLED, EPERM },
	{ "ptrace", TRY_PTRACE, KILLED, EPERM },
	{ "kill", TRY_SIGNAL, KILLED, EPERM },
	{ "the monitor's memory", TRY_READ_MEMORY, KILLED, EPERM },
	{ "executable memory", TRY_EXECUTABLE_MEMORY, KILLED, OK },
	{ "mprotect to executable", TRY_MAKE_EXECUTABLE, KILLED, OK },
	{ "setuid", TRY_SETUID, KILLED, EPERM },
	{ "a user namespace", TRY_NAMESPACE, KILLED, EPERM },
	{ "mount", TRY_MOUNT, KILLED, EPERM },
	{ "bpf", TRY_BPF, KILLED, EPERM },
	{ "io_uring", TRY_IO_URING, KILLED, EPERM },
	{ "keyctl", TRY_KEYS, KILLED, EPERM },
	{ "raise a limit", TRY_LIMITS, KILLED, EPERM },
#ifdef __x86_64__
	{ "the x32 ABI", TRY_OTHER_ABI, KILLED, KILLED },
#endif
	{ "look up localhost", TRY_LOOK_UP, KILLED, OK },
};

static int helpers = -1;

/* What the monitor learns; KILLED when the sandbox ended the worker. */
static uint32_t outcome(const char *name, enum sandbox_profile profile,
                        enum sandbox_mode mode, enum attempt attempt)
{
	const struct prison prison = { profile, attempt };
	AUTO_CLOSE int input = play_file(&prison, sizeof prison);
	AUTO_WORKER struct worker worker = WORKER_NONE;
	const struct worker_spec spec = { .program = "prisoner",
		                          .folder = helpers,
		                          .account = PLAY_ACCOUNT,
		                          .profile = profile,
		                          .mode = mode,
		                          .inputs = { input },
		                          .input_count = 1 };
	struct err err = { .code = ERR_NONE };
	char text[ERR_TEXT_MAX];
	struct frame frame;
	uint32_t result;

	if (worker_start(&spec, &worker, &err) == 0 &&
	    worker_next_frame(&worker, &frame, &err) == 1 &&
	    frame.len == sizeof result) {
		memcpy(&result, frame.data, sizeof result);
		return result;
	}
	(void)err_format(&err, text, sizeof text);
	if (strstr(text, "was killed by its sandbox") == NULL)
		fail_msg("%s: %s", name, text);
	return KILLED;
}

/* PARALLEL is PURE but for threads, and so answers to other clones. */
static uint32_t wanted(const struct prison_case *c,
                       enum sandbox_profile profile)
{
	bool is_clone = c->attempt == TRY_FORK || c->attempt == TRY_VFORK ||
	                c->attempt == TRY_THREAD;

	if (profile == SANDBOX_NETWORK ||
	    (profile == SANDBOX_PARALLEL && is_clone))
		return c->network;
	return c->pure;
}

static void check_profile(enum sandbox_profile profile, enum sandbox_mode mode)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct prison_case *c = &cases[i];
		uint32_t want = wanted(c, profile);
		uint32_t got = outcome(c->name, profile, mode, c->attempt);

		/* An ordinary user's workers keep his uid. */
		if (c->attempt == FACT_IS_ROOT && geteuid() != 0)
			continue;
		if (got != want)
			fail_msg("%s: %d, not %d", c->name, (int)got,
			         (int)want);
	}
	play_assert_reaped("prisoner");
}

static void pure_lets_nothing_out(void **state)
{
	(void)state;
	check_profile(SANDBOX_PURE, SANDBOX_FULL);
}

static void parallel_lets_only_threads_start(void **state)
{
	(void)state;
	check_profile(SANDBOX_PARALLEL, SANDBOX_FULL);
}

static void network_lets_only_the_network_out(void **state)
{
	(void)state;
	check_profile(SANDBOX_NETWORK, SANDBOX_FULL);
}

/* "uid-only" forgives a kernel that lacks a wall; it takes none down. */
static void uid_only_uses_what_the_kernel_has(void **state)
{
	(void)state;
	check_profile(SANDBOX_PURE, SANDBOX_UID_ONLY);
}

static void root_has_no_groups_left(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return; /* setgroups is for root; he keeps his own */
	assert_int_equal(
		outcome("groups", SANDBOX_PURE, SANDBOX_FULL, FACT_GROUPS), 0);
}

/* As systemd does with User= and AmbientCapabilities=. */
static void become_service_with_a_right(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	const uint32_t right = 1U << CAP_DAC_READ_SEARCH;
	const struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {
		{ .effective = right, .permitted = right, .inheritable = right }
	};

	assert_int_equal(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), 0);
	assert_int_equal(setresgid(NOBODY, NOBODY, NOBODY), 0);
	assert_int_equal(setresuid(NOBODY, NOBODY, NOBODY), 0);
	assert_int_equal(syscall(SYS_capset, &head, sets), 0);
	assert_int_equal(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE,
	                       CAP_DAC_READ_SEARCH, 0, 0),
	                 0);
}

/* The last test: there is no way back to root. */
static void a_right_of_a_service_stays_with_it(void **state)
{
	(void)state;
	if (geteuid() == 0)
		become_service_with_a_right();
	assert_int_equal(
		outcome("rights", SANDBOX_PURE, SANDBOX_FULL, FACT_RIGHTS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pure_lets_nothing_out),
		cmocka_unit_test(parallel_lets_only_threads_start),
		cmocka_unit_test(network_lets_only_the_network_out),
		cmocka_unit_test(uid_only_uses_what_the_kernel_has),
		cmocka_unit_test(root_has_no_groups_left),
		cmocka_unit_test(a_right_of_a_service_stays_with_it),
	};

	helpers = play_open_folder("../helpers");
	/* Must not reach a worker. */
	(void)setenv("LD_PRELOAD", "/nonexistent.so", 1);
	(void)signal(SIGPIPE, SIG_IGN);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
