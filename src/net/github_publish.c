/* SPDX-License-Identifier: Apache-2.0 */
#include "net/github_publish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json_write.h"
#include "net/github_publish_own.h"
#include "net/http_own.h"

#define PAUSE_MS 1000 /* before a draft that may exist is made again */

void github_publication_done(struct github_publication *publication)
{
	free(publication->assets);
	*publication = GITHUB_PUBLICATION_NONE;
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
	return github_take_release(github, &answer.releases[0], out, err);
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

			made = github_find_draft(github, wanted->tag, out, err);
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
