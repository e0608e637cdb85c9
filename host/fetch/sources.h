/* SPDX-License-Identifier: Apache-2.0 */
/* The request of the monitor, and the sources that it names. */
#ifndef FETCH_SOURCES_H
#define FETCH_SOURCES_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "net/http.h"
#include "net/source.h"
#include "privsep/fetch.h"

/* All that was asked, and what is borrowed from it. */
struct asked {
	struct fetch_request request;
	struct buf authorities;
	struct buf token;
	struct buf docker_config;
	struct buf lock;
	const char *plain_hosts[FETCH_HOSTS_MAX];
	struct source_wanted wanted;
	/* The same without credentials, for mirrors on other hosts. */
	struct source_wanted wanted_bare;
};

#define ASKED_NONE                                                             \
	((struct asked){ .authorities = BUF_LIMIT(FETCH_CREDENTIALS_MAX),      \
	                 .token = BUF_LIMIT(FETCH_CREDENTIALS_MAX),            \
	                 .docker_config = BUF_LIMIT(FETCH_CREDENTIALS_MAX),    \
	                 .lock = BUF_LIMIT(FETCH_LOCK_MAX) })
#define AUTO_ASKED AUTO(asked_done)

void asked_done(struct asked *asked);

/** asked_read - read the inputs.  @out: ASKED_NONE before, and not moved
 * afterwards.  0, or -1 with ERR_LIMIT, ERR_FORMAT or ERR_SYSTEM. */
int asked_read(struct asked *out, struct err *err) MUST_CHECK;

/** asked_config - how the client is to behave; callbacks are not set. */
void asked_config(const struct asked *asked, struct http_config *out);

/** asked_source - the source that the request names, its mirrors behind it. */
int asked_source(const struct asked *asked, struct http_client *client,
                 struct source **out, struct err *err) MUST_CHECK;

#endif
