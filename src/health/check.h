/* SPDX-License-Identifier: Apache-2.0 */
/* From facts to findings, without looking at anything: each check adds at
 * least one finding, and OK is one too. */
#ifndef HEALTH_CHECK_H
#define HEALTH_CHECK_H

#include "base/err.h"
#include "health/facts.h"
#include "health/finding.h"

/**
 * check_facts - run the checks in @set.
 * @out: FINDINGS_NONE but for root; app and current are written.
 *
 * What is wrong with the current release is critical, with another one a
 * warning.  Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int check_facts(const struct facts *facts, struct check_set set,
                struct findings *out, struct err *err) MUST_CHECK;

/* One for each check; see check_id.h for what it is about. */
typedef int check_fn(const struct facts *facts, struct findings *out,
                     struct err *err);
check_fn check_config_legal, check_trust_keys, check_store_owner,
	check_links_current, check_links_previous, check_journal_clean,
	check_history_consistent, check_release_committed,
	check_release_signature, check_release_receipt, check_release_tree,
	check_releases_bad, check_profile_env, check_disk_space,
	check_disk_inodes, check_releases_kept, check_store_leftovers,
	check_trust_expiry, check_user_rights, check_host_kernel,
	check_host_wsl, check_host_time, check_host_yama, check_host_profiles,
	check_service_units, check_service_command, check_service_http,
	check_service_tcp, check_service_unix, check_engine_present,
	check_engine_supported, check_engine_version, check_engine_healthy,
	check_engine_storage, check_engine_cgroups, check_engine_runtimes,
	check_engine_seccomp, check_engine_apparmor, check_engine_compose,
	check_images_present, check_images_signed, check_containers_running,
	check_containers_healthy, check_registry_reachable;

/**
 * check_look - the finding of a plain look.
 * @judgement: its severity is that of a WRONG look.
 *
 * GOOD is ok; WRONG and ABSENT are as the judgement says; OPEN is critical;
 * HIDDEN and FAILED are unknown; BLOCKED does not apply, unless WRONG would be
 * critical: then it is unknown.  Each says the look's text.
 */
int check_look(const struct look *look, const struct judgement *judgement,
               struct findings *out, struct err *err) MUST_CHECK;

/** check_not_applicable - the finding of a check that has nothing to judge. */
int check_not_applicable(enum check_id check, const char *why,
                         struct findings *out, struct err *err) MUST_CHECK;

/**
 * check_no_release - the finding of a check that looks at each release where
 * there is none to look at: it does not apply, or why the store is closed.
 */
int check_no_release(const struct facts *facts, enum check_id check,
                     struct findings *out, struct err *err) MUST_CHECK;

#endif
