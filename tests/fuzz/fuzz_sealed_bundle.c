/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a bundle file.  Property: one that is accepted, written again, is the
 * same but for the CRC, which opening does not read. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "pack/sealed_bundle.h"
#include "round_trip.h"

#define FOLDER  "/dev/shm"
#define CRC_LEN 4

static void require_written_again(const struct sealed_bundle *bundle,
                                  const uint8_t *data, size_t size)
{
	AUTO_CLOSE int dir = open(FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_BUF struct buf again = BUF_NONE;
	AUTO_CLOSE int fd = -1;
	struct err err;
	char name[64];

	(void)snprintf(name, sizeof name, "fuzz-sealed-%d", (int)getpid());
	(void)unlinkat(dir, name, 0); /* of a run that was killed */
	require(sealed_bundle_write(bundle, dir, name, &err) == 0);
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	require(fd >= 0 && fs_read_fd(fd, &again, &err) == 0);
	require(unlinkat(dir, name, 0) == 0);
	require(again.len == size);
	require(memcmp(again.data, data, size - 2 * CRC_LEN) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;
	AUTO_CLOSE int fd = memfd_create("bundle", MFD_CLOEXEC);
	char path[64];
	struct err err;

	require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (sealed_bundle_open(path, &bundle, &err) == 0)
		require_written_again(&bundle, data, size);
	return 0;
}
