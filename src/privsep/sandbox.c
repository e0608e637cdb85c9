/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/sandbox.h"

#include <errno.h>
#include <stdint.h>
#include <sys/prctl.h>

#include "privsep/landlock.h"
#include "privsep/seccomp.h"

const char *const sandbox_network_paths[] = {
	"/etc/ssl",
	"/etc/pki",
	"/etc/ca-certificates",
	"/usr/share/ca-certificates",
	"/usr/local/share/ca-certificates",
	"/etc/resolv.conf",
	"/run/systemd/resolve",
	"/run/NetworkManager/resolv.conf",
	"/etc/hosts",
	"/etc/host.conf",
	"/etc/gai.conf",
	"/etc/nsswitch.conf",
	"/etc/services",
	"/etc/localtime",
	/* getaddrinfo loads the modules that nsswitch.conf names. */
	"/etc/ld.so.cache",
	"/lib",
	"/lib64",
	"/usr/lib",
	"/usr/lib64",
	NULL,
};

static int enter_landlock(enum sandbox_profile profile, enum sandbox_mode mode,
                          const char *const *paths, struct err *err)
{
	static const char *const nothing[] = { NULL };
	int got;

	if (profile != SANDBOX_NETWORK || paths == NULL)
		paths = nothing;
	got = landlock_enter(paths, err);
	if (got < 0)
		return -1;
	if (got == 0 && mode == SANDBOX_FULL)
		return err_set(err, ERR_SYSTEM, 0,
		               "no Landlock: enable it in the kernel "
		               "(lsm=landlock,...) or in this container's "
		               "seccomp profile, or write 'sandbox = "
		               "uid-only' to go without");
	return 0;
}

static int enter_seccomp(enum sandbox_profile profile, enum sandbox_mode mode,
                         struct err *err)
{
	int got = -1;

	switch (profile) {
	case SANDBOX_PURE:
		got = seccomp_enter_pure(err);
		break;
	case SANDBOX_PARALLEL:
		got = seccomp_enter_parallel(err);
		break;
	case SANDBOX_NETWORK:
		got = seccomp_enter_network(err);
		break;
	}
	if (got < 0)
		return -1;
	if (got == 0 && mode == SANDBOX_FULL)
		return err_set(err, ERR_SYSTEM, 0,
		               "this kernel has no seccomp filters; write "
		               "'sandbox = uid-only' to go without");
	return 0;
}

enum sandbox_mode sandbox_mode_of(const struct settings *settings)
{
	return settings->is_uid_only ? SANDBOX_UID_ONLY : SANDBOX_FULL;
}

int sandbox_enter(enum sandbox_profile profile, enum sandbox_mode mode,
                  const char *const *paths, struct err *err)
{
	/* Nobody of the same uid may look into it or trace it, and no core
	 * file may hold what it read. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(err, ERR_SYSTEM, errno, "entering the sandbox");
	if (enter_landlock(profile, mode, paths, err) < 0)
		return -1;
	return enter_seccomp(profile, mode, err);
}
