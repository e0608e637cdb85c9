/* SPDX-License-Identifier: Apache-2.0 */
/* The part of disk.h that replaces small files as a whole: made of its other
 * calls. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/fs.h"

static int write_and_rename(const char *step, int at, const char *temporary,
                            const char *name, mode_t mode, const void *data,
                            size_t len, struct err *err)
{
	AUTO_CLOSE int fd = disk_create(step, at, temporary, mode, err);

	if (fd < 0 || disk_write(step, fd, data, len, err) < 0 ||
	    disk_sync(step, fd, err) < 0)
		return -1;
	return disk_rename(step, at, temporary, at, name, err);
}

int disk_replace_file(const char *step, int at, const char *name, mode_t mode,
                      const void *data, size_t len, struct err *err)
{
	char temporary[FS_NAME_MAX];
	int n = snprintf(temporary, sizeof temporary, ".%s.new", name);

	if (n < 0 || (size_t)n >= sizeof temporary)
		return err_set(err, ERR_LIMIT, 0, "name '%s' is too long",
		               name);
	if (disk_unlink(step, at, temporary, err) < 0)
		return -1;
	if (write_and_rename(step, at, temporary, name, mode, data, len, err) <
	            0 ||
	    disk_sync(step, at, err) < 0)
		return err_wrap(err, "writing '%s'", name);
	return 0;
}

int disk_unique_name(const char *name, char *out, struct err *err)
{
	uint64_t number;
	int n;

	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		return err_set(err, ERR_SYSTEM, errno, "asking for randomness");
	n = snprintf(out, FS_NAME_MAX, ".%s.%016" PRIx64 ".new", name, number);
	if (n < 0 || n >= FS_NAME_MAX)
		return err_set(err, ERR_LIMIT, 0, "name '%s' is too long",
		               name);
	return 0;
}

int disk_replace_shared(const char *step, int at, const char *name, mode_t mode,
                        const void *data, size_t len, struct err *err)
{
	char temporary[FS_NAME_MAX];
	struct err ignored;

	if (disk_unique_name(name, temporary, err) < 0)
		return -1;
	if (write_and_rename(step, at, temporary, name, mode, data, len, err) <
	    0) {
		if (disk_unlink(step, at, temporary, &ignored) < 0)
			ignored.code = ERR_NONE; /* @err says why */
		return err_wrap(err, "writing '%s'", name);
	}
	return disk_sync(step, at, err) < 0
	               ? err_wrap(err, "writing '%s'", name)
	               : 0;
}
