/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/configured.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

#define NAMES_MAX  100000 /* in one folder */
#define INI_SUFFIX ".ini"

/* --- which apps -------------------------------------------------------- */

void apps_done(struct apps *apps)
{
	free(apps->names);
	*apps = APPS_NONE;
}

int apps_add(struct apps *apps, const char *name, size_t len, struct err *err)
{
	char(*names)[APP_SIZE];

	if (!name_is_app(name, len))
		return 0;
	if (apps->count == APPS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d apps",
		               APPS_MAX);
	names = reallocarray(apps->names, apps->count + 1, sizeof *names);
	if (names == NULL)
		return err_nomem(err);
	apps->names = names;
	memset(names[apps->count], 0, sizeof *names);
	memcpy(names[apps->count], name, len); /* fits: it is an app's */
	apps->count++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

void apps_sort(struct apps *apps)
{
	size_t kept = 0;

	if (apps->count == 0)
		return;
	qsort(apps->names, apps->count, sizeof *apps->names, compare);
	for (size_t i = 1; i < apps->count; i++)
		if (strcmp(apps->names[i], apps->names[kept]) != 0 &&
		    ++kept != i)
			memcpy(apps->names[kept], apps->names[i],
			       sizeof *apps->names);
	apps->count = kept + 1;
}

/* Append the apps that names of a folder end in @suffix for. */
static int add_names(int root, const char *path, const char *suffix,
                     struct apps *apps, struct err *err)
{
	AUTO_CLOSE int folder = fs_open_dir(root, path, err);
	size_t behind = strlen(suffix);
	char **names;
	size_t count;
	int result = 0;

	if (folder < 0)
		return err->code == ERR_SYSTEM && err->sys == ENOENT ? 0 : -1;
	if (fs_list(folder, NAMES_MAX, &names, &count, err) < 0)
		return err_wrap(err, "listing %s", path);
	for (size_t i = 0; i < count && result == 0; i++) {
		size_t len = strlen(names[i]);

		if (len > behind &&
		    strcmp(names[i] + len - behind, suffix) == 0)
			result = apps_add(apps, names[i], len - behind, err);
	}
	fs_list_free(names, count);
	return result;
}

int configured_apps(int root, struct apps *apps, struct err *err)
{
	if (add_names(root, CONFIGURATION_DIR, INI_SUFFIX, apps, err) < 0)
		return -1;
	return add_names(root, TRUST_DIR, "", apps, err);
}

/* --- one of them ------------------------------------------------------- */

int configured_settings(int root, const char *app, struct buf *text,
                        struct settings *out, struct err *err)
{
	char path[sizeof CONFIGURATION_DIR "/" INI_SUFFIX + APP_SIZE];
	int found;

	settings_defaults(out);
	(void)snprintf(path, sizeof path, CONFIGURATION_DIR "/%s" INI_SUFFIX,
	               app);
	found = fs_read_trusted(root, path, text, err);
	if (found < 1)
		return found;
	if (settings_parse(buf_text(text), text->len, out, err) < 0)
		return err_wrap(err, "/%s", path);
	return 1;
}

int configured_trust(int root, const char *app, struct err *err)
{
	char path[sizeof TRUST_DIR "/" + APP_SIZE];

	(void)snprintf(path, sizeof path, TRUST_DIR "/%s", app);
	return fs_open_dir(root, path, err);
}

int configured_keys(int root, const char *app, struct keyring *out,
                    struct err *err)
{
	AUTO_CLOSE int dir = configured_trust(root, app, err);

	if (dir < 0 && err->sys == ENOENT)
		return 0;
	if (dir < 0 || fs_check_owner(dir, "the trust folder", err) < 0 ||
	    keyring_load(dir, out, err) < 0)
		return err_wrap(err, "/" TRUST_DIR "/%s", app);
	return 1;
}
