/* SPDX-License-Identifier: Apache-2.0 */
#include "key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/disk.h"
#include "base/fs.h"
#include "codec/minisign.h"
#include "codec/name.h"
#include "report.h"

#define KEY_SUFFIX  ".pub"
#define FOLDER_MODE 0755
#define FILE_MODE   0644

int trust_folder_make(const struct host *host, struct err *err)
{
	AUTO_CLOSE int etc = disk_require_dir("setup.etc", host->root, "etc",
	                                      FOLDER_MODE, err);
	AUTO_CLOSE int ours = -1;
	AUTO_CLOSE int trust = -1;

	if (etc < 0)
		return -1;
	ours = disk_require_dir("setup.tidegate", etc, "tidegate", FOLDER_MODE,
	                        err);
	if (ours < 0)
		return -1;
	trust = disk_require_dir("setup.trust", ours, "trust", FOLDER_MODE,
	                         err);
	if (trust < 0)
		return -1;
	return disk_require_dir("setup.trust-app", trust, host->app,
	                        FOLDER_MODE, err);
}

/* The caller names the file by a path of his own, through links too. */
static int read_key(const char *path, struct buf *out,
                    struct minisign_public *key, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening '%s'", path);
	if (fs_read_fd(fd, out, err) < 0 ||
	    minisign_parse_public(out->data, out->len, key, err) < 0)
		return err_wrap(err, "'%s' is no minisign public key", path);
	return 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static int check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);
	size_t suffix = strlen(KEY_SUFFIX);

	if (len <= suffix || strcmp(name + len - suffix, KEY_SUFFIX) != 0 ||
	    !name_is_key(name, len - suffix))
		return err_set(err, ERR_USAGE, 0,
		               "'%s' must be named NAME.pub, with A-Z, a-z, "
		               "0-9, '.', '_' and '-'",
		               name);
	return 0;
}

int key_file_add(const struct request *request, int folder, const char *path,
                 struct err *err)
{
	AUTO_BUF struct buf given = BUF_LIMIT(MINISIGN_FILE_MAX);
	AUTO_BUF struct buf there = BUF_LIMIT(MINISIGN_FILE_MAX);
	const char *name = base_name(path);
	struct minisign_public key;
	char id[MINISIGN_ID_TEXT];
	int found;

	if (check_name(name, err) < 0 || read_key(path, &given, &key, err) < 0)
		return -1;
	minisign_id_text(key.id, id);
	found = fs_read_trusted(folder, name, &there, err);
	if (found < 0)
		return -1;
	if (found == 1 && there.len == given.len &&
	    memcmp(there.data, given.data, given.len) == 0) {
		report_step(request, "key %s (%s) is trusted already", id,
		            name);
		return 0;
	}
	if (found == 1)
		return err_set(err, ERR_CONFLICT, 0,
		               "another key is named '%s'; rename the file, or "
		               "remove that key first",
		               name);
	if (disk_replace_file("setup.key", folder, name, FILE_MODE, given.data,
	                      given.len, err) < 0)
		return -1;
	report_step(request, "key %s (%s) is trusted now", id, name);
	return 1;
}
