/* SPDX-License-Identifier: Apache-2.0 */
#include "health/registry_access.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/text.h"
#include "privsep/worker.h"

#define SECOND_MS          1000
#define CREDENTIALS_FOLDER "etc/tidegate/credentials" /* below the root */

bool registry_image_name(const struct profile_env *profile,
                         const struct engine_wishes *wishes, size_t number,
                         char out[ENGINE_NAME_SIZE])
{
	engine_image_name(wishes, number, out);
	if (wishes->images[number].name[0] == '\0')
		return false;
	if (profile->image_prefix[0] != '\0')
		return true;
	registry_image_seam(wishes, out);
	return false;
}

void registry_image_seam(const struct engine_wishes *wishes,
                         char name[ENGINE_NAME_SIZE])
{
	name[strlen(wishes->base)] = '/';
}

/* A file of credentials, @path below the root. */
static int read_secret(int root, const char *path, struct buf *out,
                       struct err *err)
{
	AUTO_CLOSE int fd = fs_open_trusted(root, path, err);

	if (fd < 0 || fs_check_private(fd, path, err) < 0)
		return -1;
	return fs_read_fd(fd, out, err);
}

/* A token is for the registry that releases come from, and for no other. */
static bool is_token_for(const struct settings *settings,
                         const struct oci_reference *image)
{
	struct oci_reference source;
	struct err err;

	return settings->oci[0] != '\0' &&
	       oci_reference_parse(settings->oci, &source, &err) == 0 &&
	       oci_same_registry(&source, image);
}

static int read_token(struct registry_access *access, struct err *err)
{
	const struct registry_host *host = access->host;
	const char *path = host->settings->token_file;
	char usual[sizeof CREDENTIALS_FOLDER + APP_SIZE];

	if (!is_token_for(host->settings, &access->reference))
		return 0;
	if (path[0] != '\0')
		return read_secret(host->root, path + 1, &access->token, err);
	(void)snprintf(usual, sizeof usual, CREDENTIALS_FOLDER "/%s",
	               host->app);
	if (read_secret(host->root, usual, &access->token, err) < 0 &&
	    (err->code != ERR_SYSTEM || err->sys != ENOENT))
		return -1;
	return 0;
}

static int read_credentials(struct registry_access *access, struct err *err)
{
	const struct settings *settings = access->host->settings;

	if (settings->docker_config[0] != '\0' &&
	    read_secret(access->host->root, settings->docker_config + 1,
	                &access->docker_config, err) < 0)
		return err_wrap(err, "[source] docker_config");
	if (read_token(access, err) < 0)
		return err_wrap(err, "reading the credentials");
	if (settings->ca_file[0] == '\0')
		return 0;
	access->authorities =
		fs_open_trusted(access->host->root, settings->ca_file + 1, err);
	return access->authorities < 0 ? err_wrap(err, "[source] ca_file") : 0;
}

static int fill_request(const struct registry_host *host, const char *image,
                        struct fetch_request *out, struct err *err)
{
	const struct settings *settings = host->settings;

	out->source_count = 1;
	/* What a refusal advises names it. */
	if (text_copy(out->app, sizeof out->app, host->app, strlen(host->app),
	              err) < 0)
		return -1;
	if (text_copy(out->sources[0].address, sizeof out->sources[0].address,
	              image, strlen(image), err) < 0 ||
	    text_copy(out->proxy, sizeof out->proxy, settings->proxy,
	              strlen(settings->proxy), err) < 0)
		return -1;
	for (size_t i = 0; i < settings->plain_hosts.count; i++) {
		const char *plain = settings_word(&settings->plain_hosts, i);

		if (text_copy(out->plain_hosts[i], sizeof out->plain_hosts[i],
		              plain, strlen(plain), err) < 0)
			return -1;
		out->plain_host_count++;
	}
	return 0;
}

/* A worker takes its time in seconds. */
static struct patience take_patience(int64_t end)
{
	struct patience patience =
		patience_for(end, REGISTRY_TIMEOUT_S * SECOND_MS);
	uint32_t rest = patience.wait_ms % SECOND_MS;

	patience.wait_ms -= rest;
	if (patience.is_cut)
		patience.end -= rest;
	return patience;
}

int registry_access_open(const struct registry_host *host, const char *image,
                         struct registry_access *out, struct err *err)
{
	out->host = host;
	out->patience = take_patience(host->end);
	if (out->patience.wait_ms == 0)
		return err_set(err, ERR_LOCKED, 0,
		               "no time is left to ask a registry");
	out->wanted = calloc(1, sizeof *out->wanted);
	if (out->wanted == NULL)
		return err_nomem(err);
	out->workers = worker_open_folder(err);
	if (out->workers < 0 ||
	    oci_reference_parse(image, &out->reference, err) < 0 ||
	    fill_request(host, image, out->wanted, err) < 0)
		return -1;
	return read_credentials(out, err);
}

struct registry_ask registry_access_ask(const struct registry_access *access)
{
	return (struct registry_ask){
		.request = access->wanted,
		.authorities = access->authorities,
		.token = buf_bytes(&access->token),
		.docker_config = buf_bytes(&access->docker_config),
		.folder = access->workers,
		.mode = sandbox_mode_of(access->host->settings),
		.wait_s = access->patience.wait_ms / SECOND_MS,
	};
}

void registry_access_done(struct registry_access *access)
{
	buf_wipe(&access->token);
	buf_wipe(&access->docker_config);
	free(access->wanted);
	cleanup_close(&access->authorities);
	cleanup_close(&access->workers);
	*access = REGISTRY_ACCESS_NONE;
}
