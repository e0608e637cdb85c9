/* SPDX-License-Identifier: Apache-2.0 */
/* setup: the configuration and the trust folder of an app, made where they are
 * missing; and the sources that the command line names, set in it. */
#include <stdio.h>
#include <string.h>

#include "base/disk.h"
#include "base/fs.h"
#include "codec/settings_edit.h"
#include "commands.h"
#include "host.h"
#include "report.h"
#include "trust_file.h"

/* What the command line says of where releases come from. */
static const char *wanted_source(const struct request *request,
                                 enum settings_source source)
{
	switch (source) {
	case SETTINGS_URL:
		return request->url;
	case SETTINGS_OCI:
		return request->oci;
	case SETTINGS_REPO:
		return request->repo;
	}
	return NULL;
}

/* 1 when it was set, 0 when it was. */
static int set_source(const struct request *request,
                      enum settings_source source, struct buf *text,
                      struct err *err)
{
	AUTO_BUF struct buf made = BUF_LIMIT(SETTINGS_MAX);
	const char *value = wanted_source(request, source);
	int set;

	if (value == NULL)
		return 0;
	set = settings_set_source(buf_text(text), text->len, source, value,
	                          &made, err);
	if (set <= 0)
		return set;
	buf_cut(text, 0);
	return buf_add(text, made.data, made.len, err) < 0 ? -1 : 1;
}

/* 1 when @text is another now, 0 when it said all of it. */
static int set_sources(const struct request *request, struct buf *text,
                       struct err *err)
{
	int changed = 0;

	for (enum settings_source source = SETTINGS_URL;
	     source <= SETTINGS_REPO; source++) {
		int set = set_source(request, source, text, err);

		if (set < 0)
			return -1;
		changed |= set;
	}
	return changed;
}

static int write_configuration(const struct request *request, int folder,
                               const char *name, const struct buf *text,
                               struct err *err)
{
	if (disk_replace_file("setup.configuration", folder, name, 0644,
	                      text->data, text->len, err) < 0)
		return -1;
	report_step(request, "wrote %s%s" CONFIGURATION_DIR "/%s",
	            request->root,
	            request->root[strlen(request->root) - 1] == '/' ? "" : "/",
	            name);
	return 1;
}

/* What is there stays, but for a source that it does not name yet: it is the
 * administrator's.  Returns 1 when it was written, 0 when it was there. */
static int require_configuration(const struct request *request,
                                 const struct host *host, struct err *err)
{
	AUTO_CLOSE int folder = fs_open_dir(host->root, CONFIGURATION_DIR, err);
	AUTO_BUF struct buf text = BUF_LIMIT(SETTINGS_MAX);
	AUTO_FREE struct settings *settings = malloc(sizeof *settings);
	char name[APP_SIZE + sizeof ".ini"];
	int found;
	int changed;

	if (settings == NULL)
		return err_nomem(err);
	if (folder < 0)
		return -1;
	(void)snprintf(name, sizeof name, "%s.ini", host->app);
	found = fs_read_trusted(folder, name, &text, err);
	if (found < 0 ||
	    (found == 0 && settings_write_commented(host->app, &text, err) < 0))
		return -1;
	if (settings_parse(buf_text(&text), text.len, settings, err) < 0)
		return err_wrap(err, "/" CONFIGURATION_DIR "/%s", name);
	changed = set_sources(request, &text, err);
	if (changed < 0)
		return err_wrap(err, "/" CONFIGURATION_DIR "/%s", name);
	if (found == 1 && changed == 0)
		return 0;
	return write_configuration(request, folder, name, &text, err);
}

/* A source that no configuration would take must not leave half a set-up
 * behind. */
static int check_sources(const struct request *request, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(SETTINGS_MAX);

	if (settings_write_commented("app", &text, err) < 0)
		return -1;
	return set_sources(request, &text, err) < 0 ? -1 : 0;
}

int command_setup(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_HOST struct host host = HOST_NONE;
	AUTO_CLOSE int folder = -1;
	int written;
	int added = 0;

	if (request->app == NULL && request->repo == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "usage: install-package setup --app NAME "
		               "[--repo OWNER/REPO] --key FILE.pub");
	if (check_sources(request, err) < 0 ||
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
