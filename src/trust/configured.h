/* SPDX-License-Identifier: Apache-2.0 */
/* What the administrator lays down for an app, below the host's root:
 *
 *     etc/tidegate/<app>.ini       its configuration
 *     etc/tidegate/trust/<app>/    its keys and revocations
 *
 * Either of them makes an app a configured one. */
#ifndef TRUST_CONFIGURED_H
#define TRUST_CONFIGURED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/name.h"
#include "codec/settings.h"
#include "trust/keyring.h"

#define CONFIGURATION_DIR "etc/tidegate"
#define TRUST_DIR         "etc/tidegate/trust"

#define APPS_MAX          4096

struct apps {
	char (*names)[APP_SIZE]; /* owned */
	size_t count;
};

#define APPS_NONE ((struct apps){ NULL, 0 })
#define AUTO_APPS AUTO(apps_done)

void apps_done(struct apps *apps);

/** apps_add - append @name, if it is the name of an app.  Returns 0, or -1 with
 * ERR_LIMIT above APPS_MAX or ERR_SYSTEM. */
int apps_add(struct apps *apps, const char *name, size_t len,
             struct err *err) MUST_CHECK;

/** apps_sort - by name, each once. */
void apps_sort(struct apps *apps);

/**
 * configured_apps - append the apps that have a configuration or a trust
 * folder, unsorted.
 * Returns 0, also when there is none, or -1 with ERR_SYSTEM (a folder may not
 * be listed) or as apps_add.
 */
int configured_apps(int root, struct apps *apps, struct err *err) MUST_CHECK;

/**
 * configured_settings - read the configuration of @app.
 * @text: out, what it was parsed from; appended.
 * @out:  the defaults where there is none; unspecified on -1.
 *
 * Returns 1, 0 when there is none, or -1 as fs_read_trusted and settings_parse,
 * naming the file.
 */
int configured_settings(int root, const char *app, struct buf *text,
                        struct settings *out, struct err *err) MUST_CHECK;

/** configured_trust - open the trust folder of @app.  Returns a descriptor the
 * caller owns, or -1 with ERR_SYSTEM (ENOENT: there is none). */
int configured_trust(int root, const char *app, struct err *err) MUST_CHECK;

/**
 * configured_keys - load the trust folder of @app; one that others can write to
 * holds keys of anybody, and is refused.
 * @out: as keyring_load.
 *
 * Returns 1, 0 when there is none (@err then says so), or -1 as keyring_load,
 * naming the folder.
 */
int configured_keys(int root, const char *app, struct keyring *out,
                    struct err *err) MUST_CHECK;

#endif
