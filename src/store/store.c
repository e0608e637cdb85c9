/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <errno.h>
#include <stdio.h>

#include "base/disk.h"
#include "base/fs.h"
#include "store/links.h"

#define APP_PATH_SIZE   (sizeof "opt/" + APP_SIZE)
#define STATE_PATH_SIZE (sizeof "var/lib/tidegate/" + APP_SIZE)

#define MARKER_TEXT     "This folder is kept by Tidegate; see install-package(8).\n"

/* What disk_replace_file calls the marker until it stands. */
#define MARKER_NEW "." STORE_MARKER ".new"

static void app_path(const char *app, char out[APP_PATH_SIZE])
{
	(void)snprintf(out, APP_PATH_SIZE, "opt/%s", app);
}

static void state_path(const char *app, char out[STATE_PATH_SIZE])
{
	(void)snprintf(out, STATE_PATH_SIZE, "var/lib/tidegate/%s", app);
}

void store_done(struct store *store)
{
	cleanup_close(&store->app);
	cleanup_close(&store->releases);
	cleanup_close(&store->packages);
	cleanup_close(&store->state);
	*store = STORE_NONE;
}

static void move_store(struct store *from, struct store *to)
{
	*to = *from;
	*from = STORE_NONE;
}

/* --- reading --------------------------------------------------------- */

static int open_present(int at, const char *path, const char *app,
                        struct err *err)
{
	int fd = fs_open_dir(at, path, err);

	if (fd < 0 && err->sys == ENOENT)
		return err_set(err, ERR_FORMAT, 0,
		               "the store of %s has lost its folder '%s'; "
		               "'install-package recover --app %s' makes it",
		               app, path, app);
	return fd;
}

static int open_for_reading(struct store *store, struct err *err)
{
	char path[STATE_PATH_SIZE];
	int there;

	app_path(store->name, path);
	store->app = fs_open_dir(store->root, path, err);
	if (store->app < 0)
		return err->sys == ENOENT ? 0 : -1;
	there = fs_exists(store->app, STORE_MARKER, NULL, err);
	if (there <= 0)
		return there;
	state_path(store->name, path);
	store->releases =
		open_present(store->app, "releases", store->name, err);
	if (store->releases < 0)
		return -1;
	store->packages =
		open_present(store->app, "packages", store->name, err);
	if (store->packages < 0)
		return -1;
	store->state = open_present(store->root, path, store->name, err);
	return store->state < 0 ? -1 : 1;
}

/* --- writing --------------------------------------------------------- */

/* Root writes only where nobody else can move what it made. */
static int require_safe(int dir, struct err *err)
{
	return geteuid() == 0 ? fs_check_ancestors(dir, err) : 0;
}

/* Open @name in the folder *@at, made if it is missing, in place of *@at. */
static int step_into(const char *step, int *at, const char *name,
                     struct err *err)
{
	int there = fs_exists(*at, name, NULL, err);
	AUTO_CLOSE int fd = -1;

	if (there < 0)
		return -1;
	fd = disk_require_dir(step, *at, name, STORE_DIR_MODE, err);
	if (fd < 0 || (there == 0 && disk_sync(step, *at, err) < 0) ||
	    require_safe(fd, err) < 0)
		return -1;
	(void)close(*at); /* durable already */
	*at = TAKE_FD(fd);
	return 0;
}

static int open_state(struct store *store, struct err *err)
{
	AUTO_CLOSE int at = fs_open_dir(store->root, ".", err);

	if (at < 0 || step_into("store.var", &at, "var", err) < 0 ||
	    step_into("store.var-lib", &at, "lib", err) < 0 ||
	    step_into("store.tidegate", &at, "tidegate", err) < 0 ||
	    step_into("store.state", &at, store->name, err) < 0)
		return -1;
	store->state = TAKE_FD(at);
	return 0;
}

static bool is_unfinished_name(const char *name)
{
	return strcmp(name, "releases") == 0 || strcmp(name, "packages") == 0 ||
	       strcmp(name, MARKER_NEW) == 0;
}

static int require_empty(int at, const char *name, const char *app,
                         struct err *err)
{
	AUTO_CLOSE int fd = -1;
	char **names;
	size_t count;
	int there = fs_exists(at, name, NULL, err);

	if (there <= 0)
		return there;
	fd = fs_open_dir(at, name, err);
	if (fd < 0 || fs_list(fd, STORE_NAMES_MAX, &names, &count, err) < 0)
		return -1;
	fs_list_free(names, count);
	if (count > 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "/opt/%s/%s holds something else; move it away "
		               "or choose another app name",
		               app, name);
	return 0;
}

/* A folder without our marker is either foreign or a store whose making was
 * cut short: that one holds at most two empty folders. */
static int require_unfinished(const struct store *store, struct err *err)
{
	char **names;
	size_t count;
	int result = 0;

	if (fs_list(store->app, STORE_NAMES_MAX, &names, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++)
		if (!is_unfinished_name(names[i]))
			result = err_set(
				err, ERR_CONFLICT, 0,
				"/opt/%s was not made by install-package (it "
				"holds '%s'); move it away or choose another "
				"app name",
				store->name, names[i]);
	fs_list_free(names, count);
	if (result < 0)
		return -1;
	if (require_empty(store->app, "releases", store->name, err) < 0)
		return -1;
	return require_empty(store->app, "packages", store->name, err);
}

static int open_folders(struct store *store, struct err *err)
{
	store->releases = disk_require_dir("store.releases", store->app,
	                                   "releases", STORE_DIR_MODE, err);
	if (store->releases < 0 || require_safe(store->releases, err) < 0)
		return -1;
	store->packages = disk_require_dir("store.packages", store->app,
	                                   "packages", STORE_DIR_MODE, err);
	if (store->packages < 0 || require_safe(store->packages, err) < 0)
		return -1;
	return open_state(store, err);
}

static int open_for_writing(struct store *store, struct err *err)
{
	AUTO_CLOSE int at = fs_open_dir(store->root, ".", err);
	int is_marked;

	if (at < 0 || require_safe(at, err) < 0 ||
	    step_into("store.opt", &at, "opt", err) < 0 ||
	    step_into("store.app", &at, store->name, err) < 0)
		return -1;
	store->app = TAKE_FD(at);
	is_marked = fs_exists(store->app, STORE_MARKER, NULL, err);
	if (is_marked < 0 ||
	    (is_marked == 0 && require_unfinished(store, err) < 0) ||
	    open_folders(store, err) < 0)
		return -1;
	if (is_marked == 0 &&
	    disk_replace_file("store.marker", store->app, STORE_MARKER,
	                      STORE_FILE_MODE, MARKER_TEXT,
	                      sizeof MARKER_TEXT - 1, err) < 0)
		return -1;
	return 1;
}

static int set_name(struct store *store, int root, const char *app,
                    struct err *err)
{
	if (!name_is_app(app, strlen(app)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no app name", app);
	store->root = root;
	(void)snprintf(store->name, sizeof store->name, "%s", app);
	return 0;
}

/* The state folder, if it is there. */
static int find_state(struct store *store, struct err *err)
{
	char path[STATE_PATH_SIZE];

	state_path(store->name, path);
	store->state = fs_open_dir(store->root, path, err);
	if (store->state < 0)
		return err->sys == ENOENT ? 0 : -1;
	return 1;
}

int store_open_state(int root, const char *app, enum store_access access,
                     struct store *out, struct err *err)
{
	AUTO_STORE struct store store = STORE_NONE;
	int got = -1;

	if (set_name(&store, root, app, err) < 0)
		return -1;
	switch (access) {
	case STORE_READ:
		got = find_state(&store, err);
		break;
	case STORE_WRITE:
		got = open_state(&store, err) < 0 ? -1 : 1;
		break;
	}
	if (got < 0)
		return err_wrap(err, "opening the records of %s", app);
	if (got == 1)
		move_store(&store, out);
	return got;
}

int store_open(int root, const char *app, enum store_access access,
               struct store *out, struct err *err)
{
	AUTO_STORE struct store store = STORE_NONE;
	int got = -1;

	if (set_name(&store, root, app, err) < 0)
		return -1;
	switch (access) {
	case STORE_READ:
		got = open_for_reading(&store, err);
		break;
	case STORE_WRITE:
		got = open_for_writing(&store, err);
		break;
	}
	if (got < 0)
		return err_wrap(err, "opening the store of %s", app);
	if (got == 1)
		move_store(&store, out);
	return got;
}

/* --- removal --------------------------------------------------------- */

/* Other files that lie in opt/<app> are not ours to remove. */
static int remove_app(const struct store *store, struct err *err)
{
	AUTO_CLOSE int opt = fs_open_dir(store->root, "opt", err);

	if (opt < 0)
		return -1;
	if (disk_rmdir("store.remove-app", opt, store->name, err) < 0 &&
	    err->sys != ENOTEMPTY && err->sys != EBUSY)
		return -1;
	return disk_sync("store.removed", opt, err);
}

/* 1 where a folder of the store holds nothing. */
static int is_empty(int dir, struct err *err)
{
	char **names;
	size_t count;

	if (fs_list(dir, STORE_NAMES_MAX, &names, &count, err) < 0)
		return -1;
	fs_list_free(names, count);
	return count == 0;
}

static int is_unused(const struct store *store, struct err *err)
{
	static const char *const links[] = { LINK_CURRENT, LINK_PREVIOUS,
		                             LINK_NEXT };
	int empty = is_empty(store->releases, err);

	if (empty == 1)
		empty = is_empty(store->packages, err);
	for (size_t i = 0; empty == 1 && i < sizeof links / sizeof links[0];
	     i++) {
		int there = fs_exists(store->app, links[i], NULL, err);

		empty = there < 0 ? -1 : !there;
	}
	return empty;
}

int store_remove_unused(struct store *store, struct err *err)
{
	int unused = is_unused(store, err);

	if (unused <= 0)
		return unused;
	return store_remove(store, err) < 0 ? -1 : 1;
}

int store_remove(struct store *store, struct err *err)
{
	int app = store->app;

	/* The marker goes last: whatever a crash leaves can be removed, or
	 * installed into, by the next run. */
	if (disk_unlink("store.remove-current", app, LINK_CURRENT, err) < 0 ||
	    disk_unlink("store.remove-previous", app, LINK_PREVIOUS, err) < 0 ||
	    disk_unlink("store.remove-next", app, LINK_NEXT, err) < 0 ||
	    disk_remove_tree("store.remove-releases", app, "releases", err) <
	            0 ||
	    disk_remove_tree("store.remove-packages", app, "packages", err) <
	            0 ||
	    disk_unlink("store.remove-marker", app, STORE_MARKER, err) < 0 ||
	    remove_app(store, err) < 0)
		return err_wrap(err, "removing the store of %s", store->name);
	return 0;
}
