/* SPDX-License-Identifier: Apache-2.0 */
/* A repository's releases as a target, for publish_github*.c alone:
 *
 *     publish_github.c           the target and its steps
 *     publish_github_files.c     which files a release gets
 *     publish_github_release.c   the release itself: finding or making it, its
 *                                tag and its commit */
#ifndef RELEASE_PUBLISH_GITHUB_OWN_H
#define RELEASE_PUBLISH_GITHUB_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/name.h"
#include "net/github_publish.h"
#include "publish_target.h"

#define PUBLISH_GITHUB_SCHEME "github://"

/* A release: the packages of one version. */
struct release_page {
	const char *version; /* borrowed, of a package */
	const char *place; /* borrowed, of an item; the journal's name of it */
	bool is_prerelease;
	enum github_latest_choice latest;
	struct github_file *files;                    /* owned */
	const struct publication_file **publications; /* owned; of each file */
	size_t count;

	/* Set by release_page_find: */
	const char *commit; /* borrowed, of a package; NULL: nobody says */
	char tag[GITHUB_TAG_SIZE]; /* of the draft to make, if there is none */
	struct github_publication release;
};

struct github_target {
	struct publish_target base; /* first */
	struct http_client *client; /* owned; NULL until inspect */
	struct github github;
	char repository[REPOSITORY_SIZE];
	struct release_page *pages; /* owned */
	size_t page_count;
	uint64_t done; /* bytes of files */
	uint64_t sent; /* of the file that is under way */
};

/* --- publish_github.c --- */

/** release_page_has - whether an item's package belongs to the release. */
bool release_page_has(const struct release_page *page,
                      const struct publish_item *item);

/* --- publish_github_files.c --- */

/**
 * release_pages_make - from the target's items, their releases and the files of
 * each; sets the items' places.
 * Returns 0, or -1 with ERR_USAGE for packages that cannot share a release, or
 * for a pre-release that is to be the latest; ERR_SYSTEM.
 */
int release_pages_make(struct github_target *target,
                       struct err *err) MUST_CHECK;

/** release_pages_done - release them. */
void release_pages_done(struct github_target *target);

/* --- publish_github_release.c --- */

/**
 * release_page_find - ask for the release, published or a draft, its tag and
 * its commit.
 * Returns 0, also where there is none (its id is 0); -1 with ERR_CONFLICT for
 * packages, or a tag, of different commits, or as github_publication_find.
 */
int release_page_find(struct github_target *target, struct release_page *page,
                      struct err *err) MUST_CHECK;

/**
 * release_page_check_tag - that the tag of the release that was found, if the
 * repository has it, is at the commit that the packages were made from.
 * Returns 0, or -1 with ERR_CONFLICT, or as github_commit_of_tag.
 */
int release_page_check_tag(struct github_target *target,
                           const struct release_page *page,
                           struct err *err) MUST_CHECK;

/** release_page_create - make its draft, and note it in the journal.  0, or -1
 * as github_publication_create and publish_journal_draft. */
int release_page_create(struct github_target *target, struct release_page *page,
                        struct err *err) MUST_CHECK;

#endif
