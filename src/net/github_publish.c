/* SPDX-License-Identifier: Apache-2.0 */
#include "net/github_publish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_write.h"
#include "net/github_publish_own.h"
#include "net/http_own.h"
#include "net/refusal.h"

#define PAUSE_MS 1000 /* before a draft that may exist is made again */

void github_publication_done(struct github_publication *publication)
{
	free(publication->assets);
	*publication = GITHUB_PUBLICATION_NONE;
}

/* --- requests --- */

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

/* --- the host of uploads --- */

static bool begins_with(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

/* The same host, or uploads.X for api.X; and the same port, and scheme. */
static bool is_of_family(const struct http_place *api,
                         const struct http_place *uploads)
{
	const char *x = api->host + strlen("api");
	const char *y = uploads->host + strlen("uploads");

	if (strcmp(api->scheme, uploads->scheme) != 0 ||
	    strcmp(api->port, uploads->port) != 0)
		return false;
	if (strcmp(api->host, uploads->host) == 0)
		return true;
	return begins_with(api->host, "api.") &&
	       begins_with(uploads->host, "uploads.") && strcmp(x, y) == 0;
}

static int take_upload_url(const struct github *github, const char *template,
                           char out[HTTP_URL_SIZE], struct err *err)
{
	const struct http_config *config = http_config_of(github->client);
	struct http_place api, uploads;
	char shown[GITHUB_PATH_SIZE];

	if (text_copy(out, HTTP_URL_SIZE, template, strcspn(template, "{?#"),
	              err) < 0)
		return err_wrap(err, "GitHub's address for uploads");
	http_show_url(out, shown, sizeof shown);
	if (http_place_of(config, github->api, &api, err) < 0)
		return -1;
	if (http_place_of(config, out, &uploads, err) < 0 ||
	    !is_of_family(&api, &uploads))
		return err_set(
			err, ERR_NETWORK, 0,
			"GitHub's API names '%.200s' for uploads, which "
			"is not of its host: the token is not sent there",
			shown);
	return 0;
}

/* --- what is there --- */

/* @release of @answer becomes the publication's. */
static int take_release(struct github *github,
                        const struct github_release *release,
                        struct github_publication *out, struct err *err)
{
	if (text_copy(out->tag, sizeof out->tag, release->tag,
	              strlen(release->tag), err) < 0 ||
	    take_upload_url(github, release->upload_url, out->uploads, err) < 0)
		return -1;
	out->github = github;
	out->id = release->id;
	out->is_draft = release->is_draft;
	out->is_immutable = release->is_immutable;
	return 0;
}

static int by_id(struct github *github, const char *tag, uint64_t id,
                 struct github_publication *out, struct err *err)
{
	AUTO_GITHUB_ANSWER struct github_answer answer = GITHUB_ANSWER_NONE;
	char url[HTTP_URL_SIZE];
	int got;

	(void)snprintf(url, sizeof url, "%s/releases/%" PRIu64, github->base,
	               id);
	got = github_get(github, GITHUB_RELEASE, url, /* pages= */ NULL,
	                 &answer, err);
	if (got <= 0)
		return got;
	if (strcmp(answer.releases[0].tag, tag) != 0)
		return 0; /* it was given to another one since */
	return take_release(github, &answer.releases[0], out, err) < 0 ? -1 : 1;
}

static int published(struct github *github, const char *tag,
                     struct github_publication *out, struct err *err)
{
	AUTO_GITHUB_ANSWER struct github_answer answer = GITHUB_ANSWER_NONE;
	int got = github_by_tag(github, tag, &answer, err);

	if (got <= 0)
		return got;
	return take_release(github, &answer.releases[0], out, err) < 0 ? -1 : 1;
}

/* The drafts of a page that have the tag: the first is taken. */
static int take_drafts(struct github *github,
                       const struct github_answer *answer, const char *tag,
                       struct github_publication *out, struct err *err)
{
	for (size_t i = 0; i < answer->release_count; i++) {
		const struct github_release *release = &answer->releases[i];

		if (!release->is_draft || strcmp(release->tag, tag) != 0 ||
		    release->id == out->id)
			continue;
		if (out->id != 0)
			return err_set(err, ERR_CONFLICT, 0,
			               "'%s' has several drafts of release %s "
			               "(%" PRIu64 ", %" PRIu64
			               "): delete all but the right one",
			               github->repository, tag, out->id,
			               release->id);
		if (take_release(github, release, out, err) < 0)
			return -1;
	}
	return 0;
}

static int draft(struct github *github, const char *tag,
                 struct github_publication *out, struct err *err)
{
	struct github_pages pages;
	int got;

	github_releases(github, &pages);
	do {
		AUTO_GITHUB_ANSWER struct github_answer answer =
			GITHUB_ANSWER_NONE;

		got = github_next_page(github, &pages, &answer, err);
		if (got == 1 && take_drafts(github, &answer, tag, out, err) < 0)
			got = -1;
	} while (got == 1);
	return got < 0 ? -1 : out->id != 0;
}

int github_publication_find(struct github *github, const char *tag,
                            uint64_t known, struct github_publication *out,
                            struct err *err)
{
	/* A draft beside a release of its tag can never be published. */
	int found = published(github, tag, out, err);

	if (found == 0 && known != 0)
		found = by_id(github, tag, known, out, err);
	if (found == 0)
		found = draft(github, tag, out, err);
	if (found == 1 && github_list_assets(out, err) < 0)
		found = -1;
	if (found < 0)
		return err_wrap(err, "looking for release %s of '%s'", tag,
		                github->repository);
	return found;
}

size_t github_version_tags(const char *version,
                           char out[GITHUB_VERSION_TAGS][GITHUB_TAG_SIZE])
{
	(void)snprintf(out[0], GITHUB_TAG_SIZE, "%s", version);
	(void)snprintf(out[1], GITHUB_TAG_SIZE, "v%.254s", version);
	return version[0] == 'v' || strlen(version) == GITHUB_TAG_MAX
	               ? 1
	               : GITHUB_VERSION_TAGS;
}

int github_version_find(struct github *github, const char *version,
                        uint64_t known, struct github_publication *out,
                        struct err *err)
{
	char tags[GITHUB_VERSION_TAGS][GITHUB_TAG_SIZE];
	size_t count = github_version_tags(version, tags);
	int found = 0;

	for (size_t i = 0; i < count && found == 0; i++)
		found = github_publication_find(github, tags[i], known, out,
		                                err);
	return found;
}

int github_commit_of_tag(struct github *github, const char *tag,
                         char out[GITHUB_COMMIT_SIZE], struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	char path[GITHUB_PATH_SIZE] = "";
	char url[HTTP_URL_SIZE];
	struct http_request request = {
		.url = url,
		.redirects = HTTP_STOP,
		.accept = "application/vnd.github.sha",
		.authorization = github_authorization(github),
		.headers = { GITHUB_API_VERSION },
		.body_max = GITHUB_COMMIT_SIZE,
	};
	const char *text;

	if (github_add_segment(path, tag, err) < 0)
		return -1;
	(void)snprintf(url, sizeof url, "%s/commits/tags/%s", github->base,
	               path);
	if (http_get(github->client, &request, &response, err) < 0)
		return -1;
	/* 422: "No commit found for SHA"; 409: the repository is empty. */
	if (response.status == 404 || response.status == 422 ||
	    response.status == 409)
		return 0;
	if (response.status != 200)
		return github_refuse(github, &request, &response, err);
	text = buf_text(&response.body);
	if (strspn(text, "0123456789abcdef") != response.body.len ||
	    (response.body.len != 40 && response.body.len != 64))
		return err_set(err, ERR_FORMAT, 0,
		               "GitHub's answer for tag '%s' is no commit",
		               tag);
	memcpy(out, text, response.body.len + 1);
	return 1;
}

int github_publication_is_latest(const struct github_publication *publication,
                                 struct err *err)
{
	AUTO_GITHUB_ANSWER struct github_answer answer = GITHUB_ANSWER_NONE;
	int got = github_latest(publication->github, &answer, err);

	if (got <= 0)
		return got;
	return answer.releases[0].id == publication->id;
}

/* --- a draft --- */

static int write_draft(const struct github_wanted *wanted, struct buf *out,
                       struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "tag_name", wanted->tag, err) < 0 ||
	    (wanted->commit != NULL &&
	     json_text(&json, "target_commitish", wanted->commit, err) < 0) ||
	    json_text(&json, "name", wanted->title, err) < 0 ||
	    json_text(&json, "body", wanted->notes, err) < 0 ||
	    json_bool(&json, "draft", true, err) < 0 ||
	    json_bool(&json, "prerelease", wanted->is_prerelease, err) < 0)
		return -1;
	return json_close(&json, err);
}

/* The answer's release, which must be the one that was asked for. */
static int take_answer(struct github *github, const char *tag,
                       const struct http_response *response,
                       struct github_publication *out, struct err *err)
{
	AUTO_GITHUB_ANSWER struct github_answer answer = GITHUB_ANSWER_NONE;

	if (github_answer_parse(GITHUB_RELEASE, buf_text(&response->body),
	                        response->body.len, &answer, err) < 0)
		return -1;
	if (strcmp(answer.releases[0].tag, tag) != 0)
		return err_set(err, ERR_NETWORK, 0,
		               "GitHub answers with release '%s'",
		               answer.releases[0].tag);
	return take_release(github, &answer.releases[0], out, err);
}

/* Whether another try may help. */
static bool is_passing(unsigned status)
{
	return status >= 500 || status == 408 || status == 429;
}

/* 1 when it is made, 0 when it may have been, and may be tried again. */
static int create_once(struct github *github, const char *tag,
                       const struct buf *body, struct github_publication *out,
                       struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	char url[HTTP_URL_SIZE];
	const struct github_change change = {
		.method = HTTP_POST,
		.url = url,
		.upload = github_json_body(body),
		.repetition = HTTP_ONCE,
	};
	int64_t wait = PAUSE_MS;

	(void)snprintf(url, sizeof url, "%s/releases", github->base);
	if (github_send(github, &change, &response, err) < 0)
		return err->code == ERR_NETWORK ? 0 : -1;
	if (response.status == 201)
		return take_answer(github, tag, &response, out, err) < 0 ? -1
		                                                         : 1;
	(void)github_refuse_change(github, &response, url, err);
	if (response.retry_after > HTTP_WAIT_MAX_S ||
	    (!is_passing(response.status) && response.retry_after < 0))
		return -1;
	if (response.retry_after > 0) {
		wait = response.retry_after * 1000;
		http_say(github->client, "GitHub asks to wait %" PRId64 " s",
		         response.retry_after);
	}
	return http_pause(github->client, wait, err) < 0 ? -1 : 0;
}

int github_publication_create(struct github *github,
                              const struct github_wanted *wanted,
                              struct github_publication *out, struct err *err)
{
	AUTO_BUF struct buf body = BUF_NONE;
	int made = 0;

	if (write_draft(wanted, &body, err) < 0)
		return -1;
	for (unsigned i = 0; i < GITHUB_CREATE_TRIES && made == 0; i++) {
		made = create_once(github, wanted->tag, &body, out, err);
		/* Its answer may be what was lost. */
		if (made == 0) {
			struct err before = *err;

			made = draft(github, wanted->tag, out, err);
			if (made == 0)
				*err = before;
		}
	}
	if (made == 1 && github_list_assets(out, err) < 0)
		made = -1;
	if (made <= 0)
		return err_wrap(err, "making a draft of release %s of '%s'",
		                wanted->tag, github->repository);
	return 0;
}

/* --- publishing it --- */

static int write_publishing(const char *commit,
                            enum github_latest_choice latest, struct buf *out,
                            struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    (commit != NULL &&
	     json_text(&json, "target_commitish", commit, err) < 0) ||
	    json_bool(&json, "draft", false, err) < 0 ||
	    json_text(&json, "make_latest",
	              latest == GITHUB_LATEST ? "true" : "false", err) < 0)
		return -1;
	return json_close(&json, err);
}

static int publish(struct github_publication *publication,
                   const struct buf *body, struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	struct github *github = publication->github;
	char url[HTTP_URL_SIZE];
	const struct github_change change = {
		.method = HTTP_PATCH,
		.url = url,
		.upload = github_json_body(body),
	};

	(void)snprintf(url, sizeof url, "%s/releases/%" PRIu64, github->base,
	               publication->id);
	if (github_send(github, &change, &response, err) < 0)
		return -1;
	if (response.status != 200)
		return github_refuse_change(github, &response, url, err);
	if (take_answer(github, publication->tag, &response, publication, err) <
	    0)
		return -1;
	if (publication->is_draft)
		return err_set(err, ERR_NETWORK, 0,
		               "GitHub says that it is still a draft");
	return 0;
}

int github_publication_publish(struct github_publication *publication,
                               const char *commit,
                               enum github_latest_choice latest,
                               struct err *err)
{
	AUTO_BUF struct buf body = BUF_NONE;
	const char *target = publication->is_draft ? commit : NULL;

	if (!publication->is_draft && latest == GITHUB_NOT_LATEST)
		return 0;
	if (write_publishing(target, latest, &body, err) < 0 ||
	    publish(publication, &body, err) < 0)
		return err_wrap(err, "publishing release %s of '%s'",
		                publication->tag,
		                publication->github->repository);
	return 0;
}
