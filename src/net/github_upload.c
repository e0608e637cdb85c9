/* SPDX-License-Identifier: Apache-2.0 */
/* The half of github_publish.h that has the assets. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_write.h"
#include "net/github_publish_own.h"

#define SUCCESSOR ".new" /* behind the name of what is replaced */
#define NAME_SIZE (GITHUB_NAME_MAX + sizeof SUCCESSOR)

/* --- the list --- */

static struct github_stored store_of(const struct github_asset *asset)
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
static int add_page(const struct github_answer *answer,
                    struct github_stored *list, size_t *count, struct err *err)
{
	for (size_t i = 0; i < answer->asset_count; i++) {
		if (*count == GITHUB_ASSETS_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "the release has more than %d assets",
			               GITHUB_ASSETS_MAX);
		list[(*count)++] = store_of(&answer->assets[i]);
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

static struct github_stored *find(struct github_publication *publication,
                                  const char *name)
{
	for (size_t i = 0; i < publication->count; i++)
		if (strcmp(publication->assets[i].name, name) == 0)
			return &publication->assets[i];
	return NULL;
}

static int add_stored(struct github_publication *publication,
                      const struct github_stored *stored, struct err *err)
{
	if (publication->count == GITHUB_ASSETS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "the release has more than %d assets",
		               GITHUB_ASSETS_MAX);
	publication->assets[publication->count++] = *stored;
	return 0;
}

static void drop_stored(struct github_publication *publication,
                        const struct github_stored *stored)
{
	size_t at = (size_t)(stored - publication->assets);

	publication->count--;
	memmove(&publication->assets[at], &publication->assets[at + 1],
	        (publication->count - at) * sizeof *stored);
}

/* --- comparing --- */

enum state {
	ABSENT,
	STARTER, /* GitHub's note of an upload that failed, or still runs */
	SAME,
	OTHER
};

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
		             .authorization =
		                     github_has_token(github)
		                             ? buf_text(&github->authorization)
		                             : NULL,
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

static int judge(struct github_publication *publication,
                 struct github_stored *stored, const struct github_file *file,
                 enum state *out, struct err *err)
{
	*out = ABSENT;
	if (stored == NULL)
		return 0;
	*out = STARTER;
	if (!stored->is_uploaded)
		return 0;
	*out = OTHER;
	if (stored->size != file->size)
		return 0;
	if (!stored->has_digest &&
	    hash_asset(publication->github, stored, err) < 0)
		return err_wrap(err, "comparing asset %s", stored->name);
	if (sha256_equal(stored->digest, file->sha256))
		*out = SAME;
	return 0;
}

static int judge_named(struct github_publication *publication, const char *name,
                       const struct github_file *file, enum state *out,
                       struct err *err)
{
	return judge(publication, find(publication, name), file, out, err);
}

/* --- checking --- */

/* GitHub makes dots of all other characters, and strips those at the ends. */
static int check_name(const char *name, struct err *err)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789._-";
	size_t len = strlen(name);

	if (len == 0 || len > GITHUB_NAME_MAX - strlen(SUCCESSOR) ||
	    strspn(name, plain) != len || name[0] == '.' ||
	    name[len - 1] == '.')
		return err_set(err, ERR_USAGE, 0,
		               "GitHub would give '%.100s' another name: A-Z, "
		               "a-z, 0-9, '.', '_' and '-' only",
		               name);
	return 0;
}

static int check_file(const struct github_file *file, struct err *err)
{
	if (check_name(file->name, err) < 0)
		return -1;
	if (file->size == 0)
		return err_set(err, ERR_USAGE, 0,
		               "GitHub takes no empty file: %s", file->name);
	if (file->size > GITHUB_FILE_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "%s has %" PRIu64
		               " bytes; GitHub takes less than 2 GiB",
		               file->name, file->size);
	return 0;
}

/* What would have to change, may it? */
static int check_change(const struct github_publication *publication,
                        const struct github_file *file, enum state state,
                        struct err *err)
{
	if (publication->is_draft || state == SAME)
		return 0;
	if (publication->is_immutable)
		return err_set(err, ERR_CONFLICT, 0,
		               "release %s of '%s' is published and immutable, "
		               "and %s %s; publish another version",
		               publication->tag,
		               publication->github->repository, file->name,
		               state == OTHER ? "differs" : "is not in it");
	if (state != OTHER || publication->replacing == GITHUB_REPLACE)
		return 0;
	return err_set(err, ERR_CONFLICT, 0,
	               "release %s of '%s' is published with another %s; "
	               "publish another version",
	               publication->tag, publication->github->repository,
	               file->name);
}

/* What a successor is called while it waits is no file's own name. */
static int check_successor(const struct github_file *files, size_t count,
                           const struct github_file *file, struct err *err)
{
	size_t len = strlen(file->name);

	for (size_t i = 0; i < count; i++)
		if (strncmp(files[i].name, file->name, len) == 0 &&
		    strcmp(files[i].name + len, SUCCESSOR) == 0)
			return err_set(err, ERR_USAGE, 0,
			               "'%s' is what a new %s is called while "
			               "it is uploaded: give it another name",
			               files[i].name, file->name);
	return 0;
}

int github_publication_check(struct github_publication *publication,
                             const struct github_file *files, size_t count,
                             struct err *err)
{
	size_t same = 0;
	size_t missing = 0;

	for (size_t i = 0; i < count; i++) {
		enum state state = ABSENT;

		if (check_file(&files[i], err) < 0 ||
		    check_successor(files, count, &files[i], err) < 0)
			return -1;
		if (publication->id != 0 &&
		    (judge_named(publication, files[i].name, &files[i], &state,
		                 err) < 0 ||
		     check_change(publication, &files[i], state, err) < 0))
			return -1;
		same += state == SAME;
		missing += state == ABSENT;
	}
	if (publication->count + missing > GITHUB_ASSETS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "a release of GitHub has at most %d assets",
		               GITHUB_ASSETS_MAX);
	return same == count;
}

/* --- changing --- */

static int delete_asset(struct github_publication *publication,
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

static int delete_named(struct github_publication *publication,
                        const char *name, struct err *err)
{
	struct github_stored *stored = find(publication, name);

	if (stored == NULL)
		return 0;
	if (delete_asset(publication, stored, err) < 0)
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

static int rename_asset(struct github_publication *publication,
                        struct github_stored *stored, const char *name,
                        struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	AUTO_BUF struct buf body = BUF_NONE;
	char url[HTTP_URL_SIZE];
	struct github_change change = { .method = HTTP_PATCH, .url = url };

	if (write_name(name, &body, err) < 0)
		return -1;
	change.upload =
		(struct http_upload){ .content_type = "application/json",
		                      .data = body.data,
		                      .fd = -1,
		                      .len = body.len };
	github_asset_url(publication->github, stored->id, url);
	if (github_send(publication->github, &change, &response, err) < 0)
		return -1;
	if (response.status != 200)
		return github_refuse_change(publication->github, &response, url,
		                            err);
	(void)snprintf(stored->name, sizeof stored->name, "%s", name);
	return 0;
}

/* --- sending --- */

/* Nobody may see what is not the file; the error stays what it was. */
static void take_back(struct github_publication *publication,
                      const struct github_stored *stored)
{
	struct err ignored;

	if (add_stored(publication, stored, &ignored) == 0)
		(void)!delete_asset(
			publication,
			&publication->assets[publication->count - 1], &ignored);
}

/* The answer to an upload: what GitHub has must be what was sent. */
static int take_answer(struct github_publication *publication,
                       const struct http_response *response, const char *name,
                       const struct github_file *file, struct err *err)
{
	AUTO_GITHUB_ANSWER struct github_answer answer = GITHUB_ANSWER_NONE;
	struct github_stored stored;

	if (github_answer_parse(GITHUB_ASSET, buf_text(&response->body),
	                        response->body.len, &answer, err) < 0)
		return -1;
	stored = store_of(&answer.assets[0]);
	if (strcmp(stored.name, name) != 0) {
		take_back(publication, &stored);
		return err_set(err, ERR_NETWORK, 0, "GitHub calls it '%.100s'",
		               stored.name);
	}
	if (stored.is_uploaded &&
	    (stored.size != file->size ||
	     (stored.has_digest &&
	      !sha256_equal(stored.digest, file->sha256)))) {
		take_back(publication, &stored);
		return err_set(err, ERR_NETWORK, 0,
		               "GitHub has other bytes than the file had when "
		               "it was verified: it has changed, or the way to "
		               "GitHub changes them");
	}
	return add_stored(publication, &stored, err);
}

static int post(struct github_publication *publication, const char *name,
                const struct github_file *file, struct http_response *response,
                struct err *err)
{
	char url[HTTP_URL_SIZE];
	const struct github_change change = {
		.method = HTTP_POST,
		.url = url,
		.upload = { .content_type = file->media_type,
		            .data = file->data,
		            .fd = file->fd,
		            .offset = file->offset,
		            .len = file->size,
		            .sent = file->sent,
		            .context = file->context },
	};
	int len = snprintf(url, sizeof url, "%s?name=%s", publication->uploads,
	                   name);

	if (len < 0 || (size_t)len >= sizeof url)
		return err_set(err, ERR_LIMIT, 0, "the address is too long");
	if (github_send(publication->github, &change, response, err) < 0)
		return -1;
	if (response->status == 201)
		return take_answer(publication, response, name, file, err);
	if (response->status == 422 &&
	    github_refuses_with(buf_text(&response->body), response->body.len,
	                        "already_exists"))
		return 1;
	return github_refuse_change(publication->github, response, url, err);
}

/* GitHub has something of this name: an upload of ours whose answer was lost,
 * or the rest of one that failed.  1 when it is the file, 0 when the name is
 * free now. */
static int resolve(struct github_publication *publication, const char *name,
                   const struct github_file *file, struct err *err)
{
	enum state state;

	if (github_list_assets(publication, err) < 0 ||
	    judge_named(publication, name, file, &state, err) < 0)
		return -1;
	switch (state) {
	case SAME:
		return 1;
	case ABSENT:
		return 0;
	case STARTER:
		return delete_named(publication, name, err);
	case OTHER:
		break;
	}
	return err_set(err, ERR_CONFLICT, 0,
	               "somebody else has uploaded another %s meanwhile", name);
}

/* Best effort: what is left of a failed upload blocks its name. */
static void remove_starter(struct github_publication *publication,
                           const char *name)
{
	struct err ignored; /* the upload's own error is what counts */
	struct github_stored *stored;

	if (github_list_assets(publication, &ignored) < 0)
		return;
	stored = find(publication, name);
	if (stored != NULL && !stored->is_uploaded)
		(void)!delete_asset(publication, stored, &ignored);
}

/* 1 when it is whole, 0 when it may be tried again. */
static int send_once(struct github_publication *publication, const char *name,
                     const struct github_file *file, struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	int got = post(publication, name, file, &response, err);
	const struct github_stored *stored;

	if (got < 0) {
		if (err->code == ERR_NETWORK)
			remove_starter(publication, name);
		return -1;
	}
	if (got == 1)
		return resolve(publication, name, file, err);
	stored = find(publication, name);
	if (stored != NULL && stored->is_uploaded)
		return 1;
	return delete_named(publication, name, err);
}

static int send_file(struct github_publication *publication, const char *name,
                     const struct github_file *file, struct err *err)
{
	int sent = 0;

	for (unsigned i = 0; i < GITHUB_UPLOAD_TRIES && sent == 0; i++)
		sent = send_once(publication, name, file, err);
	if (sent == 0)
		return err_set(err, ERR_NETWORK, 0,
		               "GitHub takes the bytes %d times and keeps none",
		               GITHUB_UPLOAD_TRIES);
	return sent < 0 ? -1 : 0;
}

/* --- replacing --- */

static void successor_of(const char *name, char out[NAME_SIZE])
{
	(void)snprintf(out, NAME_SIZE, "%s%s", name, SUCCESSOR);
}

/* That the successor is there and is the file, whatever was there before. */
static int require_successor(struct github_publication *publication,
                             const char *successor,
                             const struct github_file *file, struct err *err)
{
	enum state state;

	if (judge_named(publication, successor, file, &state, err) < 0)
		return -1;
	if (state == SAME)
		return 0;
	if (delete_named(publication, successor, err) < 0 ||
	    send_file(publication, successor, file, err) < 0 ||
	    judge_named(publication, successor, file, &state, err) < 0)
		return -1;
	if (state == SAME)
		return 0;
	return err_set(err, ERR_NETWORK, 0,
	               "GitHub has other bytes than were sent");
}

/* The same once more, just before what it replaces goes: its upload may have
 * taken hours, and other runs may be about. */
static int confirm_successor(struct github_publication *publication,
                             const char *successor,
                             const struct github_file *file, struct err *err)
{
	enum state state;

	if (github_list_assets(publication, err) < 0 ||
	    judge_named(publication, successor, file, &state, err) < 0)
		return -1;
	if (state == SAME)
		return 0;
	return err_set(err, ERR_CONFLICT, 0,
	               "somebody else has taken %s away meanwhile", successor);
}

/* What differs stays until its successor is whole. */
static int replace(struct github_publication *publication,
                   const struct github_file *file, struct err *err)
{
	char successor[NAME_SIZE];

	successor_of(file->name, successor);
	if (require_successor(publication, successor, file, err) < 0 ||
	    confirm_successor(publication, successor, file, err) < 0 ||
	    delete_named(publication, file->name, err) < 0)
		return -1;
	return rename_asset(publication, find(publication, successor),
	                    file->name, err);
}

/* Nothing has the name, or only the rest of an upload: a successor that waits
 * for it is as good as the file. */
static int fill(struct github_publication *publication,
                const struct github_file *file, struct err *err)
{
	char successor[NAME_SIZE];
	enum state state;

	successor_of(file->name, successor);
	if (delete_named(publication, file->name, err) < 0 ||
	    judge_named(publication, successor, file, &state, err) < 0)
		return -1;
	if (state == SAME)
		return rename_asset(publication, find(publication, successor),
		                    file->name, err);
	return send_file(publication, file->name, file, err);
}

/* A successor of an earlier run, that nobody needs any more. */
static int drop_successor(struct github_publication *publication,
                          const char *name, struct err *err)
{
	char successor[NAME_SIZE];

	successor_of(name, successor);
	return publication->is_draft || publication->replacing == GITHUB_REPLACE
	               ? delete_named(publication, successor, err)
	               : 0;
}

/* Where something may be removed, the list must not be of the beginning of the
 * run: what was the rest of an upload then may be a whole asset now. */
static int look(struct github_publication *publication,
                const struct github_file *file, enum state *out,
                struct err *err)
{
	char successor[NAME_SIZE];

	successor_of(file->name, successor);
	if ((find(publication, file->name) != NULL ||
	     find(publication, successor) != NULL) &&
	    github_list_assets(publication, err) < 0)
		return -1;
	return judge_named(publication, file->name, file, out, err);
}

static int upload(struct github_publication *publication,
                  const struct github_file *file, struct err *err)
{
	enum state state;
	int result = 0;

	if (look(publication, file, &state, err) < 0 ||
	    check_change(publication, file, state, err) < 0)
		return -1;
	switch (state) {
	case SAME:
		break;
	case ABSENT:
	case STARTER:
		result = fill(publication, file, err);
		break;
	case OTHER:
		result = replace(publication, file, err);
		break;
	}
	if (result < 0 || drop_successor(publication, file->name, err) < 0)
		return -1;
	return state != SAME;
}

int github_publication_upload(struct github_publication *publication,
                              const struct github_file *file, struct err *err)
{
	int done =
		check_file(file, err) < 0 ? -1 : upload(publication, file, err);

	if (done < 0)
		return err_wrap(err, "uploading %s to release %s of '%s'",
		                file->name, publication->tag,
		                publication->github->repository);
	return done;
}

int github_publication_verify(struct github_publication *publication,
                              const struct github_file *files, size_t count,
                              struct err *err)
{
	if (github_list_assets(publication, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		enum state state;

		if (judge_named(publication, files[i].name, &files[i], &state,
		                err) < 0)
			return -1;
		if (state != SAME)
			return err_set(err, ERR_NETWORK, 0,
			               "GitHub lists %s of release %s %s",
			               files[i].name, publication->tag,
			               state == ABSENT    ? "no more"
			               : state == STARTER ? "as not uploaded"
			                                  : "with other bytes");
	}
	return 0;
}
