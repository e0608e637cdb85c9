/* SPDX-License-Identifier: Apache-2.0 */
/* The part of github_publish.h that finds what is there. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "net/github_publish_own.h"
#include "net/http_own.h"

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

/* --- releases --- */

int github_take_release(struct github *github,
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
	return github_take_release(github, &answer.releases[0], out, err) < 0
	               ? -1
	               : 1;
}

static int published(struct github *github, const char *tag,
                     struct github_publication *out, struct err *err)
{
	AUTO_GITHUB_ANSWER struct github_answer answer = GITHUB_ANSWER_NONE;
	int got = github_by_tag(github, tag, &answer, err);

	if (got <= 0)
		return got;
	return github_take_release(github, &answer.releases[0], out, err) < 0
	               ? -1
	               : 1;
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
		if (github_take_release(github, release, out, err) < 0)
			return -1;
	}
	return 0;
}

int github_find_draft(struct github *github, const char *tag,
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
		found = github_find_draft(github, tag, out, err);
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

int github_publication_is_latest(const struct github_publication *publication,
                                 struct err *err)
{
	AUTO_GITHUB_ANSWER struct github_answer answer = GITHUB_ANSWER_NONE;
	int got = github_latest(publication->github, &answer, err);

	if (got <= 0)
		return got;
	return answer.releases[0].id == publication->id;
}

/* --- tags --- */

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
