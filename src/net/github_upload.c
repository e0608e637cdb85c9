/* SPDX-License-Identifier: Apache-2.0 */
/* The part of github_publish_own.h that uploads one file under one name. */
#include <stdio.h>
#include <string.h>

#include "net/github_publish_own.h"

/* Nobody may see what is not the file; the error stays what it was. */
static void take_back(struct github_publication *publication,
                      const struct github_stored *stored)
{
	struct err ignored;

	if (github_add_stored(publication, stored, &ignored) == 0)
		(void)!github_delete_stored(
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
	stored = github_stored_of(&answer.assets[0]);
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
	return github_add_stored(publication, &stored, err);
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
	enum github_state state;

	if (github_list_assets(publication, err) < 0 ||
	    github_compare(publication, name, file, &state, err) < 0)
		return -1;
	switch (state) {
	case GITHUB_SAME:
		return 1;
	case GITHUB_ABSENT:
		return 0;
	case GITHUB_STARTER:
		return github_delete_named(publication, name, err);
	case GITHUB_OTHER:
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
	stored = github_find_stored(publication, name);
	if (stored != NULL && !stored->is_uploaded)
		(void)!github_delete_stored(publication, stored, &ignored);
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
	stored = github_find_stored(publication, name);
	if (stored != NULL && stored->is_uploaded)
		return 1;
	return github_delete_named(publication, name, err);
}

int github_send_file(struct github_publication *publication, const char *name,
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
