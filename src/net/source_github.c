/* SPDX-License-Identifier: Apache-2.0 */
/* A release on GitHub: its bundle is an asset, or its parts are.
 *
 * Of several that fit, in this order: the bundle for the host's platform, the
 * parts (where release.ini and the payload are among the assets), the bundle
 * for every platform. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sha256.h"
#include "net/hashing_sink.h"
#include "net/source_github_own.h"

#define ACCEPT "application/octet-stream"

static struct github_source *release_of(struct source *source)
{
	return (struct github_source *)source; /* its first member */
}

/* --- open --- */

static int require_uploaded(const struct github_asset *asset, struct err *err)
{
	if (asset->is_uploaded)
		return 0;
	return err_set(err, ERR_NETWORK, 0,
	               "the asset '%s' is not uploaded yet, or its upload was "
	               "cut; try again later",
	               asset->name);
}

static int refuse_latest(const struct github_source *release, struct err *err)
{
	const struct source_wanted *wanted = release->source.wanted;

	return err_set(err, ERR_USAGE, 0,
	               "no published release of %s (prereleases do not count) "
	               "has a bundle '%s-VERSION" GITHUB_SUFFIX
	               "' or '%s-VERSION-%s-%s" GITHUB_SUFFIX "'",
	               release->github.repository, wanted->app, wanted->app,
	               wanted->os, wanted->architecture);
}

/* What the release has instead, for who named the version in another spelling,
 * or the app. */
static int refuse_assets(const struct github_source *release, struct err *err)
{
	const struct github_answer *answer = &release->answers[0];
	char names[200] = "";
	char bundle[GITHUB_BUNDLE_SIZE];
	size_t used = 0;

	for (size_t i = 0; i < release->found->count && used < 100; i++)
		used += (size_t)snprintf(
			names + used, sizeof names - used, "%s'%.60s'",
			i > 0 ? ", " : "",
			answer->assets[release->found->first + i].name);
	github_source_bundle(release, release->source.wanted->version, bundle);
	return err_set(err, ERR_USAGE, 0,
	               "the release '%.60s' has no asset '%.100s', nor one for "
	               "%s/%s; it has: %s",
	               release->found->tag, bundle, release->source.wanted->os,
	               release->source.wanted->architecture,
	               used > 0 ? names : "none");
}

static int open_bundle(struct github_source *release,
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

static int release_open(struct source *source, struct err *err)
{
	struct github_source *release = release_of(source);
	const struct github_asset *bundle = NULL;
	enum github_shape shape = GITHUB_SHAPE_NONE;
	char page[HTTP_URL_SIZE];

	if (github_source_find(release, &bundle, &shape, err) < 0)
		return -1;
	if (release->found == NULL)
		return refuse_latest(release, err);
	github_page_url(&release->github, release->found->tag, page);
	source_note_origin(source, page);
	switch (shape) {
	case GITHUB_SHAPE_NONE:
		return refuse_assets(release, err);
	case GITHUB_SHAPE_PARTS:
		return 0;
	case GITHUB_SHAPE_BUNDLE:
		return open_bundle(release, bundle, err);
	}
	return err_set(err, ERR_INTERNAL, 0, "no such shape");
}

/* --- parts as assets --- */

/* Ranges of an asset. */
static int fetch(struct github_source *release,
                 const struct github_asset *asset,
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

/* GitHub's own digest finds damage on the way early; what counts is the
 * signature. */
static int check_digest(const struct github_asset *asset,
                        struct hashing_sink *hashing, struct err *err)
{
	uint8_t digest[SHA256_LEN];

	if (hashing_sink_end(hashing, digest, err) < 0)
		return -1;
	if (!asset->has_digest || sha256_equal(digest, asset->digest))
		return 0;
	return err_set(err, ERR_FORMAT, 0,
	               "the asset '%s' has another SHA-256 than GitHub says",
	               asset->name);
}

static int fetch_part(struct github_source *release,
                      const struct github_asset *asset,
                      const struct http_sink *sink, struct err *err)
{
	static const struct http_range all = { 0, HTTP_TO_END };
	AUTO_HASHING_SINK struct hashing_sink hashing = HASHING_SINK_NONE;

	if (hashing_sink_begin(&hashing, sink, err) < 0 ||
	    fetch(release, asset, &all, 1, &hashing.sink, err) < 0)
		return -1;
	return check_digest(asset, &hashing, err);
}

/* --- the operations --- */

static int release_part(struct source *source, struct part part,
                        const struct http_sink *sink, struct err *err)
{
	struct github_source *release = release_of(source);
	const struct github_asset *asset;
	char name[PART_NAME_SIZE];

	if (release->bundle != NULL)
		return release->bundle->ops->part(release->bundle, part, sink,
		                                  err);
	part_name(part, name);
	asset = github_source_asset(release, name);
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
	struct github_source *release = release_of(source);
	const struct github_asset *asset;

	if (release->bundle != NULL)
		return release->bundle->ops->payload(release->bundle, size,
		                                     ranges, count, sink, err);
	asset = github_source_asset(release, "payload.tar.gz");
	if (asset == NULL || asset->size != size)
		return err_set(err, ERR_FORMAT, 0,
		               "the asset 'payload.tar.gz' has another size "
		               "than release.ini says");
	return fetch(release, asset, ranges, count, sink, err);
}

/* A patch is an asset, be it beside a bundle. */
static const struct github_asset *
find_patch(const struct github_source *release,
           const struct source_patch *patch)
{
	const struct github_asset *asset;
	char name[PART_NAME_SIZE];

	part_name(patch->part, name);
	asset = github_source_asset(release, name);
	return asset != NULL && asset->size == patch->size ? asset : NULL;
}

static int release_has_patch(struct source *source,
                             const struct source_patch *patch, struct err *err)
{
	const struct github_asset *asset =
		find_patch(release_of(source), patch);

	(void)err; /* the list of assets tells */
	return asset != NULL && asset->is_uploaded;
}

static int release_patch(struct source *source,
                         const struct source_patch *patch,
                         const struct http_sink *sink, struct err *err)
{
	struct github_source *release = release_of(source);
	const struct github_asset *asset = find_patch(release, patch);
	const struct http_range rest = source_patch_rest(patch);

	if (asset == NULL)
		return 0;
	return fetch(release, asset, &rest, 1, sink, err) < 0 ? -1 : 1;
}

static void release_done(struct source *source)
{
	struct github_source *release = release_of(source);

	github_source_drop(release);
	github_done(&release->github);
	source_free(&release->bundle);
	free(release);
}

static const struct source_ops release_ops = {
	.open = release_open,
	.part = release_part,
	.payload = release_payload,
	.has_patch = release_has_patch,
	.patch = release_patch,
	.done = release_done,
};

int source_github_new(struct http_client *client,
                      const struct source_wanted *wanted, const char *api,
                      const char *repository, struct source **out,
                      struct err *err)
{
	struct github_source *release = calloc(1, sizeof *release);

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
