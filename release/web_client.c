/* SPDX-License-Identifier: Apache-2.0 */
#include "web_client.h"

#include <string.h>

#include "base/environment.h"
#include "base/text.h"
#include "files.h"
#include "net/redact.h"
#include "say.h"

static const char *const loopback[] = { "localhost", "127.0.0.1", "::1" };

#define NO_PROXY_MAX ((size_t)64 << 10) /* bytes */
#define LOOPBACKS    (sizeof loopback / sizeof loopback[0])

static int name_hosts(const struct request *request, struct web_client *web,
                      struct err *err)
{
	const struct patterns *hosts = &request->plain_hosts;
	size_t count = 0;

	if (hosts->count + LOOPBACKS > HTTP_HOSTS_MAX)
		return err_set(err, ERR_USAGE, 0,
		               "--plain-http is given more than %zu times",
		               (size_t)HTTP_HOSTS_MAX - LOOPBACKS);
	for (size_t i = 0; i < LOOPBACKS; i++)
		web->plain_hosts[count++] = loopback[i];
	for (size_t i = 0; i < hosts->count; i++)
		web->plain_hosts[count++] = hosts->at[i];
	web->config.plain_hosts = web->plain_hosts;
	web->config.plain_host_count = count;
	return 0;
}

static int set_deadline(const struct request *request, struct web_client *web,
                        struct err *err)
{
	const char *text = request->deadline;
	uint64_t seconds = WEB_DEADLINE_S;

	if (text != NULL &&
	    text_u64(text, strlen(text), WEB_DEADLINE_S_MAX, &seconds, err) < 0)
		return err_wrap(err, "--deadline");
	web->config.deadline_ms = (int64_t)seconds * 1000;
	return 0;
}

/* As curl looks for it: in lower case first. */
static const char *find_variable(const struct request *request,
                                 const char *lower, const char *upper)
{
	const char *value = environment_find(request->environment, lower);

	if (value != NULL && value[0] != '\0')
		return value;
	return environment_find(request->environment, upper);
}

/* "http://user:password@proxy": the password is a secret as others are. */
static int note_password(const char *proxy, struct err *err)
{
	const char *authority = strstr(proxy, "://");
	const char *user = authority != NULL ? authority + 3 : proxy;
	const char *at = strrchr(user, '@');
	const char *colon =
		at != NULL ? memchr(user, ':', (size_t)(at - user)) : NULL;

	if (colon == NULL)
		return 0;
	return redact_note(NULL, colon + 1, (size_t)(at - colon - 1), err);
}

static int set_proxy(const struct request *request, struct web_client *web,
                     struct err *err)
{
	const char *proxy =
		find_variable(request, "https_proxy", "HTTPS_PROXY");
	const char *none = find_variable(request, "no_proxy", "NO_PROXY");

	if (proxy == NULL)
		return 0;
	web->config.proxy = proxy;
	if (note_password(proxy, err) < 0)
		return -1;
	for (size_t i = 0; i < LOOPBACKS; i++)
		if (buf_printf(&web->no_proxy, err, "%s,", loopback[i]) < 0)
			return -1;
	if (none != NULL && buf_adds(&web->no_proxy, none, err) < 0)
		return -1;
	web->config.no_proxy = none != NULL && strcmp(none, "*") == 0
	                               ? none
	                               : buf_text(&web->no_proxy);
	return 0;
}

static void pass_on(void *context, const char *text)
{
	say(context, "%s", text);
}

static void redact_answer(void *context, char *text, size_t *len)
{
	(void)context; /* one list for the program */
	*len = redact_bytes(text, *len);
}

static int note_token(void *context, const char *secret, size_t len,
                      struct err *err)
{
	(void)context;
	return redact_note_passing(secret, len, err);
}

int web_client_prepare(const struct request *request, struct web_client *out,
                       struct err *err)
{
	out->authorities = BUF_LIMIT(HTTP_CA_MAX);
	out->no_proxy = BUF_LIMIT(NO_PROXY_MAX);
	out->config = (struct http_config){
		.deadline_name = "--deadline",
		.plain_name = "--plain-http",
		.say = pass_on,
		.redact = redact_answer,
		.note = note_token,
		.context = (void *)(uintptr_t)request,
	};
	if (request->ca_file != NULL &&
	    file_read(request->ca_file, &out->authorities, err) < 0)
		return err_wrap(err, "--ca-file");
	out->config.authorities = buf_bytes(&out->authorities);
	if (name_hosts(request, out, err) < 0 ||
	    set_proxy(request, out, err) < 0 ||
	    set_deadline(request, out, err) < 0)
		return -1;
	return http_prepare(err);
}

int web_client_open(const struct request *request, struct web_client *out,
                    struct err *err)
{
	if (web_client_prepare(request, out, err) < 0)
		return -1;
	return http_open(&out->config, &out->client, err);
}

void web_client_done(struct web_client *web)
{
	http_close(&web->client);
	buf_done(&web->authorities);
	buf_done(&web->no_proxy);
}
