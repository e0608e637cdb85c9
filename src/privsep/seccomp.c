/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privsep/sanitizer.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "seccomp.c does not know this architecture's audit number"
#endif

#define ALLOW     SECCOMP_RET_ALLOW
#define KILL      SECCOMP_RET_KILL_PROCESS
#define ANSWER(e) (SECCOMP_RET_ERRNO | (e))

/* Calls of the x32 ABI bear this bit and the architecture of x86_64. */
#define X32_BIT 0x40000000u

/* On what an action depends, beside the call's number. */
enum condition {
	ALWAYS,
	UNLESS_EXEC,   /* memory that may be executed: killed */
	ONLY_THREADS,  /* clone of anything but a thread: EPERM */
	ONLY_INTERNET, /* socket of another family: EAFNOSUPPORT */
};

struct rule {
	uint32_t call;
	uint32_t action;
	enum condition condition;
};

/* Found with strace over the tests, and what glibc may do instead. */
static const struct rule pure_rules[] = {
	{ SYS_pread64, ALLOW, ALWAYS },
	{ SYS_preadv, ALLOW, ALWAYS },
	{ SYS_sendto, ALLOW, ALWAYS },
	{ SYS_recvmsg, ALLOW, ALWAYS },
	{ SYS_mmap, ALLOW, UNLESS_EXEC },
	{ SYS_mprotect, ALLOW, UNLESS_EXEC },
	{ SYS_munmap, ALLOW, ALWAYS },
	{ SYS_mremap, ALLOW, ALWAYS },
	{ SYS_madvise, ALLOW, ALWAYS },
	{ SYS_brk, ALLOW, ALWAYS },
	{ SYS_futex, ALLOW, ALWAYS },
	{ SYS_getrandom, ALLOW, ALWAYS },
	/* libcrypto's random numbers, which blind the checking of ECDSA on
	 * P-384, look whether the process has forked. */
	{ SYS_getpid, ALLOW, ALWAYS },
	{ SYS_clock_gettime, ALLOW, ALWAYS },
	{ SYS_close, ALLOW, ALWAYS },
	{ SYS_rt_sigreturn, ALLOW, ALWAYS },
	{ SYS_restart_syscall, ALLOW, ALWAYS },
	{ SYS_exit, ALLOW, ALWAYS },
	{ SYS_exit_group, ALLOW, ALWAYS },
	/* iconv and locales look for files and do without them. */
	{ SYS_openat, ANSWER(EACCES), ALWAYS },
	{ SYS_newfstatat, ANSWER(EACCES), ALWAYS },
	{ SYS_clone3, ANSWER(ENOSYS), ALWAYS },
#ifdef HAS_SANITIZER
	{ SYS_gettid, ALLOW, ALWAYS },
	{ SYS_sched_yield, ALLOW, ALWAYS },
	{ SYS_sigaltstack, ALLOW, ALWAYS },
	{ SYS_rt_sigprocmask, ALLOW, ALWAYS },
	{ SYS_write, ALLOW, ALWAYS },
#endif
};

/* What pthread_create and pthread_join need besides. */
static const struct rule thread_rules[] = {
	{ SYS_clone, ALLOW, ONLY_THREADS },
	{ SYS_set_robust_list, ALLOW, ALWAYS },
#ifdef SYS_rseq
	{ SYS_rseq, ALLOW, ALWAYS },
#endif
	{ SYS_rt_sigprocmask, ALLOW, ALWAYS },
	{ SYS_rt_sigaction, ALLOW, ALWAYS }, /* glibc, with the first one */
	{ SYS_sched_getaffinity, ALLOW, ALWAYS }, /* malloc, for its arenas */
};

static const struct rule network_rules[] = {
	{ SYS_clone, ALLOW, ONLY_THREADS },
	{ SYS_clone3, ANSWER(ENOSYS), ALWAYS }, /* glibc then uses clone */
	{ SYS_socket, ALLOW, ONLY_INTERNET },
#ifdef SYS_fork
	{ SYS_fork, ANSWER(EPERM), ALWAYS },
	{ SYS_vfork, ANSWER(EPERM), ALWAYS },
#endif
	{ SYS_execve, ANSWER(EPERM), ALWAYS },
	{ SYS_execveat, ANSWER(EPERM), ALWAYS },
	/* Other processes. */
	{ SYS_kill, ANSWER(EPERM), ALWAYS },
	{ SYS_tkill, ANSWER(EPERM), ALWAYS },
	{ SYS_tgkill, ANSWER(EPERM), ALWAYS },
	{ SYS_rt_sigqueueinfo, ANSWER(EPERM), ALWAYS },
	{ SYS_rt_tgsigqueueinfo, ANSWER(EPERM), ALWAYS },
	{ SYS_pidfd_open, ANSWER(EPERM), ALWAYS },
	{ SYS_pidfd_getfd, ANSWER(EPERM), ALWAYS },
	{ SYS_pidfd_send_signal, ANSWER(EPERM), ALWAYS },
	{ SYS_ptrace, ANSWER(EPERM), ALWAYS },
	{ SYS_process_vm_readv, ANSWER(EPERM), ALWAYS },
	{ SYS_process_vm_writev, ANSWER(EPERM), ALWAYS },
	{ SYS_process_madvise, ANSWER(EPERM), ALWAYS },
	{ SYS_kcmp, ANSWER(EPERM), ALWAYS },
	{ SYS_prlimit64, ANSWER(EPERM), ALWAYS },
	{ SYS_setpriority, ANSWER(EPERM), ALWAYS },
	/* Who and where it is. */
	{ SYS_setuid, ANSWER(EPERM), ALWAYS },
	{ SYS_setgid, ANSWER(EPERM), ALWAYS },
	{ SYS_setreuid, ANSWER(EPERM), ALWAYS },
	{ SYS_setregid, ANSWER(EPERM), ALWAYS },
	{ SYS_setresuid, ANSWER(EPERM), ALWAYS },
	{ SYS_setresgid, ANSWER(EPERM), ALWAYS },
	{ SYS_setgroups, ANSWER(EPERM), ALWAYS },
	{ SYS_setfsuid, ANSWER(EPERM), ALWAYS },
	{ SYS_setfsgid, ANSWER(EPERM), ALWAYS },
	{ SYS_capset, ANSWER(EPERM), ALWAYS },
	{ SYS_unshare, ANSWER(EPERM), ALWAYS },
	{ SYS_setns, ANSWER(EPERM), ALWAYS },
	{ SYS_chroot, ANSWER(EPERM), ALWAYS },
	{ SYS_pivot_root, ANSWER(EPERM), ALWAYS },
	{ SYS_mount, ANSWER(EPERM), ALWAYS },
	{ SYS_umount2, ANSWER(EPERM), ALWAYS },
	{ SYS_open_tree, ANSWER(EPERM), ALWAYS },
	{ SYS_move_mount, ANSWER(EPERM), ALWAYS },
	{ SYS_fsopen, ANSWER(EPERM), ALWAYS },
	{ SYS_fspick, ANSWER(EPERM), ALWAYS },
	{ SYS_fsmount, ANSWER(EPERM), ALWAYS },
	{ SYS_fsconfig, ANSWER(EPERM), ALWAYS },
	{ SYS_open_by_handle_at, ANSWER(EPERM), ALWAYS },
	{ SYS_name_to_handle_at, ANSWER(EPERM), ALWAYS },
	/* What Landlock does not cover. */
	{ SYS_fchmod, ANSWER(EPERM), ALWAYS },
	{ SYS_fchmodat, ANSWER(EPERM), ALWAYS },
	{ SYS_fchown, ANSWER(EPERM), ALWAYS },
	{ SYS_fchownat, ANSWER(EPERM), ALWAYS },
	{ SYS_utimensat, ANSWER(EPERM), ALWAYS },
	{ SYS_setxattr, ANSWER(EPERM), ALWAYS },
	{ SYS_lsetxattr, ANSWER(EPERM), ALWAYS },
	{ SYS_fsetxattr, ANSWER(EPERM), ALWAYS },
	{ SYS_removexattr, ANSWER(EPERM), ALWAYS },
	{ SYS_lremovexattr, ANSWER(EPERM), ALWAYS },
	{ SYS_fremovexattr, ANSWER(EPERM), ALWAYS },
#ifdef SYS_chmod
	{ SYS_chmod, ANSWER(EPERM), ALWAYS },
	{ SYS_chown, ANSWER(EPERM), ALWAYS },
	{ SYS_lchown, ANSWER(EPERM), ALWAYS },
	{ SYS_utime, ANSWER(EPERM), ALWAYS },
	{ SYS_utimes, ANSWER(EPERM), ALWAYS },
	{ SYS_futimesat, ANSWER(EPERM), ALWAYS },
#endif
	/* Doors into the kernel that have been forced before; io_uring
	 * also goes round this filter. */
	{ SYS_io_uring_setup, ANSWER(EPERM), ALWAYS },
	{ SYS_io_uring_enter, ANSWER(EPERM), ALWAYS },
	{ SYS_io_uring_register, ANSWER(EPERM), ALWAYS },
	{ SYS_bpf, ANSWER(EPERM), ALWAYS },
	{ SYS_userfaultfd, ANSWER(EPERM), ALWAYS },
	{ SYS_perf_event_open, ANSWER(EPERM), ALWAYS },
	{ SYS_keyctl, ANSWER(EPERM), ALWAYS },
	{ SYS_add_key, ANSWER(EPERM), ALWAYS },
	{ SYS_request_key, ANSWER(EPERM), ALWAYS },
	{ SYS_personality, ANSWER(EPERM), ALWAYS },
	{ SYS_init_module, ANSWER(EPERM), ALWAYS },
	{ SYS_finit_module, ANSWER(EPERM), ALWAYS },
	{ SYS_delete_module, ANSWER(EPERM), ALWAYS },
	{ SYS_kexec_load, ANSWER(EPERM), ALWAYS },
	{ SYS_reboot, ANSWER(EPERM), ALWAYS },
	{ SYS_swapon, ANSWER(EPERM), ALWAYS },
	{ SYS_swapoff, ANSWER(EPERM), ALWAYS },
	{ SYS_sethostname, ANSWER(EPERM), ALWAYS },
	{ SYS_setdomainname, ANSWER(EPERM), ALWAYS },
	{ SYS_clock_settime, ANSWER(EPERM), ALWAYS },
	{ SYS_clock_adjtime, ANSWER(EPERM), ALWAYS },
	{ SYS_adjtimex, ANSWER(EPERM), ALWAYS },
	{ SYS_settimeofday, ANSWER(EPERM), ALWAYS },
	{ SYS_quotactl, ANSWER(EPERM), ALWAYS },
	{ SYS_acct, ANSWER(EPERM), ALWAYS },
	{ SYS_syslog, ANSWER(EPERM), ALWAYS },
	{ SYS_vhangup, ANSWER(EPERM), ALWAYS },
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Six for the head, at most eight for a rule, one at the end. */
#define FILTER_MAX (7 + 8 * COUNT(network_rules))

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short len;
};

static void add(struct filter *filter, uint16_t code, uint32_t value,
                uint8_t if_true, uint8_t if_false)
{
	filter->code[filter->len++] =
		(struct sock_filter){ code, if_true, if_false, value };
}

static void load(struct filter *filter, size_t offset)
{
	add(filter, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* The low half of an argument; what is tested lies there on both
 * architectures, and the kernel ignores the high half of these ints. */
static void load_argument(struct filter *filter, unsigned index)
{
	load(filter,
	     offsetof(struct seccomp_data, args) + index * sizeof(uint64_t));
}

static void give(struct filter *filter, uint32_t action)
{
	add(filter, BPF_RET | BPF_K, action, 0, 0);
}

static void begin(struct filter *filter)
{
	filter->len = 0;
	load(filter, offsetof(struct seccomp_data, arch));
	add(filter, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	give(filter, KILL);
	load(filter, offsetof(struct seccomp_data, nr));
	add(filter, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	give(filter, KILL);
}

/* The body of a rule; always ends in an answer. */
static void add_body(struct filter *filter, const struct rule *rule)
{
	static const uint32_t families[] = { AF_UNIX, AF_INET, AF_INET6,
		                             AF_NETLINK };

	switch (rule->condition) {
	case ALWAYS:
		break;
	case UNLESS_EXEC:
		load_argument(filter, 2);
		add(filter, BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1);
		give(filter, KILL);
		break;
	case ONLY_THREADS:
		load_argument(filter, 0);
		add(filter, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0);
		give(filter, ANSWER(EPERM));
		break;
	case ONLY_INTERNET:
		load_argument(filter, 0);
		for (size_t i = 0; i < COUNT(families); i++)
			add(filter, BPF_JMP | BPF_JEQ | BPF_K, families[i],
			    (uint8_t)(COUNT(families) - i), 0);
		give(filter, ANSWER(EAFNOSUPPORT));
		break;
	}
	give(filter, rule->action);
}

static void add_rule(struct filter *filter, const struct rule *rule)
{
	unsigned short test = filter->len;

	add(filter, BPF_JMP | BPF_JEQ | BPF_K, rule->call, 0, 0);
	add_body(filter, rule);
	filter->code[test].jf = (uint8_t)(filter->len - test - 1);
}

static int install(struct filter *filter, struct err *err)
{
	struct sock_fprog program = { filter->len, filter->code };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
		return 1;
	if (errno == ENOSYS || errno == EINVAL)
		return 0;
	return err_set(err, ERR_SYSTEM, errno, "entering seccomp");
}

static void add_rules(struct filter *filter, const struct rule *rules,
                      size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_rule(filter, &rules[i]);
}

int seccomp_enter_pure(struct err *err)
{
	struct filter filter;

	begin(&filter);
	add_rules(&filter, pure_rules, COUNT(pure_rules));
	give(&filter, KILL);
	return install(&filter, err);
}

int seccomp_enter_parallel(struct err *err)
{
	struct filter filter;

	begin(&filter);
	add_rules(&filter, thread_rules, COUNT(thread_rules));
	add_rules(&filter, pure_rules, COUNT(pure_rules));
	give(&filter, KILL);
	return install(&filter, err);
}

int seccomp_enter_network(struct err *err)
{
	struct filter filter;

	begin(&filter);
	add_rules(&filter, network_rules, COUNT(network_rules));
	give(&filter, ALLOW);
	return install(&filter, err);
}
