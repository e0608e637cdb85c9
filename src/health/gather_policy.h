/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at what the administrator decided: <app>.ini and the trust folder. */
#ifndef HEALTH_GATHER_POLICY_H
#define HEALTH_GATHER_POLICY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/settings.h"
#include "health/facts.h"
#include "health/gather.h"
#include "trust/keyring.h"

struct policy_found {
	struct settings settings;
	struct buf settings_text; /* what they were parsed from; owned */
	struct keyring keyring;   /* owned */
	bool has_settings, has_keyring;
};

void policy_found_done(struct policy_found *policy);

/**
 * gather_config - read the configuration of the app; fill in facts->config and,
 * from [severity], facts->verdicts: a line that is wrong is told of, and takes
 * nothing from the others.
 * @policy: its settings are there when has_settings is.
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int gather_config(const struct gather_request *request,
                  struct policy_found *policy, struct facts *facts,
                  struct err *err) MUST_CHECK;

/**
 * gather_keys - read the trust folder, after gather_config; fill in @look with
 * how many of its keys are usable, and whether that is as many as the policy
 * wants.
 * @policy: its keyring is there when has_keyring is.
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int gather_keys(const struct gather_request *request,
                struct policy_found *policy, struct look *look,
                struct err *err) MUST_CHECK;

#endif
