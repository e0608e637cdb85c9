/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a tar block, with a first byte that says whether its checksum is put
 * right first.  Property: an accepted header written again is the same bytes;
 * and sizes of frames are inverses. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/bundle_frame.h"

#define CHECKSUM_AT  148
#define CHECKSUM_LEN 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

/* Else no input but the seeds would get past the checksum. */
static void repair_checksum(uint8_t block[TAR_BLOCK])
{
	char text[CHECKSUM_LEN + 1];
	unsigned sum = 0;

	memset(block + CHECKSUM_AT, ' ', CHECKSUM_LEN);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += block[i];
	(void)snprintf(text, sizeof text, "%06o", sum);
	memcpy(block + CHECKSUM_AT, text, 7); /* with its NUL */
}

static void try_header(const uint8_t block[TAR_BLOCK])
{
	uint8_t again[TAR_BLOCK];
	struct part part;
	uint64_t size;
	int64_t created;
	struct err err;

	if (part_header_parse(block, &part, &size, &created, &err) != 1)
		return;
	require(size <= part_max_size(part.kind));
	part_header_write(part, size, created, again);
	require(memcmp(again, block, TAR_BLOCK) == 0);
}

static void try_sizes(uint64_t n)
{
	uint64_t tar = frame_tar_size(n);

	if (tar != 0)
		require(frame_file_size(tar) == n);
	if (n > 0 && n <= FRAME_TAR_MAX)
		require(frame_tar_size(frame_file_size(n)) == n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t block[TAR_BLOCK] = { 0 };
	uint64_t n = 0;

	if (size == 0)
		return 0;
	memcpy(block, data + 1, size - 1 < TAR_BLOCK ? size - 1 : TAR_BLOCK);
	if (data[0] % 2 == 1)
		repair_checksum(block);
	try_header(block);
	memcpy(&n, block, sizeof n);
	try_sizes(n);
	return 0;
}
