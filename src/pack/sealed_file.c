/* SPDX-License-Identifier: Apache-2.0 */
/* The part of sealed_bundle.h that reads the frame of a bundle file. */
#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "codec/bundle_frame.h"
#include "codec/tar_header.h"
#include "pack/sealed_own.h"

#define CHUNK ((size_t)FRAME_BLOCK)

int sealed_read_tar(int file, uint64_t offset, void *out, size_t len,
                    struct err *err)
{
	uint8_t *at = out;

	while (len > 0) {
		size_t room = FRAME_BLOCK - (size_t)(offset % FRAME_BLOCK);
		size_t n = len < room ? len : room;

		if (fs_read_at(file, frame_file_offset(offset), at, n, err) < 0)
			return -1;
		at += n;
		offset += n;
		len -= n;
	}
	return 0;
}

/* --- opening --- */

/* Each stored block has the one head that its place allows. */
static int check_blocks(int file, uint64_t tar_size, struct err *err)
{
	uint8_t head[FRAME_GZIP_HEAD];

	if (fs_read_at(file, 0, head, sizeof head, err) < 0)
		return -1;
	if (memcmp(head, frame_gzip_head, sizeof head) != 0)
		return err_set(err, ERR_FORMAT, 0, "it is no bundle");
	for (uint64_t n = 0; n < tar_size; n += FRAME_BLOCK) {
		uint8_t want[FRAME_BLOCK_HEAD];
		uint8_t got[FRAME_BLOCK_HEAD];

		frame_block_head(n, tar_size, want);
		if (fs_read_at(file, frame_file_offset(n) - sizeof got, got,
		               sizeof got, err) < 0)
			return -1;
		if (memcmp(got, want, sizeof got) != 0)
			return err_set(err, ERR_FORMAT, 0,
			               "it is damaged at byte %llu of its tar",
			               (unsigned long long)n);
	}
	return 0;
}

/* Bytes that are there only to fill a block are NUL. */
static int check_nul(const struct sealed_bundle *bundle, uint64_t offset,
                     size_t len, struct err *err)
{
	static const uint8_t nul[TAR_BLOCK];
	uint8_t block[TAR_BLOCK];

	if (sealed_read_tar(bundle->file, offset, block, len, err) < 0)
		return -1;
	if (memcmp(block, nul, len) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "it is damaged at byte %llu of its tar",
		               (unsigned long long)offset);
	return 0;
}

/* The second of the two blocks of NUL, and nothing behind it. */
static int check_end(const struct sealed_bundle *bundle, uint64_t offset,
                     struct err *err)
{
	if (offset + TAR_END != bundle->tar_size)
		return err_set(err, ERR_FORMAT, 0,
		               "the bundle does not end behind its last part");
	return check_nul(bundle, offset + TAR_BLOCK, TAR_BLOCK, err);
}

static int check_next(const struct sealed_bundle *bundle,
                      const struct sealed_part *part, int64_t created,
                      int64_t first_created, struct err *err)
{
	char name[PART_NAME_SIZE];

	part_name(part->part, name);
	if (bundle->count > 0 &&
	    part_compare(bundle->parts[bundle->count - 1].part, part->part) >=
	            0)
		return err_set(err, ERR_FORMAT, 0,
		               "part '%s' is not in its place", name);
	if (created != first_created)
		return err_set(err, ERR_FORMAT, 0,
		               "part '%s' bears another time", name);
	if (part->size > bundle->tar_size - part->offset ||
	    tar_padding(part->size) >
	            bundle->tar_size - part->offset - part->size)
		return err_set(err, ERR_FORMAT, 0, "part '%s' is cut off",
		               name);
	return check_nul(bundle, part->offset + part->size,
	                 tar_padding(part->size), err);
}

/* The time that all headers bear is given in @created. */
static int find_parts(struct sealed_bundle *bundle, int64_t *created,
                      struct err *err)
{
	uint64_t offset = 0;

	for (;;) {
		struct sealed_part part = { .fd = -1 };
		uint8_t head[TAR_BLOCK];
		int64_t time;
		int more;

		if (bundle->tar_size < offset + TAR_BLOCK)
			return err_set(err, ERR_FORMAT, 0, "it is cut off");
		if (sealed_read_tar(bundle->file, offset, head, sizeof head,
		                    err) < 0)
			return -1;
		more = part_header_parse(head, &part.part, &part.size, &time,
		                         err);
		if (more < 0)
			return -1;
		if (more == 0)
			return check_end(bundle, offset, err);
		if (bundle->count == 0)
			*created = time;
		part.offset = offset + TAR_BLOCK;
		if (check_next(bundle, &part, time, *created, err) < 0 ||
		    sealed_add_part(bundle, part, err) < 0)
			return -1;
		offset = part.offset + part.size + tar_padding(part.size);
	}
}

int sealed_open_file(struct sealed_bundle *bundle, int64_t *created,
                     struct err *err)
{
	struct stat st;

	if (fstat(bundle->file, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at it");
	bundle->tar_size = frame_tar_size((uint64_t)st.st_size);
	if (bundle->tar_size == 0)
		return err_set(err, ERR_FORMAT, 0,
		               "it is no bundle, or cut off");
	if (check_blocks(bundle->file, bundle->tar_size, err) < 0)
		return -1;
	return find_parts(bundle, created, err);
}

/* --- the CRC --- */

int sealed_bundle_check_crc(const struct sealed_bundle *bundle, struct err *err)
{
	uint8_t want[FRAME_GZIP_TAIL];
	uint32_t crc = 0;
	AUTO_FREE uint8_t *chunk = malloc(CHUNK);

	if (bundle->file < 0)
		return 0;
	if (chunk == NULL)
		return err_nomem(err);
	for (uint64_t n = 0; n < bundle->tar_size; n += CHUNK) {
		uint64_t left = bundle->tar_size - n;
		size_t len = left < CHUNK ? (size_t)left : CHUNK;

		if (sealed_read_tar(bundle->file, n, chunk, len, err) < 0)
			return -1;
		crc = libdeflate_crc32(crc, chunk, len);
	}
	if (fs_read_at(bundle->file,
	               frame_file_size(bundle->tar_size) - sizeof want, want,
	               sizeof want, err) < 0)
		return -1;
	for (size_t i = 0; i < 4; i++)
		if (want[i] != (uint8_t)(crc >> (8 * i)) ||
		    want[4 + i] != (uint8_t)(bundle->tar_size >> (8 * i)))
			return err_set(err, ERR_FORMAT, 0,
			               "the bundle's CRC is wrong");
	return 0;
}
