/* SPDX-License-Identifier: Apache-2.0 */
/* Which release is meant, and which of its assets are it. */
#include <stdio.h>
#include <string.h>

#include "net/source_github_own.h"

#define LATEST "latest"
/* As many assets as GitHub puts into a page when it is not asked for more:
 * a release that shows so many may have others. */
#define WHOLE_BELOW 30

/* --- assets --- */

const struct github_asset *
github_source_asset(const struct github_source *release, const char *name)
{
	const struct github_asset *asset;

	asset = github_find_asset(&release->answers[0], release->found, name);
	for (size_t i = 1; asset == NULL && i < release->answer_count; i++)
		asset = github_find_asset(&release->answers[i], NULL, name);
	return asset;
}

/* The list within a release is whole in practice; where it may not be, the
 * release's own list is asked for. */
static int list_assets(struct github_source *release, struct err *err)
{
	struct github_pages pages;
	int got = 1;

	if (release->found->count < WHOLE_BELOW)
		return 0;
	github_assets(&release->github, release->found->id, &pages);
	while (got == 1 && release->answer_count < GITHUB_ANSWERS_MAX) {
		got = github_next_page(&release->github, &pages,
		                       &release->answers[release->answer_count],
		                       err);
		if (got < 0)
			return -1;
		release->answer_count += got == 1;
	}
	return 0;
}

/* --- which assets are the release --- */

void github_source_bundle(const struct github_source *release,
                          const char *version, char out[GITHUB_BUNDLE_SIZE])
{
	(void)snprintf(out, GITHUB_BUNDLE_SIZE, "%s-%s" GITHUB_SUFFIX,
	               release->source.wanted->app, version);
}

static void name_platform_bundle(const struct github_source *release,
                                 const char *version,
                                 char out[GITHUB_BUNDLE_SIZE])
{
	const struct source_wanted *wanted = release->source.wanted;

	(void)snprintf(out, GITHUB_BUNDLE_SIZE, "%s-%s-%s-%s" GITHUB_SUFFIX,
	               wanted->app, version, wanted->os, wanted->architecture);
}

static bool has_parts(const struct github_source *release)
{
	return github_source_asset(release, "release.ini") != NULL &&
	       github_source_asset(release, "payload.tar.gz") != NULL;
}

static enum github_shape choose(const struct github_source *release,
                                const char *version,
                                const struct github_asset **bundle)
{
	char name[GITHUB_BUNDLE_SIZE];

	name_platform_bundle(release, version, name);
	*bundle = github_source_asset(release, name);
	if (*bundle != NULL)
		return GITHUB_SHAPE_BUNDLE;
	if (has_parts(release))
		return GITHUB_SHAPE_PARTS;
	github_source_bundle(release, version, name);
	*bundle = github_source_asset(release, name);
	return *bundle != NULL ? GITHUB_SHAPE_BUNDLE : GITHUB_SHAPE_NONE;
}

/* What stands behind the name in tags as "tool/1.2", "tool@1.2", "tool-1.2". */
static const char *version_in_tag(const struct github_source *release,
                                  const char *tag)
{
	const char *app = release->source.wanted->app;
	size_t len = strlen(app);
	const char *joint = strrchr(tag, '/');

	if (joint == NULL)
		joint = strrchr(tag, '@');
	if (joint != NULL)
		return joint + 1;
	if (strncmp(tag, app, len) == 0 && tag[len] == '-')
		return tag + len + 1;
	return tag;
}

/* Of the latest release nobody said the version: the tag does, with its "v" or
 * without. */
static enum github_shape choose_by_tag(const struct github_source *release,
                                       const struct github_asset **bundle)
{
	const char *version = version_in_tag(release, release->found->tag);
	enum github_shape shape = choose(release, version, bundle);

	if (shape == GITHUB_SHAPE_NONE && version[0] == 'v')
		shape = choose(release, version + 1, bundle);
	return shape;
}

/* --- finding the release --- */

static bool wants_latest(const struct github_source *release)
{
	return strcmp(release->source.wanted->version, LATEST) == 0;
}

/* The answer holds it: @at of its releases. */
static void take(struct github_source *release, struct github_answer *answer,
                 size_t at)
{
	release->answers[0] = *answer;
	release->answer_count = 1;
	release->found = &release->answers[0].releases[at];
	*answer = GITHUB_ANSWER_NONE;
}

void github_source_drop(struct github_source *release)
{
	for (size_t i = 0; i < release->answer_count; i++)
		github_answer_done(&release->answers[i]);
	release->answer_count = 0;
	release->found = NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* As named; else, for a version that begins with a digit, with the "v" that
 * many tags have.  The signed version must be as named all the same. */
static int find_tag(struct github_source *release, struct github_answer *out,
                    struct err *err)
{
	const char *version = release->source.wanted->version;
	char tag[SOURCE_WORD_SIZE + 1];
	int got = github_by_tag(&release->github, version, out, err);

	if (got != 0 || !is_digit(version[0]))
		return got;
	(void)snprintf(tag, sizeof tag, "v%s", version);
	return github_by_tag(&release->github, tag, out, err);
}

/* The newest releases' tags, for who asked for another. */
static int refuse_version(struct github_source *release, struct err *err)
{
	AUTO_GITHUB_ANSWER struct github_answer answer = GITHUB_ANSWER_NONE;
	struct github_pages pages;
	char tags[200] = "";
	size_t used = 0;

	github_releases(&release->github, &pages);
	if (github_next_page(&release->github, &pages, &answer, err) < 0)
		return -1;
	for (size_t i = 0; i < answer.release_count && used < 100; i++)
		used += (size_t)snprintf(tags + used, sizeof tags - used,
		                         "%s'%.40s'", i > 0 ? ", " : "",
		                         answer.releases[i].tag);
	return err_set(
		err, ERR_USAGE, 0, "%s has no release '%s'; the newest are: %s",
		release->github.repository, release->source.wanted->version,
		used > 0 ? tags : "none");
}

static int open_version(struct github_source *release,
                        const struct github_asset **bundle,
                        enum github_shape *shape, struct err *err)
{
	AUTO_GITHUB_ANSWER struct github_answer answer = GITHUB_ANSWER_NONE;
	int got = find_tag(release, &answer, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return refuse_version(release, err);
	take(release, &answer, 0);
	if (list_assets(release, err) < 0)
		return -1;
	*shape = choose(release, release->source.wanted->version, bundle);
	return 0;
}

/* Among the releases of a page the one that was published last and is for this
 * host; 1 when there is one. */
static int search_page(struct github_source *release,
                       struct github_answer *page,
                       const struct github_asset **bundle,
                       enum github_shape *shape, struct err *err)
{
	size_t best = page->release_count;

	take(release, page, 0);
	page = &release->answers[0];
	for (size_t i = 0; i < page->release_count; i++) {
		const struct github_release *at = &page->releases[i];
		const struct github_asset *ignored;

		release->found = at;
		if (at->is_draft || at->is_prerelease ||
		    (best < page->release_count &&
		     at->published <= page->releases[best].published) ||
		    choose_by_tag(release, &ignored) == GITHUB_SHAPE_NONE)
			continue;
		best = i;
	}
	if (best == page->release_count) {
		github_source_drop(release);
		return 0;
	}
	release->found = &page->releases[best];
	if (list_assets(release, err) < 0)
		return -1;
	*shape = choose_by_tag(release, bundle);
	return 1;
}

/* A repository may hold several apps, whose releases alternate. */
static int search_releases(struct github_source *release,
                           const struct github_asset **bundle,
                           enum github_shape *shape, struct err *err)
{
	struct github_pages pages;
	int got = 0;

	github_releases(&release->github, &pages);
	while (got == 0) {
		AUTO_GITHUB_ANSWER struct github_answer page =
			GITHUB_ANSWER_NONE;

		got = github_next_page(&release->github, &pages, &page, err);
		if (got < 0)
			return -1;
		if (got == 0)
			return 0;
		got = search_page(release, &page, bundle, shape, err);
	}
	return got;
}

/* What the repository shows as its latest; where that is nothing for this host
 * or app, the last one that is. */
static int open_latest(struct github_source *release,
                       const struct github_asset **bundle,
                       enum github_shape *shape, struct err *err)
{
	AUTO_GITHUB_ANSWER struct github_answer answer = GITHUB_ANSWER_NONE;
	char latest[GITHUB_TAG_MAX + 1] = "";
	int got = github_latest(&release->github, &answer, err);

	if (got < 0)
		return -1;
	if (got == 1) {
		take(release, &answer, 0);
		if (list_assets(release, err) < 0)
			return -1;
		*shape = choose_by_tag(release, bundle);
		if (*shape != GITHUB_SHAPE_NONE)
			return 0;
		(void)snprintf(latest, sizeof latest, "%s",
		               release->found->tag);
		github_source_drop(release);
	}
	got = search_releases(release, bundle, shape, err);
	if (got == 1 && latest[0] != '\0')
		http_say(release->source.client,
		         "the latest release '%s' has no bundle of '%s' for "
		         "this host; taking '%s'",
		         latest, release->source.wanted->app,
		         release->found->tag);
	return got < 0 ? -1 : 0;
}

int github_source_find(struct github_source *release,
                       const struct github_asset **bundle,
                       enum github_shape *shape, struct err *err)
{
	if (wants_latest(release))
		return open_latest(release, bundle, shape, err);
	if (release->source.wanted->version[0] == '\0')
		return err_set(err, ERR_USAGE, 0,
		               "which release? --version VERSION, or --version "
		               "latest");
	return open_version(release, bundle, shape, err);
}
