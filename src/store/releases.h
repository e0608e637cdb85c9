/* SPDX-License-Identifier: Apache-2.0 */
/* What is installed, and what may go. */
#ifndef STORE_RELEASES_H
#define STORE_RELEASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/receipt.h"
#include "codec/release_ini.h"
#include "store/store.h"

struct installed {
	char version[VERSION_SIZE];
	uint8_t release_sha256[DIGEST_LEN]; /* of its release.ini; 0 if damaged
	                                     */
	uint64_t sequence;                  /* 0 if damaged */
	int64_t time;                       /* of the install; 0 if damaged */
	bool is_current, is_previous, is_bad, is_held;
	bool is_damaged; /* folder, release.ini or receipt is missing or is
	                  * unreadable; the tree itself is not looked at */
};

struct installed_list {
	struct installed *items; /* owned; by sequence, then version */
	size_t count;
};

#define INSTALLED_NONE ((struct installed_list){ NULL, 0 })
#define AUTO_INSTALLED AUTO(installed_done)

void installed_done(struct installed_list *list);

/**
 * store_find - look for one version.
 * @out: written only on 1.
 * Returns 1 when releases/<version> is there, or current or previous names it;
 * 0, or -1 with ERR_SYSTEM.
 */
int store_find(const struct store *store, const char *version,
               struct installed *out, struct err *err) MUST_CHECK;

/** store_list - all that store_find would find.  @out: written only on 0. */
int store_list(const struct store *store, struct installed_list *out,
               struct err *err) MUST_CHECK;

/**
 * store_list_after - what store_list would find if release @version of
 * @sequence were installed, good, and current.  Changes nothing.
 * Returns 0, or -1 as store_list and store_next_previous.
 */
int store_list_after(const struct store *store, const char *version,
                     uint64_t sequence, struct installed_list *out,
                     struct err *err) MUST_CHECK;

/**
 * store_receipt - read what was recorded when @version was installed.
 * @out: written only on 1.
 * Returns 1, 0 when there is no such package or it has no receipt, or -1 as
 * fs_read_trusted and receipt_parse.
 */
int store_receipt(const struct store *store, const char *version,
                  struct receipt *out, struct err *err) MUST_CHECK;

/**
 * store_rollback_target - the newest release before the current one (by
 * sequence, then version; of all where there is no current, or its place
 * in the order is lost) that is neither bad nor damaged.  Borrowed from @list;
 * NULL if there is none.
 */
const struct installed *
store_rollback_target(const struct installed_list *list);

/**
 * store_may_prune - whether @item is beyond the @keep newest good releases,
 * and neither current, previous nor held.  Bad and damaged releases do not
 * count among those kept.  Whether it is in use is in_use_find's question.
 */
bool store_may_prune(const struct installed_list *list,
                     const struct installed *item, size_t keep);

/**
 * store_require_unused - that nobody works in the tree of @version.
 * Returns 0, also where there is none; -1 with ERR_LOCKED, naming by whom, or
 * ERR_SYSTEM.
 */
int store_require_unused(const struct store *store, const char *version,
                         struct err *err) MUST_CHECK;

/**
 * store_remove_release - remove a release and its package: moved aside first,
 * so that it is there whole or not at all.  A bad mark stays: the version does
 * not become good by being removed.
 *
 * Returns 0, or -1 with ERR_CONFLICT when it is current, previous or held,
 * ERR_LOCKED when it is in use, naming by whom, or ERR_SYSTEM (store_recover
 * removes the rest), or as links_check.
 */
int store_remove_release(const struct store *store, const char *version,
                         struct err *err) MUST_CHECK;

#endif
