/* SPDX-License-Identifier: Apache-2.0 */
/* The check of each release's files against its signed payload.mtree. */
#include "health/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define OBJECT_SIZE (VERSION_SIZE + 4096) /* "<version>/<path>" */

static const char *text_of(enum tree_finding_kind kind)
{
	switch (kind) {
	case TREE_MISSING:
		return "it is missing";
	case TREE_EXTRA:
		return "it is not part of the release";
	case TREE_TYPE:
		return "it is another kind of file than signed";
	case TREE_MODE:
		return "its mode is not as signed";
	case TREE_OWNER:
		return "it belongs to somebody else";
	case TREE_SIZE:
		return "its size is not as signed";
	case TREE_CONTENT:
		return "its content is not as signed";
	case TREE_TIME:
		return "its time is not as signed";
	case TREE_LINK:
		return "its target is not as signed";
	case TREE_CAPABILITY:
		return "it has a capability, as no file of a release has";
	case TREE_UNREADABLE:
		break;
	}
	return "it cannot be read";
}

/* What a difference of the current release is worth. */
static enum severity severity_of(const struct difference *difference)
{
	if (difference->kind == TREE_UNREADABLE)
		return SEVERITY_UNKNOWN;
	if (difference->kind == TREE_EXTRA)
		return SEVERITY_WARNING;
	switch (difference->cause) {
	case CAUSE_OWN:
		break;
	case CAUSE_EXTRA:
		return SEVERITY_WARNING;
	case CAUSE_IGNORED_EXTRA:
		return SEVERITY_OK;
	}
	return SEVERITY_CRITICAL;
}

static struct judgement judge(const struct release_facts *release,
                              const struct difference *difference)
{
	struct judgement judgement = { .check = CHECK_RELEASE_TREE,
		                       .severity = severity_of(difference),
		                       .version = release->version,
		                       .remedy = REMEDY_INSTALL };

	if (judgement.severity == SEVERITY_CRITICAL && !release->is_current)
		judgement.severity = SEVERITY_WARNING;
	if (difference->kind == TREE_EXTRA)
		judgement.remedy = REMEDY_EXTRA;
	if (difference->kind == TREE_UNREADABLE)
		judgement.remedy = REMEDY_RIGHTS;
	return judgement;
}

static int add_difference(const struct release_facts *release,
                          const struct difference *difference,
                          struct findings *out, struct err *err)
{
	struct judgement judgement = judge(release, difference);
	char object[OBJECT_SIZE];

	(void)snprintf(object, sizeof object, "%s/%s", release->version,
	               difference->path);
	judgement.object = object;
	if (difference->kind == TREE_UNREADABLE)
		return findings_add(out, &judgement, err,
		                    "%s: %s; that needs the right to read it",
		                    text_of(difference->kind),
		                    strerror(difference->sys));
	return findings_add(out, &judgement, err, "%s",
	                    text_of(difference->kind));
}

/* The worst come first, because not all may be kept. */
static int add_differences(const struct release_facts *release,
                           struct findings *out, struct err *err)
{
	const struct tree_facts *tree = &release->tree;
	int severity;

	for (severity = SEVERITY_CRITICAL; severity > SEVERITY_OK; severity--)
		for (size_t i = 0; i < tree->count; i++)
			if ((int)severity_of(&tree->items[i]) == severity &&
			    add_difference(release, &tree->items[i], out, err) <
			            0)
				return -1;
	return 0;
}

static int add_dropped(const struct release_facts *release,
                       struct findings *out, struct err *err)
{
	for (unsigned kind = 0; kind < DIFFERENCE_KINDS; kind++) {
		const struct difference like = { .kind = kind };
		struct judgement judgement = judge(release, &like);

		if (release->tree.dropped[kind] == 0)
			continue;
		judgement.alike = release->tree.dropped[kind] - 1;
		if (findings_add(out, &judgement, err,
		                 "further files: %" PRIu64 ": %s",
		                 release->tree.dropped[kind],
		                 text_of(kind)) < 0)
			return -1;
	}
	return 0;
}

static bool is_as_signed(const struct tree_facts *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		if (severity_of(&tree->items[i]) != SEVERITY_OK)
			return false;
	for (unsigned kind = 0; kind < DIFFERENCE_KINDS; kind++)
		if (tree->dropped[kind] > 0)
			return false;
	return true;
}

/* What a quick look leaves open. */
static int add_unread(const struct release_facts *release, struct findings *out,
                      struct err *err)
{
	const struct judgement unread = { .check = CHECK_RELEASE_TREE,
		                          .severity =
		                                  release->is_current
		                                          ? SEVERITY_UNKNOWN
		                                          : SEVERITY_WARNING,
		                          .version = release->version,
		                          .remedy = REMEDY_RECORD };

	return findings_add(out, &unread, err,
	                    "--quick has read no file of it: %s",
	                    release->tree.record.text);
}

/* Of a tree whose differences do not count. */
static int add_recorded(const struct release_facts *release,
                        struct findings *out, struct err *err)
{
	const struct tree_facts *tree = &release->tree;
	const struct judgement good = { .check = CHECK_RELEASE_TREE,
		                        .severity = SEVERITY_OK,
		                        .version = release->version };
	char recorded[CLOCK_TEXT_SIZE];

	clock_format(tree->recorded, recorded);
	return findings_add(out, &good, err,
	                    "%" PRIu64 " entries, as signed or as on record of "
	                    "%s; read again: %" PRIu64,
	                    tree->entries, recorded, tree->reread);
}

static int add_summary(const struct release_facts *release,
                       struct findings *out, struct err *err)
{
	const struct tree_facts *tree = &release->tree;
	const struct judgement good = { .check = CHECK_RELEASE_TREE,
		                        .severity = SEVERITY_OK,
		                        .version = release->version };

	if (tree->depth == TREE_UNREAD)
		return add_unread(release, out, err);
	if (!is_as_signed(tree))
		return 0;
	if (tree->depth == TREE_RECORDED)
		return add_recorded(release, out, err);
	if (tree->ignored > 0)
		return findings_add(out, &good, err,
		                    "%" PRIu64 " entries, %" PRIu64
		                    " bytes, all as signed; extra and "
		                    "ignored: %" PRIu64,
		                    tree->entries, tree->bytes, tree->ignored);
	return findings_add(out, &good, err,
	                    "%" PRIu64 " entries, %" PRIu64
	                    " bytes, all as signed",
	                    tree->entries, tree->bytes);
}

static int check_tree(const struct release_facts *release, struct findings *out,
                      struct err *err)
{
	const struct judgement wrong = { .check = CHECK_RELEASE_TREE,
		                         .severity = release->is_current
		                                             ? SEVERITY_CRITICAL
		                                             : SEVERITY_WARNING,
		                         .version = release->version,
		                         .remedy = REMEDY_INSTALL };

	if (add_differences(release, out, err) < 0 ||
	    add_dropped(release, out, err) < 0)
		return -1;
	if (release->tree.look.sight != SIGHT_GOOD)
		return check_look(&release->tree.look, &wrong, out, err);
	return add_summary(release, out, err);
}

int check_release_tree(const struct facts *facts, struct findings *out,
                       struct err *err)
{
	for (size_t i = 0; i < facts->release_count; i++)
		if (check_tree(&facts->releases[i], out, err) < 0)
			return -1;
	if (facts->release_count == 0)
		return check_no_release(facts, CHECK_RELEASE_TREE, out, err);
	return 0;
}
