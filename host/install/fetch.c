/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/fs.h"
#include "base/text.h"
#include "net/transfer.h"
#include "privsep/worker.h"
#include "store/space.h"

#define FOLDER_NAMES_MAX 10000
#define BUNDLE_SUFFIX    ".tar.gz"
#define BUNDLE_SIZE_MAX  ((uint64_t)1 << 53)

void fetched_bundle_done(struct fetched_bundle *bundle)
{
	cleanup_close(&bundle->fd);
	bundle->fd = -1;
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

static int take_file(int fd, const char *name, struct fetched_bundle *out,
                     struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FORMAT, 0, "'%s' is no regular file",
		               name);
	out->kind = BUNDLE_FILE;
	out->size = (uint64_t)st.st_size;
	out->fd = fd;
	return 0;
}

/* The caller's own path: links in it are his to follow. */
static int open_file(const char *path, struct fetched_bundle *out,
                     struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening '%s'", path);
	if (take_file(fd, path, out, err) < 0)
		return -1;
	(void)TAKE_FD(fd); /* the bundle owns it now */
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
	AUTO_CLOSE int fd = -1;

	if (fs_list(folder, FOLDER_NAMES_MAX, &names, &count, err) < 0)
		return -1;
	name = only_bundle(app, names, count, err);
	if (name != NULL)
		fd = fs_open_file(folder, name, err);
	fs_list_free(names, count);
	if (fd < 0 || take_file(fd, "the bundle", out, err) < 0)
		return -1;
	(void)TAKE_FD(fd); /* the bundle owns it now */
	return 0;
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

/* The request in a descriptor: it is larger than a message. */
static int write_request(const struct transfer_request *request,
                         struct err *err)
{
	AUTO_CLOSE int fd = memfd_create("transfer", MFD_CLOEXEC);

	if (fd < 0 ||
	    write(fd, request, sizeof *request) != (ssize_t)sizeof *request)
		return err_set(err, ERR_SYSTEM, errno,
		               "preparing the download");
	return TAKE_FD(fd);
}

/* The unnamed file that the worker writes; nothing is left when we die. */
static int open_spool(const struct host *host, struct err *err)
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
		               "making a file for the download in /var/tmp");
	return fd;
}

static int run_fetch(const struct host *host, int request, int spool,
                     int authorities, struct err *err)
{
	AUTO_WORKER struct worker worker = WORKER_NONE;
	const struct worker_spec spec = {
		.program = "fetch-worker",
		.folder = host->workers,
		.account = "tidegate-fetch",
		.profile = SANDBOX_NETWORK,
		.mode = host_sandbox(host),
		.inputs = { request, spool, authorities },
		.input_count = authorities >= 0 ? 3 : 2,
		/* libcurl gives up by itself; this is the backstop. */
		.stall_ms = (int64_t)2 * 1000 *
		            (TRANSFER_CONNECT_S + TRANSFER_STALL_S),
	};
	struct frame frame;
	int got;

	if (worker_start(&spec, &worker, err) < 0)
		return -1;
	/* Frames only say that bytes still come. */
	while ((got = worker_next_frame(&worker, &frame, err)) == 1)
		;
	return got;
}

/* A server may send for ever: what the host must have left is the end. */
static int limit_size(const struct host *host, int spool, uint64_t *size_max,
                      struct err *err)
{
	uint64_t reserve = host->settings.reserve;
	struct space there;

	if (space_free(spool, &there, err) < 0)
		return -1;
	if (there.bytes <= reserve)
		return err_set(err, ERR_SYSTEM, ENOSPC,
		               "%llu bytes are free for the download, and "
		               "%llu must stay so ([install] reserve)",
		               (unsigned long long)there.bytes,
		               (unsigned long long)reserve);
	*size_max = there.bytes - reserve < BUNDLE_SIZE_MAX
	                    ? there.bytes - reserve
	                    : BUNDLE_SIZE_MAX;
	return 0;
}

static int fetch_url(const struct host *host, const char *url,
                     struct fetched_bundle *out, struct err *err)
{
	struct transfer_request wanted = { .size_max = 0 };
	AUTO_CLOSE int request = -1;
	AUTO_CLOSE int authorities = -1;
	AUTO_CLOSE int spool = -1;

	if (strncmp(url, "https://", strlen("https://")) != 0)
		return err_set(err, ERR_USAGE, 0,
		               "--url '%s' does not begin with https://", url);
	if (text_copy(wanted.url, sizeof wanted.url, url, strlen(url), err) < 0)
		return err_wrap(err, "--url");
	if (host->settings.ca_file[0] != '\0') {
		authorities = fs_open_trusted(host->root,
		                              host->settings.ca_file + 1, err);
		if (authorities < 0)
			return err_wrap(err, "[source] ca_file");
		wanted.has_authorities = 1;
	}
	spool = open_spool(host, err);
	if (spool < 0 || limit_size(host, spool, &wanted.size_max, err) < 0)
		return -1;
	request = write_request(&wanted, err);
	if (request < 0 ||
	    run_fetch(host, request, spool, authorities, err) < 0 ||
	    take_file(spool, url, out, err) < 0)
		return -1;
	(void)TAKE_FD(spool); /* the bundle owns it now */
	note_origin(out, url);
	return 0;
}

/* --- which one --- */

static const char *wanted_url(const struct request *request,
                              const struct host *host)
{
	if (request->url != NULL)
		return request->url;
	if (request->bundle == NULL && request->asset_dir == NULL &&
	    host->settings.url[0] != '\0')
		return host->settings.url;
	return NULL;
}

int install_check_sources(const struct request *request, struct err *err)
{
	int named = (request->bundle != NULL) + (request->asset_dir != NULL) +
	            (request->url != NULL);

	if (named > 1)
		return err_set(err, ERR_USAGE, 0,
		               "name one of --bundle, --asset-dir and --url");
	return 0;
}

int install_fetch(const struct request *request, const struct host *host,
                  struct fetched_bundle *out, struct err *err)
{
	AUTO_BUNDLE struct fetched_bundle bundle = FETCHED_BUNDLE_NONE;
	const char *url = wanted_url(request, host);
	int result;

	if (request->bundle != NULL)
		result = open_file(request->bundle, &bundle, err);
	else if (request->asset_dir != NULL)
		result = open_folder(request->asset_dir, host->app, &bundle,
		                     err);
	else if (url != NULL)
		result = fetch_url(host, url, &bundle, err);
	else
		return err_set(err, ERR_USAGE, 0,
		               "what to install? --bundle FILE, --asset-dir "
		               "DIR or --url URL");
	if (result < 0)
		return -1;
	*out = bundle;
	bundle.fd = -1; /* handed over */
	return 0;
}
