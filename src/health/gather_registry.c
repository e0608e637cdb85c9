/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"
#include "codec/oci_reference.h"
#include "health/gather_engine.h"
#include "privsep/registry.h"
#include "privsep/worker.h"

#define CREDENTIALS_FOLDER "etc/tidegate/credentials" /* below the root */

/* All that is asked with. */
struct asking {
	const struct gather_registry *request;
	struct oci_reference reference;
	struct fetch_request *wanted; /* owned */
	struct buf token, docker_config;
	int authorities, workers; /* owned, or -1 */
};

static void wipe(struct buf *buf)
{
	if (buf->data != NULL)
		explicit_bzero(buf->data, buf->cap);
	buf_done(buf);
}

static void asking_done(struct asking *asking)
{
	wipe(&asking->token);
	wipe(&asking->docker_config);
	free(asking->wanted);
	cleanup_close(&asking->authorities);
	cleanup_close(&asking->workers);
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

static int read_token(struct asking *asking, struct err *err)
{
	const struct gather_registry *request = asking->request;
	const char *path = request->settings->token_file;
	char usual[sizeof CREDENTIALS_FOLDER + APP_SIZE];

	if (!is_token_for(request->settings, &asking->reference))
		return 0;
	if (path[0] != '\0')
		return read_secret(request->root, path + 1, &asking->token,
		                   err);
	(void)snprintf(usual, sizeof usual, CREDENTIALS_FOLDER "/%s",
	               request->app);
	if (read_secret(request->root, usual, &asking->token, err) < 0 &&
	    (err->code != ERR_SYSTEM || err->sys != ENOENT))
		return -1;
	return 0;
}

static int read_credentials(struct asking *asking, struct err *err)
{
	const struct settings *settings = asking->request->settings;

	if (settings->docker_config[0] != '\0' &&
	    read_secret(asking->request->root, settings->docker_config + 1,
	                &asking->docker_config, err) < 0)
		return err_wrap(err, "[source] docker_config");
	if (read_token(asking, err) < 0)
		return err_wrap(err, "reading the credentials");
	if (settings->ca_file[0] == '\0')
		return 0;
	asking->authorities = fs_open_trusted(asking->request->root,
	                                      settings->ca_file + 1, err);
	return asking->authorities < 0 ? err_wrap(err, "[source] ca_file") : 0;
}

static int fill_request(const struct settings *settings, const char *image,
                        struct fetch_request *out, struct err *err)
{
	out->sources[0].kind = FETCH_IMAGE;
	out->source_count = 1;
	if (text_copy(out->sources[0].address, sizeof out->sources[0].address,
	              image, strlen(image), err) < 0 ||
	    text_copy(out->proxy, sizeof out->proxy, settings->proxy,
	              strlen(settings->proxy), err) < 0)
		return -1;
	for (size_t i = 0; i < settings->plain_hosts.count; i++) {
		const char *host = settings_word(&settings->plain_hosts, i);

		if (text_copy(out->plain_hosts[i], sizeof out->plain_hosts[i],
		              host, strlen(host), err) < 0)
			return -1;
		out->plain_host_count++;
	}
	return 0;
}

static int ask(struct asking *asking, bool *has_image, struct err *err)
{
	const struct registry_ask registry = {
		.request = asking->wanted,
		.authorities = asking->authorities,
		.token = buf_bytes(&asking->token),
		.docker_config = buf_bytes(&asking->docker_config),
		.folder = asking->workers,
		.mode = asking->request->settings->is_uid_only
		                ? SANDBOX_UID_ONLY
		                : SANDBOX_FULL,
	};

	return registry_ask(&registry, has_image, err);
}

/* Ask for @image, and note what came of it. */
static int ask_for(const struct gather_registry *request, const char *image,
                   struct look *out, struct err *err)
{
	AUTO(asking_done)
	struct asking asking = {
		.request = request,
		.wanted = calloc(1, sizeof *asking.wanted),
		.token = BUF_LIMIT(FETCH_CREDENTIALS_MAX),
		.docker_config = BUF_LIMIT(FETCH_CREDENTIALS_MAX),
		.authorities = -1,
		.workers = worker_open_folder(err),
	};
	bool has_image = false;

	if (asking.wanted == NULL)
		return err_nomem(err);
	if (asking.workers < 0 ||
	    oci_reference_parse(image, &asking.reference, err) < 0 ||
	    fill_request(request->settings, image, asking.wanted, err) < 0 ||
	    read_credentials(&asking, err) < 0)
		return look_note(out, err);
	if (ask(&asking, &has_image, err) < 0) {
		if (look_note(out, err) < 0)
			return -1;
		if (err->code == ERR_NETWORK)
			out->sight = SIGHT_WRONG; /* that was the question */
		return 0;
	}
	look_set(out, SIGHT_GOOD, "%s answers%s", asking.reference.registry,
	         has_image ? ", and has the image"
	                   : "; it has no image of that name and digest");
	return 0;
}

int gather_registry(const struct gather_registry *request, struct look *out,
                    struct err *err)
{
	AUTO_FREE struct engine_wishes *wishes = NULL;
	char image[ENGINE_NAME_SIZE];

	if (request->settings == NULL) {
		look_set(out, SIGHT_NONE,
		         "the configuration is not understood");
		return 0;
	}
	if (request->profile == NULL || request->profile->registry[0] == '\0') {
		look_set(out, SIGHT_NONE, "no profile.env names a REGISTRY");
		return 0;
	}
	wishes = calloc(1, sizeof *wishes);
	if (wishes == NULL)
		return err_nomem(err);
	engine_wishes_of(request->profile, &request->settings->container,
	                 wishes);
	if (wishes->image_count == 0) {
		look_set(out, SIGHT_NONE,
		         "no profile.env pins an image by its digest");
		return 0;
	}
	engine_image_name(wishes, 0, image);
	return ask_for(request, image, out, err);
}
