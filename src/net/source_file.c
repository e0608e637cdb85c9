/* SPDX-License-Identifier: Apache-2.0 */
/* One bundle file on a web server, or behind another reader; see
 * source_file_own.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "net/source_file_own.h"
#include "net/unframe.h"

#define FILE_MAX ((uint64_t)1 << 54) /* no bundle comes near */

static struct source_file *file_of(struct source *source)
{
	return (struct source_file *)source; /* its first member */
}

/* --- reading --- */

/* The reader of an address. */
static int read_url(void *context, const struct http_range *ranges,
                    size_t count, enum http_wholly wholly,
                    const struct http_sink *sink, uint64_t *size,
                    struct err *err)
{
	const struct source_file *file = context;
	struct http_body body = {
		.request = { .url = file->url, .accept = file->accept },
		.size = file->size,
		.size_max = FILE_MAX,
	};

	if (file->authorization.len > 0)
		body.request.authorization = buf_text(&file->authorization);
	return http_download(file->source.client, &body, ranges, count, wholly,
	                     sink, size, err);
}

/* What @stretch holds of the front of @range goes to the sink, and @range is
 * what is left of it. */
static int give_kept(const struct source_stretch *stretch,
                     struct http_range *range, const struct http_sink *sink,
                     struct err *err)
{
	uint64_t from, have;

	if (range->offset < stretch->at ||
	    range->offset - stretch->at >= stretch->bytes.len)
		return 0;
	from = range->offset - stretch->at;
	have = stretch->bytes.len - from;
	if (have > range->len)
		have = range->len;
	if (have > 0 &&
	    sink->take(sink->context, range->offset, stretch->bytes.data + from,
	               (size_t)have, err) < 0)
		return -1;
	range->offset += have;
	range->len -= have;
	return 0;
}

/* Ranges of the file, as far as they are not kept. */
int source_file_fetch(const struct source_file *file,
                      const struct http_range *ranges, size_t count,
                      enum http_wholly wholly, const struct http_sink *sink,
                      struct err *err)
{
	const struct source_reader *reader = &file->reader;
	struct http_range wanted[PLAN_RANGES_MAX];
	size_t wanted_count = 0;
	int got;

	for (size_t i = 0; i < count; i++) {
		struct http_range range = ranges[i];

		if (give_kept(&file->window, &range, sink, err) < 0 ||
		    give_kept(&file->tail, &range, sink, err) < 0)
			return -1;
		if (range.len > 0)
			wanted[wanted_count++] = range;
	}
	if (wanted_count == 0)
		return 0;
	got = reader->read(reader->context, wanted, wanted_count, wholly, sink,
	                   /* size= */ NULL, err);
	if (got == 1)
		return err_set(err, ERR_NETWORK, 0, "the bundle is gone");
	return got;
}

/* Bytes of the tar, in order. */
int source_file_read_tar(const struct source_file *file, uint64_t offset,
                         uint64_t len, const struct http_sink *sink,
                         struct err *err)
{
	struct unframe unframe = { sink, offset, len };
	const struct http_sink framed_sink = { unframe_take, &unframe };
	struct http_range range;

	if (len == 0)
		return 0;
	if (offset > file->tar_size || len > file->tar_size - offset)
		return err_set(err, ERR_FORMAT, 0,
		               "the bundle ends at byte %" PRIu64 " of its tar",
		               file->tar_size);
	range = unframe_range(offset, len);
	return source_file_fetch(file, &range, 1, HTTP_OR_CUT, &framed_sink,
	                         err);
}

/* --- the operations --- */

static int file_open(struct source *source, struct err *err)
{
	struct source_file *file = file_of(source);

	if (source_authorization(source->wanted, &file->authorization, err) <
	            0 ||
	    source_file_find_parts(file, err) < 0)
		return err_wrap(err, "the bundle at %s", source->origin);
	return 0;
}

static int file_part(struct source *source, struct part part,
                     const struct http_sink *sink, struct err *err)
{
	const struct source_file *file = file_of(source);
	const struct source_place *place = source_file_place(file, part);

	if (place == NULL)
		return 0;
	if (source_file_read_tar(file, place->offset, place->size, sink, err) <
	    0)
		return -1;
	return 1;
}

static int file_payload(struct source *source, uint64_t size,
                        const struct http_range *ranges, size_t count,
                        const struct http_sink *sink, struct err *err)
{
	const struct source_file *file = file_of(source);
	const struct source_place *place =
		source_file_place(file, (struct part){ PART_PAYLOAD, 0 });
	struct unframe unframe = { sink, 0, size };
	const struct http_sink framed_sink = { unframe_take, &unframe };
	struct http_range wanted[PLAN_RANGES_MAX];

	if (place == NULL || place->size != size)
		return err_set(err, ERR_FORMAT, 0,
		               "the bundle's payload.tar.gz has another size "
		               "than release.ini says");
	if (size > file->tar_size || place->offset > file->tar_size - size)
		return err_set(err, ERR_FORMAT, 0,
		               "the bundle has no room for its payload.tar.gz");
	if (count > PLAN_RANGES_MAX)
		return err_set(err, ERR_INTERNAL, 0, "too many ranges");
	unframe.base = place->offset;
	for (size_t i = 0; i < count; i++)
		wanted[i] = unframe_range(place->offset + ranges[i].offset,
		                          ranges[i].len);
	return source_file_fetch(file, wanted, count, HTTP_OR_WHOLE,
	                         &framed_sink, err);
}

/* --- a patch --- */

#define BESIDE_URL_SIZE (HTTP_URL_SIZE + PART_NAME_SIZE)

/* A patch lies beside the bundle, under its own name.  Returns whether there is
 * such a place: behind a query nothing is a folder. */
static bool url_beside(const struct source_file *file, struct part part,
                       char out[BESIDE_URL_SIZE])
{
	const char *slash = strrchr(file->url, '/');
	size_t len = slash != NULL ? (size_t)(slash - file->url) + 1 : 0;
	char name[PART_NAME_SIZE];

	if (len == 0 || file->url[strcspn(file->url, "?#")] != '\0')
		return false;
	part_name(part, name);
	(void)snprintf(out, BESIDE_URL_SIZE, "%.*s%s", (int)len, file->url,
	               name);
	return true;
}

static int file_has_patch(struct source *source,
                          const struct source_patch *patch, struct err *err)
{
	const struct source_file *file = file_of(source);
	char url[BESIDE_URL_SIZE];

	if (!url_beside(file, patch->part, url))
		return 0;
	return source_has_file(source->client, url, &file->authorization,
	                       patch->size, err);
}

static int file_patch(struct source *source, const struct source_patch *patch,
                      const struct http_sink *sink, struct err *err)
{
	const struct source_file *file = file_of(source);
	const struct http_range rest = source_patch_rest(patch);
	struct http_body body = { .size = patch->size,
		                  .size_max = patch->size };
	char url[BESIDE_URL_SIZE];
	int got;

	if (!url_beside(file, patch->part, url))
		return 0;
	body.request.url = url;
	if (file->authorization.len > 0)
		body.request.authorization = buf_text(&file->authorization);
	got = http_download(file->source.client, &body, &rest, 1, HTTP_OR_WHOLE,
	                    sink, /* size= */ NULL, err);
	return got < 0 ? -1 : 1 - got;
}

/* --- all of it --- */

static void file_done(struct source *source)
{
	struct source_file *file = file_of(source);

	buf_done(&file->authorization);
	buf_done(&file->window.bytes);
	buf_done(&file->tail.bytes);
	free(file);
}

static const struct source_ops file_ops = {
	.open = file_open,
	.part = file_part,
	.payload = file_payload,
	.has_patch = file_has_patch,
	.patch = file_patch,
	.done = file_done,
};

/* --- the kinds of addresses --- */

static struct source_file *make_file(struct http_client *client,
                                     const struct source_wanted *wanted,
                                     const char *name, uint64_t size,
                                     struct err *err)
{
	struct source_file *file = calloc(1, sizeof *file);

	if (file == NULL) {
		(void)err_nomem(err);
		return NULL;
	}
	file->source = (struct source){ .ops = &file_ops,
		                        .client = client,
		                        .wanted = wanted };
	source_note_origin(&file->source, name);
	file->size = size;
	file->authorization = BUF_NONE;
	file->window.bytes = BUF_LIMIT(SOURCE_FILE_WINDOW);
	file->tail.bytes =
		BUF_LIMIT(SOURCE_FILE_TAIL_MAX + SOURCE_FILE_TAIL_MAX / 4096);
	return file;
}

int source_file_new_at(struct http_client *client,
                       const struct source_wanted *wanted,
                       const struct source_address *address,
                       struct source **out, struct err *err)
{
	AUTO_FREE struct source_file *file =
		make_file(client, wanted, address->url, address->size, err);

	if (file == NULL)
		return -1;
	if (text_copy(file->url, sizeof file->url, address->url,
	              strlen(address->url), err) < 0)
		return err_wrap(err, "the bundle's address");
	file->accept = address->accept;
	file->reader = (struct source_reader){ read_url, file };
	*out = &TAKE_PTR(file)->source;
	return 0;
}

int source_file_new_read(struct http_client *client,
                         const struct source_wanted *wanted, const char *name,
                         uint64_t size, const struct source_reader *reader,
                         struct source **out, struct err *err)
{
	struct source_file *file = make_file(client, wanted, name, size, err);

	if (file == NULL)
		return -1;
	file->reader = *reader;
	*out = &file->source;
	return 0;
}

int source_file_new(struct http_client *client,
                    const struct source_wanted *wanted, const char *url,
                    struct source **out, struct err *err)
{
	const struct source_address address = { .url = url,
		                                .size = HTTP_UNKNOWN };

	return source_file_new_at(client, wanted, &address, out, err);
}
