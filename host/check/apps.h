/* SPDX-License-Identifier: Apache-2.0 */
/* Which apps a host has. */
#ifndef CHECK_APPS_H
#define CHECK_APPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/name.h"

#define APPS_MAX 4096

struct apps {
	char (*names)[APP_SIZE]; /* owned; sorted, each once */
	size_t count;
};

#define APPS_NONE ((struct apps){ NULL, 0 })
#define AUTO_APPS AUTO(apps_done)

void apps_done(struct apps *apps);

/**
 * apps_find - each app that is configured (<app>.ini, or a trust folder) or
 * installed (opt/<app>/.tidegate) below @root.
 * @out: written only on 0.
 *
 * Returns 0, also when there is none, or -1 with ERR_SYSTEM (a folder may not
 * be listed) or ERR_LIMIT.
 */
int apps_find(int root, struct apps *out, struct err *err) MUST_CHECK;

/** apps_keep - drop all but @app; false, and nothing dropped, if it is not one
 * of them. */
bool apps_keep(struct apps *apps, const char *app);

#endif
