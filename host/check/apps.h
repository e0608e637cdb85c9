/* SPDX-License-Identifier: Apache-2.0 */
/* Which apps a host has. */
#ifndef CHECK_APPS_H
#define CHECK_APPS_H

#include <stdbool.h>

#include "base/err.h"
#include "trust/configured.h"

/**
 * apps_find - each app that is configured or installed (opt/<app>/.tidegate)
 * below @root, sorted.
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
