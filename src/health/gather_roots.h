/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at trusted roots that come to their end: no new signature by a
 * certificate can then be verified under them. */
#ifndef HEALTH_GATHER_ROOTS_H
#define HEALTH_GATHER_ROOTS_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "codec/settings.h"
#include "health/root_facts.h"
#include "trust/keyring.h"

#define ROOT_NEAR_S                                                            \
	(INT64_C(30) * 86400) /* a root is told of so long before              \
	                       */

struct gather_roots {
	const struct settings *settings; /* borrowed, as all here */
	struct bytes settings_text;      /* what they were parsed from */
	const struct keyring *keyring;
	int64_t now;
};

/**
 * gather_roots - ask verify-worker, where the policy asks for evidence of
 * Sigstore, or for signatures of images, and identities rest on a root.
 * @out: all zero before; its items are freed by facts_done.
 *
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int gather_roots(const struct gather_roots *request, struct root_facts *out,
                 struct err *err) MUST_CHECK;

#endif
