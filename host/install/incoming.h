/* SPDX-License-Identifier: Apache-2.0 */
/* A release on its way in: its source, what it says of itself, and why this
 * host trusts it. */
#ifndef INSTALL_INCOMING_H
#define INSTALL_INCOMING_H

#include "base/err.h"
#include "description.h"
#include "fetch.h"
#include "host.h"
#include "part_source.h"
#include "parts.h"
#include "request.h"
#include "trust/judge.h"
#include "verification.h"

struct incoming {
	const struct request *request; /* borrowed */
	const struct host *host;       /* borrowed */
	struct fetched_bundle bundle;
	struct part_source source;
	struct description description;
	struct part_piece first; /* of the pinned parts; borrowed from source */
	struct verification verification;
	struct verification_result verified;
};

#define INCOMING_NONE                                                          \
	((struct incoming){ .bundle = FETCHED_BUNDLE_NONE,                     \
	                    .source = PART_SOURCE_NONE,                        \
	                    .description = DESCRIPTION_NONE,                   \
	                    .verification = VERIFICATION_NONE })

void incoming_done(struct incoming *incoming);

/**
 * incoming_open - fetch what judges the release, and judge it.
 * @out: INCOMING_NONE before, and not moved afterwards; release it with
 *       incoming_done, whatever comes.
 *
 * A release that is refused is explained on standard output where
 * incoming_explains.  Returns 0, or -1 as install_fetch, part_source_open,
 * description_read, verification_open and judge_release.
 */
int incoming_open(const struct request *request, const struct host *host,
                  struct incoming *out, struct err *err) MUST_CHECK;

/** incoming_explains - whoever looks, and reads JSON, wants to know why as
 * well. */
bool incoming_explains(const struct request *request);

/**
 * incoming_take_parts - receive all parts but the payload, and hold them
 * against release.ini.  Once.
 * @copy: where they are kept; NULL: nowhere.
 */
int incoming_take_parts(struct incoming *incoming, struct parts_copy *copy,
                        struct err *err) MUST_CHECK;

/** incoming_check - the same, and the payload's digest; nothing is kept. */
int incoming_check(struct incoming *incoming, struct err *err) MUST_CHECK;

#endif
