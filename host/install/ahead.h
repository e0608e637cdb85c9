/* SPDX-License-Identifier: Apache-2.0 */
/* All of a release from elsewhere that this host lacks, before the lock of the
 * app is taken: a download may take hours, and nobody who rolls back meanwhile
 * has to wait.  A local bundle needs none of this. */
#ifndef INSTALL_AHEAD_H
#define INSTALL_AHEAD_H

#include "base/err.h"
#include "install.h"

/** ahead_needed - what @install, as admitted, needs of what is elsewhere. */
enum ahead ahead_needed(const struct install *install);

/**
 * ahead_fetch - look at what is installed, and fetch what @install needs, or
 * ever needed.  Without the lock: whoever takes it admits once more.
 *
 * Where a patch does not do, members and the payload come instead, with a
 * warning.  Where the source was used up, it is opened anew.
 * Returns 0, or -1 as incoming_open, install_admit, incoming_take_parts,
 * delta_make and part_source_payload; ERR_CONFLICT when the source has another
 * release by now.  After a failure nothing was installed; what was fetched
 * stays for the next run, unless it was wrong.
 */
int ahead_fetch(struct install *install, struct err *err) MUST_CHECK;

/** ahead_take_parts - receive the small parts: AHEAD_PARTS.
 * Returns 0, or -1 as incoming_take_parts. */
int ahead_take_parts(struct install *install, struct err *err) MUST_CHECK;

/**
 * ahead_plan_payload - plan what to take of the payload from where, after
 * ahead_take_parts.
 * @spool: what is there of it, or -1; borrowed.
 * Returns 0, or -1 as delta_make.
 */
int ahead_plan_payload(struct install *install, int spool,
                       struct err *err) MUST_CHECK;

/**
 * ahead_give_up_patch - go on without the patch, with a warning: whatever is
 * wrong with it, what it is made from or what it makes, the payload may be
 * right, and an install that can work must not fail there.  The next
 * ahead_fetch takes members or the payload; or all of the patch, where only the
 * rest was fetched.
 * @err: in, why.
 */
void ahead_give_up_patch(struct install *install, const struct err *err);

#endif
