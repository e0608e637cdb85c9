/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "privsep/worker.h"

#define CONFIGURED_MAX 10000 /* names in /etc/tidegate */
#define INI_SUFFIX     ".ini"

void host_done(struct host *host)
{
	cleanup_close(&host->root);
	cleanup_close(&host->workers);
	host->root = -1;
	host->workers = -1;
	keyring_done(&host->keyring);
	buf_done(&host->settings_text);
}

enum sandbox_mode host_sandbox(const struct host *host)
{
	return host->settings.is_uid_only ? SANDBOX_UID_ONLY : SANDBOX_FULL;
}

/* The app that a name in /etc/tidegate configures; 0 bytes for none. */
static size_t app_len(const char *name)
{
	size_t len = strlen(name);
	size_t suffix = strlen(INI_SUFFIX);

	if (len <= suffix || strcmp(name + len - suffix, INI_SUFFIX) != 0)
		return 0;
	return name_is_app(name, len - suffix) ? len - suffix : 0;
}

static int take_only_app(char **names, size_t count, char out[APP_SIZE],
                         struct err *err)
{
	const char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		if (app_len(names[i]) == 0)
			continue;
		if (found != NULL)
			return err_set(err, ERR_USAGE, 0,
			               "more than one app is configured: say "
			               "--app %.*s, or another",
			               (int)app_len(found), found);
		found = names[i];
	}
	if (found == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "no app is configured; run: install-package "
		               "setup --app NAME --key FILE.pub");
	return text_copy(out, APP_SIZE, found, app_len(found), err);
}

/* Everything in /etc/tidegate; nothing where that is missing. */
static int list_configured(int root, char ***names, size_t *count,
                           struct err *err)
{
	AUTO_CLOSE int dir = fs_open_dir(root, CONFIGURATION_DIR, err);

	*names = NULL;
	*count = 0;
	if (dir < 0)
		return err->sys == ENOENT ? 0 : -1;
	return fs_list(dir, CONFIGURED_MAX, names, count, err);
}

static int find_only_app(int root, char out[APP_SIZE], struct err *err)
{
	char **names;
	size_t count;
	int result;

	if (list_configured(root, &names, &count, err) < 0)
		return -1;
	result = take_only_app(names, count, out, err);
	fs_list_free(names, count);
	return result;
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

static int visit_apps(const struct request *request, char **names, size_t count,
                      int (*visit)(const struct request *request,
                                   const char *app, struct err *err),
                      struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		char app[APP_SIZE] = "";
		size_t len = app_len(names[i]);

		memcpy(app, names[i], len);
		if (len > 0 && visit(request, app, err) < 0)
			return -1;
	}
	return 0;
}

int host_each_app(const struct request *request,
                  int (*visit)(const struct request *request, const char *app,
                               struct err *err),
                  struct err *err)
{
	AUTO_HOST struct host host = HOST_NONE;
	char **names;
	size_t count;
	int result;

	if (open_root(request, &host, err) < 0 ||
	    list_configured(host.root, &names, &count, err) < 0)
		return -1;
	result = visit_apps(request, names, count, visit, err);
	fs_list_free(names, count);
	return result;
}

int host_open_root(const struct request *request, struct host *out,
                   struct err *err)
{
	if (open_root(request, out, err) < 0)
		return -1;
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

static int read_settings(struct host *host, struct err *err)
{
	struct buf *text = &host->settings_text;
	char path[sizeof CONFIGURATION_DIR "/" INI_SUFFIX + APP_SIZE];
	int found;

	settings_defaults(&host->settings);
	(void)snprintf(path, sizeof path, CONFIGURATION_DIR "/%s" INI_SUFFIX,
	               host->app);
	found = fs_read_trusted(host->root, path, text, err);
	if (found <= 0)
		return found;
	if (settings_parse(buf_text(text), text->len, &host->settings, err) < 0)
		return err_wrap(err, "/%s", path);
	return 0;
}

int host_open_trust(const struct host *host, struct err *err)
{
	char path[sizeof TRUST_DIR "/" + APP_SIZE];

	(void)snprintf(path, sizeof path, TRUST_DIR "/%s", host->app);
	return fs_open_dir(host->root, path, err);
}

/* No folder is no key: the judge then says what to do. */
static int read_keys(struct host *host, struct err *err)
{
	AUTO_CLOSE int dir = host_open_trust(host, err);

	if (dir < 0)
		return err->sys == ENOENT ? 0 : -1;
	if (fs_check_owner(dir, TRUST_DIR, err) < 0 ||
	    keyring_load(dir, &host->keyring, err) < 0)
		return err_wrap(err, "/" TRUST_DIR "/%s", host->app);
	return 0;
}

int host_open(const struct request *request, struct host *out, struct err *err)
{
	if (host_open_root(request, out, err) < 0 ||
	    read_settings(out, err) < 0 || read_keys(out, err) < 0)
		return -1;
	out->workers = worker_open_folder(err);
	return out->workers < 0 ? -1 : 0;
}
