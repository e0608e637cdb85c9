/* SPDX-License-Identifier: Apache-2.0 */
/* What tests/helpers/prisoner tries; its first input is a struct prison. */
#ifndef HELPERS_ATTEMPT_H
#define HELPERS_ATTEMPT_H

#include <stdint.h>

enum attempt {
	/* Before the sandbox: how the monitor made the process. */
	FACT_IS_ROOT,
	FACT_GROUPS,
	FACT_ENVIRONMENT,  /* number of variables */
	FACT_DESCRIPTORS,  /* number of open ones */
	FACT_NO_NEW_PRIVS, /* 1 */
	FACT_DIES_WITH_MONITOR,
	FACT_BLOCKED_SIGNALS,
	FACT_RIGHTS, /* number of permitted capabilities */
	FACT_LAST = FACT_RIGHTS,
	/* Inside: 0, or the errno. */
	TRY_NOTHING,
	TRY_OPEN,
	TRY_OPEN_ALLOWED, /* /lib */
	TRY_OPEN_WRITING, /* /etc/hosts, which NETWORK may read */
	TRY_OPENAT2,
	TRY_STAT,
	TRY_CREATE,
	TRY_MKDIR,
	TRY_UNLINK,
	TRY_CHMOD,
	TRY_READ_INPUT, /* would move the monitor's offset */
	TRY_SEEK_INPUT,
	TRY_CUT_RING,
	TRY_SOCKET_INTERNET,
	TRY_SOCKET_UNIX,
	TRY_SOCKET_PACKET,
	TRY_SEND_DESCRIPTOR,
	TRY_FORK,
	TRY_VFORK,
	TRY_CLONE3,
	TRY_THREAD,
	TRY_EXECUTE,
	TRY_PTRACE,
	TRY_SIGNAL,
	TRY_READ_MEMORY, /* of the monitor */
	TRY_EXECUTABLE_MEMORY,
	TRY_MAKE_EXECUTABLE,
	TRY_SETUID,
	TRY_NAMESPACE,
	TRY_MOUNT,
	TRY_BPF,
	TRY_IO_URING,
	TRY_KEYS,
	TRY_LIMITS,
	TRY_OTHER_ABI, /* x32, on x86_64 */
	TRY_LOOK_UP    /* getaddrinfo of localhost */
};

struct prison {
	uint32_t profile; /* enum sandbox_profile */
	uint32_t attempt; /* enum attempt */
};

#endif
