/* SPDX-License-Identifier: Apache-2.0 */
/* The host as its administrator set it up for one app: its root, its
 * configuration, its keys.  All of it is read through fs_read_trusted. */
#ifndef INSTALL_HOST_H
#define INSTALL_HOST_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/name.h"
#include "codec/settings.h"
#include "request.h"
#include "trust/configured.h"
#include "trust/keyring.h"

struct host {
	int root;     /* owned */
	int workers;  /* owned; the folder of the workers */
	bool is_real; /* the root is /: units may be touched */
	char app[APP_SIZE];
	struct settings settings;
	struct buf settings_text; /* owned; what they were parsed from */
	struct keyring keyring;
};

#define HOST_NONE                                                              \
	((struct host){ .root = -1,                                            \
	                .workers = -1,                                         \
	                .settings_text = BUF_LIMIT(SETTINGS_MAX) })
#define AUTO_HOST AUTO(host_done)

void host_done(struct host *host);

/**
 * host_open_root - open the root and find out which app is meant: --app, or
 * the one that comes from --repo, or the only one that is configured
 * (trust/configured.h).
 * @out: HOST_NONE before; root, is_real and app are set on 0.
 *
 * As root, the folder of --root and all above it must be root's.  Returns 0, or
 * -1 with ERR_USAGE and the setup line, ERR_UNTRUSTED or ERR_SYSTEM.
 */
int host_open_root(const struct request *request, struct host *out,
                   struct err *err) MUST_CHECK;

/**
 * host_each_app - call @visit for each app that is configured, in the order of
 * their names.
 * @visit: -1 ends the visits.
 * Returns 0, or -1 as host_open_root, or what @visit returned.
 */
int host_each_app(const struct request *request,
                  int (*visit)(const struct request *request, const char *app,
                               struct err *err),
                  struct err *err) MUST_CHECK;

/**
 * host_open - the same, and read configuration and keys.  A trust folder
 * without a configuration gets the defaults.
 *
 * Returns 0, or -1 as host_open_root, or ERR_USAGE for a configuration that is
 * not understood.
 */
int host_open(const struct request *request, struct host *out,
              struct err *err) MUST_CHECK;

/**
 * host_require_key - that the app trusts a key.
 * Returns 0, or -1 with ERR_UNTRUSTED and the setup line, which names the
 * source of the command line, too.
 */
int host_require_key(const struct request *request, const struct host *host,
                     struct err *err) MUST_CHECK;

/** host_open_unnamed - a file without a name in /var/tmp, of which nothing is
 * left when we die; a descriptor the caller owns, or -1 with ERR_SYSTEM. */
int host_open_unnamed(const struct host *host, struct err *err) MUST_CHECK;

#endif
