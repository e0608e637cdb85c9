/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "codec/oci_reference.h"
#include "fetch_remote.h"

#define FOLDER_NAMES_MAX 10000
#define BUNDLE_SUFFIX    ".tar.gz"

void fetched_bundle_done(struct fetched_bundle *bundle)
{
	cleanup_close(&bundle->fd);
	bundle->fd = -1;
	remote_done(&bundle->remote);
	buf_done(&bundle->lock);
}

/* Where it came from, for the receipt, which has room for the end of a long
 * path: that tells most. */
static void note_origin(struct fetched_bundle *bundle, const char *text)
{
	size_t len = strlen(text);
	size_t cut = len < ORIGIN_SIZE ? 0 : len - (ORIGIN_SIZE - 1);

	(void)snprintf(bundle->origin, sizeof bundle->origin, "%s", text + cut);
	/* A path may hold anything; the receipt takes printable text. */
	if (!text_is_printable(bundle->origin, strlen(bundle->origin)) ||
	    strchr(bundle->origin, ';') != NULL)
		(void)snprintf(bundle->origin, sizeof bundle->origin,
		               "(a path with unprintable characters)");
}

/* The same for a path of the caller's, which may be relative. */
static void note_path(struct fetched_bundle *bundle, const char *path)
{
	AUTO_FREE char *absolute = realpath(path, NULL);

	note_origin(bundle, absolute != NULL ? absolute : path);
}

/* @fd: a regular file, which @out owns from now on. */
static int take_file(int fd, struct fetched_bundle *out, struct err *err)
{
	AUTO_CLOSE int file = fd;
	struct stat st;

	if (fd < 0)
		return -1; /* and err says why */
	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at the bundle");
	out->kind = BUNDLE_FILE;
	out->size = (uint64_t)st.st_size;
	out->fd = TAKE_FD(file);
	return 0;
}

static int open_file(const char *path, struct fetched_bundle *out,
                     struct err *err)
{
	if (take_file(fs_open_given(path, err), out, err) < 0)
		return -1;
	note_path(out, path);
	return 0;
}

static bool is_bundle_name(const char *name, const char *app)
{
	size_t app_len = strlen(app);
	size_t len = strlen(name);
	size_t suffix = strlen(BUNDLE_SUFFIX);

	return len > app_len + suffix && strncmp(name, app, app_len) == 0 &&
	       name[app_len] == '-' &&
	       strcmp(name + len - suffix, BUNDLE_SUFFIX) == 0;
}

/* The one bundle of @app among @names; NULL and an error for none or two. */
static const char *only_bundle(const char *app, char **names, size_t count,
                               struct err *err)
{
	const char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!is_bundle_name(names[i], app))
			continue;
		if (found != NULL) {
			(void)err_set(err, ERR_USAGE, 0,
			              "two bundles, '%s' and '%s': name one "
			              "with --bundle",
			              found, names[i]);
			return NULL;
		}
		found = names[i];
	}
	if (found == NULL)
		(void)err_set(err, ERR_USAGE, 0,
		              "neither release.ini nor a bundle '%s-*%s'", app,
		              BUNDLE_SUFFIX);
	return found;
}

static int open_only_bundle(int folder, const char *app,
                            struct fetched_bundle *out, struct err *err)
{
	char **names;
	size_t count;
	const char *name;
	int fd = -1;

	if (fs_list(folder, FOLDER_NAMES_MAX, &names, &count, err) < 0)
		return -1;
	name = only_bundle(app, names, count, err);
	if (name != NULL)
		fd = fs_open_file(folder, name, err);
	fs_list_free(names, count);
	return take_file(fd, out, err);
}

static int open_folder(const char *path, const char *app,
                       struct fetched_bundle *out, struct err *err)
{
	AUTO_CLOSE int folder = fs_open_anchor(path, err);
	int is_parts;

	if (folder < 0)
		return -1;
	note_path(out, path);
	is_parts = fs_exists(folder, "release.ini", NULL, err);
	if (is_parts < 0)
		return -1;
	if (is_parts == 0) {
		if (open_only_bundle(folder, app, out, err) < 0)
			return err_wrap(err, "looking for a bundle in '%s'",
			                path);
		return 0;
	}
	out->kind = BUNDLE_FOLDER;
	out->fd = TAKE_FD(folder);
	return 0;
}

/* --- --url --- */

#define FILE_SCHEME "file:"

/* The path in a file: address, which is absolute; taken as it is. */
static int open_file_url(const char *url, const char *app,
                         struct fetched_bundle *out, struct err *err)
{
	const char *path = url + strlen(FILE_SCHEME);

	if (strncmp(path, "//", 2) == 0)
		path += 2;
	if (path[0] != '/')
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is not file: and an absolute path", url);
	if (path[strlen(path) - 1] == '/')
		return open_folder(path, app, out, err);
	return open_file(path, out, err);
}

static int open_url(const struct request *request, const struct host *host,
                    const char *url, struct fetched_bundle *out,
                    struct err *err)
{
	if (strncmp(url, FILE_SCHEME, strlen(FILE_SCHEME)) == 0)
		return open_file_url(url, host->app, out, err);
	return fetch_remote(request, host,
	                    &(const struct fetch_place){ FETCH_FILE, url }, 1,
	                    out, err);
}

static int open_artifact(const struct request *request, const struct host *host,
                         struct fetched_bundle *out, struct err *err)
{
	const struct fetch_place place = { FETCH_OCI, request->oci };

	return fetch_remote(request, host, &place, 1, out, err);
}

/* What the lockfile pins is for fetch-worker to find; until then the file is
 * all that can be named. */
static int open_locked(const struct request *request, const struct host *host,
                       struct fetched_bundle *out, struct err *err)
{
	const struct fetch_place place = { FETCH_LOCKED, request->locked };

	if (fetch_remote(request, host, &place, 1, out, err) < 0)
		return err_wrap(err, "--locked '%s'", request->locked);
	return 0;
}

/* The mirrors of the configuration, in order. */
static int open_configured(const struct request *request,
                           const struct host *host, struct fetched_bundle *out,
                           struct err *err)
{
	const struct settings_words *urls = &host->settings.urls;
	const char *oci = host->settings.oci;
	struct fetch_place all[SETTINGS_MIRRORS_MAX + 1];
	size_t count = 0;

	if (urls->count == 1 && oci[0] == '\0')
		return open_url(request, host, settings_word(urls, 0), out,
		                err);
	for (; count < urls->count; count++)
		all[count] = (struct fetch_place){ FETCH_FILE,
			                           settings_word(urls, count) };
	if (oci[0] != '\0')
		all[count++] = (struct fetch_place){ FETCH_OCI, oci };
	return fetch_remote(request, host, all, count, out, err);
}

static int open_repository(const struct request *request,
                           const struct host *host, const char *repository,
                           struct fetched_bundle *out, struct err *err)
{
	const struct fetch_place place = { FETCH_GITHUB, repository };
	const char *version = request->version;

	if (version == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "which release of '%s'? --version VERSION, or "
		               "--version latest",
		               repository);
	if (!name_is_version(version, strlen(version)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no version",
		               version);
	return fetch_remote(request, host, &place, 1, out, err);
}

/* --- which one --- */

int install_check_sources(const struct request *request, struct err *err)
{
	struct oci_reference reference;
	int named = (request->bundle != NULL) + (request->asset_dir != NULL) +
	            (request->url != NULL) + (request->oci != NULL) +
	            (request->repo != NULL);

	if (named > 1)
		return err_set(err, ERR_USAGE, 0,
		               "name one of --bundle, --asset-dir, --url, "
		               "--oci and --repo");
	if (request->oci != NULL &&
	    oci_reference_parse(request->oci, &reference, err) < 0)
		return err_wrap(err, "--oci");
	if (request->repo != NULL &&
	    !name_is_repository(request->repo, strlen(request->repo)))
		return err_set(err, ERR_USAGE, 0,
		               "--repo '%s' is no repository on GitHub; write "
		               "OWNER/REPOSITORY",
		               request->repo);
	if (request_wants_latest(request) && request->locked != NULL)
		return err_set(err, ERR_USAGE, 0,
		               "--version latest, and --locked says which "
		               "release it is");
	if (request_wants_latest(request) && named == 1 &&
	    request->repo == NULL && request->oci == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "--version latest is for --repo: this release "
		               "is named already");
	return 0;
}

int install_fetch(const struct request *request, const struct host *host,
                  struct fetched_bundle *out, struct err *err)
{
	AUTO_BUNDLE struct fetched_bundle bundle = FETCHED_BUNDLE_NONE;
	int result;

	if (request->locked != NULL &&
	    lockfile_read(request->locked, &bundle.lock, err) < 0)
		return err_wrap(err, "--locked");
	if (request->bundle != NULL)
		result = open_file(request->bundle, &bundle, err);
	else if (request->asset_dir != NULL)
		result = open_folder(request->asset_dir, host->app, &bundle,
		                     err);
	else if (request->url != NULL)
		result = open_url(request, host, request->url, &bundle, err);
	else if (request->oci != NULL)
		result = open_artifact(request, host, &bundle, err);
	else if (request->repo != NULL)
		result = open_repository(request, host, request->repo, &bundle,
		                         err);
	else if (request->locked != NULL)
		result = open_locked(request, host, &bundle, err);
	else if (host->settings.urls.count > 0 || host->settings.oci[0] != '\0')
		result = open_configured(request, host, &bundle, err);
	else if (host->settings.repo[0] != '\0')
		result = open_repository(request, host, host->settings.repo,
		                         &bundle, err);
	else
		return err_set(err, ERR_USAGE, 0,
		               "what to install? --bundle FILE, --asset-dir "
		               "DIR, --url URL, --oci REF or --repo "
		               "OWNER/REPO");
	if (result < 0)
		return -1;
	*out = bundle;
	bundle = FETCHED_BUNDLE_NONE; /* handed over */
	return 0;
}
