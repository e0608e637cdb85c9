/* SPDX-License-Identifier: Apache-2.0 */
/* Which releases this host has seen, so that it never goes back unnoticed: what
 * was noted (store/seen.h) and what is current.  A run that ends between its
 * switch and its note, and a release that `activate` made current, thus count
 * as well. */
#ifndef INSTALL_PROGRESS_H
#define INSTALL_PROGRESS_H

#include "base/err.h"
#include "session.h"
#include "trust/judge.h"
#include "trust/seen.h"

/**
 * progress_read - all that was seen; nothing where there is no store.
 * @out: written only on 0.
 * Returns 0, or -1 as seen_read, seen_parse, link_read and store_receipt.
 */
int progress_read(const struct session *session, struct seen *out,
                  struct err *err) MUST_CHECK;

/**
 * progress_note - note a release whose gate has passed, with all who signed it
 * this time.  Durable on return; writes only what is new.
 * Returns 0, or -1 as progress_read and seen_write.
 */
int progress_note(const struct session *session,
                  const struct verification_result *verified,
                  struct err *err) MUST_CHECK;

/**
 * progress_note_current - note what is current, by its receipt.  Not while its
 * gate is pending.  As progress_note.
 */
int progress_note_current(const struct session *session,
                          struct err *err) MUST_CHECK;

#endif
