/* SPDX-License-Identifier: Apache-2.0 */
#include "take_apart.h"

#include <stdbool.h>

#include "base/fs.h"
#include "codec/bundle_frame.h"
#include "codec/part.h"
#include "codec/tar_header.h"
#include "privsep/bundle_file.h"
#include "privsep/part_stream.h"

#define CHUNK     ((size_t)128 * 1024)
#define PARTS_MAX (PART_KINDS + PART_SIGNERS_MAX + PART_SIGSTORE_MAX)

/* A part and where its bytes lie. */
struct place {
	struct part part;
	unsigned ordinal; /* among the parts of its kind */
	uint64_t offset;  /* in the tar */
	uint64_t size;
};

struct walk {
	struct bundle_file file;
	uint64_t file_size;
	uint64_t offset;                /* in the tar, behind the last part */
	struct place places[PARTS_MAX]; /* in the order of the bundle */
	size_t place_count;
	unsigned count[PART_KINDS];
	int64_t created; /* of every header */
};

/* --- all headers, in the order of the bundle --- */

static int check_place(const struct walk *walk, struct part part,
                       int64_t created, struct err *err)
{
	char name[PART_NAME_SIZE];
	struct part last;

	if (walk->place_count == 0)
		return 0;
	part_name(part, name);
	last = walk->places[walk->place_count - 1].part;
	if (part_compare(last, part) == 0)
		return err_set(err, ERR_FORMAT, 0, "%s comes twice", name);
	if (part_compare(last, part) > 0)
		return err_set(err, ERR_FORMAT, 0, "%s is out of order", name);
	if (created != walk->created)
		return err_set(err, ERR_FORMAT, 0,
		               "%s has another time than the parts before it",
		               name);
	return 0;
}

static int check_count(const struct walk *walk, struct part part,
                       struct err *err)
{
	unsigned before = walk->count[part.kind];

	if (part.kind == PART_MINISIG_FURTHER && before == PART_SIGNERS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "more than %d further signatures",
		               PART_SIGNERS_MAX);
	if (part.kind == PART_SIGSTORE && part.id != before + 1)
		return err_set(err, ERR_FORMAT, 0,
		               "release.ini.%u.sigstore.json is missing",
		               before + 1);
	return 0;
}

static int check_required(const struct walk *walk, struct err *err)
{
	char name[PART_NAME_SIZE];

	for (int kind = 0; kind < PART_PAYLOAD; kind++) {
		const struct part part = { (enum part_kind)kind, 0 };

		if (!part_is_required(part.kind) || walk->count[kind] > 0)
			continue;
		part_name(part, name);
		return err_set(err, ERR_FORMAT, 0, "%s is missing", name);
	}
	return 0;
}

/* @out: where the part lies, and still to be noted. */
static int next_header(struct walk *walk, struct place *out, struct err *err)
{
	uint8_t block[TAR_BLOCK];
	int64_t created;
	int got;

	if (bundle_file_read(&walk->file, walk->offset, block, sizeof block,
	                     err) < 0)
		return -1;
	got = part_header_parse(block, &out->part, &out->size, &created, err);
	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, ERR_FORMAT, 0, "payload.tar.gz is missing");
	if (check_place(walk, out->part, created, err) < 0 ||
	    check_count(walk, out->part, err) < 0)
		return -1;
	walk->created = created;
	walk->offset += sizeof block;
	out->offset = walk->offset;
	return 0;
}

static int check_padding(struct walk *walk, size_t len, struct err *err)
{
	uint8_t padding[TAR_BLOCK];

	if (bundle_file_read(&walk->file, walk->offset, padding, len, err) < 0)
		return -1;
	if (!tar_is_nul(padding, len))
		return err_set(err, ERR_FORMAT, 0,
		               "padding that is not NUL at byte %llu of the "
		               "tar",
		               (unsigned long long)walk->offset);
	walk->offset += len;
	return 0;
}

/* Strictly ascending, and each kind counted: so many fit. */
static void note_place(struct walk *walk, struct place *place)
{
	place->ordinal = walk->count[place->part.kind]++;
	walk->places[walk->place_count++] = *place;
}

/* Up to the payload, whose size is @payload_size by its header. */
static int walk_headers(struct walk *walk, uint64_t *payload_size,
                        struct err *err)
{
	struct place place;

	for (;;) {
		if (next_header(walk, &place, err) < 0)
			return -1;
		if (place.part.kind == PART_PAYLOAD)
			break;
		walk->offset += place.size;
		if (check_padding(walk, tar_padding(place.size), err) < 0)
			return -1;
		note_place(walk, &place);
	}
	*payload_size = place.size;
	return check_required(walk, err);
}

/* --- behind the payload --- */

/* The last 8 bytes: CRC-32, which nobody needs (each part has a digest or a
 * signature), and the length of the tar. */
static int check_trailer(const struct walk *walk, struct err *err)
{
	uint8_t tail[FRAME_GZIP_TAIL];
	uint32_t length;

	if (fs_read_at(walk->file.fd, walk->file_size - sizeof tail, tail,
	               sizeof tail, err) < 0)
		return -1;
	length = (uint32_t)tail[4] | (uint32_t)tail[5] << 8 |
	         (uint32_t)tail[6] << 16 | (uint32_t)tail[7] << 24;
	if (length != (uint32_t)walk->file.tar_size)
		return err_set(err, ERR_FORMAT, 0,
		               "its gzip trailer gives another length");
	return 0;
}

/* What stands behind the payload: padding, two blocks of NUL, the end. */
static int check_end(struct walk *walk, uint64_t size, struct err *err)
{
	uint8_t end[TAR_END];
	uint64_t room = walk->file.tar_size - walk->offset;
	size_t padding = tar_padding(size);

	if (room < padding + sizeof end || size != room - padding - sizeof end)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.tar.gz has %llu bytes by its header, "
		               "and the bundle has room for another size",
		               (unsigned long long)size);
	walk->offset += size;
	if (check_padding(walk, padding, err) < 0 ||
	    bundle_file_read(&walk->file, walk->offset, end, sizeof end, err) <
	            0)
		return -1;
	if (!tar_is_nul(end, sizeof end))
		return err_set(err, ERR_FORMAT, 0,
		               "more follows payload.tar.gz");
	return check_trailer(walk, err);
}

/* --- the bytes, what judges first --- */

static int send_part(const struct walk *walk, const struct place *place,
                     struct ring_writer *ring, struct err *err)
{
	static uint8_t chunk[CHUNK];
	uint32_t number = part_frame_number(place->part.kind, place->ordinal);

	for (uint64_t at = 0; at < place->size;) {
		uint64_t left = place->size - at;
		size_t len = left < CHUNK ? (size_t)left : CHUNK;

		if (bundle_file_read(&walk->file, place->offset + at, chunk,
		                     len, err) < 0 ||
		    frame_put(ring, number, chunk, len, err) < 0)
			return -1;
		at += len;
	}
	return frame_end(ring, number, err);
}

enum which { UNPINNED, PINNED };

static int send_parts(const struct walk *walk, enum which which,
                      struct ring_writer *ring, struct err *err)
{
	for (size_t i = 0; i < walk->place_count; i++) {
		const struct place *place = &walk->places[i];

		if (place->part.kind != PART_PACKED &&
		    part_is_pinned(place->part.kind) == (which == PINNED) &&
		    send_part(walk, place, ring, err) < 0)
			return -1;
	}
	return 0;
}

int take_apart(struct worker_context *context, struct err *err)
{
	struct walk walk = { .file_size = context->job.verify.file_size };
	uint64_t payload_size;

	if (bundle_file_open(WORKER_FD_INPUT, walk.file_size, &walk.file, err) <
	            0 ||
	    walk_headers(&walk, &payload_size, err) < 0 ||
	    check_end(&walk, payload_size, err) < 0 ||
	    send_parts(&walk, UNPINNED, &context->ring, err) < 0)
		return -1;
	return send_parts(&walk, PINNED, &context->ring, err);
}
