/* SPDX-License-Identifier: Apache-2.0 */
#include "credentials.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"

#define PATH_SIZE (sizeof CREDENTIALS_FOLDER + APP_SIZE)

/* --- one file ----------------------------------------------------------- */

/* The host's own file, @path below the root. */
static int read_own(const struct host *host, const char *path, struct buf *out,
                    struct err *err)
{
	AUTO_CLOSE int fd = fs_open_trusted(host->root, path, err);

	if (fd < 0 || fs_check_private(fd, path, err) < 0)
		return -1;
	return fs_read_fd(fd, out, err);
}

static int read_named(const char *path, struct buf *out, struct err *err)
{
	AUTO_CLOSE int fd = fs_open_given(path, err);

	if (fd < 0 || fs_check_private(fd, path, err) < 0)
		return -1;
	return fs_read_fd(fd, out, err);
}

/* --- where they lie ----------------------------------------------------- */

/* $CREDENTIALS_DIRECTORY/<app>: systemd made it for this process.  1: it is
 * there, 0: not. */
static int read_systemd(const struct request *request, const struct host *host,
                        struct buf *out, struct err *err)
{
	AUTO_CLOSE int folder = -1;
	AUTO_CLOSE int fd = -1;
	int is_there;

	if (request->credentials == NULL)
		return 0;
	folder = fs_open_anchor(request->credentials, err);
	if (folder < 0)
		return -1;
	is_there = fs_exists(folder, host->app, NULL, err);
	if (is_there <= 0)
		return is_there;
	fd = fs_open_trusted(folder, host->app, err);
	if (fd < 0 || fs_read_fd(fd, out, err) < 0)
		return -1;
	return 1;
}

static int read_usual(const struct host *host, struct buf *out, struct err *err)
{
	char path[PATH_SIZE];
	int is_there;

	(void)snprintf(path, sizeof path, CREDENTIALS_FOLDER "/%s", host->app);
	is_there = fs_exists(host->root, path, NULL, err);
	if (is_there < 0 && err->code == ERR_SYSTEM && err->sys == ENOENT)
		return 0; /* no such folder either */
	if (is_there <= 0)
		return is_there;
	return read_own(host, path, out, err);
}

static int read_token(const struct request *request, const struct host *host,
                      struct buf *out, struct err *err)
{
	const char *path = host->settings.token_file;
	int got;

	if (request->token_file != NULL)
		return read_named(request->token_file, out, err);
	if (path[0] != '\0')
		return read_own(host, path + 1, out, err);
	got = read_systemd(request, host, out, err);
	if (got != 0)
		return got < 0 ? -1 : 0;
	return read_usual(host, out, err);
}

int credentials_read(const struct request *request, const struct host *host,
                     struct credentials *out, struct err *err)
{
	const char *docker_config = host->settings.docker_config;

	if (read_token(request, host, &out->token, err) < 0)
		return err_wrap(err, "reading the credentials");
	if (docker_config[0] != '\0' &&
	    read_own(host, docker_config + 1, &out->docker_config, err) < 0)
		return err_wrap(err, "[source] docker_config");
	return 0;
}

void credentials_done(struct credentials *credentials)
{
	buf_wipe(&credentials->token);
	buf_wipe(&credentials->docker_config);
}
