/* SPDX-License-Identifier: Apache-2.0 */
#include "store/spool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/fs.h"
#include "codec/name.h"

#define STATE_DIR       "var/lib/tidegate"
#define SPOOL_DIR       ".spool" /* no app is called so */
#define SPOOL_SUFFIX    ".part"

#define SPOOL_NAME_SIZE (APP_SIZE + sizeof SPOOL_SUFFIX)

static void spool_name(const char *app, char out[SPOOL_NAME_SIZE])
{
	(void)snprintf(out, SPOOL_NAME_SIZE, "%s" SPOOL_SUFFIX, app);
}

/* The folder that all apps share; a descriptor the caller owns. */
static int require_folder(int root, struct err *err)
{
	AUTO_CLOSE int state = -1;
	AUTO_CLOSE int folder = -1;
	AUTO_CLOSE int lib = -1;
	AUTO_CLOSE int var =
		disk_require_dir("spool.var", root, "var", 0755, err);

	if (var < 0)
		return -1;
	lib = disk_require_dir("spool.var-lib", var, "lib", 0755, err);
	if (lib < 0)
		return -1;
	state = disk_require_dir("spool.state", lib, "tidegate", 0755, err);
	if (state < 0)
		return -1;
	folder = disk_require_dir("spool.folder", state, SPOOL_DIR, 0700, err);
	if (folder < 0 || fs_check_owner(folder, SPOOL_DIR, err) < 0)
		return -1;
	return TAKE_FD(folder);
}

/* Open it, and lock what was opened. */
static int open_locked(int folder, const char *app, struct err *err)
{
	AUTO_CLOSE int fd = -1;
	char name[SPOOL_NAME_SIZE];

	spool_name(app, name);
	fd = disk_open_update("spool.open", folder, name, 0600, err);
	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(
			err, errno == EWOULDBLOCK ? ERR_LOCKED : ERR_SYSTEM,
			errno, "another run fetches a release of %s", app);
	return TAKE_FD(fd);
}

/* Who had it before may have removed it between our opening and our lock, which
 * then is on a file that has no name.  1 when it has the app's, 0, -1. */
static int is_named(int folder, const char *app, const struct stat *locked,
                    struct err *err)
{
	char name[SPOOL_NAME_SIZE];
	struct stat st;
	int got;

	spool_name(app, name);
	got = fs_exists(folder, name, &st, err);
	if (got != 1)
		return got;
	return st.st_dev == locked->st_dev && st.st_ino == locked->st_ino;
}

int spool_open(int root, const char *app, bool *is_begun, struct err *err)
{
	AUTO_CLOSE int folder = require_folder(root, err);

	if (folder < 0)
		return -1;
	for (unsigned i = 0; i < SPOOL_TRIES; i++) {
		AUTO_CLOSE int fd = open_locked(folder, app, err);
		struct stat st;
		int got;

		if (fd < 0)
			return -1;
		if (fstat(fd, &st) < 0)
			return err_set(err, ERR_SYSTEM, errno,
			               "looking at the spool");
		got = is_named(folder, app, &st, err);
		if (got < 0)
			return -1;
		if (got == 0)
			continue;
		*is_begun = st.st_size > 0;
		return TAKE_FD(fd);
	}
	return err_set(err, ERR_LOCKED, 0,
	               "other runs fetch releases of %s, one after another",
	               app);
}

int spool_peek(int root, const char *app, struct err *err)
{
	AUTO_CLOSE int folder = fs_open_dir(root, STATE_DIR "/" SPOOL_DIR, err);
	char name[SPOOL_NAME_SIZE];

	if (folder < 0)
		return -1;
	spool_name(app, name);
	return fs_open_file(folder, name, err);
}

uint64_t spool_patch_end(const struct spool_patch *patch)
{
	return patch->at + patch->size + PART_DIGEST_LEN;
}

int spool_note_patch(int spool, const struct spool_patch *patch,
                     struct err *err)
{
	if (lseek(spool, (off_t)(patch->at + patch->size), SEEK_SET) < 0)
		return err_set(err, ERR_SYSTEM, errno, "seeking in the spool");
	return disk_write("spool.note-patch", spool, patch->sha256,
	                  PART_DIGEST_LEN, err);
}

static bool has_note(int spool, const struct spool_patch *patch)
{
	uint8_t note[PART_DIGEST_LEN];
	struct err ignored; /* a shorter one has none */
	struct stat st;

	return fstat(spool, &st) == 0 &&
	       (uint64_t)st.st_size == spool_patch_end(patch) &&
	       fs_read_at(spool, patch->at + patch->size, note, sizeof note,
	                  &ignored) == 0 &&
	       memcmp(note, patch->sha256, sizeof note) == 0;
}

uint64_t spool_begun_patch(int spool, const struct spool_patch *patch)
{
	uint64_t begun;
	off_t hole;

	if (spool < 0 || !has_note(spool, patch))
		return 0;
	hole = lseek(spool, (off_t)patch->at, SEEK_HOLE);
	if (hole < 0 || (uint64_t)hole <= patch->at)
		return 0;
	begun = (uint64_t)hole - patch->at;
	if (begun > patch->size)
		begun = patch->size;
	return begun > SPOOL_TORN ? begun - SPOOL_TORN : 0;
}

int spool_remove(int root, const char *app, struct err *err)
{
	AUTO_CLOSE int folder = fs_open_dir(root, STATE_DIR "/" SPOOL_DIR, err);
	char name[SPOOL_NAME_SIZE];

	if (folder < 0)
		return err->sys == ENOENT ? 0 : -1;
	spool_name(app, name);
	return disk_unlink("spool.remove", folder, name, err);
}
