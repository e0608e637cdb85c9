/* SPDX-License-Identifier: Apache-2.0 */
/* What is shown to a server that asks who we are: bytes of files, which are
 * handed to fetch-worker as they are.  The monitor neither looks into them nor
 * shows them. */
#ifndef INSTALL_CREDENTIALS_H
#define INSTALL_CREDENTIALS_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "host.h"
#include "request.h"

#define CREDENTIALS_MAX    ((size_t)1 << 20)          /* bytes of each file */
#define CREDENTIALS_FOLDER "etc/tidegate/credentials" /* below the root */

/* Empty where there is none; owned. */
struct credentials {
	struct buf token;         /* a line: user:password, or a token */
	struct buf docker_config; /* JSON, as docker login writes it */
};

#define CREDENTIALS_NONE                                                       \
	((struct credentials){ BUF_LIMIT(CREDENTIALS_MAX),                     \
	                       BUF_LIMIT(CREDENTIALS_MAX) })
#define AUTO_CREDENTIALS AUTO(credentials_done)

/**
 * credentials_read - read what this host has for the app.
 * @out: CREDENTIALS_NONE before; release it with credentials_done.
 *
 * The token is that of the first of these that is there: --token-file,
 * [source] token_file, the systemd credential "<app>" and
 * /etc/tidegate/credentials/<app>; docker's configuration is what [source]
 * docker_config names.  A file that others than its owner may read is refused,
 * but for systemd's, which are in a folder of ours alone.
 *
 * Returns 0, or -1 with ERR_SYSTEM, ERR_UNTRUSTED, ERR_LIMIT; all name the
 * file.
 */
int credentials_read(const struct request *request, const struct host *host,
                     struct credentials *out, struct err *err) MUST_CHECK;

/** credentials_done - wipe and release them; idempotent. */
void credentials_done(struct credentials *credentials);

#endif
