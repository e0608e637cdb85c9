/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at what an administrator has to see to in time: releases to prune,
 * leftovers to remove. */
#ifndef HEALTH_GATHER_UPKEEP_H
#define HEALTH_GATHER_UPKEEP_H

#include <stdint.h>

#include "base/err.h"
#include "health/look.h"
#include "store/releases.h"
#include "store/store.h"

/* Younger than this may belong to an install that is under way; seconds. */
#define LEFTOVER_AGE_S 3600

/** gather_kept - whether prune would take any of @list. */
void gather_kept(const struct installed_list *list, unsigned keep,
                 struct look *out);

/** gather_leftovers - what is older than LEFTOVER_AGE_S at @now and recover
 * would remove.  Returns 0, or -1 with ERR_SYSTEM without memory. */
int gather_leftovers(const struct store *store, int64_t now, struct look *out,
                     struct err *err) MUST_CHECK;

#endif
