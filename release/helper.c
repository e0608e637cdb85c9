/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/fs.h"

#define PATH_DEFAULT "/usr/local/bin:/usr/bin:/bin"
#define PREFIX       "docker-credential-"

/* Where things are, and which session this is; no value of these is a secret.
 */
static const char *const passed_on[] = {
	"PATH",
	"HOME",
	"LANG",
	"XDG_RUNTIME_DIR",
	"XDG_CONFIG_HOME",
	"DBUS_SESSION_BUS_ADDRESS",
	"DISPLAY",
	"WAYLAND_DISPLAY",
	"GNUPGHOME",
	"GPG_TTY",
	"PASSWORD_STORE_DIR",
	"DOCKER_CONFIG",
	"AWS_PROFILE",
	"AWS_REGION",
	"AWS_CONFIG_FILE",
	"AWS_SHARED_CREDENTIALS_FILE",
	"AWS_WEB_IDENTITY_TOKEN_FILE",
	"AWS_ROLE_ARN",
	"GOOGLE_APPLICATION_CREDENTIALS",
	"CLOUDSDK_CONFIG",
};

#define PASSED_ON (sizeof passed_on / sizeof passed_on[0])

/* A helper that was started. */
struct running {
	pid_t pid;
	int pidfd;  /* owned */
	int answer; /* owned */
};

/* --- starting ----------------------------------------------------------- */

/* "NAME=value" as main() found it, for each that is set. */
static void choose_environment(const char *const *all,
                               const char *out[PASSED_ON + 1])
{
	size_t count = 0;

	for (size_t i = 0; i < PASSED_ON; i++) {
		const char *value = environment_find(all, passed_on[i]);

		if (value != NULL)
			out[count++] = value - strlen(passed_on[i]) - 1;
	}
	out[count] = NULL;
}

static int find_program(const struct request *request, const char *helper,
                        char out[FS_PATH_MAX], struct err *err)
{
	const char *path = request->path != NULL ? request->path : PATH_DEFAULT;

	while (*path != '\0') {
		size_t len = strcspn(path, ":");
		int n = snprintf(out, FS_PATH_MAX, "%.*s/" PREFIX "%s",
		                 (int)len, path, helper);

		/* A relative folder would be anybody's who wrote the files
		 * here. */
		if (path[0] == '/' && n < FS_PATH_MAX && access(out, X_OK) == 0)
			return 0;
		path += len + (path[len] == ':');
	}
	return err_set(err, ERR_USAGE, 0,
	               "docker's configuration names " PREFIX
	               "%s, which is in no folder of PATH",
	               helper);
}

/* Its standard input: a file in memory, which never blocks. */
static int open_input(struct bytes input, struct err *err)
{
	AUTO_CLOSE int fd = memfd_create("credential", MFD_CLOEXEC);

	if (fd < 0 || write(fd, input.data, input.len) != (ssize_t)input.len ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "preparing what a helper reads");
	return TAKE_FD(fd);
}

static int prepare(posix_spawn_file_actions_t *actions,
                   posix_spawnattr_t *attributes, int input, int answer,
                   struct err *err)
{
	sigset_t reset;

	(void)sigemptyset(&reset);
	(void)sigaddset(&reset, SIGPIPE); /* main() ignores it */
	if (posix_spawn_file_actions_adddup2(actions, input, 0) != 0 ||
	    posix_spawn_file_actions_adddup2(actions, answer, 1) != 0 ||
	    posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY,
	                                     0) != 0 ||
	    posix_spawnattr_setsigdefault(attributes, &reset) != 0 ||
	    posix_spawnattr_setpgroup(attributes, 0) != 0 ||
	    posix_spawnattr_setflags(attributes,
	                             POSIX_SPAWN_SETPGROUP |
	                                     POSIX_SPAWN_SETSIGDEF) != 0)
		return err_nomem(err);
	return 0;
}

static int spawn(const struct request *request, const struct helper_call *call,
                 int input, int answer, pid_t *pid, struct err *err)
{
	const char *environment[PASSED_ON + 1];
	char program[FS_PATH_MAX];
	const char *const arguments[] = { program, call->verb, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int failed;

	if (find_program(request, call->helper, program, err) < 0)
		return -1;
	choose_environment(request->environment, environment);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return err_nomem(err);
	if (posix_spawnattr_init(&attributes) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return err_nomem(err);
	}
	failed = prepare(&actions, &attributes, input, answer, err);
	if (failed == 0) {
		failed = posix_spawn(pid, program, &actions, &attributes,
		                     (char *const *)(uintptr_t)arguments,
		                     (char *const *)(uintptr_t)environment);
		if (failed != 0)
			failed = err_set(err, ERR_SYSTEM, failed,
			                 "starting '%s'", program);
	}
	(void)posix_spawnattr_destroy(&attributes); /* never fails */
	(void)posix_spawn_file_actions_destroy(&actions);
	return failed;
}

/* Leave nothing of it behind; its status. */
static int finish(struct running *running)
{
	int status = 0;

	/* It is not reaped yet, so that the number is still its group's. */
	(void)kill(-running->pid, SIGKILL);
	while (waitpid(running->pid, &status, 0) < 0 && errno == EINTR)
		;
	cleanup_close(&running->answer);
	cleanup_close(&running->pidfd);
	return status;
}

static int start(const struct request *request, const struct helper_call *call,
                 struct running *out, struct err *err)
{
	AUTO_CLOSE int input = open_input(call->input, err);
	AUTO_CLOSE int ours = -1;
	AUTO_CLOSE int theirs = -1;
	int fds[2];

	if (input < 0)
		return -1;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(err, ERR_SYSTEM, errno, "making a pipe");
	ours = fds[0];
	theirs = fds[1];
	if (spawn(request, call, input, theirs, &out->pid, err) < 0)
		return -1;
	out->answer = TAKE_FD(ours);
	out->pidfd = (int)syscall(SYS_pidfd_open, out->pid, 0);
	if (out->pidfd >= 0)
		return 0;
	(void)err_set(err, ERR_SYSTEM, errno, "watching a helper");
	(void)finish(out);
	return -1;
}

/* --- listening ---------------------------------------------------------- */

/* Until it says something (1), or has ended without (0): what it left behind
 * may hold its output open for ever. */
static int wait_for_more(const struct running *running, int64_t deadline,
                         struct err *err)
{
	for (;;) {
		struct pollfd watched[] = {
			{ .fd = running->answer, .events = POLLIN },
			{ .fd = running->pidfd, .events = POLLIN },
		};
		int64_t left = deadline - clock_monotonic_ms();
		int ready = poll(watched, 2, left > 0 ? (int)left : 0);

		if (ready > 0)
			return watched[0].revents != 0;
		if (ready == 0)
			return err_set(err, ERR_LIMIT, 0, "no answer in %d s",
			               HELPER_DEADLINE_S);
		if (errno != EINTR)
			return err_set(err, ERR_SYSTEM, errno, "waiting");
	}
}

/* 1: there may be more; 0: that was all. */
static int read_piece(const struct running *running, struct buf *answer,
                      struct err *err)
{
	char piece[4096];
	ssize_t n = read(running->answer, piece, sizeof piece);
	int added;

	if (n < 0)
		return errno == EINTR
		               ? 1
		               : err_set(err, ERR_SYSTEM, errno, "reading");
	if (n == 0)
		return 0;
	added = buf_add(answer, piece, (size_t)n, err);
	explicit_bzero(piece, sizeof piece);
	return added < 0 ? -1 : 1;
}

/* It closes its output before it ends. */
static int await_end(const struct running *running, int64_t deadline,
                     struct err *err)
{
	const struct running end = { .pid = running->pid,
		                     .pidfd = running->pidfd,
		                     .answer = -1 };

	return wait_for_more(&end, deadline, err);
}

static int listen_to(const struct running *running, int64_t deadline,
                     struct buf *answer, struct err *err)
{
	int got;

	do {
		got = wait_for_more(running, deadline, err);
		if (got <= 0)
			return got;
		got = read_piece(running, answer, err);
	} while (got == 1);
	return got < 0 ? -1 : await_end(running, deadline, err);
}

int helper_run(const struct request *request, const struct helper_call *call,
               struct buf *answer, struct err *err)
{
	int64_t deadline =
		clock_monotonic_ms() + (int64_t)HELPER_DEADLINE_S * 1000;
	struct running running = { .pid = -1, .pidfd = -1, .answer = -1 };
	int result;
	int status;

	if (start(request, call, &running, err) < 0)
		return -1;
	result = listen_to(&running, deadline, answer, err);
	status = finish(&running);
	if (result < 0)
		return err_wrap(err, PREFIX "%s %s", call->helper, call->verb);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 1 : 0;
}
