/* SPDX-License-Identifier: Apache-2.0 */
#include "net/unframe.h"

#include "codec/bundle_frame.h"

/* A run of one stored block, which begins at byte @tar of the tar. */
static int give_run(const struct unframe *unframe, uint64_t tar,
                    const uint8_t *data, size_t len, struct err *err)
{
	uint64_t end = unframe->base + unframe->size;

	if (tar < unframe->base) {
		uint64_t before = unframe->base - tar;

		if (before >= len)
			return 0;
		data += before;
		len -= (size_t)before;
		tar = unframe->base;
	}
	if (tar >= end)
		return 0;
	if (len > end - tar)
		len = (size_t)(end - tar);
	return unframe->sink->take(unframe->sink->context, tar - unframe->base,
	                           data, len, err);
}

int unframe_take(void *context, uint64_t offset, const void *data, size_t len,
                 struct err *err)
{
	const uint64_t stride = FRAME_BLOCK + FRAME_BLOCK_HEAD;
	const uint8_t *at = data;

	while (len > 0) {
		bool is_head = offset < FRAME_GZIP_HEAD;
		uint64_t block =
			is_head ? 0 : (offset - FRAME_GZIP_HEAD) / stride;
		uint64_t within =
			is_head ? 0 : (offset - FRAME_GZIP_HEAD) % stride;
		uint64_t run = is_head ? FRAME_GZIP_HEAD - offset
		               : within < FRAME_BLOCK_HEAD
		                       ? FRAME_BLOCK_HEAD - within
		                       : stride - within;

		if (run > len)
			run = len;
		if (!is_head && within >= FRAME_BLOCK_HEAD &&
		    give_run(context,
		             block * FRAME_BLOCK + within - FRAME_BLOCK_HEAD,
		             at, (size_t)run, err) < 0)
			return -1;
		offset += run;
		at += run;
		len -= (size_t)run;
	}
	return 0;
}

struct http_range unframe_range(uint64_t offset, uint64_t len)
{
	uint64_t first = frame_file_offset(offset);

	return (struct http_range){ first, frame_file_offset(offset + len - 1) +
		                                   1 - first };
}
