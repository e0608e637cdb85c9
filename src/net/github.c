/* SPDX-License-Identifier: Apache-2.0 */
#include "net/github.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "codec/link.h"
#include "net/github_own.h"
#include "net/refusal.h"

#define SUBDOMAIN  "https://api."
#define ENTERPRISE "/api/v3"

/* --- addresses --- */

/* Without a '/' at its end, so that paths can be put behind it. */
static int copy_api(const char *api, struct github *out, struct err *err)
{
	size_t len = strlen(api);

	while (len > 0 && api[len - 1] == '/')
		len--;
	if (strcspn(api, "?#") != strlen(api))
		return err_set(err, ERR_USAGE, 0,
		               "the address of GitHub's API has a query");
	/* What else is wrong with it, the HTTP client says. */
	if (text_copy(out->api, sizeof out->api, api, len, err) < 0)
		return err_wrap(err, "the address of GitHub's API");
	return 0;
}

int github_open(struct http_client *client, const struct source_wanted *wanted,
                const char *api, const char *repository, struct github *out,
                struct err *err)
{
	size_t len = strlen(repository);

	out->client = client;
	out->app = wanted->app;
	if (!name_is_repository(repository, len))
		return err_set(err, ERR_USAGE, 0,
		               "'%.150s' is no repository on GitHub; write "
		               "OWNER/REPOSITORY",
		               repository);
	memcpy(out->repository, repository, len + 1);
	if (copy_api(api, out, err) < 0)
		return -1;
	(void)snprintf(out->base, sizeof out->base, "%s/repos/%s", out->api,
	               repository);
	return source_authorization(wanted, &out->authorization, err);
}

void github_done(struct github *github)
{
	buf_done(&github->authorization);
}

void github_asset_url(const struct github *github, uint64_t asset,
                      char out[HTTP_URL_SIZE])
{
	(void)snprintf(out, HTTP_URL_SIZE, "%s/releases/assets/%" PRIu64,
	               github->base, asset);
}

/* api.github.com stands for github.com, HOST/api/v3 for an enterprise server's
 * HOST. */
void github_page_url(const struct github *github, const char *tag,
                     char out[HTTP_URL_SIZE])
{
	const char *scheme = "";
	const char *host = github->api;
	size_t len = strlen(host);
	size_t tail = strlen(ENTERPRISE);

	if (strncmp(host, SUBDOMAIN, strlen(SUBDOMAIN)) == 0) {
		scheme = "https://";
		host += strlen(SUBDOMAIN);
		len -= strlen(SUBDOMAIN);
	} else if (len > tail && strcmp(host + len - tail, ENTERPRISE) == 0) {
		len -= tail;
	}
	(void)snprintf(out, HTTP_URL_SIZE, "%s%.*s/%s/releases/tag/%s", scheme,
	               (int)len, host, github->repository, tag);
}

int github_add_segment(char out[GITHUB_PATH_SIZE], const char *text,
                       struct err *err)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";
	size_t used = strlen(out);

	for (; *text != '\0'; text++) {
		bool is_plain = strchr(plain, *text) != NULL;

		if (used + 4 > GITHUB_PATH_SIZE)
			return err_set(err, ERR_LIMIT, 0,
			               "the tag '%.40s...' is too long", text);
		(void)snprintf(out + used, GITHUB_PATH_SIZE - used,
		               is_plain ? "%c" : "%%%02X",
		               (unsigned char)*text);
		used += is_plain ? 1 : 3;
	}
	return 0;
}

/* Whether the token may go there: it is a part of the API. */
static bool is_in_api(const struct github *github, const char *url)
{
	size_t len = strlen(github->api);

	return strncmp(url, github->api, len) == 0 && url[len] == '/';
}

/* --- refusals --- */

bool github_has_token(const struct github *github)
{
	return github->authorization.len > 0;
}

const char *github_authorization(const struct github *github)
{
	return github_has_token(github) ? buf_text(&github->authorization)
	                                : NULL;
}

/* When a limit of the API ends, as clock and as time from now. */
static int refuse_rate(const struct github *github,
                       const struct http_response *response, struct err *err)
{
	char when[CLOCK_TEXT_SIZE];
	int64_t now = response->date >= 0 ? response->date : clock_now();
	int64_t left = response->rate_reset - now;

	clock_format(response->rate_reset, when);
	return err_set(
		err, ERR_NETWORK, 0,
		"GitHub's limit of requests is used up until %s (%" PRId64
		" min)%s",
		when, left > 0 ? (left + 59) / 60 : 0,
		github_has_token(github)
			? ""
			: "; without a token it is 60 an hour for one "
			  "address, with one 5000: give a token with "
			  "--token-file");
}

#define GIVE_TOKEN                                                             \
	"give one that may write its contents with GITHUB_TOKEN (in a "        \
	"workflow: permissions: contents: write) or --token-file FILE"

static int refuse_token(const struct github *github,
                        const struct http_response *response,
                        const char *message, struct err *err)
{
	char why[REFUSAL_TEXT_SIZE];

	refusal_explain(response, why);
	if (github_has_token(github))
		return err_set(err, ERR_USAGE, 0,
		               "GitHub refuses the token (%.80s)%s", message,
		               why);
	if (github->app == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "GitHub asks for a token (%s), and none was "
		               "given; " GIVE_TOKEN,
		               message);
	return err_set(
		err, ERR_USAGE, 0,
		"GitHub asks for a token (%s), and none was given; sudo "
		"drops GITHUB_TOKEN: use --token-file FILE, "
		"/etc/tidegate/credentials/%s with [source] repo, or sudo "
		"--preserve-env=GITHUB_TOKEN",
		message, github->app);
}

int github_refuse(const struct github *github,
                  const struct http_request *request,
                  const struct http_response *response, struct err *err)
{
	char message[GITHUB_MESSAGE_SIZE];

	github_message(buf_text(&response->body), response->body.len, message);
	http_redact(github->client, message);
	if (response->status == 401)
		return refuse_token(github, response, message, err);
	if ((response->status == 403 || response->status == 429) &&
	    response->rate_left == 0 && response->rate_reset >= 0)
		return refuse_rate(github, response, err);
	if (http_require(request, response, err) < 0)
		return -1;
	return err_set(err, ERR_NETWORK, 0,
	               "GitHub answered with status %u instead of 200",
	               response->status);
}

/* 404 is said of what may not be seen, too. */
int github_refuse_repository(const struct github *github, struct err *err)
{
	if (github_has_token(github))
		return err_set(err, ERR_USAGE, 0,
		               "GitHub shows no repository '%s' to this token; "
		               "is the name right, and may the token read its "
		               "contents?",
		               github->repository);
	if (github->app == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "GitHub shows no repository '%s' to who has no "
		               "token; " GIVE_TOKEN,
		               github->repository);
	return err_set(
		err, ERR_USAGE, 0,
		"GitHub shows no repository '%s'; if it is private, a "
		"token is needed, and none was given; sudo drops "
		"GITHUB_TOKEN: use --token-file FILE, "
		"/etc/tidegate/credentials/%s with [source] repo, or sudo "
		"--preserve-env=GITHUB_TOKEN",
		github->repository, github->app);
}

/* --- requests --- */

static bool is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 307 || status == 308;
}

/* A repository that was renamed: its new base is what stands in the Location
 * before the path that was asked for. */
static void note_move(struct github *github, const char *old, const char *url)
{
	size_t base = strlen(github->base);
	size_t len = strlen(url);
	const char *path;
	size_t tail;

	if (strncmp(old, github->base, base) != 0)
		return;
	path = old + base;
	tail = strlen(path);
	if (tail < len && len - tail < sizeof github->base &&
	    strcmp(url + len - tail, path) == 0)
		(void)snprintf(github->base, sizeof github->base, "%.*s",
		               (int)(len - tail), url);
}

static int follow(struct github *github, const struct http_response *response,
                  char url[HTTP_URL_SIZE], struct err *err)
{
	char shown[GITHUB_PATH_SIZE];

	if (!is_in_api(github, response->location)) {
		http_show_url(response->location, shown, sizeof shown);
		return err_set(err, ERR_NETWORK, 0,
		               "GitHub's API redirects to '%.200s', which is "
		               "outside of it",
		               shown);
	}
	note_move(github, url, response->location);
	memcpy(url, response->location, HTTP_URL_SIZE);
	return 0;
}

int github_ask(struct github *github, char url[HTTP_URL_SIZE],
               struct http_response *response, struct err *err)
{
	for (unsigned moves = 0; moves <= GITHUB_MOVES_MAX; moves++) {
		const struct http_request request = {
			.url = url,
			.redirects = HTTP_STOP,
			.accept = GITHUB_ACCEPT,
			.authorization = github_authorization(github),
			.headers = { GITHUB_API_VERSION },
			.body_max = GITHUB_ANSWER_MAX,
		};

		if (http_get(github->client, &request, response, err) < 0)
			return -1;
		if (response->status == 200)
			return 1;
		if (response->status == 404)
			return 0;
		if (!is_redirect(response->status))
			return github_refuse(github, &request, response, err);
		if (follow(github, response, url, err) < 0)
			return -1;
	}
	return err_set(err, ERR_NETWORK, 0,
	               "GitHub's API redirects more than %d times",
	               GITHUB_MOVES_MAX);
}

int github_get(struct github *github, enum github_answer_kind kind,
               char url[HTTP_URL_SIZE], struct github_pages *pages,
               struct github_answer *out, struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	int got = github_ask(github, url, &response, err);

	if (got <= 0)
		return got;
	if (github_answer_parse(kind, buf_text(&response.body),
	                        response.body.len, out, err) < 0)
		return -1;
	if (pages != NULL &&
	    !link_next(response.link, pages->next, sizeof pages->next))
		pages->next[0] = '\0';
	return 1;
}

/* --- one release --- */

static int get_release(struct github *github, const char *path,
                       struct github_answer *out, struct err *err)
{
	char url[HTTP_URL_SIZE];

	(void)snprintf(url, sizeof url, "%s/releases/%s", github->base, path);
	return github_get(github, GITHUB_RELEASE, url, /* pages= */ NULL, out,
	                  err);
}

int github_by_tag(struct github *github, const char *tag,
                  struct github_answer *out, struct err *err)
{
	char path[GITHUB_PATH_SIZE] = "tags/";

	if (github_add_segment(path, tag, err) < 0)
		return -1;
	return get_release(github, path, out, err);
}

int github_latest(struct github *github, struct github_answer *out,
                  struct err *err)
{
	return get_release(github, "latest", out, err);
}

/* --- lists --- */

void github_releases(const struct github *github, struct github_pages *out)
{
	out->kind = GITHUB_RELEASES;
	out->given = 0;
	(void)snprintf(out->next, sizeof out->next, "%s/releases?per_page=%d",
	               github->base, GITHUB_RELEASES_A_PAGE);
}

void github_assets(const struct github *github, uint64_t release,
                   struct github_pages *out)
{
	out->kind = GITHUB_ASSETS;
	out->given = 0;
	(void)snprintf(out->next, sizeof out->next,
	               "%s/releases/%" PRIu64 "/assets?per_page=%d",
	               github->base, release, GITHUB_ASSETS_A_PAGE);
}

int github_next_page(struct github *github, struct github_pages *pages,
                     struct github_answer *out, struct err *err)
{
	char url[HTTP_URL_SIZE];
	int got;

	if (pages->next[0] == '\0' || pages->given == GITHUB_PAGES_MAX)
		return 0;
	if (!is_in_api(github, pages->next))
		return err_set(err, ERR_NETWORK, 0,
		               "the next page of GitHub's answer is outside of "
		               "its API");
	memcpy(url, pages->next, sizeof url);
	got = github_get(github, pages->kind, url, pages, out, err);
	if (got == 0)
		return github_refuse_repository(github, err);
	if (got == 1)
		pages->given++;
	return got;
}
