/* SPDX-License-Identifier: Apache-2.0 */
/* A release on GitHub as a source, for source_github*.c alone:
 *
 *     source_github.c        the release as a source of parts
 *     source_github_find.c   which release it is, and which assets */
#ifndef NET_SOURCE_GITHUB_OWN_H
#define NET_SOURCE_GITHUB_OWN_H

#include "net/github.h"

#define GITHUB_SUFFIX ".tar.gz"
/* Bytes of a bundle's name, with the NUL. */
#define GITHUB_BUNDLE_SIZE (APP_SIZE + VERSION_SIZE + 2 * SOURCE_WORD_SIZE + 16)

/* The answer with the release, and pages of its assets. */
#define GITHUB_ANSWERS_MAX (GITHUB_PAGES_MAX + 1)

struct github_source {
	struct source source;
	struct github github;
	struct github_answer answers[GITHUB_ANSWERS_MAX];
	size_t answer_count;
	const struct github_release *found; /* in the first answer */
	struct source *bundle; /* owned; NULL: the parts are used */
};

/* What of a release's assets is taken. */
enum github_shape {
	GITHUB_SHAPE_NONE, /* nothing fits */
	GITHUB_SHAPE_BUNDLE,
	GITHUB_SHAPE_PARTS
};

/**
 * github_source_find - find the release that is wanted, and choose among its
 * assets.
 * @bundle: out, of GITHUB_SHAPE_BUNDLE the asset; borrowed.
 *
 * Returns 0; found is NULL where the latest is wanted and none fits.  -1 with
 * ERR_USAGE for a version that there is not, or as github_by_tag.
 */
int github_source_find(struct github_source *release,
                       const struct github_asset **bundle,
                       enum github_shape *shape, struct err *err) MUST_CHECK;

/** github_source_asset - the asset of the release with that name, or NULL. */
const struct github_asset *
github_source_asset(const struct github_source *release, const char *name);

/** github_source_bundle - what the bundle for every platform is called. */
void github_source_bundle(const struct github_source *release,
                          const char *version, char out[GITHUB_BUNDLE_SIZE]);

/** github_source_drop - forget what was found. */
void github_source_drop(struct github_source *release);

#endif
