/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/http_own.h"
#include "net/refusal.h"

#define LINE_SIZE 512

void http_response_done(struct http_response *response)
{
	buf_done(&response->body);
}

int http_prepare(struct err *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return err_set(err, ERR_SYSTEM, 0, "starting libcurl");
	return 0;
}

/* --- the client --- */

/* A proxy is an address with a scheme of these, and nothing else. */
static int check_proxy(const char *proxy, struct err *err)
{
	static const char *const schemes[] = { "http://", "https://",
		                               "socks5h://" };

	if (proxy[0] == '\0')
		return 0;
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strncasecmp(proxy, schemes[i], strlen(schemes[i])) == 0)
			return 0;
	return err_set(err, ERR_USAGE, 0,
	               "a proxy's address begins with http://, https:// or "
	               "socks5h://");
}

static void set_defaults(struct http_config *config)
{
	if (config->agent == NULL)
		config->agent = "tidegate/" TIDEGATE_VERSION;
	if (config->proxy == NULL)
		config->proxy = "";
	if (config->wait_ms == 0)
		config->wait_ms = HTTP_WAIT_MS;
	if (config->stall_s == 0)
		config->stall_s = HTTP_STALL_S;
	if (config->answer_s == 0)
		config->answer_s = HTTP_ANSWER_S;
	if (config->deadline_name == NULL)
		config->deadline_name = "[source] deadline";
	if (config->plain_name == NULL)
		config->plain_name = "[source] allow_plain_http";
}

int http_open(const struct http_config *config, struct http_client **out,
              struct err *err)
{
	AUTO_HTTP struct http_client *client = calloc(1, sizeof *client);

	if (client == NULL)
		return err_nomem(err);
	client->config = *config;
	set_defaults(&client->config);
	if (check_proxy(client->config.proxy, err) < 0)
		return -1;
	if (client->config.authorities.len > HTTP_CA_MAX)
		return err_set(err, ERR_USAGE, 0,
		               "the certificates to trust have more than %zu "
		               "bytes",
		               HTTP_CA_MAX);
	client->multi = curl_multi_init();
	if (client->multi == NULL)
		return err_nomem(err);
	if (config->deadline_ms > 0)
		client->deadline = clock_monotonic_ms() + config->deadline_ms;
	*out = TAKE_PTR(client);
	return 0;
}

void http_close(struct http_client **client)
{
	if (*client == NULL)
		return;
	/* Every transfer took its handle away. */
	(void)curl_multi_cleanup((*client)->multi);
	free(*client);
	*client = NULL;
}

size_t http_requests(const struct http_client *client)
{
	return client->requests;
}

bool http_is_overdue(const struct http_client *client)
{
	return client->deadline > 0 && clock_monotonic_ms() >= client->deadline;
}

bool http_was_redirected(const struct http_client *client)
{
	return client->was_redirected;
}

const struct http_config *http_config_of(const struct http_client *client)
{
	return &client->config;
}

void http_say(const struct http_client *client, const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list args;

	if (client->config.say == NULL)
		return;
	va_start(args, fmt);
	(void)vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	client->config.say(client->config.context, line);
}

void http_redact(const struct http_client *client, char *text)
{
	size_t len = strlen(text);

	if (client->config.redact == NULL)
		return;
	client->config.redact(client->config.context, text, &len);
	text[len] = '\0';
}

int http_note(const struct http_client *client, const char *secret, size_t len,
              struct err *err)
{
	if (client->config.note == NULL)
		return 0;
	return client->config.note(client->config.context, secret, len, err);
}

/* --- one request, in memory --- */

int http_get(struct http_client *client, const struct http_request *request,
             struct http_response *out, struct err *err)
{
	AUTO_FREE struct http_transfer *transfer = calloc(1, sizeof *transfer);

	buf_cut(&out->body, 0);
	if (transfer == NULL)
		return err_nomem(err);
	transfer->client = client;
	transfer->request = request;
	transfer->response = out;
	if (http_run(client, transfer, 1, err) < 0) {
		buf_cut(&out->body, 0);
		return -1;
	}
	return 0;
}

/* --- what a refusal says --- */

#define EXPLAINED_MAX 80 /* bytes of an error page that is explained */

/* The beginning of an error page in one line; "" where it is no text. */
static void excerpt(const struct http_response *response, char *out,
                    size_t size)
{
	size_t len = response->body.len;
	size_t used = 0;

	if (len > HTTP_EXCERPT_MAX)
		len = HTTP_EXCERPT_MAX;
	for (size_t i = 0; i < len && used + 1 < size; i++) {
		unsigned char byte = (unsigned char)response->body.data[i];

		if (byte == '\0')
			break;
		if (byte == '\n' || byte == '\r' || byte == '\t')
			byte = ' ';
		if (byte == ' ' && used > 0 && out[used - 1] == ' ')
			continue;
		out[used++] = (byte < 0x20 || byte > 0x7e) ? '?' : (char)byte;
	}
	while (used > 0 && out[used - 1] == ' ')
		used--;
	out[used] = '\0';
}

/* GitHub's way to say that one asks too often. */
static bool is_rate_used_up(const struct http_response *response)
{
	return (response->status == 403 || response->status == 429) &&
	       response->rate_left == 0 && response->rate_reset >= 0;
}

int http_refuse(const struct http_response *response, struct err *err)
{
	char body[HTTP_EXCERPT_MAX + 1];
	char when[CLOCK_TEXT_SIZE];
	char why[REFUSAL_TEXT_SIZE];

	excerpt(response, body, sizeof body);
	refusal_explain(response, why);
	if (is_rate_used_up(response)) {
		clock_format(response->rate_reset, when);
		return err_set(err, ERR_NETWORK, 0,
		               "the server's limit of requests is used up "
		               "until %s (status %u)",
		               when, response->status);
	}
	/* Both must fit, and the way to the server. */
	return err_set(err, ERR_NETWORK, 0,
	               "the server answered with status %u%s%.*s%s",
	               response->status, body[0] != '\0' ? ": " : "",
	               why[0] != '\0' ? EXPLAINED_MAX : HTTP_EXCERPT_MAX, body,
	               why);
}

int http_require(const struct http_request *request,
                 const struct http_response *response, struct err *err)
{
	struct http_request asked = *request;

	if (response->status >= 200 && response->status <= 299)
		return 0;
	if (response->url[0] != '\0')
		asked.url = response->url;
	(void)http_refuse(response, err);
	return http_wrap(&asked, err);
}
