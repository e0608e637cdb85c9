/* SPDX-License-Identifier: Apache-2.0 */
/* What check-health looks at: stable ids, in one table that feeds --list,
 * --only and --skip, and the test that holds the man page against it.  An id
 * never changes its meaning; new ones may come. */
#ifndef HEALTH_CHECK_ID_H
#define HEALTH_CHECK_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum check_id {
	CHECK_CONFIG_LEGAL,
	CHECK_TRUST_KEYS,
	CHECK_STORE_OWNER,
	CHECK_LINKS_CURRENT,
	CHECK_LINKS_PREVIOUS,
	CHECK_JOURNAL_CLEAN,
	CHECK_HISTORY_CONSISTENT,
	CHECK_RELEASE_COMMITTED,
	CHECK_RELEASE_SIGNATURE,
	CHECK_RELEASE_RECEIPT,
	CHECK_RELEASE_TREE,
	CHECK_RELEASES_BAD,
	CHECK_PROFILE_ENV,
	CHECK_DISK_SPACE,
	CHECK_COUNT
};

/* From the mildest to the worst, so that the worst is the highest. */
enum severity {
	SEVERITY_NOT_APPLICABLE,
	SEVERITY_OK,
	SEVERITY_WARNING,
	SEVERITY_UNKNOWN,
	SEVERITY_CRITICAL
};

/** check_name - "release.tree" */
const char *check_name(enum check_id check);

/** check_worst - the worst that it can find, besides unknown. */
enum severity check_worst(enum check_id check);

/** check_meaning - what it looks at, in one line. */
const char *check_meaning(enum check_id check);

/** severity_name - "not-applicable", "ok", "warning", "unknown", "critical" */
const char *severity_name(enum severity severity);

/** severity_exit_status - 0 ok, 1 warning, 2 critical, 3 unknown; what does
 * not apply is ok. */
int severity_exit_status(enum severity severity);

/** check_list - append one line a check: id, worst severity and meaning,
 * parted by tabs. */
int check_list(struct buf *out, struct err *err) MUST_CHECK;

/* The checks that shall run: a bit for each. */
struct check_set {
	uint32_t bits;
};

#define CHECK_SET_ALL ((struct check_set){ ((uint32_t)1 << CHECK_COUNT) - 1 })

/** check_set_has - whether @check is in @set. */
bool check_set_has(struct check_set set, enum check_id check);

/** check_set_without - what is in @set and not in @skip. */
struct check_set check_set_without(struct check_set set, struct check_set skip);

/**
 * check_set_parse - read "id,id,..."; at least one, none empty.
 * @out: written only on 0.
 * Returns 0, or -1 with ERR_USAGE quoting the unknown id.
 */
int check_set_parse(const char *text, struct check_set *out,
                    struct err *err) MUST_CHECK;

#endif
