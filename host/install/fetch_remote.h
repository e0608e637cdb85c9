/* SPDX-License-Identifier: Apache-2.0 */
/* What fetch-worker is asked for, out of the command line and the host's own
 * configuration. */
#ifndef INSTALL_FETCH_REMOTE_H
#define INSTALL_FETCH_REMOTE_H

#include "fetch.h"

/**
 * fetch_remote - start fetch-worker on a release at one of @urls, in order.
 * @out: FETCHED_BUNDLE_NONE before; kind, remote and origin are written on 0.
 *
 * An address that ends in '/' is a folder of parts, any other a bundle.
 * Returns 0, or -1 with ERR_USAGE for an address that may not be asked, or as
 * remote_start.
 */
int fetch_remote(const struct request *request, const struct host *host,
                 const char *const *urls, size_t count,
                 struct fetched_bundle *out, struct err *err) MUST_CHECK;

#endif
