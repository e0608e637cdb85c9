/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at what the store says has happened. */
#ifndef HEALTH_GATHER_HISTORY_H
#define HEALTH_GATHER_HISTORY_H

#include "base/err.h"
#include "health/facts.h"
#include "store/store.h"

/**
 * gather_history - read all of it; fill in facts->history, and of each release
 * whether a line tells of its install.
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int gather_history(const struct store *store, struct facts *facts,
                   struct err *err) MUST_CHECK;

/**
 * gather_loss - where there is no store, whether there ought to be one: of what
 * was installed last, no line tells that it was uninstalled.
 * @out: its look is WRONG then, with that version; else as it was, or why this
 *       cannot be told.
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int gather_loss(int root, const char *app, struct link_facts *out,
                struct err *err) MUST_CHECK;

#endif
