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

static int add_body(struct frame_writer *writer,
                    const struct sealed_bundle *bundle,
                    const struct sealed_part *part, struct err *err)
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
		    add(writer, chunk, len, err) < 0)
			return -1;
	}
	return add(writer, nul, tar_padding(part->size), err);
}

static int add_parts(struct frame_writer *writer,
                     const struct sealed_bundle *bundle, struct err *err)
{
	for (size_t i = 0; i < bundle->count; i++) {
		const struct sealed_part *part = &bundle->parts[i];
		uint8_t head[TAR_BLOCK];

		if (!is_within(part))
			continue;
		part_header_write(part->part, part->size,
		                  bundle->release.created, head);
		if (add(writer, head, sizeof head, err) < 0 ||
		    add_body(writer, bundle, part, err) < 0)
			return -1;
	}
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
	if (out_file_add(&writer->file, tail, sizeof tail, err) < 0)
		return -1;
	return out_file_finish(&writer->file, NULL, err);
}

int sealed_bundle_write(const struct sealed_bundle *bundle, int dir,
                        const char *name, struct err *err)
{
	struct frame_writer writer = { .tar_size = size_of_tar(bundle) };
	int result = out_file_create(dir, name, &writer.file, err);

	if (result == 0)
		result = out_file_add(&writer.file, frame_gzip_head,
		                      FRAME_GZIP_HEAD, err);
	if (result == 0)
		result = add_parts(&writer, bundle, err);
	if (result == 0)
		result = add_tail(&writer, err);
	out_file_done(&writer.file);
	return result < 0 ? err_wrap(err, "writing bundle '%s'", name) : 0;
}
