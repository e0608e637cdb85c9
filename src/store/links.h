/* SPDX-License-Identifier: Apache-2.0 */
/* The two links of a store, which are always "releases/<version>". */
#ifndef STORE_LINKS_H
#define STORE_LINKS_H

#include <stdbool.h>

#include "base/err.h"
#include "store/store.h"

#define LINK_CURRENT     "current"
#define LINK_PREVIOUS    "previous"
#define LINK_NEXT        ".next" /* on its way to become one of them */

#define LINK_TARGET_SIZE (sizeof "releases/" + VERSION_SIZE)

/**
 * link_read - the version that a link names; whether that release is there is
 * another question.
 * @version: written only on 1.
 *
 * Returns 1, 0 when there is no such link, -1 with ERR_FORMAT when it is
 * anything but a link "releases/<version>", or ERR_SYSTEM.
 */
int link_read(const struct store *store, const char *link,
              char version[VERSION_SIZE], struct err *err) MUST_CHECK;

/**
 * links_check - that each of the two is absent or names a release.  To be asked
 * before anything is removed: of a link that cannot be read nobody knows which
 * release it keeps.  Returns 0, or -1 as link_read.
 */
int links_check(const struct store *store, struct err *err) MUST_CHECK;

/** link_names - whether it names that version; a damaged link names none. */
bool link_names(const struct store *store, const char *link,
                const char *version);

/** link_target - write "releases/<version>" to @out. */
void link_target(const char *version, char out[LINK_TARGET_SIZE]);

#endif
