/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an installed release still stands: it was judged when it came, and
 * its receipt says who vouched for it.  Only revocation takes that away again;
 * a key that was merely removed, or a rule that came later, does not: going
 * back must stay possible.  check-health judges anew, and says so. */
#ifndef TRUST_STANDING_H
#define TRUST_STANDING_H

#include "base/err.h"
#include "codec/receipt.h"
#include "codec/settings.h"
#include "trust/keyring.h"

/**
 * standing_check - that neither the release nor too many of its signers are
 * revoked: those that are left must be enough for what today's policy requires.
 *
 * An identity is revoked with every other one of the same subject.  A receipt
 * does not say whose the provenance was: where it is required, nobody who is
 * left is enough.
 *
 * Returns 0, or -1 with ERR_UNTRUSTED that gives the reason of the revocation.
 */
int standing_check(const struct receipt *receipt, const struct keyring *keyring,
                   const struct settings *settings, struct err *err) MUST_CHECK;

#endif
