/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "privsep/message.h"
#include "privsep/sanitizer.h"
#include "privsep/signals.h"

#define FIRST_FD       3
#define SPARE_FD       64 /* descriptors are parked above while they change place */
#define NOFILE         64
#define NOFILE_NETWORK 256
#define MEMORY_PURE    ((rlim_t)1 << 30)
#define MEMORY_NETWORK ((rlim_t)4 << 30)

/* The child's last word; @what is a literal. */
static void fail(int socket, const char *what)
{
	union message message;
	size_t len = strlen(what);

	memset(&message, 0, sizeof message);
	message.failed.type = MESSAGE_FAILED;
	message.failed.code = FAILURE_SYSTEM;
	message.failed.sys = (uint32_t)errno;
	message.failed.len = (uint32_t)len;
	memcpy(message.failed.text, what, len);
	(void)send(socket, &message.failed, sizeof message.failed,
	           MSG_NOSIGNAL); /* there is nobody else to tell */
	_exit(1);
}

/* Put the descriptors where the worker expects them and close all others.
 * Returns the program's new place, or -1. */
static int place_fds(const struct spawn *spawn, int null)
{
	int parked[SPAWN_FDS_MAX];
	int count = (int)spawn->fd_count;
	int program = fcntl(spawn->program, F_DUPFD_CLOEXEC, SPARE_FD);

	if (program < 0)
		return -1;
	for (int i = 0; i < count; i++) {
		parked[i] = fcntl(spawn->fds[i], F_DUPFD_CLOEXEC, SPARE_FD);
		if (parked[i] < 0)
			return -1;
	}
	for (int fd = 0; fd < FIRST_FD; fd++)
		if (dup2(null, fd) < 0)
			return -1;
	for (int i = 0; i < count; i++)
		if (dup2(parked[i], FIRST_FD + i) < 0)
			return -1;
	if (dup3(program, FIRST_FD + count, O_CLOEXEC) < 0)
		return -1;
	if (syscall(SYS_close_range, (unsigned)(FIRST_FD + count + 1), ~0u, 0) <
	    0)
		return -1;
	return FIRST_FD + count;
}

/* A service may be given rights without being root (capabilities(7), ambient);
 * its workers, which keep its uid, would inherit them. */
static void drop_rights(int socket)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		fail(socket, "dropping ambient capabilities");
}

static void drop_identity(const struct spawn *spawn, int socket)
{
	if (!spawn->drops_identity)
		return; /* an ordinary user's workers keep his uid */
	if (setgroups(0, NULL) < 0)
		fail(socket, "dropping groups");
	if (setresgid(spawn->gid, spawn->gid, spawn->gid) < 0)
		fail(socket, "dropping the gid");
	if (setresuid(spawn->uid, spawn->uid, spawn->uid) < 0)
		fail(socket, "dropping the uid");
}

/* The type of the first parameter of setrlimit differs between libcs. */
#define LIMIT(socket, what, n)                                                 \
	do {                                                                   \
		const struct rlimit limit_ = { (n), (n) };                     \
		if (setrlimit((what), &limit_) < 0)                            \
			fail((socket), "setting " #what);                      \
	} while (0)

/* After the uid: a limit of no processes must not count against exec. */
static void set_limits(enum sandbox_profile profile, int socket)
{
	LIMIT(socket, RLIMIT_CORE, 0);
	/* A thread counts as well, together with all else of the same uid. */
	if (profile == SANDBOX_PURE)
		LIMIT(socket, RLIMIT_NPROC, 0);
	if (profile != SANDBOX_NETWORK)
		LIMIT(socket, RLIMIT_FSIZE, 0);
	LIMIT(socket, RLIMIT_NOFILE,
	      profile != SANDBOX_NETWORK ? NOFILE : NOFILE_NETWORK);
#ifndef HAS_SANITIZER /* which reserves terabytes of addresses */
	LIMIT(socket, RLIMIT_AS,
	      profile != SANDBOX_NETWORK ? MEMORY_PURE : MEMORY_NETWORK);
#endif
}

/* Both are forgotten when credentials change, so they come after that. */
static void bind_to_monitor(pid_t monitor, int socket)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		fail(socket, "binding the worker to its monitor");
	if (getppid() != monitor)
		_exit(1); /* it died before it could be a bond */
}

static void become_worker(const struct spawn *spawn, int null, pid_t monitor)
{
	static char *const no_environment[] = { NULL };
	int program;

	program = place_fds(spawn, null);
	if (program < 0)
		fail(spawn->fds[0], "placing descriptors");
	if (signals_reset() < 0)
		fail(FIRST_FD, "resetting signals");
	drop_rights(FIRST_FD);
	drop_identity(spawn, FIRST_FD);
	set_limits(spawn->profile, FIRST_FD);
	bind_to_monitor(monitor, FIRST_FD);
	(void)syscall(SYS_execveat, program, "", spawn->argv, no_environment,
	              AT_EMPTY_PATH);
	fail(FIRST_FD, "starting the program");
}

int spawn_start(const struct spawn *spawn, pid_t *pid, struct err *err)
{
	AUTO_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t monitor = getpid();
	pid_t child;

	if (null < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening /dev/null");
	child = fork();
	if (child < 0)
		return err_set(err, ERR_SYSTEM, errno, "forking");
	if (child == 0)
		become_worker(spawn, null, monitor);
	*pid = child;
	return 0;
}
