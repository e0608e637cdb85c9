/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of what surrounds the releases: configuration, keys, folders, room. */
#include "health/check.h"

#include <inttypes.h>

#define MIB ((uint64_t)1 << 20)

int check_config_legal(const struct facts *facts, struct findings *out,
                       struct err *err)
{
	const struct judgement absent = { .check = CHECK_CONFIG_LEGAL,
		                          .severity = SEVERITY_OK };
	/* Without a legal configuration nothing says what to judge by. */
	const struct judgement wrong = { .check = CHECK_CONFIG_LEGAL,
		                         .severity = SEVERITY_UNKNOWN,
		                         .remedy = REMEDY_CONFIG };

	return check_look(&facts->config,
	                  facts->config.sight == SIGHT_ABSENT ? &absent
	                                                      : &wrong,
	                  out, err);
}

int check_trust_keys(const struct facts *facts, struct findings *out,
                     struct err *err)
{
	const struct judgement wrong = { .check = CHECK_TRUST_KEYS,
		                         .severity = SEVERITY_CRITICAL,
		                         .remedy = facts->keys.sight ==
		                                                   SIGHT_ABSENT
		                                           ? REMEDY_SETUP
		                                           : REMEDY_TRUST };

	return check_look(&facts->keys, &wrong, out, err);
}

int check_store_owner(const struct facts *facts, struct findings *out,
                      struct err *err)
{
	const struct judgement wrong = { .check = CHECK_STORE_OWNER,
		                         .severity = SEVERITY_CRITICAL,
		                         .remedy = REMEDY_OWNER };

	return check_look(&facts->owner, &wrong, out, err);
}

int check_disk_space(const struct facts *facts, struct findings *out,
                     struct err *err)
{
	const struct space_facts *space = &facts->space;
	struct judgement judgement = { .check = CHECK_DISK_SPACE,
		                       .severity = SEVERITY_WARNING,
		                       .remedy = REMEDY_PRUNE };

	if (space->look.sight != SIGHT_GOOD)
		return check_look(&space->look, &judgement, out, err);
	if (!space->is_min_known) {
		judgement.severity = SEVERITY_UNKNOWN;
		judgement.remedy = REMEDY_FIRST;
		return findings_add(out, &judgement, err,
		                    "the configuration is not understood");
	}
	if (space->free_bytes < space->min_free)
		return findings_add(
			out, &judgement, err,
			"%" PRIu64 " MiB are free, fewer than the %" PRIu64
			" MiB of min_free",
			space->free_bytes / MIB, space->min_free / MIB);
	judgement.severity = SEVERITY_OK;
	return findings_add(out, &judgement, err, "%" PRIu64 " MiB are free",
	                    space->free_bytes / MIB);
}
