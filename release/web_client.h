/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client as the command line wants it: --plain-http, --ca-file,
 * --deadline; and HTTPS_PROXY and NO_PROXY, also in lower case, as curl has
 * them. Loopback addresses may always be talked to without TLS, and never by a
 * proxy.
 */
#ifndef RELEASE_WEB_CLIENT_H
#define RELEASE_WEB_CLIENT_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "net/http.h"
#include "request.h"

#define WEB_DEADLINE_S     600
#define WEB_DEADLINE_S_MAX 86400

/* Stays where it is while the client lives: the configuration points into it.
 */
struct web_client {
	struct http_client *client; /* owned */
	struct http_config config;
	struct buf authorities; /* owned */
	struct buf no_proxy;    /* owned */
	const char *plain_hosts[HTTP_HOSTS_MAX];
};

#define AUTO_WEB_CLIENT AUTO(web_client_done)

/**
 * web_client_open - make it.
 * @out: zeroed memory; release it with web_client_done, also after -1.
 * Returns 0, or -1 with ERR_USAGE, ERR_LIMIT, ERR_SYSTEM, as http_open.
 */
int web_client_open(const struct request *request, struct web_client *out,
                    struct err *err) MUST_CHECK;

/** web_client_prepare - the same without the client: config alone. */
int web_client_prepare(const struct request *request, struct web_client *out,
                       struct err *err) MUST_CHECK;

/** web_client_done - release it. */
void web_client_done(struct web_client *web);

#endif
