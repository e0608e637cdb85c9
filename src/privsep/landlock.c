/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The build's headers may be older than the kernel it runs on, so the struct
 * and the later rights are spelled out here; the kernel takes a longer struct
 * than it knows as long as the rest is 0. */
struct ruleset {
	uint64_t handled_fs;
	uint64_t handled_net;
	uint64_t scoped;
};

#define RIGHT(n)        ((uint64_t)1 << (n))
#define RIGHTS_BELOW(n) (RIGHT(n) - 1)

/* Rights of each ABI: 13 from the start, then REFER, TRUNCATE, IOCTL_DEV. */
#define FS_ABI_1     RIGHTS_BELOW(13)
#define FS_ABI_2     RIGHTS_BELOW(14)
#define FS_ABI_3     RIGHTS_BELOW(15)
#define FS_ABI_5     RIGHTS_BELOW(16)
#define NET_BIND_TCP RIGHT(0) /* ABI 4; connecting stays free */
#define SCOPE_UNIX   RIGHT(0) /* ABI 6: abstract sockets, signals */
#define SCOPE_SIGNAL RIGHT(1)

static struct ruleset rights_of(long abi)
{
	struct ruleset rules = { FS_ABI_1, 0, 0 };

	if (abi >= 2)
		rules.handled_fs = FS_ABI_2;
	if (abi >= 3)
		rules.handled_fs = FS_ABI_3;
	if (abi >= 4)
		rules.handled_net = NET_BIND_TCP;
	if (abi >= 5)
		rules.handled_fs = FS_ABI_5;
	if (abi >= 6)
		rules.scoped = SCOPE_UNIX | SCOPE_SIGNAL;
	return rules;
}

static int allow_reading(int rules, const char *path, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr beneath = { 0 };
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening '%s'", path);
	beneath.parent_fd = fd;
	beneath.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
	if (S_ISDIR(st.st_mode))
		beneath.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
	            &beneath, 0) < 0)
		return err_set(err, ERR_SYSTEM, errno, "allowing to read '%s'",
		               path);
	return 0;
}

int landlock_enter(const char *const *paths, struct err *err)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	                   LANDLOCK_CREATE_RULESET_VERSION);
	AUTO_CLOSE int rules = -1;
	struct ruleset wanted;

	/* EPERM: a container's seccomp filter that does not know it. */
	if (abi < 0 &&
	    (errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM))
		return 0;
	if (abi < 0)
		return err_set(err, ERR_SYSTEM, errno, "asking for Landlock");
	wanted = rights_of(abi);
	rules = (int)syscall(SYS_landlock_create_ruleset, &wanted,
	                     sizeof wanted, 0);
	if (rules < 0)
		return err_set(err, ERR_SYSTEM, errno, "making Landlock rules");
	for (size_t i = 0; paths[i] != NULL; i++)
		if (allow_reading(rules, paths[i], err) < 0)
			return -1;
	if (syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		return err_set(err, ERR_SYSTEM, errno, "entering Landlock");
	return 1;
}
