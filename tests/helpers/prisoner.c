/* SPDX-License-Identifier: Apache-2.0 */
/* A worker that tries to get out of its sandbox, one way at a time, and sends
 * what came of it: a number in one frame. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "attempt.h"
#include "privsep/worker_main.h"

#define X32_GETPID (0x40000000L + 39)

static struct prison prison;
static uint32_t fact;
static char page[4096];

/* --- before the sandbox --- */

static uint32_t count_descriptors(void)
{
	uint32_t count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static uint32_t count_blocked(void)
{
	uint32_t count = 0;
	sigset_t blocked;
	struct sigaction action;

	(void)sigprocmask(SIG_BLOCK, NULL, &blocked);
	for (int signal = 1; signal < 32; signal++) {
		(void)sigaction(signal, NULL, &action);
		count += sigismember(&blocked, signal) == 1 ||
		         action.sa_handler == SIG_IGN;
	}
	return count;
}

static uint32_t count_rights(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, sets) < 0)
		return UINT32_MAX;
	return (uint32_t)(__builtin_popcount(sets[0].permitted) +
	                  __builtin_popcount(sets[1].permitted));
}

static uint32_t find_fact(enum attempt attempt)
{
	uint32_t count = 0;
	int signal = 0;

	switch ((int)attempt) {
	case FACT_IS_ROOT:
		return getuid() == 0 || geteuid() == 0 || getgid() == 0;
	case FACT_GROUPS:
		return (uint32_t)getgroups(0, NULL);
	case FACT_ENVIRONMENT:
		while (environ[count] != NULL)
			count++;
		return count;
	case FACT_DESCRIPTORS:
		return count_descriptors();
	case FACT_NO_NEW_PRIVS:
		return (uint32_t)prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	case FACT_DIES_WITH_MONITOR:
		(void)prctl(PR_GET_PDEATHSIG, &signal);
		return signal == SIGKILL;
	case FACT_BLOCKED_SIGNALS:
		return count_blocked();
	case FACT_RIGHTS:
		return count_rights();
	default:
		return 0;
	}
}

/* Also starts what needs files, as a real worker would. */
static int prepare(struct err *err)
{
	(void)err;
	fact = find_fact((enum attempt)prison.attempt);
	return 0;
}

/* --- inside --- */

static void *do_nothing(void *argument)
{
	return argument;
}

static long start_thread(void)
{
	pthread_t thread;
	int code = pthread_create(&thread, NULL, do_nothing, NULL);

	if (code != 0) {
		errno = code;
		return -1;
	}
	return pthread_join(thread, NULL);
}

static long look_up(void)
{
	struct addrinfo *found;

	if (getaddrinfo("localhost", NULL, NULL, &found) != 0) {
		errno = ENOENT;
		return -1;
	}
	freeaddrinfo(found);
	return 0;
}

static long send_descriptor(void)
{
	char byte = 0;
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	return sendmsg(-1, &message, MSG_NOSIGNAL); /* EBADF where allowed */
}

static long read_memory(void)
{
	char byte;
	struct iovec here = { &byte, 1 };
	struct iovec there = { page, 1 };

	return process_vm_readv(getppid(), &here, 1, &there, 1, 0);
}

static long map_executable(void)
{
	void *got = mmap(NULL, sizeof page, PROT_READ | PROT_EXEC,
	                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return got == MAP_FAILED ? -1 : 0;
}

static long make_executable(void)
{
	void *got = mmap(NULL, sizeof page, PROT_READ | PROT_WRITE,
	                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (got == MAP_FAILED)
		return 0;
	return mprotect(got, sizeof page, PROT_READ | PROT_EXEC);
}

static long child_or(long got)
{
	if (got == 0)
		_exit(0); /* the child of a fork that worked */
	return got;
}

static long try_files(enum attempt attempt)
{
	static const uint64_t how[3];
	struct stat st;

	switch ((int)attempt) {
	case TRY_OPEN:
		return open("/etc/passwd", O_RDONLY);
	case TRY_OPEN_ALLOWED:
		return open("/lib", O_RDONLY | O_DIRECTORY);
	case TRY_OPEN_WRITING:
		return open("/etc/passwd", O_WRONLY);
	case TRY_OPENAT2:
		return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how,
		               sizeof how);
	case TRY_STAT:
		return fstatat(AT_FDCWD, "/etc/passwd", &st, 0);
	case TRY_CREATE:
		return open("/tmp/tidegate-prisoner", O_CREAT | O_WRONLY, 0600);
	case TRY_MKDIR:
		return mkdir("/tmp/tidegate-prisoner", 0700);
	case TRY_UNLINK:
		return unlink("/etc/os-release");
	case TRY_CHMOD:
		return chmod("/etc/os-release", 0777);
	case TRY_READ_INPUT:
		return read(WORKER_FD_INPUT, page, 1);
	case TRY_SEEK_INPUT:
		return lseek(WORKER_FD_INPUT, 0, SEEK_SET);
	case TRY_CUT_RING:
		return ftruncate(WORKER_FD_RING, 0);
	default:
		return 0;
	}
}

static long try_processes(enum attempt attempt)
{
	static char *const nothing[] = { NULL };

	switch ((int)attempt) {
	case TRY_FORK:
		return child_or(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
	case TRY_VFORK:
		return child_or(syscall(SYS_clone,
		                        CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0,
		                        0, 0));
	case TRY_CLONE3:
		return child_or(syscall(SYS_clone3, NULL, 0));
	case TRY_THREAD:
		return start_thread();
	case TRY_EXECUTE:
		return execve("/bin/true", nothing, nothing);
	case TRY_PTRACE:
		return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
	case TRY_SIGNAL:
		return syscall(SYS_kill, -1, 0); /* signal 0 harms nobody */
	case TRY_READ_MEMORY:
		return read_memory();
	case TRY_EXECUTABLE_MEMORY:
		return map_executable();
	case TRY_MAKE_EXECUTABLE:
		return make_executable();
	default:
		return 0;
	}
}

static long try_kernel(enum attempt attempt)
{
	static const struct rlimit limit = { 4096, 4096 };

	switch ((int)attempt) {
	case TRY_SOCKET_INTERNET:
		return socket(AF_INET, SOCK_STREAM, 0);
	case TRY_SOCKET_UNIX:
		return socket(AF_UNIX, SOCK_STREAM, 0);
	case TRY_SOCKET_PACKET:
		return socket(AF_PACKET, SOCK_RAW, 0);
	case TRY_SEND_DESCRIPTOR:
		return send_descriptor();
	case TRY_SETUID:
		return setresuid(0, 0, 0);
	case TRY_NAMESPACE:
		return unshare(CLONE_NEWUSER);
	case TRY_MOUNT:
		return mount("none", "/tmp", "tmpfs", 0, NULL);
	case TRY_BPF:
		return syscall(SYS_bpf, 0, NULL, 0);
	case TRY_IO_URING:
		return syscall(SYS_io_uring_setup, 1, page);
	case TRY_KEYS:
		return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3, 0);
	case TRY_LIMITS:
		return setrlimit(RLIMIT_NOFILE, &limit);
#ifdef __x86_64__
	case TRY_OTHER_ABI:
		return syscall(X32_GETPID);
#endif
	case TRY_LOOK_UP:
		return look_up();
	default:
		return 0;
	}
}

static int run(struct worker_context *context, struct err *err)
{
	enum attempt attempt = (enum attempt)prison.attempt;
	uint32_t result = fact;

	if (attempt > FACT_LAST) {
		result = 0;
		if (try_files(attempt) < 0 || try_processes(attempt) < 0 ||
		    try_kernel(attempt) < 0)
			result = (uint32_t)errno;
	}
	return frame_put(&context->ring, 1, &result, sizeof result, err);
}

int main(int argc, char **argv)
{
	struct worker_program program = { .prepare = prepare, .run = run };

	if (pread(WORKER_FD_INPUT, &prison, sizeof prison, 0) != sizeof prison)
		return 9;
	program.profile = (enum sandbox_profile)prison.profile;
	program.paths = sandbox_network_paths;
	return worker_main(&program, argc, argv);
}
