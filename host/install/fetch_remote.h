/* SPDX-License-Identifier: Apache-2.0 */
/* What fetch-worker is asked for, out of the command line and the host's own
 * configuration. */
#ifndef INSTALL_FETCH_REMOTE_H
#define INSTALL_FETCH_REMOTE_H

#include "fetch.h"

/* One place where the release is; the text is borrowed.  An address on the web
 * is FETCH_FILE: one that ends in '/' is a folder of parts, any other a bundle.
 */
struct fetch_place {
	enum fetch_kind kind;
	const char *text;
};

/**
 * fetch_remote - start fetch-worker on a release at one of @places, in order.
 * @out: FETCHED_BUNDLE_NONE before; kind, remote and origin are written on 0.
 *
 * Returns 0, or -1 with ERR_USAGE for an address that may not be asked, or as
 * remote_start.
 */
int fetch_remote(const struct request *request, const struct host *host,
                 const struct fetch_place *places, size_t count,
                 struct fetched_bundle *out, struct err *err) MUST_CHECK;

#endif
