/* SPDX-License-Identifier: Apache-2.0 */
/* How GitHub names the workflow that ran: OWNER/REPO/PATH@REF, as in the claim
 * job_workflow_ref and, behind the server's address, in certificates.
 * Source: https://docs.github.com/actions/reference/openid-connect-reference */
#ifndef CODEC_WORKFLOW_H
#define CODEC_WORKFLOW_H

#include <stddef.h>

#include "base/err.h"

#define WORKFLOW_SERVER_SIZE 256 /* bytes, with the NUL */

/* A piece of a text, borrowed; an absent one has len 0. */
struct workflow_piece {
	const char *text;
	size_t len;
};

struct workflow {
	struct workflow_piece repository; /* OWNER/REPO */
	struct workflow_piece path;       /* ".github/workflows/x.yml" */
	struct workflow_piece ref;
};

/**
 * workflow_parse - take OWNER/REPO/PATH@REF apart.
 * @out: borrows @text; written only on 0.
 *
 * The first '@' ends the path: a ref may hold further ones, so that no branch
 * name moves the bounds of the other pieces.
 * Returns 0, or -1 with ERR_FORMAT where a piece is missing or empty.
 */
int workflow_parse(const char *text, struct workflow *out,
                   struct err *err) MUST_CHECK;

/**
 * workflow_parse_setting - the same for what a configuration says: the
 * repository may be absent (FILE, or .github/workflows/FILE) and so may @REF.
 * @path: room for the path of a bare FILE; @size bytes; @out may borrow it.
 * Returns 0, or -1 with ERR_USAGE.
 */
int workflow_parse_setting(const char *text, char *path, size_t size,
                           struct workflow *out, struct err *err) MUST_CHECK;

/**
 * workflow_server - where the repositories of a GitHub issuer lie.
 * @issuer: https://token.actions.githubusercontent.com, also with a slug of an
 *          enterprise behind a '/'; or https://token.actions.TENANT.ghe.com.
 * @out:    "https://github.com/" or "https://TENANT.ghe.com/"; written on 0.
 * Returns 0, or -1 with ERR_USAGE for any other issuer.
 */
int workflow_server(const char *issuer, char out[WORKFLOW_SERVER_SIZE],
                    struct err *err) MUST_CHECK;

#endif
