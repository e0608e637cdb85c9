/* SPDX-License-Identifier: Apache-2.0 */
/* What a server wants as credentials: WWW-Authenticate.  Source: RFC 9110,
 * sections 5.6 and 11.6.1; Bearer as registries use it: the specification
 * "Token Authentication" of CNCF distribution.
 *
 *     Bearer realm="https://auth/token",service="reg",scope="a:b:pull,push"
 *     Basic realm="x", Negotiate */
#ifndef CODEC_CHALLENGE_H
#define CODEC_CHALLENGE_H

#include <stddef.h>

#include "base/err.h"

#define CHALLENGE_SCHEME_SIZE 33   /* bytes, with the NUL, as all below */
#define CHALLENGE_VALUE_SIZE  1024 /* of realm, service and all scopes */
#define CHALLENGE_PARAMS_MAX  32   /* of one challenge */

/* One challenge; "" where a parameter is absent.  Others are passed over. */
struct challenge {
	char scheme[CHALLENGE_SCHEME_SIZE]; /* lower case */
	char realm[CHALLENGE_VALUE_SIZE];
	char service[CHALLENGE_VALUE_SIZE];
	char scope[CHALLENGE_VALUE_SIZE]; /* several, blanks between them */
	char error[CHALLENGE_VALUE_SIZE]; /* as "insufficient_scope" */
};

/* Iterates over a header's value. */
struct challenge_reader {
	const char *at; /* borrowed; NUL-terminated */
};

/**
 * challenge_next - the next challenge.
 * @out: written only on 1.
 *
 * Values may be tokens or quoted strings with escapes; what they hold is
 * printable text.  A parameter that stands twice is refused, but scope: those
 * are joined.
 *
 * Returns 1, 0 at the end, or -1 with ERR_FORMAT or ERR_LIMIT; the reader must
 * then not be used again.
 */
int challenge_next(struct challenge_reader *reader, struct challenge *out,
                   struct err *err) MUST_CHECK;

#endif
