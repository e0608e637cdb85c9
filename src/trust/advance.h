/* SPDX-License-Identifier: Apache-2.0 */
/* Releases only go forward: a host that has seen a release takes no older one,
 * unless its administrator says so.  Pure; the caller keeps struct seen, adds
 * to it when a release has passed its health gate, and exempts releases that
 * are installed already. */
#ifndef TRUST_ADVANCE_H
#define TRUST_ADVANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trust/judge.h"
#include "trust/keyring.h"
#include "trust/seen.h"

enum downgrade {
	DOWNGRADE_REFUSED,
	DOWNGRADE_ALLOWED /* --allow-downgrade */
};

/**
 * advance_highest - the release with the highest sequence that still counts:
 * not revoked itself, and with a signer that is not revoked.
 * Returns a line of @seen, or NULL where none counts.
 */
const struct seen_line *advance_highest(const struct seen *seen,
                                        const struct keyring *keyring);

/**
 * advance_check - that @verified is no step back behind the highest one seen:
 * no lower sequence; with an equal one the same release.ini; and no lower
 * version where both are Semantic Versioning.
 *
 * Returns 0, or -1 with ERR_UNTRUSTED naming both and --allow-downgrade; never
 * with DOWNGRADE_ALLOWED.
 */
int advance_check(const struct seen *seen, const struct keyring *keyring,
                  const struct verification_result *verified,
                  enum downgrade downgrade, struct err *err) MUST_CHECK;

/**
 * advance_check_minimum - the policy's minimum_version, which
 * --allow-downgrade does not lift.
 * @minimum: "" for none.
 *
 * Returns 0, or -1 with ERR_UNTRUSTED below it (or where the release has no
 * version that can be compared), ERR_USAGE where @minimum is no SemVer.
 */
int advance_check_minimum(const char *minimum,
                          const struct release_ini *release,
                          struct err *err) MUST_CHECK;

/** advance_is_ahead - whether the release was made more than a day after @now:
 * worth a warning, as one of the two clocks is wrong. */
bool advance_is_ahead(const struct release_ini *release, int64_t now);

/** advance_note - remember a release that has become current for good. */
void advance_note(struct seen *seen,
                  const struct verification_result *verified);

#endif
