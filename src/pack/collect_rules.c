/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/collect_rules.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "codec/tree_path.h"

#define MODE_REFUSED (S_ISUID | S_ISGID | S_IWOTH)

bool patterns_match_whole(const struct patterns *patterns, const char *path)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (fnmatch(patterns->at[i], path, 0) == 0)
			return true;
	return false;
}

bool patterns_match(const struct patterns *patterns, const char *path)
{
	char part[TREE_PATH_SIZE];
	size_t len = strlen(path);

	if (patterns->count == 0 || len >= sizeof part)
		return false;
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (patterns_match_whole(patterns, part))
			return true;
	}
	return false;
}

/* Whether a pattern is exactly @path, or names something in it. */
static bool is_named(const struct patterns *patterns, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < patterns->count; i++) {
		const char *pattern = patterns->at[i];

		if (strncmp(pattern, path, len) == 0 &&
		    (pattern[len] == '\0' || pattern[len] == '/'))
			return true;
	}
	return false;
}

bool collect_leaves_out(const struct collect_rules *rules, const char *path,
                        const struct stat *st)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	if (rules->skip_inode != 0 && S_ISDIR(st->st_mode) &&
	    st->st_ino == rules->skip_inode && st->st_dev == rules->skip_device)
		return true;
	if (strcmp(name, ".git") == 0 && !is_named(&rules->include, path))
		return true;
	return patterns_match_whole(&rules->exclude, path);
}

/* Labels that a host puts on each file and that say nothing about it. */
static bool is_host_label(const char *name)
{
	static const char *const labels[] = { "security.selinux",
		                              "security.ima", "security.evm" };

	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		if (strcmp(name, labels[i]) == 0)
			return true;
	return false;
}

int collect_check_attributes(int fd, const char *path, struct err *err)
{
	AUTO_FREE char *names = NULL;
	ssize_t len = flistxattr(fd, NULL, 0);

	if (len == 0 || (len < 0 && errno == ENOTSUP))
		return 0;
	if (len > 0) {
		names = malloc(XATTR_LIST_MAX);
		if (names == NULL)
			return err_nomem(err);
		len = flistxattr(fd, names, XATTR_LIST_MAX);
	}
	if (len < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "reading the extended attributes of '%s'", path);
	for (char *name = names; name < names + len; name += strlen(name) + 1)
		if (!is_host_label(name))
			return err_set(
				err, ERR_FORMAT, 0,
				"'%s' has the extended attribute '%s', "
				"which a release cannot carry; remove it "
				"(setfattr -x, setfacl -b, setcap -r)",
				path, name);
	return 0;
}

/* Owner's x decides; all else is the umask of whoever made the file. */
int collect_mode(const struct collect_rules *rules, const char *path,
                 const struct stat *st, unsigned *mode, struct err *err)
{
	bool is_run = S_ISDIR(st->st_mode) || (st->st_mode & S_IXUSR) != 0;

	if (patterns_match(&rules->allow_mode, path)) {
		*mode = st->st_mode & 07777;
		return 0;
	}
	if ((st->st_mode & MODE_REFUSED) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "'%s' is %s (mode %04o); chmod it, or name it "
		               "with --allow-mode",
		               path,
		               (st->st_mode & S_ISUID) != 0 ? "setuid"
		               : (st->st_mode & S_ISGID) != 0
		                       ? "setgid"
		                       : "world-writable",
		               st->st_mode & 07777);
	*mode = is_run ? 0755 : 0644;
	return 0;
}

bool collect_link_stays(const char *path, const char *target)
{
	return target[0] != '/' && tree_link_stays(path, target);
}

int collect_check_link(const struct collect_rules *rules, const char *path,
                       const char *target, struct err *err)
{
	if (tree_link_check(target, strlen(target), err) < 0)
		return err_wrap(err, "link '%s'", path);
	if (collect_link_stays(path, target))
		return 0;
	if (!patterns_match_whole(&rules->allow_link, path))
		return err_set(err, ERR_FORMAT, 0,
		               "link '%s' leaves the payload (to '%s'); allow "
		               "it with --allow-link '%s'",
		               path, target, path);
	return 0;
}
