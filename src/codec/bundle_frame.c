/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/bundle_frame.h"

#include <stdbool.h>
#include <string.h>

#define PART_MODE 0644
#define FRAME_FINAL                                                            \
	1 /* BFINAL; BTYPE 00 is a stored block (RFC 1951, 3.2.4)              \
	   */
#define FRAME_STRIDE (FRAME_BLOCK_HEAD + FRAME_BLOCK)

const uint8_t frame_gzip_head[FRAME_GZIP_HEAD] = { 0x1f, 0x8b, 8, 0, 0,
	                                           0,    0,    0, 0, 0xff };

/* --- stored blocks --- */

uint64_t frame_file_offset(uint64_t n)
{
	return FRAME_GZIP_HEAD + n + FRAME_BLOCK_HEAD * (n / FRAME_BLOCK + 1);
}

uint64_t frame_file_size(uint64_t tar_size)
{
	if (tar_size == 0)
		return 0;
	return frame_file_offset(tar_size - 1) + 1 + FRAME_GZIP_TAIL;
}

uint64_t frame_tar_size(uint64_t file_size)
{
	uint64_t blocks, last, size;

	if (file_size <= FRAME_GZIP_HEAD + FRAME_GZIP_TAIL)
		return 0;
	blocks = (file_size - FRAME_GZIP_HEAD - FRAME_GZIP_TAIL) / FRAME_STRIDE;
	last = (file_size - FRAME_GZIP_HEAD - FRAME_GZIP_TAIL) % FRAME_STRIDE;
	if (last > 0 && last <= FRAME_BLOCK_HEAD)
		return 0;
	size = blocks * FRAME_BLOCK + (last > 0 ? last - FRAME_BLOCK_HEAD : 0);
	return size <= FRAME_TAR_MAX ? size : 0;
}

void frame_block_head(uint64_t n, uint64_t tar_size,
                      uint8_t out[FRAME_BLOCK_HEAD])
{
	uint64_t left = tar_size - n;
	unsigned len = left < FRAME_BLOCK ? (unsigned)left : FRAME_BLOCK;

	out[0] = left <= FRAME_BLOCK ? FRAME_FINAL : 0;
	out[1] = (uint8_t)len;
	out[2] = (uint8_t)(len >> 8);
	out[3] = (uint8_t)~out[1];
	out[4] = (uint8_t)~out[2];
}

/* --- part headers --- */

void part_header_write(struct part part, uint64_t size, int64_t created,
                       uint8_t out[TAR_BLOCK])
{
	char name[PART_NAME_SIZE];
	struct tar_fields fields = { .name = name,
		                     .mode = PART_MODE,
		                     .size = size,
		                     .mtime = created,
		                     .type = '0' };

	part_name(part, name);
	fields.name_len = strlen(name);
	tar_block_write(&fields, out);
}

int part_header_parse(const uint8_t in[TAR_BLOCK], struct part *part,
                      uint64_t *size, int64_t *created, struct err *err)
{
	uint8_t again[TAR_BLOCK];
	struct tar_numbers numbers;
	const char *name = (const char *)in;
	size_t len = strnlen(name, TAR_NAME_MAX);
	struct part which;

	if (tar_is_nul(in, TAR_BLOCK))
		return 0;
	if (!part_parse(name, len, &which) || which.kind == PART_PATCH)
		return err_set(err, ERR_FORMAT, 0,
		               "'%.*s' is no part of a bundle", (int)len, name);
	numbers = tar_block_numbers(in);
	part_header_write(which, numbers.size, numbers.mtime, again);
	if (memcmp(in, again, TAR_BLOCK) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "the tar header of '%.*s' is not written as a "
		               "bundle's must be",
		               (int)len, name);
	if (numbers.size > part_max_size(which.kind))
		return err_set(err, ERR_LIMIT, 0,
		               "'%.*s' has %llu bytes, above the %llu allowed",
		               (int)len, name, (unsigned long long)numbers.size,
		               (unsigned long long)part_max_size(which.kind));
	*part = which;
	*size = numbers.size;
	*created = numbers.mtime;
	return 1;
}
