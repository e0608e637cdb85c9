/* SPDX-License-Identifier: Apache-2.0 */
/* Removing old releases, on request and after each install. */
#ifndef INSTALL_PRUNE_H
#define INSTALL_PRUNE_H

#include <stddef.h>

#include "base/err.h"
#include "codec/json_write.h"
#include "session.h"
#include "store/releases.h"

enum prune_mode { PRUNE_SAY, PRUNE_REMOVE };

/**
 * prune_remove - remove one release and tell the history, with who signed it.
 * @op: "prune" or "uninstall".
 * Returns 0, or -1 as store_remove_release.
 */
int prune_remove(const struct session *session, const char *op,
                 const struct installed *item, struct err *err) MUST_CHECK;

/**
 * prune_would - whether prune_releases would remove @item of @list now.
 * Returns 1; 0, also where it is in use; or -1 with ERR_SYSTEM.
 */
int prune_would(const struct session *session,
                const struct installed_list *list, const struct installed *item,
                size_t keep, struct err *err) MUST_CHECK;

/**
 * prune_releases - remove all but the @keep newest good releases, and those
 * that are current, previous, held or in use.
 * @removed: an open array for their versions; NULL where nobody asks.
 *
 * A release in use is named and left.  Returns how many went (or would go), or
 * -1 as links_check and store_remove_release.
 */
int prune_releases(const struct session *session, size_t keep,
                   enum prune_mode mode, struct json_writer *removed,
                   struct err *err) MUST_CHECK;

#endif
