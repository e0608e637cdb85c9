/* SPDX-License-Identifier: Apache-2.0 */
#include "apps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "store/store.h"

#define NAMES_MAX 100000 /* in /opt */

/* Other software has folders in /opt too; what cannot be looked into is not
 * ours to report. */
static bool is_store(int folder, const char *name)
{
	char marker[FS_NAME_MAX + sizeof STORE_MARKER];
	struct err ignored;

	(void)snprintf(marker, sizeof marker, "%s/" STORE_MARKER, name);
	return fs_exists(folder, marker, NULL, &ignored) == 1;
}

static int add_installed(int root, struct apps *apps, struct err *err)
{
	AUTO_CLOSE int folder = fs_open_dir(root, "opt", err);
	char **names;
	size_t count;
	int result = 0;

	if (folder < 0)
		return err->code == ERR_SYSTEM && err->sys == ENOENT ? 0 : -1;
	if (fs_list(folder, NAMES_MAX, &names, &count, err) < 0)
		return err_wrap(err, "listing opt");
	for (size_t i = 0; i < count && result == 0; i++)
		if (is_store(folder, names[i]))
			result =
				apps_add(apps, names[i], strlen(names[i]), err);
	fs_list_free(names, count);
	return result;
}

int apps_find(int root, struct apps *out, struct err *err)
{
	AUTO_APPS struct apps apps = APPS_NONE;

	if (configured_apps(root, &apps, err) < 0 ||
	    add_installed(root, &apps, err) < 0)
		return -1;
	apps_sort(&apps);
	*out = apps;
	apps = APPS_NONE;
	return 0;
}

bool apps_keep(struct apps *apps, const char *app)
{
	for (size_t i = 0; i < apps->count; i++) {
		if (strcmp(apps->names[i], app) != 0)
			continue;
		if (i > 0)
			memcpy(apps->names[0], apps->names[i],
			       sizeof *apps->names);
		apps->count = 1;
		return true;
	}
	return false;
}
