/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of which release is current, and of how it came to be. */
#include "health/check.h"

#include <inttypes.h>
#include <string.h>

static const struct release_facts *find_current(const struct facts *facts)
{
	for (size_t i = 0; i < facts->release_count; i++)
		if (facts->releases[i].is_current)
			return &facts->releases[i];
	return NULL;
}

int check_links_current(const struct facts *facts, struct findings *out,
                        struct err *err)
{
	const struct link_facts *link = &facts->current;
	struct judgement judgement = { .check = CHECK_LINKS_CURRENT,
		                       .severity = SEVERITY_CRITICAL,
		                       .object = "current",
		                       .remedy = REMEDY_ACTIVATE };

	if (link->look.sight == SIGHT_ABSENT) {
		judgement.severity = SEVERITY_WARNING;
		judgement.remedy = facts->release_count > 0 ? REMEDY_ACTIVATE
		                                            : REMEDY_INSTALL;
		return findings_add(out, &judgement, err,
		                    facts->release_count > 0
		                            ? "no release is active"
		                            : "nothing is installed");
	}
	judgement.version = link->version;
	if (facts->store.sight == SIGHT_ABSENT)
		judgement.remedy = REMEDY_INSTALL; /* there was one */
	else if (link->look.sight == SIGHT_WRONG)
		judgement.remedy = REMEDY_LINK;
	if (link->look.sight != SIGHT_GOOD)
		return check_look(&link->look, &judgement, out, err);
	if (!link->is_installed) {
		judgement.remedy = REMEDY_INSTALL;
		return findings_add(out, &judgement, err,
		                    "the release %s is not there",
		                    link->version);
	}
	judgement.severity = SEVERITY_OK;
	return findings_add(out, &judgement, err, "%s", link->version);
}

/* What is wrong with a link `previous` that can be read; NULL: nothing. */
static const char *find_fault_of_previous(const struct facts *facts)
{
	const struct link_facts *previous = &facts->previous;

	if (!previous->is_installed)
		return "which is not there";
	if (previous->is_bad)
		return "which is marked bad";
	if (facts->current.look.sight == SIGHT_GOOD &&
	    strcmp(previous->version, facts->current.version) == 0)
		return "which is current";
	return NULL;
}

int check_links_previous(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	const struct link_facts *link = &facts->previous;
	struct judgement judgement = { .check = CHECK_LINKS_PREVIOUS,
		                       .severity = SEVERITY_WARNING,
		                       .object = "previous",
		                       .remedy = REMEDY_PREVIOUS };
	const char *fault;

	if (link->look.sight == SIGHT_ABSENT) {
		judgement.severity = SEVERITY_NOT_APPLICABLE;
		return findings_add(out, &judgement, err,
		                    "there is no previous release");
	}
	if (link->look.sight == SIGHT_WRONG)
		judgement.remedy = REMEDY_LINK;
	if (link->look.sight != SIGHT_GOOD)
		return check_look(&link->look, &judgement, out, err);
	fault = find_fault_of_previous(facts);
	if (fault != NULL)
		return findings_add(out, &judgement, err, "it names %s, %s",
		                    link->version, fault);
	judgement.severity = SEVERITY_OK;
	return findings_add(out, &judgement, err, "%s", link->version);
}

int check_journal_clean(const struct facts *facts, struct findings *out,
                        struct err *err)
{
	const struct journal *journal = &facts->journal.journal;
	struct judgement judgement = { .check = CHECK_JOURNAL_CLEAN,
		                       .severity = SEVERITY_CRITICAL,
		                       .remedy = REMEDY_RECOVER };

	if (facts->journal.look.sight == SIGHT_ABSENT) {
		judgement.severity = SEVERITY_OK;
		return findings_add(out, &judgement, err,
		                    "nothing is under way");
	}
	if (facts->journal.look.sight != SIGHT_GOOD)
		return check_look(&facts->journal.look, &judgement, out, err);
	if (journal->op == JOURNAL_REVERT)
		return findings_add(out, &judgement, err,
		                    "going back from %s did not come to its "
		                    "end",
		                    journal->from);
	judgement.severity = SEVERITY_WARNING;
	if (journal->gate == GATE_PENDING)
		return findings_add(out, &judgement, err,
		                    "%s waits for its health gate",
		                    journal->to);
	return findings_add(out, &judgement, err,
	                    "the activation of %s is under way, or stopped "
	                    "half-way",
	                    journal->to);
}

/* The first release that the history does not know; NULL: it knows all. */
static const struct release_facts *find_untold(const struct facts *facts)
{
	for (size_t i = 0; i < facts->release_count; i++)
		if (!facts->releases[i].is_in_history)
			return &facts->releases[i];
	return NULL;
}

int check_history_consistent(const struct facts *facts, struct findings *out,
                             struct err *err)
{
	const struct history_facts *history = &facts->history;
	const struct release_facts *untold = find_untold(facts);
	struct judgement judgement = { .check = CHECK_HISTORY_CONSISTENT,
		                       .severity = SEVERITY_WARNING,
		                       .object = "history.jsonl",
		                       .remedy = REMEDY_TAMPER };

	if (history->look.sight == SIGHT_ABSENT && facts->release_count == 0) {
		judgement.severity = SEVERITY_NOT_APPLICABLE;
		return findings_add(out, &judgement, err,
		                    "nothing is installed");
	}
	if (history->look.sight == SIGHT_WRONG)
		judgement.remedy = REMEDY_HISTORY;
	if (history->look.sight != SIGHT_GOOD)
		return check_look(&history->look, &judgement, out, err);
	if (untold != NULL)
		return findings_add(out, &judgement, err,
		                    "no line tells of the install of %s",
		                    untold->version);
	judgement.severity = SEVERITY_OK;
	return findings_add(out, &judgement, err, "%" PRIu64 " lines",
	                    history->lines);
}

int check_releases_bad(const struct facts *facts, struct findings *out,
                       struct err *err)
{
	const struct release_facts *current = find_current(facts);
	struct judgement judgement = { .check = CHECK_RELEASES_BAD,
		                       .severity = SEVERITY_OK };

	if (current == NULL) {
		judgement.severity = SEVERITY_NOT_APPLICABLE;
		return findings_add(out, &judgement, err,
		                    "no release is current");
	}
	judgement.version = current->version;
	if (!current->is_bad)
		return findings_add(out, &judgement, err, "not marked bad");
	judgement.severity = SEVERITY_CRITICAL;
	judgement.remedy = REMEDY_ROLLBACK;
	return findings_add(out, &judgement, err,
	                    "it is current and marked bad: %s",
	                    current->bad_reason);
}
