/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a payload.patch-<id>.  Properties: a head that is accepted, written
 * again, is the same bytes, and its frames tile patch and new stream; a frame
 * that is accepted gives what its line says. */
#include "codec/patch_frame.h"
#include "round_trip.h"

#define PLAIN_MAX ((uint64_t)64 * 1024) /* so that each run is short */

static const uint8_t old[] = "what the old release had, over and over again";

static void open_frame(const struct patch_frame *frame, const uint8_t *packed)
{
	const struct bytes bytes = { packed, (size_t)frame->packed_len };
	const struct bytes base = { old,
		                    (size_t)(frame->old_len % sizeof old) };
	AUTO_FREE uint8_t *plain = malloc((size_t)frame->plain_len);
	struct err err;

	require(plain != NULL);
	if (frame->plain_len <= PLAIN_MAX)
		(void)!patch_frame_open(base, bytes, plain,
		                        (size_t)frame->plain_len, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_PATCH_HEAD struct patch_head head = PATCH_HEAD_NONE;
	AUTO_BUF struct buf again = BUF_NONE;
	uint64_t plain = 0;
	struct err err;
	size_t at;

	if (patch_head_parse((const char *)data, size, size, &head, &err) < 0)
		return 0;
	require(patch_head_write(&head, &again, &err) == 0);
	require_same(&again, (const char *)data, head.len);
	at = head.len;
	for (size_t i = 0; i < head.count; i++) {
		const struct patch_frame *frame = &head.frames[i];

		require(frame->packed_len <= size - at);
		require(frame->old_offset + frame->old_len <= head.old_size);
		open_frame(frame, data + at);
		at += (size_t)frame->packed_len;
		plain += frame->plain_len;
	}
	require(at == size && plain == head.new_size);
	return 0;
}
