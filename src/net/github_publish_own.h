/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of github_publish.h share: github_publish.c has the
 * release, github_upload.c its assets. */
#ifndef NET_GITHUB_PUBLISH_OWN_H
#define NET_GITHUB_PUBLISH_OWN_H

#include "net/github_own.h"
#include "net/github_publish.h"

/* A request that changes something. */
struct github_change {
	enum http_method method;
	const char *url;
	struct http_upload upload;
	enum http_repetition repetition;
};

/** github_send - send it, with the token.  0 for an answer of any status, or
 * -1 as http_get. */
int github_send(struct github *github, const struct github_change *change,
                struct http_response *response, struct err *err) MUST_CHECK;

/** github_refuse_change - what an answer that refuses a change means; @url:
 * that was asked.  Returns -1. */
int github_refuse_change(const struct github *github,
                         const struct http_response *response, const char *url,
                         struct err *err);

/** github_list_assets - ask anew what the release holds.  0, or -1 with what
 * was known before in place. */
int github_list_assets(struct github_publication *publication,
                       struct err *err) MUST_CHECK;

#endif
