/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a slot of the ring, as a lying worker would fill it.  Properties: the
 * frames read from it, written again, are the same bytes; the parts that the
 * monitor accepts stay within their limits, and the sum of their places adds
 * up. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/bundle_frame.h"
#include "privsep/part_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

/* The frame must lie in the slot exactly where its head has it. */
static void check_frame(const struct frame *frame, const uint8_t *at)
{
	const uint32_t head[] = { frame->number, (uint32_t)frame->len };

	require(memcmp(at, head, sizeof head) == 0);
	require(frame->data == at + sizeof head);
}

static void check_piece(const struct part_receiver *receiver,
                        const struct part_piece *piece)
{
	require(piece->kind < PART_PACKED);
	require(piece->offset + piece->len <= part_max_size(piece->kind));
	require(receiver->tar_offset % TAR_BLOCK == 0);
	require(receiver->is_open == (piece->len > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_reader frames = { data, size };
	struct part_receiver receiver = PART_RECEIVER_INIT;
	const uint8_t *at = data;
	struct part_piece piece;
	struct frame frame;
	struct err err;

	if (size > RING_SLOT_SIZE)
		return 0;
	while (frame_next(&frames, &frame, &err) == 1) {
		check_frame(&frame, at);
		at = frames.at;
		require((size_t)(at - data) + frames.left == size);
		if (part_receiver_take(&receiver, &frame, &piece, &err) < 0)
			return 0;
		check_piece(&receiver, &piece);
	}
	return 0;
}
