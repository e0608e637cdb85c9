/* SPDX-License-Identifier: Apache-2.0 */
/* What an install will do, found out without changing anything: for --dry-run.
 * The rooms that then do it ask the same functions. */
#ifndef INSTALL_PLAN_H
#define INSTALL_PLAN_H

#include <stdbool.h>

#include "admit.h"
#include "base/err.h"
#include "codec/json_write.h"
#include "delta.h"
#include "session.h"
#include "store/releases.h"
#include "trust/judge.h"

struct plan {
	const struct session *session;     /* borrowed */
	const struct release_ini *release; /* borrowed */
	enum admission admission;
	char from[VERSION_SIZE];     /* what is current now; "" for none */
	bool is_switch;              /* current changes, and the gate follows */
	struct installed_list after; /* owned; all releases, as they will be
	                              * before the last step */
	const struct delta *fetch;   /* borrowed; NULL: nothing is fetched */
	bool *goes; /* owned; one for each: whether that step removes it */
};

#define PLAN_NONE ((struct plan){ .after = INSTALLED_NONE })
#define AUTO_PLAN AUTO(plan_done)

void plan_done(struct plan *plan);

/**
 * plan_make - plan the install of a verified release.
 * @session:   its store is open for reading, or STORE_NONE before the first
 *             install; outlives the plan.
 * @admission: what install_admit said.
 * @out:       PLAN_NONE before; release it with plan_done, whatever comes.
 *
 * Returns 0, or -1 with ERR_SYSTEM or ERR_FORMAT, as store_list and link_read.
 */
int plan_make(const struct session *session,
              const struct verification_result *verified,
              enum admission admission, struct plan *out,
              struct err *err) MUST_CHECK;

/** plan_say - one line for each step, through report_step. */
void plan_say(const struct plan *plan);

/**
 * plan_json - the member "plan": write ("new", "repair" or "none"), entries and
 * bytes to write, switch (from, to; null: none), restart (units), health
 * (command, http, timeout; null: none), fetch (delta_json; null: nothing),
 * prune (versions).
 */
int plan_json(const struct plan *plan, struct json_writer *json,
              struct err *err) MUST_CHECK;

#endif
