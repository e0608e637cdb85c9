/* SPDX-License-Identifier: Apache-2.0 */
/* One bundle file on a web server.  Where every byte of its tar lies follows
 * from the frame (codec/bundle_frame.h), so that ranges do:
 *
 *     the window    its first bytes: release.ini and mostly all that judges it
 *     the tail      attestations and parts.tar.xz, which end where the payload
 *                   begins; by release.ini's sizes that place is known
 *
 * Each takes one request and is kept.  What a host does not need (the small
 * parts that are in parts.tar.xz) is not fetched. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/bundle_frame.h"
#include "codec/release_ini.h"
#include "net/source.h"
#include "net/unframe.h"

#define WINDOW    ((size_t)64 << 10)
#define TAIL_MAX  ((size_t)72 << 20) /* of tar: two parts and their headers */
#define PARTS_MAX (PART_KINDS + PART_SIGNERS_MAX + PART_SIGSTORE_MAX)
#define FILE_MAX  ((uint64_t)1 << 54) /* no bundle comes near */

/* Bytes of the file that were fetched and are kept. */
struct stretch {
	struct buf bytes;
	uint64_t at; /* in the file */
};

/* Where a part's bytes lie in the tar. */
struct place {
	struct part part;
	uint64_t offset;
	uint64_t size;
};

struct file {
	struct source source;
	struct source_reader reader;
	char url[HTTP_URL_SIZE]; /* where it is an address that is read */
	const char *accept;      /* NULL: any */
	struct buf authorization;
	struct stretch window, tail;
	uint64_t size; /* of the file; HTTP_UNKNOWN before it is known */
	uint64_t tar_size;
	struct place places[PARTS_MAX]; /* as in the bundle */
	size_t place_count;
};

static struct file *file_of(struct source *source)
{
	return (struct file *)source; /* its first member */
}

/* --- reading --- */

/* The reader of an address. */
static int read_url(void *context, const struct http_range *ranges,
                    size_t count, enum http_wholly wholly,
                    const struct http_sink *sink, uint64_t *size,
                    struct err *err)
{
	const struct file *file = context;
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
static int give_kept(const struct stretch *stretch, struct http_range *range,
                     const struct http_sink *sink, struct err *err)
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
static int fetch(const struct file *file, const struct http_range *ranges,
                 size_t count, enum http_wholly wholly,
                 const struct http_sink *sink, struct err *err)
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
static int read_tar(const struct file *file, uint64_t offset, uint64_t len,
                    const struct http_sink *sink, struct err *err)
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
	return fetch(file, &range, 1, HTTP_OR_CUT, &framed_sink, err);
}

/* --- finding the parts --- */

static int take_block(void *context, uint64_t offset, const void *data,
                      size_t len, struct err *err)
{
	uint8_t *block = context;

	(void)err;
	memcpy(block + offset, data, len); /* read_tar keeps to its range */
	return 0;
}

/* Strictly ascending and of kinds that are counted: so many fit. */
static int note_place(struct file *file, const struct place *place,
                      struct err *err)
{
	char name[PART_NAME_SIZE];

	if (file->place_count > 0 &&
	    part_compare(file->places[file->place_count - 1].part,
	                 place->part) >= 0) {
		part_name(place->part, name);
		return err_set(err, ERR_FORMAT, 0,
		               "%s comes twice or out of order", name);
	}
	if (file->place_count == PARTS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d parts",
		               (int)PARTS_MAX);
	file->places[file->place_count++] = *place;
	return 0;
}

/* Read the header at @offset of the tar, note its part, and go on behind it.
 */
static int walk_part(struct file *file, uint64_t *offset, struct err *err)
{
	struct place place = { .offset = *offset + TAR_BLOCK };
	uint8_t block[TAR_BLOCK];
	const struct http_sink sink = { take_block, block };
	int64_t created;
	int got;

	if (read_tar(file, *offset, sizeof block, &sink, err) < 0)
		return -1;
	got = part_header_parse(block, &place.part, &place.size, &created, err);
	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, ERR_FORMAT, 0, "payload.tar.gz is missing");
	*offset = place.offset + place.size + tar_padding(place.size);
	return note_place(file, &place, err);
}

static enum part_kind last_kind(const struct file *file)
{
	return file->place_count == 0
	               ? PART_RELEASE_INI
	               : file->places[file->place_count - 1].part.kind;
}

static bool is_in_window(const struct file *file, uint64_t offset)
{
	return frame_file_offset(offset + TAR_BLOCK - 1) <
	       file->window.bytes.len;
}

static int take_text(void *context, uint64_t offset, const void *data,
                     size_t len, struct err *err)
{
	(void)offset; /* in order, from 0 */
	return buf_add(context, data, len, err);
}

/* The first part, to know the sizes of others; the monitor judges it. */
static int read_release(const struct file *file, struct release_ini *out,
                        struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(RELEASE_INI_MAX);
	const struct http_sink sink = { take_text, &text };
	const struct place *place = &file->places[0];

	if (place->part.kind != PART_RELEASE_INI)
		return err_set(err, ERR_FORMAT, 0, "release.ini is missing");
	if (read_tar(file, place->offset, place->size, &sink, err) < 0 ||
	    release_ini_parse(buf_text(&text), text.len, out, err) < 0)
		return err_wrap(err, "release.ini");
	return 0;
}

/* Behind one pinned part the others follow, of sizes that are known. */
static int note_pinned(struct file *file, const struct release_ini *release,
                       uint64_t *offset, struct err *err)
{
	for (int kind = (int)last_kind(file) + 1; kind < PART_KINDS; kind++) {
		const struct part_pin *pin = &release->parts[kind];
		const struct place place = { .part.kind = (enum part_kind)kind,
			                     .offset = *offset + TAR_BLOCK,
			                     .size = pin->size };

		if (!part_is_kept(place.part.kind) || !pin->is_present)
			continue;
		if (note_place(file, &place, err) < 0)
			return -1;
		*offset = place.offset + place.size + tar_padding(place.size);
	}
	return 0;
}

/* From @offset to where the payload's bytes begin. */
static int fetch_tail(struct file *file, const struct release_ini *release,
                      uint64_t offset, struct err *err)
{
	uint64_t size = release->parts[PART_PAYLOAD].size;
	uint64_t behind = size + tar_padding(size) + TAR_END;
	const struct http_sink sink = { take_text, &file->tail.bytes };
	struct http_range range;

	if (file->tar_size < behind || file->tar_size - behind <= offset ||
	    file->tar_size - behind - offset > TAIL_MAX)
		return err_set(err, ERR_FORMAT, 0,
		               "its parts are not those of its release.ini");
	range = unframe_range(offset, file->tar_size - behind - offset);
	file->tail.at = range.offset;
	return fetch(file, &range, 1, HTTP_OR_CUT, &sink, err);
}

/* Small parts that do not fit into the window: the way to the tail. */
static int find_tail(struct file *file, uint64_t *offset, struct err *err)
{
	AUTO_FREE struct release_ini *release = malloc(sizeof *release);

	if (release == NULL)
		return err_nomem(err);
	if (read_release(file, release, err) < 0 ||
	    note_pinned(file, release, offset, err) < 0)
		return -1;
	return fetch_tail(file, release, *offset, err);
}

static int find_parts(struct file *file, struct err *err)
{
	uint64_t offset = 0;

	while (last_kind(file) != PART_PAYLOAD) {
		bool is_pinned = part_is_pinned(last_kind(file));

		if (is_pinned && file->tail.bytes.len == 0 &&
		    !is_in_window(file, offset) &&
		    find_tail(file, &offset, err) < 0)
			return -1;
		if (walk_part(file, &offset, err) < 0)
			return -1;
	}
	return 0;
}

static int check_head(struct file *file, struct err *err)
{
	const struct buf *window = &file->window.bytes;

	if (window->len < FRAME_GZIP_HEAD ||
	    memcmp(window->data, frame_gzip_head, FRAME_GZIP_HEAD) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "it does not begin as a bundle does");
	file->tar_size = frame_tar_size(file->size);
	if (file->tar_size == 0)
		return err_set(err, ERR_FORMAT, 0,
		               "no bundle has %" PRIu64
		               " bytes; it is cut short, or was packed by "
		               "something else",
		               file->size);
	return 0;
}

static int fetch_window(struct file *file, struct err *err)
{
	const struct http_range first = { 0, file->size < WINDOW ? file->size
		                                                 : WINDOW };
	const struct http_sink sink = { take_text, &file->window.bytes };
	int got;

	if (file->size == 0)
		return err_set(err, ERR_FORMAT, 0, "it is empty");
	got = file->reader.read(file->reader.context, &first, 1, HTTP_OR_CUT,
	                        &sink, &file->size, err);
	if (got == 1)
		return err_set(err, ERR_NETWORK, 0,
		               "the server has no such file");
	if (got == 0 && file->size == HTTP_UNKNOWN)
		return err_set(err, ERR_NETWORK, 0,
		               "the server does not say how large it is");
	return got;
}

/* --- the operations --- */

static int file_open(struct source *source, struct err *err)
{
	struct file *file = file_of(source);

	if (source_authorization(source->wanted, &file->authorization, err) <
	            0 ||
	    fetch_window(file, err) < 0 || check_head(file, err) < 0 ||
	    find_parts(file, err) < 0)
		return err_wrap(err, "the bundle at %s", source->origin);
	return 0;
}

static const struct place *find_place(const struct file *file, struct part part)
{
	for (size_t i = 0; i < file->place_count; i++)
		if (part_compare(file->places[i].part, part) == 0)
			return &file->places[i];
	return NULL;
}

/* A patch lies beside the bundle, under its own name.  1, 0 where there is
 * none, -1. */
static int fetch_beside(const struct file *file, struct part part,
                        const struct http_sink *sink, struct err *err)
{
	static const struct http_range all = { 0, HTTP_TO_END };
	const char *slash = strrchr(file->url, '/');
	size_t len = slash != NULL ? (size_t)(slash - file->url) + 1 : 0;
	struct http_body body = { .size = HTTP_UNKNOWN,
		                  .size_max = part_max_size(part.kind) };
	char url[HTTP_URL_SIZE + PART_NAME_SIZE];
	char name[PART_NAME_SIZE];
	int got;

	/* Behind a query nothing is a folder. */
	if (len == 0 || file->url[strcspn(file->url, "?#")] != '\0')
		return 0;
	part_name(part, name);
	(void)snprintf(url, sizeof url, "%.*s%s", (int)len, file->url, name);
	body.request.url = url;
	if (file->authorization.len > 0)
		body.request.authorization = buf_text(&file->authorization);
	got = http_download(file->source.client, &body, &all, 1, HTTP_OR_WHOLE,
	                    sink, /* size= */ NULL, err);
	return got < 0 ? -1 : 1 - got;
}

static int file_part(struct source *source, struct part part,
                     const struct http_sink *sink, struct err *err)
{
	const struct file *file = file_of(source);
	const struct place *place = find_place(file, part);

	if (part.kind == PART_PATCH)
		return fetch_beside(file, part, sink, err);
	if (place == NULL)
		return 0;
	if (read_tar(file, place->offset, place->size, sink, err) < 0)
		return -1;
	return 1;
}

static int file_payload(struct source *source, uint64_t size,
                        const struct http_range *ranges, size_t count,
                        const struct http_sink *sink, struct err *err)
{
	const struct file *file = file_of(source);
	const struct place *place =
		find_place(file, (struct part){ PART_PAYLOAD, 0 });
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
	return fetch(file, wanted, count, HTTP_OR_WHOLE, &framed_sink, err);
}

static void file_done(struct source *source)
{
	struct file *file = file_of(source);

	buf_done(&file->authorization);
	buf_done(&file->window.bytes);
	buf_done(&file->tail.bytes);
	free(file);
}

static const struct source_ops file_ops = {
	.open = file_open,
	.part = file_part,
	.payload = file_payload,
	.done = file_done,
};

static struct file *make_file(struct http_client *client,
                              const struct source_wanted *wanted,
                              const char *name, uint64_t size, struct err *err)
{
	struct file *file = calloc(1, sizeof *file);

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
	file->window.bytes = BUF_LIMIT(WINDOW);
	file->tail.bytes = BUF_LIMIT(TAIL_MAX + TAIL_MAX / 4096);
	return file;
}

int source_file_new_at(struct http_client *client,
                       const struct source_wanted *wanted,
                       const struct source_address *address,
                       struct source **out, struct err *err)
{
	AUTO_FREE struct file *file =
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
	struct file *file = make_file(client, wanted, name, size, err);

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
