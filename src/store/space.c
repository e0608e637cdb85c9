/* SPDX-License-Identifier: Apache-2.0 */
#include "store/space.h"

#include <errno.h>
#include <sys/statvfs.h>

/* Of @free, and the size of a block where @block is given. */
static int look(int dir, struct space *out, uint64_t *block, struct err *err)
{
	struct statvfs vfs;

	if (fstatvfs(dir, &vfs) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "asking for the free space");
	out->bytes = (uint64_t)vfs.f_bavail * vfs.f_frsize;
	/* btrfs and others have no fixed number of inodes. */
	out->files = vfs.f_files > 0 ? vfs.f_favail : UINT64_MAX;
	*block = vfs.f_frsize;
	return 0;
}

int space_free(int dir, struct space *out, struct err *err)
{
	uint64_t block;

	return look(dir, out, &block, err);
}

/* Sums that do not fit are more than any disk has. */
static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t multiply(uint64_t a, uint64_t b)
{
	return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

int space_require(int dir, const struct space *need, uint64_t reserve,
                  struct err *err)
{
	struct space there = { 0, 0 };
	uint64_t block = 0;
	uint64_t bytes;
	uint64_t files = add(need->files, SPACE_RESERVE_FILES);

	if (look(dir, &there, &block, err) < 0)
		return -1;
	bytes = add(add(need->bytes, multiply(need->files, block)), reserve);
	if (bytes > there.bytes)
		return err_set(err, ERR_SYSTEM, ENOSPC,
		               "%llu bytes are needed (%llu of them in "
		               "reserve), %llu are free",
		               (unsigned long long)bytes,
		               (unsigned long long)reserve,
		               (unsigned long long)there.bytes);
	if (files > there.files)
		return err_set(err, ERR_SYSTEM, ENOSPC,
		               "%llu inodes are needed (%llu of them in "
		               "reserve), %llu are free",
		               (unsigned long long)files,
		               (unsigned long long)SPACE_RESERVE_FILES,
		               (unsigned long long)there.files);
	return 0;
}
