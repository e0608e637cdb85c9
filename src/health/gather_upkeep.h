/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at what an administrator has to see to in time: releases to prune,
 * leftovers to remove, keys to replace. */
#ifndef HEALTH_GATHER_UPKEEP_H
#define HEALTH_GATHER_UPKEEP_H

#include <stdint.h>

#include "base/err.h"
#include "codec/settings.h"
#include "health/look.h"
#include "store/releases.h"
#include "store/store.h"
#include "trust/keyring.h"

/* Younger than this may belong to an install that is under way; seconds. */
#define LEFTOVER_AGE_S 3600
/* A key whose max_sequence is a date is told of so long before; seconds. */
#define EXPIRY_NEAR_S (INT64_C(30) * 86400)
/* Sequences from here to a day ahead are dates: seconds since 1970. */
#define SEQUENCE_DATE_MIN UINT64_C(1000000000)

/** gather_kept - whether prune would take any of @list. */
void gather_kept(const struct installed_list *list, unsigned keep,
                 struct look *out);

/** gather_leftovers - what is older than LEFTOVER_AGE_S at @now and recover
 * would remove.  Returns 0, or -1 with ERR_SYSTEM without memory. */
int gather_leftovers(const struct store *store, int64_t now, struct look *out,
                     struct err *err) MUST_CHECK;

/**
 * gather_expiry - whether enough keys may still sign what comes after the
 * newest of @list, and in EXPIRY_NEAR_S, where sequences are dates.  Signers by
 * identity count for one.
 */
void gather_expiry(const struct settings *settings,
                   const struct keyring *keyring,
                   const struct installed_list *list, int64_t now,
                   struct look *out);

#endif
