/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at an app's store: its folders, links and journal, its releases, and
 * what an administrator has to see to. */
#ifndef HEALTH_GATHER_STORE_H
#define HEALTH_GATHER_STORE_H

#include "base/err.h"
#include "health/check_id.h"
#include "health/facts.h"
#include "health/gather.h"
#include "health/gather_policy.h"
#include "health/tree_record.h"
#include "store/releases.h"

struct gather_store {
	int root;        /* borrowed, as all here */
	const char *app; /* checked: name_is_app */
	const struct policy_found *policy;
	struct check_set set;
	enum gather_depth depth;
	struct record_writer *writer; /* of GATHER_RECORD */
};

/**
 * gather_store - look at it; fill in facts->store, owner, current, previous,
 * journal, history, space, upkeep and releases.
 * @installed: all zero; what the store lists, as far as that can be read.
 *             Release it with installed_done, also after -1.
 * @facts:     all zero but for what others have filled in.
 *
 * Where nothing is installed, or all is closed to us, facts->store says so.
 * Returns 0, or -1 with ERR_SYSTEM without memory, or as record_writer_add.
 */
int gather_store(const struct gather_store *request,
                 struct installed_list *installed, struct facts *facts,
                 struct err *err) MUST_CHECK;

#endif
