/* SPDX-License-Identifier: Apache-2.0 */
/* Which release is current.  One exchange of the link `current` is the commit
 * point; a journal written before it lets store_recover finish or undo
 * whatever a crash leaves.
 *
 * The caller holds the lock, and has called store_recover first. */
#ifndef STORE_ACTIVATE_H
#define STORE_ACTIVATE_H

#include "base/err.h"
#include "codec/journal.h"
#include "store/commit.h"
#include "store/recover.h"
#include "store/store.h"

/**
 * store_activate - make @release current.
 * @op:   for the journal; not JOURNAL_REVERT.
 * @gate: GATE_PENDING when something must still pass after the switch: then
 *        the journal stays, and the caller ends with store_settle or
 *        store_revert; until then no other activation is allowed.
 *
 * `previous` becomes what was current, unless that is marked bad: then it
 * stays as it was.  It never names a bad release or the current one.
 *
 * Returns 1 when the links were changed, 0 when @release was current already
 * (nothing changed, nothing journaled), -1 with ERR_SYSTEM, ERR_FORMAT for a
 * damaged link, or ERR_CONFLICT when an activation is still pending.  Durable
 * on return.  After -1 current is the old release, or the new one when only a
 * later step failed; store_recover makes it one or the other for good.
 */
int store_activate(const struct store *store,
                   const struct committed_release *release, enum journal_op op,
                   enum journal_gate gate, struct err *err) MUST_CHECK;

/**
 * store_next_previous - what `previous` would name if @to became current now.
 * @out: "" for none.  Changes nothing.
 * Returns 0, or -1 as link_read and mark_find.
 */
int store_next_previous(const struct store *store, const char *to,
                        char out[VERSION_SIZE], struct err *err) MUST_CHECK;

/**
 * store_settle - the pending activation (or revert) is done with: forget its
 * journal.  0 also when there is none.
 */
int store_settle(const struct store *store, struct err *err) MUST_CHECK;

/**
 * store_revert - take the pending activation back: both links become what
 * they were, as journaled, without judging them again; after a first install
 * there is no current.  The journal then says so, until store_settle: a crash
 * before that makes store_recover report STORE_REVERTED again, so that the
 * caller can restart what the old release serves.
 * @version: out, what is current again, or "".
 *
 * Returns 0, or -1 with ERR_CONFLICT when nothing is pending, ERR_FORMAT or
 * ERR_SYSTEM; then store_recover goes on with it.
 */
int store_revert(const struct store *store, char version[VERSION_SIZE],
                 struct err *err) MUST_CHECK;

/**
 * store_recover_links - the part of store_recover that the journal decides.
 * @out: written only on 0, leftovers is 0; errors as store_recover.
 */
int store_recover_links(const struct store *store, struct recovery *out,
                        struct err *err) MUST_CHECK;

/**
 * store_pending - read the journal, for those who only look.
 * Returns 1 with @out written, 0 when none is there, -1 with ERR_FORMAT or
 * ERR_SYSTEM.
 */
int store_pending(const struct store *store, struct journal *out,
                  struct err *err) MUST_CHECK;

#endif
