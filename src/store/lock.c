/* SPDX-License-Identifier: Apache-2.0 */
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/text.h"

#define LOCK_NAME     "lock"
#define LOCK_TEXT_MAX 256

/* The holder's line; only for the message, so anything odd reads "unknown". */
static void read_holder(int fd, char out[LOCK_TEXT_MAX])
{
	ssize_t len = pread(fd, out, LOCK_TEXT_MAX - 1, 0);

	if (len > 0 && out[len - 1] == '\n')
		len--;
	if (len <= 0 || !text_is_printable(out, (size_t)len)) {
		(void)snprintf(out, LOCK_TEXT_MAX, "an unknown process");
		return;
	}
	out[len] = '\0';
}

static int note_holder(int fd, const char *command, struct err *err)
{
	char text[LOCK_TEXT_MAX];
	char since[CLOCK_TEXT_SIZE];
	int len;

	clock_format(clock_now(), since);
	len = snprintf(text, sizeof text, "%.128s (pid %ld, since %s)\n",
	               command, (long)getpid(), since);
	if (len < 0)
		return err_set(err, ERR_INTERNAL, 0, "formatting text");
	if (disk_truncate("lock.clear", fd, 0, err) < 0)
		return -1;
	return disk_write("lock.note", fd, text, (size_t)len, err);
}

int lock_take(const struct store *store, const char *command, struct err *err)
{
	/* Of the open file, not of the process: closing another descriptor of
	 * the file would not release it. */
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	AUTO_CLOSE int fd = disk_open_append("lock.open", store->state,
	                                     LOCK_NAME, STORE_LOCK_MODE, err);

	if (fd < 0)
		return err_wrap(err, "locking the store of %s", store->name);
	if (fcntl(fd, F_OFD_SETLK, &whole) < 0) {
		char holder[LOCK_TEXT_MAX];

		if (errno != EAGAIN && errno != EACCES)
			return err_set(err, ERR_SYSTEM, errno,
			               "locking the store of %s", store->name);
		read_holder(fd, holder);
		return err_set(err, ERR_LOCKED, 0,
		               "the store of %s is held by %s; try again later",
		               store->name, holder);
	}
	if (note_holder(fd, command, err) < 0)
		return err_wrap(err, "locking the store of %s", store->name);
	return TAKE_FD(fd);
}
