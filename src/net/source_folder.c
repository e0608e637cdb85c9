/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of parts on a web server: each part is a file of its name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "net/source.h"

struct folder {
	struct source source;
	char url[HTTP_URL_SIZE]; /* ends in '/' */
	struct buf authorization;
};

static struct folder *folder_of(struct source *source)
{
	return (struct folder *)source; /* its first member */
}

static int folder_open(struct source *source, struct err *err)
{
	struct folder *folder = folder_of(source);

	source_note_origin(source, folder->url);
	return source_authorization(source->wanted, &folder->authorization,
	                            err);
}

#define FOLDER_URL_SIZE (HTTP_URL_SIZE + PART_NAME_SIZE)

static void part_url(const struct folder *folder, struct part part,
                     char out[FOLDER_URL_SIZE])
{
	char name[PART_NAME_SIZE];

	part_name(part, name);
	(void)snprintf(out, FOLDER_URL_SIZE, "%s%s", folder->url, name);
}

/* The file of @part: ranges of it to the sink; 1: there is none. */
static int fetch(struct folder *folder, struct part part,
                 struct http_body *body, const struct http_range *ranges,
                 size_t count, const struct http_sink *sink, struct err *err)
{
	char url[FOLDER_URL_SIZE];

	part_url(folder, part, url);
	body->request.url = url;
	if (folder->authorization.len > 0)
		body->request.authorization = buf_text(&folder->authorization);
	return http_download(folder->source.client, body, ranges, count,
	                     HTTP_OR_WHOLE, sink, /* size= */ NULL, err);
}

static int folder_part(struct source *source, struct part part,
                       const struct http_sink *sink, struct err *err)
{
	static const struct http_range all = { 0, HTTP_TO_END };
	struct http_body body = { .size = HTTP_UNKNOWN,
		                  .size_max = part_max_size(part.kind) };
	int got = fetch(folder_of(source), part, &body, &all, 1, sink, err);

	return got < 0 ? -1 : 1 - got;
}

static int folder_has_patch(struct source *source,
                            const struct source_patch *patch, struct err *err)
{
	const struct folder *folder = folder_of(source);
	char url[FOLDER_URL_SIZE];

	part_url(folder, patch->part, url);
	return source_has_file(source->client, url, &folder->authorization,
	                       patch->size, err);
}

static int folder_patch(struct source *source, const struct source_patch *patch,
                        const struct http_sink *sink, struct err *err)
{
	const struct http_range rest = source_patch_rest(patch);
	struct http_body body = { .size = patch->size,
		                  .size_max = patch->size };
	int got = fetch(folder_of(source), patch->part, &body, &rest, 1, sink,
	                err);

	return got < 0 ? -1 : 1 - got;
}

static int folder_payload(struct source *source, uint64_t size,
                          const struct http_range *ranges, size_t count,
                          const struct http_sink *sink, struct err *err)
{
	struct http_body body = { .size = size, .size_max = size };
	int got = fetch(folder_of(source), (struct part){ PART_PAYLOAD, 0 },
	                &body, ranges, count, sink, err);

	if (got == 1)
		return err_set(err, ERR_NETWORK, 0, "%s has no payload.tar.gz",
		               source->origin);
	return got;
}

static void folder_done(struct source *source)
{
	buf_done(&folder_of(source)->authorization);
	free(source);
}

static const struct source_ops folder_ops = {
	.open = folder_open,
	.part = folder_part,
	.payload = folder_payload,
	.has_patch = folder_has_patch,
	.patch = folder_patch,
	.done = folder_done,
};

int source_folder_new(struct http_client *client,
                      const struct source_wanted *wanted, const char *url,
                      struct source **out, struct err *err)
{
	AUTO_FREE struct folder *folder = calloc(1, sizeof *folder);
	size_t len = strlen(url);

	if (folder == NULL)
		return err_nomem(err);
	if (len == 0 || url[len - 1] != '/' || strcspn(url, "?#") != len)
		return err_set(err, ERR_USAGE, 0,
		               "a folder's address ends in '/' and has no "
		               "query");
	if (text_copy(folder->url, sizeof folder->url, url, len, err) < 0)
		return -1;
	folder->source = (struct source){ .ops = &folder_ops,
		                          .client = client,
		                          .wanted = wanted };
	folder->authorization = BUF_NONE;
	*out = &TAKE_PTR(folder)->source;
	return 0;
}
