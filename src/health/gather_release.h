/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at one release: its seal under today's trust, then what is sealed. */
#ifndef HEALTH_GATHER_RELEASE_H
#define HEALTH_GATHER_RELEASE_H

#include "base/bytes.h"
#include "base/err.h"
#include "codec/settings.h"
#include "health/check_id.h"
#include "health/facts.h"
#include "health/gather.h"
#include "health/tree_record.h"
#include "store/store.h"
#include "trust/keyring.h"

/* By what a release is judged. */
struct gather_trust {
	const struct store *store;       /* borrowed, as all here */
	const struct settings *settings; /* NULL: not understood */
	struct bytes settings_text;      /* what they were parsed from */
	const struct keyring *keyring;   /* NULL: could not be read */
	/* The folder of the workers, opened where the policy needs them; -1
	 * where that failed, and why. */
	int workers;
	const char *no_workers;
	struct check_set set;
	enum gather_depth depth;
	struct record_writer *writer; /* of GATHER_RECORD, else NULL */
};

/**
 * gather_release - fill in @out, whose version is set.
 * Returns 0, or -1 with ERR_SYSTEM without memory, or as record_writer_add.
 */
int gather_release(const struct gather_trust *trust, struct release_facts *out,
                   struct err *err) MUST_CHECK;

#endif
