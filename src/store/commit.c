/* SPDX-License-Identifier: Apache-2.0 */
#include "store/commit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/fs.h"
#include "store/releases.h"

/* The digest of the release.ini that lies in a package. */
static int read_digest(int package, uint8_t out[DIGEST_LEN], struct err *err)
{
	char name[PART_NAME_SIZE];
	AUTO_CLOSE int fd = -1;

	part_name((struct part){ PART_RELEASE_INI, 0 }, name);
	fd = fs_open_file(package, name, err);
	return fd < 0 ? -1 : sha256_of_fd(fd, out, NULL, err);
}

/* Write errors reach syncfs through any descriptor that was open when they
 * happened; those of the store are older than the first byte. */
static int sync_file_systems(const struct store *store, struct err *err)
{
	struct stat releases;
	struct stat packages;

	if (fstat(store->releases, &releases) < 0 ||
	    fstat(store->packages, &packages) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at the store");
	if (packages.st_dev != releases.st_dev &&
	    disk_sync_all("commit.sync-packages", store->packages, err) < 0)
		return -1;
	return disk_sync_all("commit.sync", store->releases, err);
}

/* Give the package's folder its final mode, and tell which release it is. */
static int seal_package(const struct package_stage *package,
                        uint8_t digest[DIGEST_LEN], struct err *err)
{
	if (package->fd >= 0)
		return err_set(err, ERR_INTERNAL, 0,
		               "an unfinished package cannot be committed");
	if (read_digest(package->dir, digest, err) < 0)
		return -1;
	return disk_finish("commit.package-mode", package->dir, STORE_DIR_MODE,
	                   clock_now(), err);
}

/* The same with the tree, and put all of both on the disk. */
static int seal(const struct store *store, const struct release_ini *release,
                const struct package_stage *package,
                const struct tree_stage *tree, uint8_t digest[DIGEST_LEN],
                struct err *err)
{
	if (!tree->is_complete)
		return err_set(err, ERR_INTERNAL, 0,
		               "an unfinished tree cannot be committed");
	if (seal_package(package, digest, err) < 0 ||
	    disk_finish("commit.tree-mode", tree->dir, STORE_DIR_MODE,
	                release->created, err) < 0)
		return -1;
	return sync_file_systems(store, err);
}

static void fill(struct committed_release *out, const char *version,
                 const uint8_t digest[DIGEST_LEN])
{
	(void)snprintf(out->version, sizeof out->version, "%s", version);
	memcpy(out->release_sha256, digest, DIGEST_LEN);
}

static int commit_new(const struct store *store, const char *version,
                      struct err *err)
{
	int there = fs_exists(store->releases, version, NULL, err);

	if (there < 0)
		return -1;
	if (there == 1)
		return err_set(err, ERR_CONFLICT, 0,
		               "release %s is installed already", version);
	/* A package whose release never came: a crash between the two. */
	if (disk_remove_tree("commit.orphan", store->packages, version, err) <
	            0 ||
	    disk_rename_new("commit.package", store->packages, STORE_STAGING,
	                    store->packages, version, err) < 0 ||
	    disk_sync("commit.package-sync", store->packages, err) < 0 ||
	    disk_rename_new("commit.release", store->releases, STORE_STAGING,
	                    store->releases, version, err) < 0 ||
	    disk_sync("commit.release-sync", store->releases, err) < 0)
		return -1;
	return 0;
}

int commit_release(const struct store *store, const struct release_ini *release,
                   struct package_stage *package, struct tree_stage *tree,
                   struct committed_release *out, struct err *err)
{
	uint8_t digest[DIGEST_LEN];

	if (seal(store, release, package, tree, digest, err) < 0 ||
	    commit_new(store, release->version, err) < 0)
		return err_wrap(err, "committing release %s", release->version);
	fill(out, release->version, digest);
	return 0;
}

/* Where names cannot be exchanged: aside under a name that store_recover
 * knows to put back. */
static int replace_slowly(int dir, const char *version, struct err *err)
{
	char aside[sizeof STORE_ASIDE + VERSION_SIZE];

	(void)snprintf(aside, sizeof aside, STORE_ASIDE "%s", version);
	if (disk_remove_tree("commit.aside-clear", dir, aside, err) < 0 ||
	    disk_rename("commit.aside", dir, version, dir, aside, err) < 0 ||
	    disk_rename_new("commit.in-place", dir, STORE_STAGING, dir, version,
	                    err) < 0 ||
	    disk_sync("commit.in-place-sync", dir, err) < 0)
		return -1;
	return disk_remove_tree("commit.aside-remove", dir, aside, err);
}

/* Put .staging in the place of @version; the old one is .staging then. */
static int replace(int dir, const char *version, struct err *err)
{
	int there = fs_exists(dir, version, NULL, err);

	if (there < 0)
		return -1;
	if (there == 0 && disk_rename_new("commit.repaired", dir, STORE_STAGING,
	                                  dir, version, err) < 0)
		return -1;
	if (there == 1 && disk_exchange("commit.exchange", dir, STORE_STAGING,
	                                dir, version, err) < 0)
		return err->sys == EINVAL ? replace_slowly(dir, version, err)
		                          : -1;
	return disk_sync("commit.exchange-sync", dir, err);
}

/* The old package is out of sight before it is removed. */
static int replace_package(const struct store *store, const char *version,
                           struct err *err)
{
	if (replace(store->packages, version, err) < 0)
		return -1;
	return disk_remove_tree("commit.damaged-package", store->packages,
	                        STORE_STAGING, err);
}

int commit_repair(const struct store *store, const struct release_ini *release,
                  struct package_stage *package, struct tree_stage *tree,
                  struct committed_release *out, struct err *err)
{
	const char *version = release->version;
	uint8_t digest[DIGEST_LEN];

	if (seal(store, release, package, tree, digest, err) < 0 ||
	    replace_package(store, version, err) < 0 ||
	    replace(store->releases, version, err) < 0 ||
	    disk_remove_tree("commit.damaged-release", store->releases,
	                     STORE_STAGING, err) < 0)
		return err_wrap(err, "repairing release %s", version);
	fill(out, version, digest);
	return 0;
}

int commit_renewal(const struct store *store, const struct release_ini *release,
                   struct package_stage *package, struct committed_release *out,
                   struct err *err)
{
	const char *version = release->version;
	uint8_t digest[DIGEST_LEN];

	if (seal_package(package, digest, err) < 0 ||
	    sync_file_systems(store, err) < 0 ||
	    replace_package(store, version, err) < 0)
		return err_wrap(err, "renewing the evidence of release %s",
		                version);
	fill(out, version, digest);
	return 0;
}

int commit_installed(const struct store *store, const char *version,
                     struct committed_release *out, struct err *err)
{
	struct installed found;
	int got = store_find(store, version, &found, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "release %s is not installed", version);
	if (found.is_damaged)
		return err_set(err, ERR_CONFLICT, 0,
		               "release %s is damaged; install it again to "
		               "repair it",
		               version);
	fill(out, version, found.release_sha256);
	return 0;
}
