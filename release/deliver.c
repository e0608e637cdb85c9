/* SPDX-License-Identifier: Apache-2.0 */
/* From the staging folder to dist/<version>/. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "crypto/minisign.h"
#include "crypto/sha256.h"
#include "files.h"
#include "job.h"
#include "pack/evidence.h"
#include "pack/sealed_bundle.h"
#include "say.h"
#include "signing.h"

#define NAMES_MAX 4096

/* --- folders -----------------------------------------------------------------
 */

static void staging_name(const struct job *job, char out[FS_NAME_MAX])
{
	(void)snprintf(out, FS_NAME_MAX, ".new-%s", job->release.version);
}

int job_open_out(struct job *job, struct err *err)
{
	const char *out = job->settings->out;
	char name[FS_NAME_MAX];

	if (make_folders(out, err) < 0)
		return -1;
	job->out = fs_open_anchor(out, err);
	if (job->out < 0)
		return -1;
	if (flock(job->out, LOCK_EX | LOCK_NB) < 0)
		return err_set(err,
		               errno == EWOULDBLOCK ? ERR_LOCKED : ERR_SYSTEM,
		               errno == EWOULDBLOCK ? 0 : errno,
		               "another package-release writes to '%s'", out);
	/* Under the lock, what an interrupted run left is nobody's. */
	staging_name(job, name);
	if (disk_remove_tree("out.clear", job->out, name, err) < 0 ||
	    disk_mkdir("out.staging", job->out, name, 0755, err) < 0)
		return -1;
	job->staging = fs_open_dir(job->out, name, err);
	return job->staging < 0 ? -1 : 0;
}

void job_close_out(struct job *job)
{
	char name[FS_NAME_MAX];
	struct err err;

	staging_name(job, name);
	if (job->staging >= 0 &&
	    disk_remove_tree("out.done", job->out, name, &err) < 0)
		warn_user(
			"'%s' in '%s' was left behind; the next run clears it",
			name, job->settings->out);
	cleanup_close(&job->staging);
	cleanup_close(&job->out);
}

/* --- what lies there already -------------------------------------------------
 */

static int conflict(const struct job *job, const char *what, struct err *err)
{
	return err_set(err, ERR_CONFLICT, 0,
	               "%s in '%s' has other bytes than the release made now; "
	               "choose another version, or replace it with --replace",
	               what, job->target);
}

/* The text of release.ini in @dir: 1, 0 when there is none. */
static int read_release(int dir, struct buf *out, struct err *err)
{
	AUTO_CLOSE int fd = fs_open_file(dir, "release.ini", err);

	if (fd < 0 && err->code == ERR_SYSTEM && err->sys == ENOENT)
		return 0;
	if (fd < 0 || fs_read_fd(fd, out, err) < 0)
		return -1;
	return 1;
}

/* One folder holds one app, whatever the platform. */
static int check_app(const struct job *job, int dir, const char *name,
                     struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(RELEASE_INI_MAX);
	struct release_ini found;
	struct err ignored;
	int there = read_release(dir, &text, err);

	if (there <= 0)
		return there;
	/* What cannot be read is judged as other bytes, later. */
	if (release_ini_parse(buf_text(&text), text.len, &found, &ignored) < 0)
		return 0;
	if (strcmp(found.app, job->release.app) != 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "'%s/%s' holds version %s of app '%s'; give "
		               "each app an --out of its own",
		               job->settings->out, name, found.version,
		               found.app);
	return 0;
}

static int check_apps(const struct job *job, int dir, struct err *err)
{
	const char *version = job->release.version;
	char **names;
	size_t count;
	int result = check_app(job, dir, version, err);

	if (result < 0 || fs_list(dir, NAMES_MAX, &names, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++) {
		AUTO_CLOSE int inner = -1;
		struct stat st;

		result = fs_exists(dir, names[i], &st, err);
		if (result <= 0 || !S_ISDIR(st.st_mode)) {
			result = result < 0 ? -1 : 0;
			continue;
		}
		inner = fs_open_dir(dir, names[i], err);
		result = inner < 0 ? -1 : check_app(job, inner, version, err);
	}
	fs_list_free(names, count);
	return result;
}

/* Parts that lie there without a release.ini: inputs, or an interrupted run. */
static int check_loose(const struct job *job, int dir, struct err *err)
{
	for (int kind = 0; kind < PART_KINDS; kind++) {
		const struct part_pin *pin = &job->release.parts[kind];
		const struct part part = { .kind = (enum part_kind)kind };
		uint8_t digest[SHA256_LEN];
		char name[PART_NAME_SIZE];
		AUTO_CLOSE int fd = -1;
		int there;

		if (!pin->is_present)
			continue;
		part_name(part, name);
		there = fs_exists(dir, name, NULL, err);
		if (there < 0)
			return -1;
		if (there == 0)
			continue;
		fd = fs_open_file(dir, name, err);
		if (fd < 0 || sha256_of_fd(fd, digest, NULL, err) < 0)
			return -1;
		if (!sha256_equal(digest, pin->sha256))
			return conflict(job, name, err);
	}
	return 0;
}

/* Whether the target holds this very release: 1; 0 when it holds none, or one
 * that may be replaced. */
static int compare(const struct job *job, int dir,
                   const struct sealed_bundle *sealed, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(RELEASE_INI_MAX);
	int there = read_release(dir, &text, err);

	if (there < 0)
		return -1;
	if (there == 1 && text.len == sealed->release_text.len &&
	    memcmp(buf_text(&text), buf_text(&sealed->release_text),
	           text.len) == 0)
		return 1;
	if (job->request->replace)
		return 0;
	return there == 1 ? conflict(job, "the release", err)
	                  : check_loose(job, dir, err);
}

/* --- sealing
 * ------------------------------------------------------------------ */

/* Signatures that others added to the parts or to the bundle file stay. */
static int adopt(const struct job *job, struct sealed_bundle *sealed,
                 struct err *err)
{
	char name[BUNDLE_NAME_SIZE];
	char path[FS_PATH_MAX + BUNDLE_NAME_SIZE];

	sealed_bundle_name(&job->release, name);
	(void)snprintf(path, sizeof path, "%s/%s", job->target, name);
	if (adopt_from(job->target, sealed, err) < 0)
		return -1;
	return adopt_from(path, sealed, err);
}

static bool is_signed(const struct sealed_bundle *sealed)
{
	const struct part minisig = { .kind = PART_MINISIG };
	const struct part sigstore = { .kind = PART_SIGSTORE, .id = 1 };

	return sealed_bundle_find(sealed, minisig) != NULL ||
	       sealed_bundle_find(sealed, sigstore) != NULL;
}

static int seal(const struct job *job, struct sealed_bundle *sealed,
                struct delivery *out, struct err *err)
{
	char name[BUNDLE_NAME_SIZE];

	if (sign_bundle(&job->keys, sealed, err) < 0)
		return -1;
	name_signers(&job->keys, &out->signers);
	out->is_signed = is_signed(sealed);
	sealed_bundle_name(&job->release, name);
	if (store_evidence(sealed, job->staging, err) < 0)
		return -1;
	return sealed_bundle_write(sealed, job->staging, name, err);
}

/* --- moving
 * -------------------------------------------------------------------- */

/* Remove what belongs to the release that is replaced. */
static int clear_old(int dir, struct err *err)
{
	char **names;
	size_t count;
	int result = 0;

	if (fs_list(dir, NAMES_MAX, &names, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++) {
		struct part part;

		if (part_parse(names[i], strlen(names[i]), &part))
			result = disk_unlink("out.unlink", dir, names[i], err);
	}
	fs_list_free(names, count);
	return result;
}

/* release.ini goes last, so that what an interrupted run leaves never looks
 * whole. */
static int move_files(const struct job *job, int dir, struct err *err)
{
	char **names;
	size_t count;
	int result = 0;

	if (fs_list(job->staging, NAMES_MAX, &names, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++)
		if (strcmp(names[i], "release.ini") != 0)
			result = disk_rename("out.move", job->staging, names[i],
			                     dir, names[i], err);
	fs_list_free(names, count);
	if (result == 0)
		result = disk_rename("out.move-release", job->staging,
		                     "release.ini", dir, "release.ini", err);
	return result;
}

/* "linux/amd64" as the name of a folder; "" without a platform. */
static void platform_name(const struct job *job, char out[PLATFORM_SIZE])
{
	char *slash;

	memcpy(out, job->release.platform, PLATFORM_SIZE);
	slash = strchr(out, '/');
	if (slash != NULL)
		*slash = '-';
}

static int move_into(const struct job *job, int dir, bool is_same,
                     struct err *err)
{
	if (!is_same && job->request->replace && clear_old(dir, err) < 0)
		return -1;
	return move_files(job, dir, err);
}

int job_deliver(struct job *job, struct delivery *out, struct err *err)
{
	AUTO_SEALED struct sealed_bundle sealed = SEALED_BUNDLE_NONE;
	AUTO_CLOSE int version = -1;
	AUTO_CLOSE int dir = -1;
	char platform[PLATFORM_SIZE];
	char staging[FS_NAME_MAX];
	char path[FS_PATH_MAX + FS_NAME_MAX];
	struct delivery made = { .is_signed = false };
	int same;

	staging_name(job, staging);
	(void)snprintf(path, sizeof path, "%s/%s", job->settings->out, staging);
	if (sealed_bundle_open(path, &sealed, err) < 0)
		return -1;
	version = disk_require_dir("out.version", job->out,
	                           job->release.version, 0755, err);
	if (version < 0 || check_apps(job, version, err) < 0)
		return -1;
	platform_name(job, platform);
	dir = platform[0] != '\0' ? disk_require_dir("out.platform", version,
	                                             platform, 0755, err)
	                          : TAKE_FD(version);
	if (dir < 0)
		return -1;
	same = compare(job, dir, &sealed, err);
	if (same < 0 || (same == 1 && adopt(job, &sealed, err) < 0) ||
	    seal(job, &sealed, &made, err) < 0 ||
	    move_into(job, dir, same == 1, err) < 0)
		return -1;
	*out = made;
	return 0;
}
