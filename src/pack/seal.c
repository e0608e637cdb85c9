/* SPDX-License-Identifier: Apache-2.0 */
/* The part of sealed_bundle.h that writes: a tar of the parts in stored
 * blocks. */
#include "pack/sealed_bundle.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/bundle_frame.h"
#include "codec/tar_header.h"
#include "pack/out_file.h"

#define CHUNK ((size_t)FRAME_BLOCK)

struct frame_writer {
	struct out_file file;
	/* The digests of its parts, where they are wanted; else NULL. */
	uint8_t (*parts)[SHA256_LEN];
	uint64_t written; /* bytes of the tar so far */
	uint64_t tar_size;
	uint32_t crc;
};

static uint64_t padded(uint64_t size)
{
	return size + tar_padding(size);
}

/* A patch is fetched by whom it serves; all others would carry it in vain. */
static bool is_within(const struct sealed_part *part)
{
	return part->part.kind != PART_PATCH;
}

static uint64_t size_of_tar(const struct sealed_bundle *bundle)
{
	uint64_t size = TAR_END;

	for (size_t i = 0; i < bundle->count; i++)
		if (is_within(&bundle->parts[i]))
			size += TAR_BLOCK + padded(bundle->parts[i].size);
	return size;
}

/* Add bytes of the tar, with a block head wherever one is due. */
static int add(struct frame_writer *writer, const void *data, size_t len,
               struct err *err)
{
	const uint8_t *at = data;

	writer->crc = libdeflate_crc32(writer->crc, data, len);
	while (len > 0) {
		size_t place = (size_t)(writer->written % FRAME_BLOCK);
		size_t n = FRAME_BLOCK - place;
		uint8_t head[FRAME_BLOCK_HEAD];

		n = n < len ? n : len;
		frame_block_head(writer->written - place, writer->tar_size,
		                 head);
		if ((place == 0 &&
		     out_file_add(&writer->file, head, sizeof head, err) < 0) ||
		    out_file_add(&writer->file, at, n, err) < 0)
			return -1;
		at += n;
		len -= n;
		writer->written += n;
	}
	return 0;
}

/* The bytes of a part, and their padding.
 * @hash: takes them, too; NULL: not wanted. */
static int add_body(struct frame_writer *writer,
                    const struct sealed_bundle *bundle,
                    const struct sealed_part *part, struct sha256 *hash,
                    struct err *err)
{
	static const uint8_t nul[TAR_BLOCK];
	AUTO_FREE uint8_t *chunk = malloc(CHUNK);

	if (chunk == NULL)
		return err_nomem(err);
	for (uint64_t offset = 0; offset < part->size; offset += CHUNK) {
		uint64_t left = part->size - offset;
		size_t len = left < CHUNK ? (size_t)left : CHUNK;

		if (sealed_part_read(bundle, part, offset, chunk, len, err) <
		            0 ||
		    (hash != NULL && sha256_add(hash, chunk, len, err) < 0) ||
		    add(writer, chunk, len, err) < 0)
			return -1;
	}
	return add(writer, nul, tar_padding(part->size), err);
}

static int add_part(struct frame_writer *writer,
                    const struct sealed_bundle *bundle, size_t number,
                    struct err *err)
{
	const struct sealed_part *part = &bundle->parts[number];
	AUTO_SHA256 struct sha256 hash = SHA256_NONE;
	uint8_t head[TAR_BLOCK];

	part_header_write(part->part, part->size, bundle->release.created,
	                  head);
	if (add(writer, head, sizeof head, err) < 0)
		return -1;
	if (writer->parts == NULL)
		return add_body(writer, bundle, part, /* hash= */ NULL, err);
	if (sha256_begin(&hash, err) < 0 ||
	    add_body(writer, bundle, part, &hash, err) < 0)
		return -1;
	return sha256_end(&hash, writer->parts[number], err);
}

static int add_parts(struct frame_writer *writer,
                     const struct sealed_bundle *bundle, struct err *err)
{
	for (size_t i = 0; i < bundle->count; i++)
		if (is_within(&bundle->parts[i]) &&
		    add_part(writer, bundle, i, err) < 0)
			return -1;
	return 0;
}

static int add_tail(struct frame_writer *writer, struct err *err)
{
	static const uint8_t nul[TAR_END];
	uint8_t tail[FRAME_GZIP_TAIL];

	if (add(writer, nul, sizeof nul, err) < 0)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		tail[i] = (uint8_t)(writer->crc >> (8 * i));
		tail[4 + i] = (uint8_t)(writer->tar_size >> (8 * i));
	}
	return out_file_add(&writer->file, tail, sizeof tail, err);
}

/* @writer: its file is open, and its tar_size known.
 * @pin: as of out_file_finish. */
static int write_frame(struct frame_writer *writer,
                       const struct sealed_bundle *bundle, struct part_pin *pin,
                       struct err *err)
{
	if (out_file_add(&writer->file, frame_gzip_head, FRAME_GZIP_HEAD, err) <
	            0 ||
	    add_parts(writer, bundle, err) < 0 || add_tail(writer, err) < 0)
		return -1;
	return out_file_finish(&writer->file, pin, err);
}

int sealed_bundle_write(const struct sealed_bundle *bundle, int dir,
                        const char *name, struct err *err)
{
	struct frame_writer writer = { .tar_size = size_of_tar(bundle) };
	int result = out_file_create(dir, name, &writer.file, err);

	if (result == 0)
		result = write_frame(&writer, bundle, /* pin= */ NULL, err);
	out_file_done(&writer.file);
	return result < 0 ? err_wrap(err, "writing bundle '%s'", name) : 0;
}

int sealed_bundle_digest(const struct sealed_bundle *bundle,
                         struct part_pin *file, uint8_t (*parts)[SHA256_LEN],
                         struct err *err)
{
	struct frame_writer writer = { .tar_size = size_of_tar(bundle),
		                       .parts = parts };
	int result = out_file_nowhere(&writer.file, err);

	if (result == 0)
		result = write_frame(&writer, bundle, file, err);
	out_file_done(&writer.file);
	for (size_t i = 0; i < bundle->count && result == 0; i++)
		if (!is_within(&bundle->parts[i]))
			result = sealed_part_digest(bundle, &bundle->parts[i],
			                            parts[i], err);
	return result;
}
