/* SPDX-License-Identifier: Apache-2.0 */
/* What a server's refusal means, and what to do: one table for registries and
 * GitHub, for who pulls and who pushes.  docs/publishing-errors.md has the same
 * rows, and a test that feeds each of them.
 *
 * A row is found by the kind of server (the path that was asked: /v2/ is a
 * registry, /repos/ GitHub), the status, and words of the body.  What a server
 * says is only looked for words; it decides nothing. */
#ifndef NET_REFUSAL_H
#define NET_REFUSAL_H

#include <stddef.h>

#include "net/http.h"

#define REFUSAL_TEXT_SIZE 320 /* of an explanation, with the NUL */
#define REFUSAL_WORDS_MAX 2
#define REFUSAL_BODY_MAX  4096 /* bytes that are looked into */

/* The row of a 401 that says no more than that. */
#define REFUSAL_UNAUTHORIZED "unauthorized"

enum refusal_server { REFUSAL_ANY, REFUSAL_REGISTRY, REFUSAL_GITHUB };

struct refusal {
	const char *id; /* of the row in the document */
	enum refusal_server server;
	unsigned status;                      /* 0: any */
	const char *words[REFUSAL_WORDS_MAX]; /* all of them; upper and lower
	                                       * case are one; NULL: none */
	const char *meaning, *advice;
};

/** refusal_find - the first row that fits, or NULL. */
const struct refusal *refusal_find(const struct http_response *response);

/**
 * refusal_explain - ": MEANING: ADVICE (request ID)", to be put behind what the
 * server said; without a row ": " and the like are left out, without a request
 * id that is; "" without either.
 * @out: REFUSAL_TEXT_SIZE bytes; all of it printable.
 */
void refusal_explain(const struct http_response *response,
                     char out[REFUSAL_TEXT_SIZE]);

/** refusal_list - the rows, ended by one whose id is NULL; for tests. */
const struct refusal *refusal_list(void);

#endif
