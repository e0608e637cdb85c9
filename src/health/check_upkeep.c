/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of what an administrator has to see to in time. */
#include "health/check.h"

#include <inttypes.h>

/* A release with fewer files than this is the rule. */
#define FREE_FILES_MIN 10000

int check_disk_inodes(const struct facts *facts, struct findings *out,
                      struct err *err)
{
	const struct space_facts *space = &facts->space;
	struct judgement judgement = { .check = CHECK_DISK_INODES,
		                       .severity = SEVERITY_WARNING,
		                       .remedy = REMEDY_PRUNE };

	if (space->look.sight != SIGHT_GOOD)
		return check_look(&space->look, &judgement, out, err);
	if (space->free_files < FREE_FILES_MIN)
		return findings_add(out, &judgement, err,
		                    "only %" PRIu64 " more files can be made",
		                    space->free_files);
	judgement.severity = SEVERITY_OK;
	if (space->free_files == UINT64_MAX)
		return findings_add(out, &judgement, err,
		                    "the file system sets no limit");
	return findings_add(out, &judgement, err, "at least %d are free",
	                    FREE_FILES_MIN);
}

static int check_upkeep(const struct look *look, enum check_id check,
                        enum remedy remedy, struct findings *out,
                        struct err *err)
{
	const struct judgement wrong = { .check = check,
		                         .severity = SEVERITY_WARNING,
		                         .remedy = remedy };

	return check_look(look, &wrong, out, err);
}

int check_releases_kept(const struct facts *facts, struct findings *out,
                        struct err *err)
{
	return check_upkeep(&facts->upkeep.kept, CHECK_RELEASES_KEPT,
	                    REMEDY_PRUNE, out, err);
}

int check_store_leftovers(const struct facts *facts, struct findings *out,
                          struct err *err)
{
	return check_upkeep(&facts->upkeep.leftovers, CHECK_STORE_LEFTOVERS,
	                    REMEDY_RECOVER, out, err);
}

/* Roots that are at their end, or that nobody could look at. */
static int check_roots(const struct root_facts *roots, struct findings *out,
                       struct err *err)
{
	struct judgement wrong = { .check = CHECK_TRUST_EXPIRY,
		                   .severity = SEVERITY_WARNING,
		                   .remedy = REMEDY_ROOT };

	if (roots->look.sight != SIGHT_GOOD && roots->look.sight != SIGHT_NONE)
		return check_look(&roots->look, &wrong, out, err);
	for (size_t i = 0; i < roots->count; i++) {
		wrong.object = roots->items[i].name;
		if (roots->items[i].look.sight != SIGHT_GOOD &&
		    check_look(&roots->items[i].look, &wrong, out, err) < 0)
			return -1;
	}
	return 0;
}

int check_trust_expiry(const struct facts *facts, struct findings *out,
                       struct err *err)
{
	const struct upkeep_facts *upkeep = &facts->upkeep;

	if (check_roots(&upkeep->roots, out, err) < 0)
		return -1;
	/* What is well is said once, where nothing is wrong. */
	if (upkeep->expiry.sight == SIGHT_GOOD &&
	    findings_has(out, CHECK_TRUST_EXPIRY))
		return 0;
	return check_upkeep(&upkeep->expiry, CHECK_TRUST_EXPIRY, REMEDY_TRUST,
	                    out, err);
}
