/* SPDX-License-Identifier: Apache-2.0 */
/* The part of github_publish_own.h that asks for changes. */
#include "net/github_publish_own.h"
#include "net/http_own.h"
#include "net/refusal.h"

struct http_upload github_json_body(const struct buf *body)
{
	return (struct http_upload){ .content_type = "application/json",
		                     .data = body->data,
		                     .fd = -1,
		                     .len = body->len };
}

int github_send(struct github *github, const struct github_change *change,
                struct http_response *response, struct err *err)
{
	const struct http_request request = {
		.url = change->url,
		.method = change->method,
		.redirects = HTTP_STOP,
		.accept = GITHUB_ACCEPT,
		.authorization = github_authorization(github),
		.upload = change->upload,
		.repetition = change->repetition,
		.headers = { GITHUB_API_VERSION },
		.body_max = GITHUB_ANSWER_MAX,
	};

	return http_get(github->client, &request, response, err);
}

/* GitHub says 404, or 403, of what this token may not change. */
static int refuse_permission(const struct github *github,
                             const struct http_response *response,
                             struct err *err)
{
	char message[GITHUB_MESSAGE_SIZE];
	char why[REFUSAL_TEXT_SIZE];

	github_message(buf_text(&response->body), response->body.len, message);
	http_redact(github->client, message);
	refusal_explain(response, why);
	if (response->status == 403 && refusal_find(response) != NULL)
		return err_set(err, ERR_USAGE, 0,
		               "GitHub refuses it for '%s' (%.80s)%s",
		               github->repository, message, why);
	return err_set(err, ERR_USAGE, 0,
	               "the token may not write releases of '%s' (status %u: "
	               "%s): a workflow needs permissions: contents: write, a "
	               "fine-grained token Contents: read and write, a classic "
	               "one the scope repo",
	               github->repository, response->status, message);
}

int github_refuse_change(const struct github *github,
                         const struct http_response *response, const char *url,
                         struct err *err)
{
	const struct http_request asked = { .url = url };
	char message[GITHUB_MESSAGE_SIZE];
	char why[REFUSAL_TEXT_SIZE];
	bool is_rate = response->rate_left == 0 || response->retry_after >= 0;

	if (!github_has_token(github) && response->status == 404)
		return github_refuse_repository(github, err);
	if (response->status == 404 || (response->status == 403 && !is_rate))
		return refuse_permission(github, response, err);
	if (response->status != 422)
		return github_refuse(github, &asked, response, err);
	github_message(buf_text(&response->body), response->body.len, message);
	http_redact(github->client, message);
	refusal_explain(response, why);
	return err_set(err, ERR_CONFLICT, 0, "GitHub refuses it: %.120s%s",
	               message[0] != '\0' ? message : "it does not say why",
	               why);
}
