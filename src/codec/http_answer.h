/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to one request of HTTP/1.0, read to the end of the connection:
 * a status line, fields, an empty line, and all that follows is the body (RFC
 * 1945, section 6; RFC 9112, section 6.3).  A body in another framing than that
 * is refused: nothing that speaks HTTP/1.0 may be sent one. */
#ifndef CODEC_HTTP_ANSWER_H
#define CODEC_HTTP_ANSWER_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"

#define HTTP_ANSWER_HEAD_MAX ((size_t)16 * 1024) /* bytes before the body */

struct http_answer {
	unsigned status;   /* 100 to 599 */
	struct bytes body; /* borrowed from what was read */
};

/**
 * http_answer_read - take an answer apart.
 * @out: written only on 0.
 *
 * A Content-Length, where there is one, must be that of the body: less means
 * that the other side gave up in the middle.
 *
 * Returns 0, or -1 with ERR_FORMAT or, for a longer head, ERR_LIMIT.
 */
int http_answer_read(struct bytes text, struct http_answer *out,
                     struct err *err) MUST_CHECK;

#endif
