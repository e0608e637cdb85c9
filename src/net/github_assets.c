/* SPDX-License-Identifier: Apache-2.0 */
/* The part of github_publish_own.h that has the assets of a release. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json_write.h"
#include "net/github_publish_own.h"

/* --- the list --- */

struct github_stored github_stored_of(const struct github_asset *asset)
{
	struct github_stored stored = { .id = asset->id,
		                        .size = asset->size,
		                        .is_uploaded = asset->is_uploaded,
		                        .has_digest = asset->has_digest };

	memcpy(stored.digest, asset->digest, sizeof stored.digest);
	/* The codec holds it to GITHUB_NAME_MAX. */
	(void)snprintf(stored.name, sizeof stored.name, "%s", asset->name);
	return stored;
}

/* @list has room for GITHUB_ASSETS_MAX. */
static int append(struct github_stored *list, size_t *count,
                  const struct github_stored *stored, struct err *err)
{
	if (*count == GITHUB_ASSETS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "the release has more than %d assets",
		               GITHUB_ASSETS_MAX);
	list[(*count)++] = *stored;
	return 0;
}

static int add_page(const struct github_answer *answer,
                    struct github_stored *list, size_t *count, struct err *err)
{
	for (size_t i = 0; i < answer->asset_count; i++) {
		const struct github_stored stored =
			github_stored_of(&answer->assets[i]);

		if (append(list, count, &stored, err) < 0)
			return -1;
	}
	return 0;
}

int github_list_assets(struct github_publication *publication, struct err *err)
{
	AUTO_FREE struct github_stored *list =
		calloc(GITHUB_ASSETS_MAX, sizeof *list);
	struct github_pages pages;
	size_t count = 0;
	int got;

	if (list == NULL)
		return err_nomem(err);
	github_assets(publication->github, publication->id, &pages);
	do {
		AUTO_GITHUB_ANSWER struct github_answer answer =
			GITHUB_ANSWER_NONE;

		got = github_next_page(publication->github, &pages, &answer,
		                       err);
		if (got == 1 && add_page(&answer, list, &count, err) < 0)
			got = -1;
	} while (got == 1);
	if (got < 0)
		return err_wrap(err, "listing the assets of release %s",
		                publication->tag);
	free(publication->assets);
	publication->assets = TAKE_PTR(list);
	publication->count = count;
	return 0;
}

struct github_stored *github_find_stored(struct github_publication *publication,
                                         const char *name)
{
	for (size_t i = 0; i < publication->count; i++)
		if (strcmp(publication->assets[i].name, name) == 0)
			return &publication->assets[i];
	return NULL;
}

int github_add_stored(struct github_publication *publication,
                      const struct github_stored *stored, struct err *err)
{
	return append(publication->assets, &publication->count, stored, err);
}

/* --- changing what it has --- */

static void drop_stored(struct github_publication *publication,
                        const struct github_stored *stored)
{
	size_t at = (size_t)(stored - publication->assets);

	publication->count--;
	memmove(&publication->assets[at], &publication->assets[at + 1],
	        (publication->count - at) * sizeof *stored);
}

int github_delete_stored(struct github_publication *publication,
                         const struct github_stored *stored, struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	char url[HTTP_URL_SIZE];
	const struct github_change change = { .method = HTTP_DELETE,
		                              .url = url };

	github_asset_url(publication->github, stored->id, url);
	if (github_send(publication->github, &change, &response, err) < 0)
		return -1;
	/* A try before this one may have done it. */
	if (response.status != 204 && response.status != 404)
		return github_refuse_change(publication->github, &response, url,
		                            err);
	drop_stored(publication, stored);
	return 0;
}

int github_delete_named(struct github_publication *publication,
                        const char *name, struct err *err)
{
	struct github_stored *stored = github_find_stored(publication, name);

	if (stored == NULL)
		return 0;
	if (github_delete_stored(publication, stored, err) < 0)
		return err_wrap(err, "removing asset %s", name);
	return 0;
}

static int write_name(const char *name, struct buf *out, struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "name", name, err) < 0)
		return -1;
	return json_close(&json, err);
}

int github_rename_stored(struct github_publication *publication,
                         struct github_stored *stored, const char *name,
                         struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	AUTO_BUF struct buf body = BUF_NONE;
	char url[HTTP_URL_SIZE];
	struct github_change change = { .method = HTTP_PATCH, .url = url };

	if (write_name(name, &body, err) < 0)
		return -1;
	change.upload = github_json_body(&body);
	github_asset_url(publication->github, stored->id, url);
	if (github_send(publication->github, &change, &response, err) < 0)
		return -1;
	if (response.status != 200)
		return github_refuse_change(publication->github, &response, url,
		                            err);
	(void)snprintf(stored->name, sizeof stored->name, "%s", name);
	return 0;
}
