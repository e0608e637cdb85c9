/* SPDX-License-Identifier: Apache-2.0 */
#include "lockfile.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"
#include "codec/lock_pin.h"

int lockfile_read(const char *path, struct buf *out, struct err *err)
{
	AUTO_CLOSE int fd = fs_open_given(path, err);

	if (fd < 0 || fs_check_owner(fd, path, err) < 0)
		return -1;
	if (fs_read_fd(fd, out, err) < 0)
		return err_wrap(err, "'%s'", path);
	if (out->len == 0)
		return err_set(err, ERR_FORMAT, 0, "'%s' is empty", path);
	if (lock_pin_is_dry_run(out->data, out->len))
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is of a dry run: nothing was published; "
		               "publish, and use the lockfile of that",
		               path);
	return 0;
}

int lockfile_require(const struct buf *lock, const uint8_t release[SHA256_LEN],
                     struct err *err)
{
	char hex[LOCKFILE_DIGEST_HEX];

	if (lock_pin_has_release(buf_text(lock), lock->len, release))
		return 0;
	text_to_hex(release, SHA256_LEN, hex);
	return err_set(err, ERR_UNTRUSTED, 0,
	               "--locked: the release is signed, but it is not the one "
	               "that the lockfile pins: its release.ini has the "
	               "SHA-256 %s",
	               hex);
}

int lockfile_digest(const struct buf *lock, char out[LOCKFILE_DIGEST_HEX],
                    struct err *err)
{
	uint8_t digest[SHA256_LEN];

	out[0] = '\0';
	if (lock->len == 0)
		return 0;
	if (sha256_of(lock->data, lock->len, digest, err) < 0)
		return -1;
	text_to_hex(digest, sizeof digest, out);
	return 0;
}
