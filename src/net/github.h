/* SPDX-License-Identifier: Apache-2.0 */
/* The releases of one repository on GitHub, read through its REST API (version
 * 2022-11-28), or that of an enterprise server.
 *
 * The token goes to the API alone: never to the storage that an asset's address
 * leads to, and never to an address outside the API that an answer names.  A
 * repository that was renamed or moved is followed, within the API.
 *
 * Refusals say what to do: that a private repository wants a token and that
 * sudo drops GITHUB_TOKEN; that a token is stale; until when a rate limit
 * holds. */
#ifndef NET_GITHUB_H
#define NET_GITHUB_H

#include "base/buf.h"
#include "codec/github_release.h"
#include "codec/name.h"
#include "net/http.h"
#include "net/source.h"

#define GITHUB_API             "https://api.github.com"
#define GITHUB_PAGES_MAX       10   /* of one list */
#define GITHUB_RELEASES_A_PAGE 30   /* an answer of 100 can be too large */
#define GITHUB_ASSETS_A_PAGE   100  /* GITHUB_PAGES_MAX hold all of a release */
#define GITHUB_MOVES_MAX       2    /* redirects within the API */
#define GITHUB_API_SIZE        1024 /* bytes of its address, with the NUL */
#define GITHUB_BASE_SIZE       (GITHUB_API_SIZE + 512)

struct github {
	struct http_client *client; /* borrowed */
	char api[GITHUB_API_SIZE];  /* without a '/' at its end */
	char repository[REPOSITORY_SIZE];
	char base[GITHUB_BASE_SIZE]; /* of the repository, in the API */
	struct buf authorization;    /* owned; empty: no token */
	const char *app;             /* borrowed; for advice; NULL: advise one
	                              * who publishes */
};

#define GITHUB_NONE ((struct github){ .authorization = BUF_NONE })

/**
 * github_open - prepare for one repository; asks nobody yet.
 * @out: GITHUB_NONE; release it with github_done, also after -1.
 * Returns 0, or -1 with ERR_USAGE for a name that is no OWNER/REPO, an address
 * that is none or a damaged token, ERR_LIMIT, ERR_SYSTEM.
 */
int github_open(struct http_client *client, const struct source_wanted *wanted,
                const char *api, const char *repository, struct github *out,
                struct err *err) MUST_CHECK;

/** github_done - release it. */
void github_done(struct github *github);

/**
 * github_by_tag, github_latest - one release: that of a tag, never a draft; or
 * the one that the repository shows as its latest, never a draft or prerelease.
 * @out: written only on 1; to be released with github_answer_done.
 *
 * What is "latest" GitHub decides: what was published last, unless who
 * published it said otherwise ("Set as the latest release").
 *
 * Returns 1, 0 when there is none, or the repository is not to be seen, -1 with
 * ERR_NETWORK, ERR_FORMAT, ERR_LIMIT, ERR_USAGE (no valid token), ERR_SYSTEM.
 */
int github_by_tag(struct github *github, const char *tag,
                  struct github_answer *out, struct err *err) MUST_CHECK;
int github_latest(struct github *github, struct github_answer *out,
                  struct err *err) MUST_CHECK;

/* A list that comes in pages. */
struct github_pages {
	enum github_answer_kind kind;
	char next[HTTP_URL_SIZE]; /* "": that was all */
	unsigned given;
};

/** github_releases, github_assets - begin the list of all releases, newest
 * first, or of the assets of one. */
void github_releases(const struct github *github, struct github_pages *out);
void github_assets(const struct github *github, uint64_t release,
                   struct github_pages *out);

/**
 * github_next_page - the next page of a list.
 * Returns 1, 0 when that was all, or GITHUB_PAGES_MAX were given; -1 as
 * github_latest, and a list that is not there is ERR_USAGE.
 */
int github_next_page(struct github *github, struct github_pages *pages,
                     struct github_answer *out, struct err *err) MUST_CHECK;

/** github_asset_url - where the bytes of an asset are asked for, with Accept:
 * application/octet-stream. */
void github_asset_url(const struct github *github, uint64_t asset,
                      char out[HTTP_URL_SIZE]);

/** github_page_url - what a browser shows of a release: for the receipt. */
void github_page_url(const struct github *github, const char *tag,
                     char out[HTTP_URL_SIZE]);

#endif
