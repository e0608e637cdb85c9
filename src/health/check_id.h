/* SPDX-License-Identifier: Apache-2.0 */
/* What check-health looks at: stable ids, in one table that feeds --list,
 * --only and --skip, and the test that holds the man page against it.  An id
 * never changes its meaning; new ones may come. */
#ifndef HEALTH_CHECK_ID_H
#define HEALTH_CHECK_ID_H

#include <stdbool.h>
#include <stddef.h>
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
	CHECK_DISK_INODES,
	CHECK_RELEASES_KEPT,
	CHECK_STORE_LEFTOVERS,
	CHECK_TRUST_EXPIRY,
	CHECK_USER_RIGHTS,
	CHECK_HOST_KERNEL,
	CHECK_HOST_WSL,
	CHECK_HOST_TIME,
	CHECK_HOST_YAMA,
	CHECK_HOST_PROFILES,
	CHECK_SERVICE_UNITS,
	CHECK_SERVICE_COMMAND,
	CHECK_SERVICE_HTTP,
	CHECK_SERVICE_TCP,
	CHECK_SERVICE_UNIX,
	CHECK_ENGINE_PRESENT,
	CHECK_ENGINE_SUPPORTED,
	CHECK_ENGINE_VERSION,
	CHECK_ENGINE_HEALTHY,
	CHECK_ENGINE_STORAGE,
	CHECK_ENGINE_CGROUPS,
	CHECK_ENGINE_RUNTIMES,
	CHECK_ENGINE_SECCOMP,
	CHECK_ENGINE_APPARMOR,
	CHECK_ENGINE_COMPOSE,
	CHECK_IMAGES_PRESENT,
	CHECK_IMAGES_SIGNED,
	CHECK_CONTAINERS_RUNNING,
	CHECK_CONTAINERS_HEALTHY,
	CHECK_REGISTRY_REACHABLE,
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

#define SEVERITY_COUNT (SEVERITY_CRITICAL + 1)

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
	uint64_t bits;
};

#define CHECK_BIT(check) ((uint64_t)1 << (check))
#define CHECK_SET_ALL    ((struct check_set){ CHECK_BIT(CHECK_COUNT) - 1 })

/** check_set_has - whether @check is in @set. */
bool check_set_has(struct check_set set, enum check_id check);

/** check_set_is_empty - whether no check is in @set. */
bool check_set_is_empty(struct check_set set);

/** check_set_without - what is in @set and not in @skip. */
struct check_set check_set_without(struct check_set set, struct check_set skip);

/** check_find - the check that is called so in @len bytes; CHECK_COUNT: none.
 */
enum check_id check_find(const char *name, size_t len);

/**
 * check_set_parse - read "id,id,..."; at least one, none empty.  What stands
 * before the dot of ids means all of these: "engine" is engine.present and the
 * others.
 * @out: written only on 0.
 * Returns 0, or -1 with ERR_USAGE quoting the unknown id.
 */
int check_set_parse(const char *text, struct check_set *out,
                    struct err *err) MUST_CHECK;

#endif
