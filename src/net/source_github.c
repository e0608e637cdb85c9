/* SPDX-License-Identifier: Apache-2.0 */
/* A release on GitHub: its bundle is an asset, or its parts are.
 *
 * Of several that fit, in this order: the bundle for the host's platform, the
 * parts (where release.ini and the payload are among the assets), the bundle
 * for every platform. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "crypto/sha256.h"
#include "net/github.h"

#define ACCEPT      "application/octet-stream"
#define SUFFIX      ".tar.gz"
#define LATEST      "latest"
#define BUNDLE_SIZE (APP_SIZE + VERSION_SIZE + 2 * SOURCE_WORD_SIZE + 16)
/* As many assets as GitHub puts into a page when it is not asked for more:
 * a release that shows so many may have others. */
#define WHOLE_BELOW 30

/* The answer with the release, and pages of its assets. */
#define ANSWERS_MAX (GITHUB_PAGES_MAX + 1)

struct release {
	struct source source;
	struct github github;
	struct github_answer answers[ANSWERS_MAX];
	size_t answer_count;
	const struct github_release *found; /* in the first answer */
	struct source *bundle; /* owned; NULL: the parts are used */
};

static struct release *release_of(struct source *source)
{
	return (struct release *)source; /* its first member */
}

/* --- assets --- */

static const struct github_asset *find(const struct release *release,
                                       const char *name)
{
	const struct github_asset *asset;

	asset = github_find_asset(&release->answers[0], release->found, name);
	for (size_t i = 1; asset == NULL && i < release->answer_count; i++)
		asset = github_find_asset(&release->answers[i], NULL, name);
	return asset;
}

/* The list within a release is whole in practice; where it may not be, the
 * release's own list is asked for. */
static int list_assets(struct release *release, struct err *err)
{
	struct github_pages pages;
	int got = 1;

	if (release->found->count < WHOLE_BELOW)
		return 0;
	github_assets(&release->github, release->found->id, &pages);
	while (got == 1 && release->answer_count < ANSWERS_MAX) {
		got = github_next_page(&release->github, &pages,
		                       &release->answers[release->answer_count],
		                       err);
		if (got < 0)
			return -1;
		release->answer_count += got == 1;
	}
	return 0;
}

static int require_uploaded(const struct github_asset *asset, struct err *err)
{
	if (asset->is_uploaded)
		return 0;
	return err_set(err, ERR_NETWORK, 0,
	               "the asset '%s' is not uploaded yet, or its upload was "
	               "cut; try again later",
	               asset->name);
}

/* --- which assets are the release --- */

enum shape { SHAPE_NONE, SHAPE_BUNDLE, SHAPE_PARTS };

static void name_bundle(const struct release *release, const char *version,
                        char out[BUNDLE_SIZE])
{
	(void)snprintf(out, BUNDLE_SIZE, "%s-%s" SUFFIX,
	               release->source.wanted->app, version);
}

static void name_platform_bundle(const struct release *release,
                                 const char *version, char out[BUNDLE_SIZE])
{
	const struct source_wanted *wanted = release->source.wanted;

	(void)snprintf(out, BUNDLE_SIZE, "%s-%s-%s-%s" SUFFIX, wanted->app,
	               version, wanted->os, wanted->architecture);
}

static bool has_parts(const struct release *release)
{
	return find(release, "release.ini") != NULL &&
	       find(release, "payload.tar.gz") != NULL;
}

static enum shape choose(const struct release *release, const char *version,
                         const struct github_asset **bundle)
{
	char name[BUNDLE_SIZE];

	name_platform_bundle(release, version, name);
	*bundle = find(release, name);
	if (*bundle != NULL)
		return SHAPE_BUNDLE;
	if (has_parts(release))
		return SHAPE_PARTS;
	name_bundle(release, version, name);
	*bundle = find(release, name);
	return *bundle != NULL ? SHAPE_BUNDLE : SHAPE_NONE;
}

/* What stands behind the name in tags as "tool/1.2", "tool@1.2", "tool-1.2". */
static const char *version_in_tag(const struct release *release,
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
static enum shape choose_by_tag(const struct release *release,
                                const struct github_asset **bundle)
{
	const char *version = version_in_tag(release, release->found->tag);
	enum shape shape = choose(release, version, bundle);

	if (shape == SHAPE_NONE && version[0] == 'v')
		shape = choose(release, version + 1, bundle);
	return shape;
}

/* --- finding the release --- */

static bool wants_latest(const struct release *release)
{
	return strcmp(release->source.wanted->version, LATEST) == 0;
}

/* The answer holds it: @at of its releases. */
static void take(struct release *release, struct github_answer *answer,
                 size_t at)
{
	release->answers[0] = *answer;
	release->answer_count = 1;
	release->found = &release->answers[0].releases[at];
	*answer = GITHUB_ANSWER_NONE;
}

static void drop(struct release *release)
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
static int find_tag(struct release *release, struct github_answer *out,
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
static int refuse_version(struct release *release, struct err *err)
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

static int open_version(struct release *release,
                        const struct github_asset **bundle, enum shape *shape,
                        struct err *err)
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
static int search_page(struct release *release, struct github_answer *page,
                       const struct github_asset **bundle, enum shape *shape,
                       struct err *err)
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
		    choose_by_tag(release, &ignored) == SHAPE_NONE)
			continue;
		best = i;
	}
	if (best == page->release_count) {
		drop(release);
		return 0;
	}
	release->found = &page->releases[best];
	if (list_assets(release, err) < 0)
		return -1;
	*shape = choose_by_tag(release, bundle);
	return 1;
}

/* A repository may hold several apps, whose releases alternate. */
static int search_releases(struct release *release,
                           const struct github_asset **bundle,
                           enum shape *shape, struct err *err)
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
static int open_latest(struct release *release,
                       const struct github_asset **bundle, enum shape *shape,
                       struct err *err)
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
		if (*shape != SHAPE_NONE)
			return 0;
		(void)snprintf(latest, sizeof latest, "%s",
		               release->found->tag);
		drop(release);
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

/* --- open --- */

static int refuse_latest(const struct release *release, struct err *err)
{
	const struct source_wanted *wanted = release->source.wanted;

	return err_set(err, ERR_USAGE, 0,
	               "no published release of %s (prereleases do not count) "
	               "has a bundle '%s-VERSION" SUFFIX
	               "' or '%s-VERSION-%s-%s" SUFFIX "'",
	               release->github.repository, wanted->app, wanted->app,
	               wanted->os, wanted->architecture);
}

/* What the release has instead, for who named the version in another spelling,
 * or the app. */
static int refuse_assets(const struct release *release, struct err *err)
{
	const struct github_answer *answer = &release->answers[0];
	char names[200] = "";
	char bundle[BUNDLE_SIZE];
	size_t used = 0;

	for (size_t i = 0; i < release->found->count && used < 100; i++)
		used += (size_t)snprintf(
			names + used, sizeof names - used, "%s'%.60s'",
			i > 0 ? ", " : "",
			answer->assets[release->found->first + i].name);
	name_bundle(release, release->source.wanted->version, bundle);
	return err_set(err, ERR_USAGE, 0,
	               "the release '%.60s' has no asset '%.100s', nor one for "
	               "%s/%s; it has: %s",
	               release->found->tag, bundle, release->source.wanted->os,
	               release->source.wanted->architecture,
	               used > 0 ? names : "none");
}

static int open_bundle(struct release *release,
                       const struct github_asset *bundle, struct err *err)
{
	char url[HTTP_URL_SIZE];
	const struct source_address address = { .url = url,
		                                .accept = ACCEPT,
		                                .size = bundle->size };

	github_asset_url(&release->github, bundle->id, url);
	if (require_uploaded(bundle, err) < 0 ||
	    source_file_new_at(release->source.client, release->source.wanted,
	                       &address, &release->bundle, err) < 0)
		return -1;
	if (release->bundle->ops->open(release->bundle, err) < 0)
		return err_wrap(err, "the asset '%s'", bundle->name);
	return 0;
}

static int find_release(struct release *release,
                        const struct github_asset **bundle, enum shape *shape,
                        struct err *err)
{
	if (wants_latest(release))
		return open_latest(release, bundle, shape, err);
	if (release->source.wanted->version[0] == '\0')
		return err_set(err, ERR_USAGE, 0,
		               "which release? --version VERSION, or --version "
		               "latest");
	return open_version(release, bundle, shape, err);
}

static int release_open(struct source *source, struct err *err)
{
	struct release *release = release_of(source);
	const struct github_asset *bundle = NULL;
	enum shape shape = SHAPE_NONE;
	char page[HTTP_URL_SIZE];

	if (find_release(release, &bundle, &shape, err) < 0)
		return -1;
	if (release->found == NULL)
		return refuse_latest(release, err);
	github_page_url(&release->github, release->found->tag, page);
	source_note_origin(source, page);
	switch (shape) {
	case SHAPE_NONE:
		return refuse_assets(release, err);
	case SHAPE_PARTS:
		return 0;
	case SHAPE_BUNDLE:
		return open_bundle(release, bundle, err);
	}
	return err_set(err, ERR_INTERNAL, 0, "no such shape");
}

/* --- parts as assets --- */

/* Ranges of an asset. */
static int fetch(struct release *release, const struct github_asset *asset,
                 const struct http_range *ranges, size_t count,
                 const struct http_sink *sink, struct err *err)
{
	char url[HTTP_URL_SIZE];
	struct http_body body = { .request.url = url,
		                  .request.accept = ACCEPT,
		                  .size = asset->size,
		                  .size_max = asset->size };
	int got;

	if (require_uploaded(asset, err) < 0)
		return -1;
	github_asset_url(&release->github, asset->id, url);
	if (release->github.authorization.len > 0)
		body.request.authorization =
			buf_text(&release->github.authorization);
	got = http_download(release->source.client, &body, ranges, count,
	                    HTTP_OR_WHOLE, sink, /* size= */ NULL, err);
	if (got == 1)
		(void)err_set(err, ERR_NETWORK, 0,
		              "it is gone: was the release changed?");
	return got == 0 ? 0 : err_wrap(err, "the asset '%s'", asset->name);
}

/* Hashes what goes to a sink; a part comes in order. */
struct hashing {
	const struct http_sink *sink;
	struct sha256 hash;
};

static int take_hashed(void *context, uint64_t offset, const void *data,
                       size_t len, struct err *err)
{
	struct hashing *hashing = context;

	if (sha256_add(&hashing->hash, data, len, err) < 0)
		return -1;
	return hashing->sink->take(hashing->sink->context, offset, data, len,
	                           err);
}

/* GitHub's own digest finds damage on the way early; what counts is the
 * signature. */
static int check_digest(const struct github_asset *asset,
                        struct hashing *hashing, struct err *err)
{
	uint8_t digest[SHA256_LEN];

	if (sha256_end(&hashing->hash, digest, err) < 0)
		return -1;
	if (!asset->has_digest || sha256_equal(digest, asset->digest))
		return 0;
	return err_set(err, ERR_FORMAT, 0,
	               "the asset '%s' has another SHA-256 than GitHub says",
	               asset->name);
}

static int fetch_part(struct release *release, const struct github_asset *asset,
                      const struct http_sink *sink, struct err *err)
{
	static const struct http_range all = { 0, HTTP_TO_END };
	struct hashing hashing = { sink, SHA256_NONE };
	const struct http_sink hashed = { take_hashed, &hashing };
	int result;

	if (sha256_begin(&hashing.hash, err) < 0)
		return -1;
	result = fetch(release, asset, &all, 1, &hashed, err);
	if (result == 0)
		result = check_digest(asset, &hashing, err);
	sha256_done(&hashing.hash);
	return result;
}

/* --- the operations --- */

static int release_part(struct source *source, struct part part,
                        const struct http_sink *sink, struct err *err)
{
	struct release *release = release_of(source);
	const struct github_asset *asset;
	char name[PART_NAME_SIZE];

	if (release->bundle != NULL)
		return release->bundle->ops->part(release->bundle, part, sink,
		                                  err);
	part_name(part, name);
	asset = find(release, name);
	if (asset == NULL)
		return 0;
	if (asset->size > part_max_size(part.kind))
		return err_set(err, ERR_LIMIT, 0,
		               "the asset '%s' has %llu bytes; %llu are the "
		               "most",
		               name, (unsigned long long)asset->size,
		               (unsigned long long)part_max_size(part.kind));
	return fetch_part(release, asset, sink, err) < 0 ? -1 : 1;
}

static int release_payload(struct source *source, uint64_t size,
                           const struct http_range *ranges, size_t count,
                           const struct http_sink *sink, struct err *err)
{
	struct release *release = release_of(source);
	const struct github_asset *asset;

	if (release->bundle != NULL)
		return release->bundle->ops->payload(release->bundle, size,
		                                     ranges, count, sink, err);
	asset = find(release, "payload.tar.gz");
	if (asset == NULL || asset->size != size)
		return err_set(err, ERR_FORMAT, 0,
		               "the asset 'payload.tar.gz' has another size "
		               "than release.ini says");
	return fetch(release, asset, ranges, count, sink, err);
}

static void release_done(struct source *source)
{
	struct release *release = release_of(source);

	drop(release);
	github_done(&release->github);
	source_free(&release->bundle);
	free(release);
}

static const struct source_ops release_ops = {
	.open = release_open,
	.part = release_part,
	.payload = release_payload,
	.done = release_done,
};

int source_github_new(struct http_client *client,
                      const struct source_wanted *wanted, const char *api,
                      const char *repository, struct source **out,
                      struct err *err)
{
	struct release *release = calloc(1, sizeof *release);

	if (release == NULL)
		return err_nomem(err);
	release->source = (struct source){ .ops = &release_ops,
		                           .client = client,
		                           .wanted = wanted };
	release->github = GITHUB_NONE;
	if (github_open(client, wanted, api, repository, &release->github,
	                err) < 0) {
		release_done(&release->source);
		return -1;
	}
	*out = &release->source;
	return 0;
}
