/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/input.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

int input_make(const void *data, size_t len, struct err *err)
{
	AUTO_CLOSE int fd = memfd_create("tidegate-input", MFD_CLOEXEC);
	const uint8_t *bytes = data;
	size_t at = 0;

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "making a file");
	while (at < len) {
		ssize_t n = pwrite(fd, bytes + at, len - at, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(err, ERR_SYSTEM, n < 0 ? errno : ENOSPC,
			               "writing a file");
		at += (size_t)n;
	}
	return TAKE_FD(fd);
}
