/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "privsep/signals.h"

#define STATUS_NOT_STARTED 127 /* as a shell gives it */
#define FIRST_FOREIGN_FD   3

/* Who the child becomes; looked up before fork, because the look-up may load
 * libraries and take locks. */
struct identity {
	bool is_changed;
	uid_t uid;
	gid_t gid;
};

static int find_identity(const char *user, struct identity *out,
                         struct err *err)
{
	const struct passwd *entry;

	*out = (struct identity){ .is_changed = false };
	if (user == NULL || geteuid() != 0)
		return 0;
	errno = 0;
	entry = getpwnam(user);
	if (entry == NULL)
		return err_set(err, ERR_USAGE, errno, "there is no user '%s'",
		               user);
	*out = (struct identity){ true, entry->pw_uid, entry->pw_gid };
	return 0;
}

static int become(const struct identity *identity)
{
	if (!identity->is_changed)
		return 0;
	if (setgroups(0, NULL) < 0 ||
	    setresgid(identity->gid, identity->gid, identity->gid) < 0 ||
	    setresuid(identity->uid, identity->uid, identity->uid) < 0)
		return -1;
	return 0;
}

/* In the command's process, after fork: only async-signal-safe calls. */
static void exec_child(const struct child *child,
                       const struct identity *identity)
{
	static const char *const environment[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:"
		"/bin",
		"LANG=C.UTF-8", NULL
	};
	int null = open("/dev/null", O_RDWR);

	if (setpgid(0, 0) < 0 || null < 0 || dup2(null, 0) < 0 ||
	    dup2(null, 1) < 0 ||
	    (child->words == CHILD_SILENT && dup2(null, 2) < 0) ||
	    syscall(SYS_close_range, FIRST_FOREIGN_FD, ~0U, 0) < 0 ||
	    chdir("/") < 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    become(identity) < 0)
		_exit(STATUS_NOT_STARTED);
	/* Should somebody kill the guard alone; a setuid program drops this,
	 * so it is not what the promise rests on. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)execve(child->argv[0], (char *const *)(uintptr_t)child->argv,
	             (char *const *)(uintptr_t)environment);
	_exit(STATUS_NOT_STARTED);
}

/* --- the guard: a process between this one and the command ------------- */

/* Until the command ends, or nobody is left at the other end of @line. */
static void watch(int pidfd, int line)
{
	struct pollfd watched[] = {
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = line, .events = POLLIN },
	};

	while (poll(watched, 2, -1) < 0 && errno == EINTR)
		;
}

/* Start the command, tell how it ended, and leave nothing of it behind.  Only
 * async-signal-safe calls; never returns. */
static void guard(const struct child *child, const struct identity *identity,
                  int line)
{
	int status = 0;
	int pidfd;
	pid_t pid;

	/* Out of the terminal's reach: Ctrl-C is for the monitor, whose end is
	 * seen on the line. */
	(void)setpgid(0, 0);
	if (signals_reset() < 0)
		_exit(STATUS_NOT_STARTED);
	pid = fork();
	if (pid < 0)
		_exit(STATUS_NOT_STARTED);
	if (pid == 0)
		exec_child(child, identity);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd >= 0)
		watch(pidfd, line);
	/* The group outlives its leader where the command left children; the
	 * leader is not reaped yet, so that the number is still its own. */
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL); /* if it had no group of its own yet */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pidfd >= 0)
		(void)send(line, &status, sizeof status, MSG_NOSIGNAL);
	_exit(0);
}

/* --- the monitor's side ------------------------------------------------ */

/* Wait until the guard says something.  1 it did, 0 deadline. */
static int wait_until(int line, int64_t deadline, struct err *err)
{
	for (;;) {
		struct pollfd watched = { .fd = line, .events = POLLIN };
		int64_t left = deadline - clock_monotonic_ms();
		int ready = poll(&watched, 1, left > 0 ? (int)left : 0);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0)
			return err_set(err, ERR_SYSTEM, errno,
			               "waiting for a program");
		return ready;
	}
}

/* What it exited with, unless that says that it never ran. */
static int judge_end(const struct child *child, int status, int *code,
                     struct err *err)
{
	if (WIFSIGNALED(status))
		return err_set(err, ERR_UNHEALTHY, 0,
		               "%s was ended by signal %d", child->argv[0],
		               WTERMSIG(status));
	if (WEXITSTATUS(status) == STATUS_NOT_STARTED)
		return err_set(err, ERR_UNHEALTHY, 0,
		               "%s could not be started (status 127)",
		               child->argv[0]);
	*code = WEXITSTATUS(status);
	return 0;
}

static int await(const struct child *child, int line, int *code,
                 struct err *err)
{
	int status = 0;
	int said = wait_until(line, child->deadline, err);

	if (said < 0)
		return -1;
	if (said == 0)
		return err_set(err, ERR_UNHEALTHY, 0,
		               "%s did not end in time and was killed",
		               child->argv[0]);
	if (recv(line, &status, sizeof status, 0) != (ssize_t)sizeof status)
		return err_set(err, ERR_SYSTEM, 0,
		               "the process that watched %s ended",
		               child->argv[0]);
	return judge_end(child, status, code, err);
}

/* @line: out, ours; closing it ends the command and then the guard. */
static int start_guard(const struct child *child,
                       const struct identity *identity, int *line, pid_t *pid,
                       struct err *err)
{
	AUTO_CLOSE int ours = -1;
	AUTO_CLOSE int theirs = -1;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(err, ERR_SYSTEM, errno, "starting %s",
		               child->argv[0]);
	ours = pair[0];
	theirs = pair[1];
	*pid = fork();
	if (*pid < 0)
		return err_set(err, ERR_SYSTEM, errno, "starting %s",
		               child->argv[0]);
	if (*pid == 0) {
		(void)close(ours); /* else its end would never be seen */
		guard(child, identity, theirs);
	}
	*line = TAKE_FD(ours);
	return 0;
}

int child_exit(const struct child *child, int *code, struct err *err)
{
	struct identity identity;
	pid_t pid = -1;
	int line = -1;
	int result;

	if (find_identity(child->user, &identity, err) < 0 ||
	    start_guard(child, &identity, &line, &pid, err) < 0)
		return -1;
	result = await(child, line, code, err);
	(void)close(line); /* at the deadline this ends the command */
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return result;
}

int child_run(const struct child *child, struct err *err)
{
	int code = 0;

	if (child_exit(child, &code, err) < 0)
		return -1;
	if (code != 0)
		return err_set(err, ERR_UNHEALTHY, 0, "%s gave status %d",
		               child->argv[0], code);
	return 0;
}
