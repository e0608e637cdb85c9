/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at signers that come to their end: retired by max_sequence, or
 * revoked. */
#ifndef HEALTH_GATHER_EXPIRY_H
#define HEALTH_GATHER_EXPIRY_H

#include <stdint.h>

#include "codec/settings.h"
#include "health/look.h"
#include "store/releases.h"
#include "trust/keyring.h"

/* A signer whose max_sequence is a date is told of so long before; seconds. */
#define EXPIRY_NEAR_S (INT64_C(30) * 86400)
/* Sequences from here to a day ahead are dates: seconds since 1970. */
#define SEQUENCE_DATE_MIN UINT64_C(1000000000)

/**
 * gather_expiry - whether each rule of the policy (threshold, and what require
 * names) can still be met for what comes after the newest of @list, and in
 * EXPIRY_NEAR_S, where sequences are dates.
 * @out: WRONG names the rules that cannot.
 */
void gather_expiry(const struct settings *settings,
                   const struct keyring *keyring,
                   const struct installed_list *list, int64_t now,
                   struct look *out);

#endif
