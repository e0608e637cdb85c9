/* SPDX-License-Identifier: Apache-2.0 */
/* What a release is installed from: a bundle file or a folder of its parts,
 * open and not yet looked into, or a worker that takes it from elsewhere.  Made
 * by install_fetch alone. */
#ifndef INSTALL_FETCH_H
#define INSTALL_FETCH_H

#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/receipt.h"
#include "host.h"
#include "lockfile.h"
#include "remote.h"
#include "request.h"

#define ORIGIN_SIZE RECEIPT_SOURCE_SIZE /* it goes into the receipt */

enum bundle_kind { BUNDLE_FILE, BUNDLE_FOLDER, BUNDLE_REMOTE };

struct fetched_bundle {
	enum bundle_kind kind;
	int fd;                   /* owned; the file, or the folder */
	uint64_t size;            /* bytes of the file */
	struct remote remote;     /* BUNDLE_REMOTE */
	struct buf lock;          /* owned; of --locked, else empty */
	char origin[ORIGIN_SIZE]; /* path or address, for the receipt */
};

#define FETCHED_BUNDLE_NONE                                                    \
	((struct fetched_bundle){ .fd = -1,                                    \
	                          .remote = REMOTE_NONE,                       \
	                          .lock = BUF_LIMIT(LOCKFILE_MAX) })
#define AUTO_BUNDLE AUTO(fetched_bundle_done)

void fetched_bundle_done(struct fetched_bundle *bundle);

/**
 * install_check_sources - that one source is named at most, and one that this
 * version has.  0, or -1 with ERR_USAGE; ask before anything else.
 */
int install_check_sources(const struct request *request,
                          struct err *err) MUST_CHECK;

/**
 * install_fetch - open what --bundle, --asset-dir or --url names, else what
 * [source] url does; for an address fetch-worker is started, and has found it.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_USAGE when none is named or a folder holds no
 * bundle, ERR_NETWORK, ERR_LIMIT, ERR_SYSTEM.
 */
int install_fetch(const struct request *request, const struct host *host,
                  struct fetched_bundle *out, struct err *err) MUST_CHECK;

#endif
