/* SPDX-License-Identifier: Apache-2.0 */
#include "apps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "health/gather.h"
#include "store/store.h"

#define NAMES_MAX 100000 /* in one folder */
#define SUFFIX    ".ini"

/* A folder whose names tell of apps. */
struct place {
	const char *path;
	/* How many bytes of @name are the app's; 0: it tells of none. */
	size_t (*app_len)(int folder, const char *name);
};

void apps_done(struct apps *apps)
{
	free(apps->names);
	*apps = APPS_NONE;
}

static size_t len_of_configuration(int folder, const char *name)
{
	size_t len = strlen(name);
	size_t suffix = strlen(SUFFIX);

	(void)folder;
	return len > suffix && strcmp(name + len - suffix, SUFFIX) == 0
	               ? len - suffix
	               : 0;
}

static size_t len_of_trust(int folder, const char *name)
{
	(void)folder;
	return strlen(name);
}

/* Other software has folders in /opt too; what cannot be looked into is not
 * ours to report. */
static size_t len_of_store(int folder, const char *name)
{
	char marker[FS_NAME_MAX + sizeof STORE_MARKER];
	struct err ignored;

	(void)snprintf(marker, sizeof marker, "%s/" STORE_MARKER, name);
	return fs_exists(folder, marker, NULL, &ignored) == 1 ? strlen(name)
	                                                      : 0;
}

static const struct place places[] = {
	{ HEALTH_CONFIG_DIR, len_of_configuration },
	{ HEALTH_TRUST_DIR, len_of_trust },
	{ "opt", len_of_store },
};

static int add(struct apps *apps, const char *name, size_t len, struct err *err)
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

static int search(int root, const struct place *place, struct apps *apps,
                  struct err *err)
{
	AUTO_CLOSE int folder = fs_open_dir(root, place->path, err);
	char **names;
	size_t count;
	int result = 0;

	if (folder < 0)
		return err->code == ERR_SYSTEM && err->sys == ENOENT ? 0 : -1;
	if (fs_list(folder, NAMES_MAX, &names, &count, err) < 0)
		return err_wrap(err, "listing %s", place->path);
	for (size_t i = 0; i < count && result == 0; i++)
		result = add(apps, names[i], place->app_len(folder, names[i]),
		             err);
	fs_list_free(names, count);
	return result;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void sort_once(struct apps *apps)
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

int apps_find(int root, struct apps *out, struct err *err)
{
	AUTO_APPS struct apps apps = APPS_NONE;

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (search(root, &places[i], &apps, err) < 0)
			return -1;
	sort_once(&apps);
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
