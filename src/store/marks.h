/* SPDX-License-Identifier: Apache-2.0 */
/* Marks on versions, installed or not: bad (its health gate failed) and held
 * (the administrator wants it kept).  state/bad/<version> and
 * state/held/<version> hold the reason in one line. */
#ifndef STORE_MARKS_H
#define STORE_MARKS_H

#include <stddef.h>

#include "base/err.h"
#include "store/store.h"

#define MARK_REASON_SIZE 513 /* bytes, with the NUL */

enum mark { MARK_BAD, MARK_HELD };

/** mark_set - durable on return; an older reason is replaced.  @reason is cut
 * to its size, and to one line. */
int mark_set(const struct store *store, enum mark mark, const char *version,
             const char *reason, struct err *err) MUST_CHECK;

/** mark_clear - 0 also when it was not set. */
int mark_clear(const struct store *store, enum mark mark, const char *version,
               struct err *err) MUST_CHECK;

/**
 * mark_find - whether @version bears the mark.
 * @reason: may be NULL; written only on 1, "" where it cannot be read.
 * Returns 1, 0, or -1 with ERR_SYSTEM.
 */
int mark_find(const struct store *store, enum mark mark, const char *version,
              char reason[MARK_REASON_SIZE], struct err *err) MUST_CHECK;

/** mark_list - the versions that bear it, as fs_list gives them. */
int mark_list(const struct store *store, enum mark mark, char ***versions,
              size_t *count, struct err *err) MUST_CHECK;

#endif
