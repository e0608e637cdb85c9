/* SPDX-License-Identifier: Apache-2.0 */
#include "health/check.h"

#include <string.h>

static check_fn *const functions[CHECK_COUNT] = {
	[CHECK_CONFIG_LEGAL] = check_config_legal,
	[CHECK_TRUST_KEYS] = check_trust_keys,
	[CHECK_STORE_OWNER] = check_store_owner,
	[CHECK_LINKS_CURRENT] = check_links_current,
	[CHECK_LINKS_PREVIOUS] = check_links_previous,
	[CHECK_JOURNAL_CLEAN] = check_journal_clean,
	[CHECK_HISTORY_CONSISTENT] = check_history_consistent,
	[CHECK_RELEASE_COMMITTED] = check_release_committed,
	[CHECK_RELEASE_SIGNATURE] = check_release_signature,
	[CHECK_RELEASE_RECEIPT] = check_release_receipt,
	[CHECK_RELEASE_TREE] = check_release_tree,
	[CHECK_RELEASES_BAD] = check_releases_bad,
	[CHECK_PROFILE_ENV] = check_profile_env,
	[CHECK_DISK_SPACE] = check_disk_space,
	[CHECK_DISK_INODES] = check_disk_inodes,
	[CHECK_RELEASES_KEPT] = check_releases_kept,
	[CHECK_STORE_LEFTOVERS] = check_store_leftovers,
	[CHECK_TRUST_EXPIRY] = check_trust_expiry,
	[CHECK_USER_RIGHTS] = check_user_rights,
	[CHECK_HOST_KERNEL] = check_host_kernel,
	[CHECK_HOST_WSL] = check_host_wsl,
	[CHECK_HOST_TIME] = check_host_time,
	[CHECK_HOST_YAMA] = check_host_yama,
	[CHECK_HOST_PROFILES] = check_host_profiles,
	[CHECK_SERVICE_UNITS] = check_service_units,
	[CHECK_SERVICE_COMMAND] = check_service_command,
	[CHECK_SERVICE_HTTP] = check_service_http,
	[CHECK_SERVICE_TCP] = check_service_tcp,
	[CHECK_SERVICE_UNIX] = check_service_unix,
	[CHECK_ENGINE_PRESENT] = check_engine_present,
	[CHECK_ENGINE_SUPPORTED] = check_engine_supported,
	[CHECK_ENGINE_VERSION] = check_engine_version,
	[CHECK_ENGINE_HEALTHY] = check_engine_healthy,
	[CHECK_ENGINE_STORAGE] = check_engine_storage,
	[CHECK_ENGINE_CGROUPS] = check_engine_cgroups,
	[CHECK_ENGINE_RUNTIMES] = check_engine_runtimes,
	[CHECK_ENGINE_SECCOMP] = check_engine_seccomp,
	[CHECK_ENGINE_APPARMOR] = check_engine_apparmor,
	[CHECK_ENGINE_COMPOSE] = check_engine_compose,
	[CHECK_IMAGES_PRESENT] = check_images_present,
	[CHECK_IMAGES_SIGNED] = check_images_signed,
	[CHECK_CONTAINERS_RUNNING] = check_containers_running,
	[CHECK_CONTAINERS_HEALTHY] = check_containers_healthy,
	[CHECK_REGISTRY_REACHABLE] = check_registry_reachable,
};

/* What a sight is worth where a wrong one is worth @wrong. */
static enum severity severity_of(enum sight sight, enum severity wrong)
{
	switch (sight) {
	case SIGHT_GOOD:
		return SEVERITY_OK;
	case SIGHT_WRONG:
	case SIGHT_ABSENT:
		return wrong;
	case SIGHT_OPEN:
		return SEVERITY_CRITICAL;
	case SIGHT_HIDDEN:
	case SIGHT_FAILED:
		return SEVERITY_UNKNOWN;
	case SIGHT_BLOCKED:
		return wrong == SEVERITY_CRITICAL ? SEVERITY_UNKNOWN
		                                  : SEVERITY_NOT_APPLICABLE;
	case SIGHT_NONE:
		break;
	}
	return SEVERITY_NOT_APPLICABLE;
}

/* A remedy that helps against what the look met. */
static enum remedy remedy_of(enum sight sight, enum remedy wrong)
{
	switch (sight) {
	case SIGHT_WRONG:
	case SIGHT_ABSENT:
		return wrong;
	case SIGHT_OPEN:
		return REMEDY_OWNER;
	case SIGHT_HIDDEN:
		return REMEDY_RIGHTS;
	case SIGHT_BLOCKED:
		return REMEDY_FIRST;
	case SIGHT_GOOD:
	case SIGHT_FAILED:
	case SIGHT_NONE:
		break;
	}
	return REMEDY_NONE;
}

int check_look(const struct look *look, const struct judgement *judgement,
               struct findings *out, struct err *err)
{
	struct judgement own = *judgement;

	own.severity = severity_of(look->sight, judgement->severity);
	own.remedy = remedy_of(look->sight, judgement->remedy);
	return findings_add(out, &own, err, "%s", look->text);
}

int check_not_applicable(enum check_id check, const char *why,
                         struct findings *out, struct err *err)
{
	const struct judgement nothing = { .check = check,
		                           .severity =
		                                   SEVERITY_NOT_APPLICABLE };

	return findings_add(out, &nothing, err, "%s", why);
}

int check_no_release(const struct facts *facts, enum check_id check,
                     struct findings *out, struct err *err)
{
	const struct judgement closed = { .check = check,
		                          .severity = SEVERITY_CRITICAL };

	if (facts->store.sight != SIGHT_GOOD &&
	    facts->store.sight != SIGHT_ABSENT)
		return check_look(&facts->store, &closed, out, err);
	return check_not_applicable(check, "no release is installed", out, err);
}

/* Both fields hold a version, and are as large. */
static void copy_version(char out[VERSION_SIZE], const char in[VERSION_SIZE])
{
	memcpy(out, in, VERSION_SIZE);
}

int check_facts(const struct facts *facts, struct check_set set,
                struct findings *out, struct err *err)
{
	memcpy(out->app, facts->app, sizeof out->app);
	memcpy(out->verdicts, facts->verdicts, sizeof out->verdicts);
	if (facts->current.look.sight == SIGHT_GOOD)
		copy_version(out->current, facts->current.version);
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (check_set_has(set, (enum check_id)i) &&
		    functions[i](facts, out, err) < 0)
			return err_wrap(err, "checking %s", facts->app);
	return 0;
}
