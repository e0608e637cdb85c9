/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch_remote.h"

#include <string.h>

#include "base/fs.h"
#include "base/host_facts.h"
#include "base/text.h"
#include "codec/oci_reference.h"
#include "credentials.h"

static int check_url(const struct settings *settings, const char *url,
                     struct err *err)
{
	if (settings_allows(settings, url))
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "'%s' begins neither with https:// nor with file:, and "
	               "[source] allow_plain_http does not name its host",
	               url);
}

static int add_source(const struct settings *settings,
                      const struct fetch_place *place,
                      struct fetch_request *out, struct err *err)
{
	struct fetch_source *source = &out->sources[out->source_count];
	const char *text = place->text;
	size_t len = strlen(text);
	bool is_web = place->kind == FETCH_FILE;

	if (out->source_count == FETCH_SOURCES_MAX)
		return err_set(err, ERR_USAGE, 0, "more than %d addresses",
		               FETCH_SOURCES_MAX);
	if (is_web && check_url(settings, text, err) < 0)
		return -1;
	if (text_copy(source->address, sizeof source->address, text, len, err) <
	    0)
		return err_wrap(err, "the address");
	source->kind =
		is_web && text[len - 1] == '/' ? FETCH_FOLDER : place->kind;
	out->source_count++;
	return 0;
}

/* --- the rest of the request --- */

static int copy(char *out, size_t size, const char *text, struct err *err)
{
	return text_copy(out, size, text, strlen(text), err);
}

static int fill_hosts(const struct settings *settings,
                      struct fetch_request *out, struct err *err)
{
	for (size_t i = 0; i < settings->plain_hosts.count; i++) {
		if (i == FETCH_HOSTS_MAX)
			return err_set(err, ERR_USAGE, 0,
			               "[source] allow_plain_http names more "
			               "than %d hosts",
			               FETCH_HOSTS_MAX);
		if (copy(out->plain_hosts[i], sizeof out->plain_hosts[i],
		         settings_word(&settings->plain_hosts, i), err) < 0)
			return -1;
		out->plain_host_count++;
	}
	return 0;
}

static int fill_request(const struct request *request, const struct host *host,
                        struct fetch_request *out, struct err *err)
{
	const struct settings *settings = &host->settings;
	const char *version = request->version;
	struct host_facts facts;

	for (size_t i = 0; i < host->keyring.count; i++)
		out->key_ids[i] = host->keyring.keys[i].public.id;
	out->key_id_count = (uint32_t)host->keyring.count;
	out->deadline_s = settings->deadline;
	if (host_facts_read(host->root, &facts, err) < 0 ||
	    copy(out->app, sizeof out->app, host->app, err) < 0 ||
	    copy(out->version, sizeof out->version,
	         version != NULL ? version : "", err) < 0 ||
	    copy(out->os, sizeof out->os, facts.os, err) < 0 ||
	    copy(out->architecture, sizeof out->architecture,
	         facts.architecture, err) < 0 ||
	    copy(out->api, sizeof out->api, settings->api, err) < 0 ||
	    copy(out->proxy, sizeof out->proxy, settings->proxy, err) < 0)
		return -1;
	return fill_hosts(settings, out, err);
}

_Static_assert((int)KEYRING_KEYS_MAX <= (int)FETCH_KEY_IDS_MAX,
               "each trusted key can be asked for");

static int open_authorities(const struct host *host, struct err *err)
{
	int fd = fs_open_trusted(host->root, host->settings.ca_file + 1, err);

	if (fd < 0)
		return err_wrap(err, "[source] ca_file");
	return fd;
}

/* --- who may be shown the host's credentials --- */

static bool is_configured_url(const struct settings *settings, const char *url)
{
	for (size_t i = 0; i < settings->urls.count; i++)
		if (fetch_same_server(settings_word(&settings->urls, i), url))
			return true;
	return false;
}

static bool is_configured_registry(const struct settings *settings,
                                   const char *artifact)
{
	struct oci_reference asked, own;
	struct err ignored; /* what is no reference is asked nothing */

	return settings->oci[0] != '\0' &&
	       oci_reference_parse(settings->oci, &own, &ignored) == 0 &&
	       oci_reference_parse(artifact, &asked, &ignored) == 0 &&
	       oci_same_registry(&own, &asked);
}

/* The command line names a repository, but never the API that is asked. */
static bool is_configured_github(const struct settings *settings)
{
	return settings->repo[0] != '\0' ||
	       strcmp(settings->api, GITHUB_API_URL) != 0;
}

/* Whether the host's credentials are for this place: a server that only the
 * command line or a lockfile names gets none that the command line does not
 * name as well.  (What a lockfile names may be a registry of its own choice, or
 * a repository at the API of the configuration: choose_token.) */
static bool is_for(const struct request *request,
                   const struct settings *settings,
                   const struct fetch_place *place)
{
	if (request->token_file != NULL)
		return true;
	switch (place->kind) {
	case FETCH_FILE:
	case FETCH_FOLDER:
		return is_configured_url(settings, place->text);
	case FETCH_OCI:
		return is_configured_registry(settings, place->text);
	case FETCH_GITHUB:
	case FETCH_LOCKED:
		return is_configured_github(settings);
	case FETCH_IMAGE:
	case FETCH_SIGNATURES:
		break; /* no source of releases */
	}
	return false;
}

/* The host's own credentials; else, for GitHub alone, what main() found in the
 * environment. */
static struct bytes choose_token(const struct request *request,
                                 const struct host *host,
                                 const struct credentials *credentials,
                                 const struct fetch_place *place)
{
	const char *token = request->github_token;

	if (credentials->token.len > 0 &&
	    is_for(request, &host->settings, place))
		return buf_bytes(&credentials->token);
	if ((place->kind != FETCH_GITHUB && place->kind != FETCH_LOCKED) ||
	    token == NULL)
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ (const uint8_t *)token, strlen(token) };
}

int fetch_remote(const struct request *request, const struct host *host,
                 const struct fetch_place *places, size_t count,
                 struct fetched_bundle *out, struct err *err)
{
	AUTO_FREE struct fetch_request *wanted = NULL;
	AUTO_CREDENTIALS struct credentials credentials = CREDENTIALS_NONE;
	AUTO_CLOSE int authorities = -1;
	struct remote_inputs inputs = { .authorities = -1 };

	if (request->is_offline)
		return err_set(err, ERR_USAGE, 0,
		               "--offline, and the release would come from "
		               "'%s': name a --bundle or an --asset-dir",
		               places[0].text);
	wanted = calloc(1, sizeof *wanted);
	if (wanted == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		if (add_source(&host->settings, &places[i], wanted, err) < 0)
			return -1;
	if (fill_request(request, host, wanted, err) < 0 ||
	    credentials_read(request, host, &credentials, err) < 0)
		return -1;
	if (host->settings.ca_file[0] != '\0') {
		authorities = open_authorities(host, err);
		if (authorities < 0)
			return -1;
	}
	inputs.authorities = authorities;
	inputs.token = choose_token(request, host, &credentials, &places[0]);
	inputs.docker_config = buf_bytes(&credentials.docker_config);
	/* Where the command line says where it is, the pin is all there is to
	 * the lockfile, and no business of the worker's. */
	if (places[0].kind == FETCH_LOCKED)
		inputs.lock = buf_bytes(&out->lock);
	if (places[0].kind == FETCH_LOCKED && request->token_file == NULL)
		wanted->token_kind = FETCH_GITHUB;
	if (remote_start(request, host, wanted, &inputs, out->origin,
	                 sizeof out->origin, &out->remote, err) < 0)
		return -1;
	out->kind = BUNDLE_REMOTE;
	return 0;
}
