/* SPDX-License-Identifier: Apache-2.0 */
/* The part of source_file_own.h that finds where the parts lie. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "codec/bundle_frame.h"
#include "codec/release_ini.h"
#include "net/source_file_own.h"
#include "net/unframe.h"

/* --- the window --- */

static int take_text(void *context, uint64_t offset, const void *data,
                     size_t len, struct err *err)
{
	(void)offset; /* in order, from 0 */
	return buf_add(context, data, len, err);
}

static int fetch_window(struct source_file *file, struct err *err)
{
	const struct http_range first = { 0, file->size < SOURCE_FILE_WINDOW
		                                     ? file->size
		                                     : SOURCE_FILE_WINDOW };
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

static int check_head(struct source_file *file, struct err *err)
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

static bool is_in_window(const struct source_file *file, uint64_t offset)
{
	return frame_file_offset(offset + TAR_BLOCK - 1) <
	       file->window.bytes.len;
}

/* --- parts --- */

const struct source_place *source_file_place(const struct source_file *file,
                                             struct part part)
{
	for (size_t i = 0; i < file->place_count; i++)
		if (part_compare(file->places[i].part, part) == 0)
			return &file->places[i];
	return NULL;
}

/* Strictly ascending and of kinds that are counted: so many fit. */
static int note_place(struct source_file *file,
                      const struct source_place *place, struct err *err)
{
	char name[PART_NAME_SIZE];

	if (file->place_count > 0 &&
	    part_compare(file->places[file->place_count - 1].part,
	                 place->part) >= 0) {
		part_name(place->part, name);
		return err_set(err, ERR_FORMAT, 0,
		               "%s comes twice or out of order", name);
	}
	if (file->place_count == SOURCE_FILE_PARTS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d parts",
		               (int)SOURCE_FILE_PARTS_MAX);
	file->places[file->place_count++] = *place;
	return 0;
}

static enum part_kind last_kind(const struct source_file *file)
{
	return file->place_count == 0
	               ? PART_RELEASE_INI
	               : file->places[file->place_count - 1].part.kind;
}

static int take_block(void *context, uint64_t offset, const void *data,
                      size_t len, struct err *err)
{
	uint8_t *block = context;

	(void)err;
	memcpy(block + offset, data, len); /* read_tar keeps to its range */
	return 0;
}

/* Read the header at @offset of the tar, note its part, and go on behind it.
 */
static int walk_part(struct source_file *file, uint64_t *offset,
                     struct err *err)
{
	struct source_place place = { .offset = *offset + TAR_BLOCK };
	uint8_t block[TAR_BLOCK];
	const struct http_sink sink = { take_block, block };
	int64_t created;
	int got;

	if (source_file_read_tar(file, *offset, sizeof block, &sink, err) < 0)
		return -1;
	got = part_header_parse(block, &place.part, &place.size, &created, err);
	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, ERR_FORMAT, 0, "payload.tar.gz is missing");
	*offset = place.offset + place.size + tar_padding(place.size);
	return note_place(file, &place, err);
}

/* --- the tail --- */

/* The first part, to know the sizes of others; the monitor judges it. */
static int read_release(const struct source_file *file, struct release_ini *out,
                        struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(RELEASE_INI_MAX);
	const struct http_sink sink = { take_text, &text };
	const struct source_place *place = &file->places[0];

	if (place->part.kind != PART_RELEASE_INI)
		return err_set(err, ERR_FORMAT, 0, "release.ini is missing");
	if (source_file_read_tar(file, place->offset, place->size, &sink, err) <
	            0 ||
	    release_ini_parse(buf_text(&text), text.len, out, err) < 0)
		return err_wrap(err, "release.ini");
	return 0;
}

/* Behind one pinned part the others follow, of sizes that are known. */
static int note_pinned(struct source_file *file,
                       const struct release_ini *release, uint64_t *offset,
                       struct err *err)
{
	for (int kind = (int)last_kind(file) + 1; kind < PART_KINDS; kind++) {
		const struct part_pin *pin = &release->parts[kind];
		const struct source_place place = {
			.part.kind = (enum part_kind)kind,
			.offset = *offset + TAR_BLOCK,
			.size = pin->size
		};

		if (!part_is_kept(place.part.kind) || !pin->is_present)
			continue;
		if (note_place(file, &place, err) < 0)
			return -1;
		*offset = place.offset + place.size + tar_padding(place.size);
	}
	return 0;
}

/* From @offset to where the payload's bytes begin. */
static int fetch_tail(struct source_file *file,
                      const struct release_ini *release, uint64_t offset,
                      struct err *err)
{
	uint64_t size = release->parts[PART_PAYLOAD].size;
	uint64_t behind = size + tar_padding(size) + TAR_END;
	const struct http_sink sink = { take_text, &file->tail.bytes };
	struct http_range range;

	if (file->tar_size < behind || file->tar_size - behind <= offset ||
	    file->tar_size - behind - offset > SOURCE_FILE_TAIL_MAX)
		return err_set(err, ERR_FORMAT, 0,
		               "its parts are not those of its release.ini");
	range = unframe_range(offset, file->tar_size - behind - offset);
	file->tail.at = range.offset;
	return source_file_fetch(file, &range, 1, HTTP_OR_CUT, &sink, err);
}

/* Small parts that do not fit into the window: the way to the tail. */
static int find_tail(struct source_file *file, uint64_t *offset,
                     struct err *err)
{
	AUTO_FREE struct release_ini *release = malloc(sizeof *release);

	if (release == NULL)
		return err_nomem(err);
	if (read_release(file, release, err) < 0 ||
	    note_pinned(file, release, offset, err) < 0)
		return -1;
	return fetch_tail(file, release, *offset, err);
}

/* --- all of it --- */

static int walk(struct source_file *file, struct err *err)
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

int source_file_find_parts(struct source_file *file, struct err *err)
{
	if (fetch_window(file, err) < 0 || check_head(file, err) < 0)
		return -1;
	return walk(file, err);
}
