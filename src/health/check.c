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
	case SIGHT_GOOD:
	case SIGHT_FAILED:
	case SIGHT_BLOCKED:
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

int check_no_release(const struct facts *facts, enum check_id check,
                     struct findings *out, struct err *err)
{
	const struct judgement closed = { .check = check,
		                          .severity = SEVERITY_CRITICAL };
	const struct judgement nothing = { .check = check,
		                           .severity =
		                                   SEVERITY_NOT_APPLICABLE };

	if (facts->store.sight != SIGHT_GOOD &&
	    facts->store.sight != SIGHT_ABSENT)
		return check_look(&facts->store, &closed, out, err);
	return findings_add(out, &nothing, err, "no release is installed");
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
	if (facts->current.look.sight == SIGHT_GOOD)
		copy_version(out->current, facts->current.version);
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (check_set_has(set, (enum check_id)i) &&
		    functions[i](facts, out, err) < 0)
			return err_wrap(err, "checking %s", facts->app);
	return 0;
}
