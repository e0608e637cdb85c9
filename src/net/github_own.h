/* SPDX-License-Identifier: Apache-2.0 */
/* What reading and publishing releases on GitHub share; for src/net/github*.c
 * alone. */
#ifndef NET_GITHUB_OWN_H
#define NET_GITHUB_OWN_H

#include <stdbool.h>

#include "net/github.h"

#define GITHUB_API_VERSION "X-GitHub-Api-Version: 2022-11-28"
#define GITHUB_ACCEPT      "application/vnd.github+json"
/* Below the repository's base; bytes, with the NUL. */
#define GITHUB_PATH_SIZE 1024

/** github_add_segment - append what may stand in a segment of a path (RFC 3986,
 * section 3.3), the rest escaped.  0, or -1 with ERR_LIMIT. */
int github_add_segment(char out[GITHUB_PATH_SIZE], const char *text,
                       struct err *err) MUST_CHECK;

/** github_has_token - whether requests say who we are. */
bool github_has_token(const struct github *github);

/** github_authorization - the header's value that says it; NULL: none. */
const char *github_authorization(const struct github *github);

/** github_ask - GET @url, which is changed where the repository has moved.
 * Returns 1 for an answer 200, 0 for 404, -1 as github_latest. */
int github_ask(struct github *github, char url[HTTP_URL_SIZE],
               struct http_response *response, struct err *err) MUST_CHECK;

/** github_get - the same, and read the answer.
 * @pages: gets the address of the next page; may be NULL. */
int github_get(struct github *github, enum github_answer_kind kind,
               char url[HTTP_URL_SIZE], struct github_pages *pages,
               struct github_answer *out, struct err *err) MUST_CHECK;

/** github_refuse, github_refuse_repository - what an answer that is none of
 * those that were expected means, and that a repository is not to be seen.
 * Return -1. */
int github_refuse(const struct github *github,
                  const struct http_request *request,
                  const struct http_response *response, struct err *err);
int github_refuse_repository(const struct github *github, struct err *err);

#endif
