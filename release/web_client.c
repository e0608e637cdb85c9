/* SPDX-License-Identifier: Apache-2.0 */
#include "web_client.h"

#include <string.h>

#include "base/environment.h"
#include "base/text.h"
#include "files.h"
#include "say.h"

static const char *const loopback[] = { "localhost", "127.0.0.1", "::1" };

#define LOOPBACKS (sizeof loopback / sizeof loopback[0])

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

static void pass_on(void *context, const char *text)
{
	say(context, "%s", text);
}

int web_client_prepare(const struct request *request, struct web_client *out,
                       struct err *err)
{
	out->authorities = BUF_LIMIT(HTTP_CA_MAX);
	out->config = (struct http_config){
		.proxy = environment_find(request->environment, "HTTPS_PROXY"),
		.deadline_name = "--deadline",
		.plain_name = "--plain-http",
		.say = pass_on,
		.context = (void *)(uintptr_t)request,
	};
	if (request->ca_file != NULL &&
	    file_read(request->ca_file, &out->authorities, err) < 0)
		return err_wrap(err, "--ca-file");
	out->config.authorities = buf_bytes(&out->authorities);
	if (name_hosts(request, out, err) < 0 ||
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
}
