/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

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
		return err_set(err, ERR_USAGE, errno,
		               "there is no user '%s' ([health] user)", user);
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

/* In the child, after fork: only async-signal-safe calls. */
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
	    dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
	    syscall(SYS_close_range, FIRST_FOREIGN_FD, ~0U, 0) < 0 ||
	    chdir("/") < 0 || become(identity) < 0)
		_exit(STATUS_NOT_STARTED);
	(void)signal(SIGPIPE, SIG_DFL); /* the monitor ignores it */
	(void)execve(child->argv[0], (char *const *)(uintptr_t)child->argv,
	             (char *const *)(uintptr_t)environment);
	_exit(STATUS_NOT_STARTED);
}

/* Wait until the process ends or the deadline comes.  1 ended, 0 deadline. */
static int wait_until(int pidfd, int64_t deadline, struct err *err)
{
	for (;;) {
		struct pollfd watched = { .fd = pidfd, .events = POLLIN };
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

static int judge_status(const struct child *child, int status, struct err *err)
{
	if (WIFSIGNALED(status))
		return err_set(err, ERR_UNHEALTHY, 0,
		               "%s was ended by signal %d", child->argv[0],
		               WTERMSIG(status));
	if (WEXITSTATUS(status) == STATUS_NOT_STARTED)
		return err_set(err, ERR_UNHEALTHY, 0,
		               "%s could not be started (status 127)",
		               child->argv[0]);
	if (WEXITSTATUS(status) != 0)
		return err_set(err, ERR_UNHEALTHY, 0, "%s gave status %d",
		               child->argv[0], WEXITSTATUS(status));
	return 0;
}

static int await(const struct child *child, pid_t pid, struct err *err)
{
	AUTO_CLOSE int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int status = 0;
	int ended;

	if (pidfd < 0)
		ended = err_set(err, ERR_SYSTEM, errno, "watching %s",
		                child->argv[0]);
	else
		ended = wait_until(pidfd, child->deadline, err);
	/* The group outlives its leader where the command left children. */
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL); /* if it had no group of its own yet */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (ended < 0)
		return -1;
	if (ended == 0)
		return err_set(err, ERR_UNHEALTHY, 0,
		               "%s did not end in time and was killed",
		               child->argv[0]);
	return judge_status(child, status, err);
}

int child_run(const struct child *child, struct err *err)
{
	struct identity identity;
	pid_t pid;

	if (find_identity(child->user, &identity, err) < 0)
		return -1;
	pid = fork();
	if (pid < 0)
		return err_set(err, ERR_SYSTEM, errno, "starting %s",
		               child->argv[0]);
	if (pid == 0)
		exec_child(child, &identity);
	return await(child, pid, err);
}
