/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "privsep/worker.h"

void host_done(struct host *host)
{
	cleanup_close(&host->root);
	cleanup_close(&host->workers);
	host->root = -1;
	host->workers = -1;
	keyring_done(&host->keyring);
	buf_done(&host->settings_text);
}

static int find_only_app(int root, char out[APP_SIZE], struct err *err)
{
	AUTO_APPS struct apps apps = APPS_NONE;

	if (configured_apps(root, &apps, err) < 0)
		return -1;
	apps_sort(&apps);
	if (apps.count > 1)
		return err_set(err, ERR_USAGE, 0,
		               "more than one app is configured: say --app %s, "
		               "or another",
		               apps.names[0]);
	if (apps.count == 0)
		return err_set(err, ERR_USAGE, 0,
		               "no app is configured; run: install-package "
		               "setup --app NAME --key FILE.pub");
	memcpy(out, apps.names[0], APP_SIZE);
	return 0;
}

/* Whether the app's configuration says that it comes from @repository; GitHub's
 * names are equal in any case. */
static int comes_from(int root, const char *app, const char *repository,
                      struct err *err)
{
	AUTO_FREE struct settings *settings = calloc(1, sizeof *settings);
	AUTO_BUF struct buf text = BUF_LIMIT(SETTINGS_MAX);

	if (settings == NULL)
		return err_nomem(err);
	if (configured_settings(root, app, &text, settings, err) < 0)
		return err_wrap(err,
		                "looking for the app of '%s' (or say "
		                "--app NAME)",
		                repository);
	return strcasecmp(settings->repo, repository) == 0;
}

static int find_app_among(int root, const struct apps *apps,
                          const char *repository, const char **out,
                          struct err *err)
{
	*out = NULL;
	for (size_t i = 0; i < apps->count; i++) {
		int got = comes_from(root, apps->names[i], repository, err);

		if (got < 0)
			return -1;
		if (got == 0)
			continue;
		if (*out != NULL)
			return err_set(err, ERR_USAGE, 0,
			               "'%s' and '%s' both come from '%s': "
			               "say --app %s, or the other",
			               *out, apps->names[i], repository, *out);
		*out = apps->names[i];
	}
	return 0;
}

/* The one whose [source] repo it is, else the repository's own name. */
static int find_app_of_repository(int root, const char *repository,
                                  char out[APP_SIZE], struct err *err)
{
	AUTO_APPS struct apps apps = APPS_NONE;
	const char *found;

	if (configured_apps(root, &apps, err) < 0)
		return -1;
	apps_sort(&apps);
	if (find_app_among(root, &apps, repository, &found, err) < 0)
		return -1;
	if (found != NULL) {
		memcpy(out, found, APP_SIZE);
		return 0;
	}
	if (name_app_of_repository(repository, out))
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "the repository '%s' has no name of an app: say --app "
	               "NAME",
	               repository);
}

static int check_root(const struct request *request, struct host *host,
                      struct err *err)
{
	struct stat given;
	struct stat real;

	if (fstat(host->root, &given) < 0 || stat("/", &real) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'",
		               request->root);
	host->is_real =
		given.st_dev == real.st_dev && given.st_ino == real.st_ino;
	if (fs_check_ancestors(host->root, err) < 0)
		return err_wrap(err, "--root %s", request->root);
	return 0;
}

static int open_root(const struct request *request, struct host *out,
                     struct err *err)
{
	out->root = fs_open_anchor(request->root, err);
	return out->root < 0 ? -1 : check_root(request, out, err);
}

int host_each_app(const struct request *request,
                  int (*visit)(const struct request *request, const char *app,
                               struct err *err),
                  struct err *err)
{
	AUTO_HOST struct host host = HOST_NONE;
	AUTO_APPS struct apps apps = APPS_NONE;

	if (open_root(request, &host, err) < 0 ||
	    configured_apps(host.root, &apps, err) < 0)
		return -1;
	apps_sort(&apps);
	for (size_t i = 0; i < apps.count; i++)
		if (visit(request, apps.names[i], err) < 0)
			return -1;
	return 0;
}

int host_open_root(const struct request *request, struct host *out,
                   struct err *err)
{
	if (open_root(request, out, err) < 0)
		return -1;
	if (request->app == NULL && request->repo != NULL)
		return find_app_of_repository(out->root, request->repo,
		                              out->app, err);
	if (request->app == NULL)
		return find_only_app(out->root, out->app, err);
	if (!name_is_app(request->app, strlen(request->app)))
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is no name of an app: a-z, 0-9, '.', '_' "
		               "and '-' only",
		               request->app);
	return text_copy(out->app, sizeof out->app, request->app,
	                 strlen(request->app), err);
}

int host_open(const struct request *request, struct host *out, struct err *err)
{
	/* No trust folder is no key: the judge then says what to do. */
	if (host_open_root(request, out, err) < 0 ||
	    configured_settings(out->root, out->app, &out->settings_text,
	                        &out->settings, err) < 0 ||
	    configured_keys(out->root, out->app, &out->keyring, err) < 0)
		return -1;
	out->workers = worker_open_folder(err);
	return out->workers < 0 ? -1 : 0;
}

int host_require_key(const struct request *request, const struct host *host,
                     struct err *err)
{
	if (keyring_require(&host->keyring, host->app, err) == 0)
		return 0;
	if (request->repo == NULL)
		return -1;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "no trusted key for app %s; run: install-package setup "
	               "--app %s --key FILE.pub --repo %s",
	               host->app, host->app, request->repo);
}

int host_open_unnamed(const struct host *host, struct err *err)
{
	AUTO_CLOSE int dir = fs_open_dir(host->root, "var/tmp", err);
	int fd;

	if (dir < 0)
		dir = fs_open_dir(host->root, ".", err);
	if (dir < 0)
		return -1;
	fd = openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "making a file in /var/tmp");
	return fd;
}
