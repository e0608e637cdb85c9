/* SPDX-License-Identifier: Apache-2.0 */
/* setup: the configuration and the trust folder of an app, made where they are
 * missing. */
#include <stdio.h>
#include <string.h>

#include "base/disk.h"
#include "base/fs.h"
#include "commands.h"
#include "host.h"
#include "report.h"
#include "trust_file.h"

static int write_configuration(const struct request *request,
                               const struct host *host, int folder,
                               const char *name, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (settings_write_commented(host->app, request->url, &text, err) < 0 ||
	    disk_replace_file("setup.configuration", folder, name, 0644,
	                      text.data, text.len, err) < 0)
		return -1;
	report_step(request, "wrote %s%s" CONFIGURATION_DIR "/%s",
	            request->root,
	            request->root[strlen(request->root) - 1] == '/' ? "" : "/",
	            name);
	return 1;
}

/* What is there stays: it is the administrator's. */
static int check_configuration(const struct request *request,
                               const struct buf *text, const char *name,
                               struct err *err)
{
	struct settings settings;
	const char *there;

	if (settings_parse(text->data, text->len, &settings, err) < 0)
		return err_wrap(err, "/" CONFIGURATION_DIR "/%s", name);
	there = settings_word(&settings.urls, 0);
	if (request->url != NULL && strcmp(there, request->url) != 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "/" CONFIGURATION_DIR
		               "/%s has %s%s as url; edit it",
		               name, there[0] != '\0' ? "" : "nothing", there);
	return 0;
}

/* Returns 1 when it was written, 0 when it was there. */
static int require_configuration(const struct request *request,
                                 const struct host *host, struct err *err)
{
	AUTO_CLOSE int folder = fs_open_dir(host->root, CONFIGURATION_DIR, err);
	AUTO_BUF struct buf text = BUF_LIMIT(SETTINGS_MAX);
	char name[APP_SIZE + sizeof ".ini"];
	int found;

	if (folder < 0)
		return -1;
	(void)snprintf(name, sizeof name, "%s.ini", host->app);
	found = fs_read_trusted(folder, name, &text, err);
	if (found < 0)
		return -1;
	if (found == 1)
		return check_configuration(request, &text, name, err);
	return write_configuration(request, host, folder, name, err);
}

/* A url that the configuration would not take must not be written. */
static int check_url(const struct request *request, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct settings settings;

	if (settings_write_commented("app", request->url, &text, err) < 0)
		return -1;
	if (settings_parse(text.data, text.len, &settings, err) < 0)
		return err_wrap(err, "--url");
	return 0;
}

int command_setup(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_HOST struct host host = HOST_NONE;
	AUTO_CLOSE int folder = -1;
	int written;
	int added = 0;

	if (request->app == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "usage: install-package setup --app NAME --key "
		               "FILE.pub");
	if (check_url(request, err) < 0 ||
	    host_open_root(request, &host, err) < 0)
		return -1;
	/* A wrong file must not leave half a set-up behind. */
	if (request->key != NULL &&
	    trust_file_check(&host, request->key, err) < 0)
		return err_wrap(err, "setting up %s", host.app);
	folder = trust_folder_lock(&host, err);
	written = folder < 0 ? -1 : require_configuration(request, &host, err);
	if (written >= 0 && request->key != NULL)
		added = trust_file_add(request, &host, folder, request->key,
		                       err);
	if (written < 0 || added < 0)
		return err_wrap(err, "setting up %s", host.app);
	if (written == 0 && request->key == NULL)
		report_step(request, "%s is set up already", host.app);
	return report_outcome(
		request,
		&(struct outcome){ .app = host.app, .result = "ready" }, err);
}
