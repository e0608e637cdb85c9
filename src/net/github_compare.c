/* SPDX-License-Identifier: Apache-2.0 */
/* The part of github_publish_own.h that holds assets against files. */
#include "net/github_publish_own.h"

/* The bytes of an asset on their way into a hash. */
static int take_bytes(void *context, uint64_t offset, const void *data,
                      size_t len, struct err *err)
{
	(void)offset; /* in order, each once: it is one range */
	return sha256_add(context, data, len, err);
}

/* For a server that tells no digest: fetch the bytes. */
static int hash_asset(const struct github *github, struct github_stored *stored,
                      struct err *err)
{
	AUTO_SHA256 struct sha256 hash = { .context = NULL };
	char url[HTTP_URL_SIZE];
	struct http_body body = {
		.request = { .url = url,
		             .accept = "application/octet-stream",
		             .authorization = github_authorization(github),
		             .headers = { GITHUB_API_VERSION } },
		.size = stored->size,
		.size_max = stored->size,
	};
	const struct http_range all = { 0, HTTP_TO_END };
	const struct http_sink sink = { take_bytes, &hash };
	int got;

	github_asset_url(github, stored->id, url);
	if (sha256_begin(&hash, err) < 0)
		return -1;
	got = http_download(github->client, &body, &all, 1, HTTP_OR_WHOLE,
	                    &sink, NULL, err);
	if (got == 1)
		return err_set(err, ERR_NETWORK, 0, "it is gone");
	if (got < 0 || sha256_end(&hash, stored->digest, err) < 0)
		return -1;
	stored->has_digest = true;
	return 0;
}

static enum github_state judge(const struct github_stored *stored,
                               const struct github_file *file)
{
	if (stored == NULL)
		return GITHUB_ABSENT;
	if (!stored->is_uploaded)
		return GITHUB_STARTER;
	return stored->size == file->size &&
	                       sha256_equal(stored->digest, file->sha256)
	               ? GITHUB_SAME
	               : GITHUB_OTHER;
}

int github_compare(struct github_publication *publication, const char *name,
                   const struct github_file *file, enum github_state *out,
                   struct err *err)
{
	struct github_stored *stored = github_find_stored(publication, name);

	if (stored != NULL && stored->is_uploaded && !stored->has_digest &&
	    stored->size == file->size &&
	    hash_asset(publication->github, stored, err) < 0)
		return err_wrap(err, "comparing asset %s", name);
	*out = judge(stored, file);
	return 0;
}

int github_publication_verify(struct github_publication *publication,
                              const struct github_file *files, size_t count,
                              struct err *err)
{
	if (github_list_assets(publication, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		enum github_state state;

		if (github_compare(publication, files[i].name, &files[i],
		                   &state, err) < 0)
			return -1;
		if (state != GITHUB_SAME)
			return err_set(err, ERR_NETWORK, 0,
			               "GitHub lists %s of release %s %s",
			               files[i].name, publication->tag,
			               state == GITHUB_ABSENT ? "no more"
			               : state == GITHUB_STARTER
			                       ? "as not uploaded"
			                       : "with other bytes");
	}
	return 0;
}
