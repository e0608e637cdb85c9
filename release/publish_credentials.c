/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_credentials.h"

#include <stdio.h>
#include <string.h>

#include "base/environment.h"
#include "net/github.h"
#include "publish_credentials_own.h"

void publish_credentials_done(struct publish_credentials *credentials)
{
	buf_wipe(&credentials->line);
}

void publish_credential_done(struct publish_credential *credential)
{
	buf_wipe(&credential->token);
	buf_wipe(&credential->docker_config);
}

void publish_credential_fill(const struct publish_credential *credential,
                             struct source_wanted *wanted)
{
	wanted->token = buf_bytes(&credential->token);
	wanted->docker_config = buf_bytes(&credential->docker_config);
}

/* --- registries --------------------------------------------------------- */

int publish_credentials_registry(struct publish_credentials *credentials,
                                 const struct oci_reference *reference,
                                 struct publish_credential *out,
                                 struct err *err)
{
	int got = credential_take_named(credentials, reference->registry, out,
	                                err);

	if (got == 0)
		got = credential_take_systemd(credentials, reference->registry,
		                              out, err);
	if (got == 0)
		got = credential_take_docker(credentials, reference, out, err);
	if (got < 0)
		return err_wrap(err, "the credentials for %s",
		                reference->registry);
	return 0;
}

/* --- GitHub ------------------------------------------------------------- */

/* GitHub wants the token alone. */
static void drop_user(struct publish_credential *out)
{
	char *colon = memchr(out->token.data, ':', out->token.len);
	size_t rest;

	if (colon == NULL)
		return;
	rest = (size_t)(out->token.data + out->token.len - colon - 1);
	memmove(out->token.data, colon + 1, rest);
	buf_cut(&out->token, rest);
}

static int take_variable(const struct publish_credentials *credentials,
                         struct publish_credential *out, struct err *err)
{
	static const char *const names[] = { "GITHUB_TOKEN", "GH_TOKEN" };
	const char *const *environment = credentials->request->environment;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = environment_find(environment, names[i]);

		if (value == NULL || value[0] == '\0')
			continue;
		if (buf_adds(&out->token, value, err) < 0 ||
		    credential_check_line(&out->token, names[i], err) < 0)
			return -1;
		return 1;
	}
	return 0;
}

/* GitHub's workflows say which server they run on. */
const char *publish_credentials_api(const struct request *request)
{
	const char *api =
		environment_find(request->environment, "GITHUB_API_URL");

	return api != NULL && api[0] != '\0' ? api : GITHUB_API;
}

/* "api.github.com" of "https://api.github.com/x". */
static void host_of(const char *url, char out[PUBLISH_HOST_SIZE])
{
	const char *host = strstr(url, "://");
	size_t len;

	host = host != NULL ? host + strlen("://") : url;
	len = strcspn(host, "/:?#");
	(void)snprintf(out, PUBLISH_HOST_SIZE, "%.*s",
	               (int)(len < PUBLISH_HOST_SIZE ? len : 0), host);
}

static int find_github(struct publish_credentials *credentials,
                       const char *host, struct publish_credential *out,
                       struct err *err)
{
	static const char api[] = "api.";
	const char *site = strncmp(host, api, sizeof api - 1) == 0
	                           ? host + sizeof api - 1
	                           : host;
	int got = credential_take_named(credentials, site, out, err);

	if (got == 0)
		got = credential_take_systemd(credentials, host, out, err);
	if (got == 0 && site != host)
		got = credential_take_systemd(credentials, site, out, err);
	if (got == 1)
		drop_user(out);
	return got == 0 ? take_variable(credentials, out, err) : got;
}

int publish_credentials_github(struct publish_credentials *credentials,
                               const char *api, struct publish_credential *out,
                               struct err *err)
{
	char host[PUBLISH_HOST_SIZE];

	host_of(api, host);
	if (find_github(credentials, host, out, err) < 0)
		return err_wrap(err, "the token for %s", host);
	return 0;
}
