/* SPDX-License-Identifier: Apache-2.0 */
#include "store/recover.h"

#include <stdbool.h>
#include <string.h>

#include "base/disk.h"
#include "base/fs.h"
#include "store/activate.h"
#include "store/links.h"

static bool begins_with(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* A replacement that was cut short: put the old one back, unless the new one
 * stands. */
static int recover_aside(int dir, const char *aside, struct err *err)
{
	const char *version = aside + strlen(STORE_ASIDE);
	int there = fs_exists(dir, version, NULL, err);

	if (there < 0)
		return -1;
	if (there == 1)
		return disk_remove_tree("recover.aside", dir, aside, err);
	if (disk_rename_new("recover.put-back", dir, aside, dir, version, err) <
	    0)
		return -1;
	return disk_sync("recover.put-back-sync", dir, err);
}

/* Whether a package's release is gone, or never came.  What a link names is
 * kept: it tells what to repair. */
static int is_orphan(const struct store *store, const char *version,
                     struct err *err)
{
	int there = fs_exists(store->releases, version, NULL, err);

	if (there < 0)
		return -1;
	return there == 0 && !link_names(store, LINK_CURRENT, version) &&
	       !link_names(store, LINK_PREVIOUS, version);
}

/* 1 when something was removed or put back. */
static int sweep_name(const struct store *store, int dir, const char *name,
                      struct err *err)
{
	int orphan = 0;

	if (begins_with(name, STORE_ASIDE))
		return recover_aside(dir, name, err) < 0 ? -1 : 1;
	if (begins_with(name, STORE_TRASH) || strcmp(name, STORE_STAGING) == 0)
		return disk_remove_tree("recover.leftover", dir, name, err) < 0
		               ? -1
		               : 1;
	if (dir == store->packages && name_is_version(name, strlen(name)))
		orphan = is_orphan(store, name, err);
	if (orphan <= 0)
		return orphan;
	return disk_remove_tree("recover.orphan", dir, name, err) < 0 ? -1 : 1;
}

static int sweep(const struct store *store, int dir, unsigned *leftovers,
                 struct err *err)
{
	char **names;
	size_t count;
	int got = 0;

	if (fs_list(dir, STORE_NAMES_MAX, &names, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && got >= 0; i++) {
		got = sweep_name(store, dir, names[i], err);
		if (got == 1)
			(*leftovers)++;
	}
	fs_list_free(names, count);
	return got < 0 ? -1 : 0;
}

/* Whether @name is what disk_replace_file leaves when it is cut short. */
static bool is_unfinished(const char *name)
{
	const char *dot = strrchr(name, '.');

	return name[0] == '.' && dot != name && strcmp(dot, ".new") == 0;
}

static int sweep_state(const struct store *store, unsigned *leftovers,
                       struct err *err)
{
	char **names;
	size_t count;
	int result = 0;

	if (fs_list(store->state, STORE_NAMES_MAX, &names, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++) {
		if (!is_unfinished(names[i]))
			continue;
		result = disk_unlink("recover.unfinished", store->state,
		                     names[i], err);
		(*leftovers)++;
	}
	fs_list_free(names, count);
	return result;
}

int store_recover(const struct store *store, struct recovery *out,
                  struct err *err)
{
	struct recovery found;

	if (store_recover_links(store, &found, err) < 0)
		return -1;
	/* Releases first: a package whose release is put back is no orphan. */
	if (sweep(store, store->releases, &found.leftovers, err) < 0 ||
	    sweep(store, store->packages, &found.leftovers, err) < 0 ||
	    sweep_state(store, &found.leftovers, err) < 0)
		return err_wrap(err, "removing what the last run left");
	*out = found;
	return 0;
}
