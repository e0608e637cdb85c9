/* SPDX-License-Identifier: Apache-2.0 */
/* Frames through the ring, both ends in one process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "privsep/ring.h"

struct ends {
	int sockets[2];
	struct message_channel monitor, worker;
	struct ring ring;
	struct ring_writer writer;
	uint8_t *slot;
};

static int open_ends(void **state)
{
	struct ends *ends = calloc(1, sizeof *ends);
	struct err err;

	if (ends == NULL)
		return -1;
	ends->ring = RING_NONE;
	ends->slot = malloc(RING_SLOT_SIZE);
	assert_non_null(ends->slot);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends->sockets),
	                 0);
	ends->monitor = (struct message_channel){ .fd = ends->sockets[0],
		                                  .side = SIDE_MONITOR };
	ends->worker = (struct message_channel){ .fd = ends->sockets[1],
		                                 .side = SIDE_WORKER };
	/* As if READY and START had been exchanged. */
	ends->monitor.seen = 1u << MESSAGE_READY;
	ends->worker.seen = 1u << MESSAGE_START;
	assert_int_equal(ring_make(&ends->ring, &err), 0);
	assert_int_equal(
		ring_attach(ends->ring.fd, &ends->worker, &ends->writer, &err),
		0);
	*state = ends;
	return 0;
}

static int close_ends(void **state)
{
	struct ends *ends = *state;

	ring_detach(&ends->writer);
	ring_done(&ends->ring);
	(void)close(ends->sockets[0]);
	(void)close(ends->sockets[1]);
	free(ends->slot);
	free(ends);
	return 0;
}

/* Take the next slot as the monitor does. */
static struct frame_reader take_slot(struct ends *ends)
{
	struct frame_reader frames = { ends->slot, 0 };
	union message message;
	struct err err;

	assert_int_equal(message_receive(&ends->monitor, &message, &err), 1);
	assert_int_equal(message.type, MESSAGE_SLOT);
	frames.left = message.slot.used;
	ring_copy(&ends->ring, frames.left, ends->slot);
	memset(&message, 0, sizeof message);
	message.type = MESSAGE_CREDIT;
	assert_int_equal(message_send(&ends->monitor, &message, &err), 0);
	return frames;
}

static void small_frames_share_a_slot(void **state)
{
	struct ends *ends = *state;
	struct frame_reader frames;
	struct frame frame;
	struct err err;

	assert_int_equal(frame_put(&ends->writer, 1, "one", 3, &err), 0);
	assert_int_equal(frame_end(&ends->writer, 1, &err), 0);
	assert_int_equal(frame_put(&ends->writer, 2, "two", 3, &err), 0);
	assert_int_equal(ring_flush(&ends->writer, &err), 0);
	frames = take_slot(ends);
	assert_int_equal(frames.left, 3 * FRAME_HEAD_SIZE + 6);
	assert_int_equal(frame_next(&frames, &frame, &err), 1);
	assert_int_equal(frame.number, 1);
	assert_int_equal(frame.len, 3);
	assert_memory_equal(frame.data, "one", 3);
	assert_int_equal(frame_next(&frames, &frame, &err), 1);
	assert_int_equal(frame.number, 1);
	assert_int_equal(frame.len, 0);
	assert_int_equal(frame_next(&frames, &frame, &err), 1);
	assert_int_equal(frame.number, 2);
	assert_int_equal(frame_next(&frames, &frame, &err), 0);
}

static void the_pieces_of_an_item_make_one_frame(void **state)
{
	struct ends *ends = *state;
	struct frame_reader frames;
	struct frame frame;
	struct err err;

	assert_int_equal(frame_put(&ends->writer, 1, "one", 3, &err), 0);
	assert_int_equal(frame_put(&ends->writer, 1, "two", 3, &err), 0);
	assert_int_equal(frame_end(&ends->writer, 1, &err), 0);
	assert_int_equal(ring_flush(&ends->writer, &err), 0);
	frames = take_slot(ends);
	assert_int_equal(frame_next(&frames, &frame, &err), 1);
	assert_int_equal(frame.number, 1);
	assert_int_equal(frame.len, 6);
	assert_memory_equal(frame.data, "onetwo", 6);
	assert_int_equal(frame_next(&frames, &frame, &err), 1);
	assert_int_equal(frame.len, 0);
	assert_int_equal(frame_next(&frames, &frame, &err), 0);
}

/* Whatever lies before it, and however it comes. */
static void an_item_goes_on_at_a_cut(void **state)
{
	struct ends *ends = *state;
	AUTO_FREE uint8_t *data = calloc(1, RING_SLOT_SIZE);

	assert_non_null(data);
	for (size_t lead = 1; lead < 3 * RING_CUT; lead += 997) {
		uint64_t at = 0;
		struct frame_reader frames;
		struct frame frame;
		struct err err;

		assert_int_equal(frame_put(&ends->writer, 1, data, lead, &err),
		                 0);
		assert_int_equal(frame_end(&ends->writer, 1, &err), 0);
		for (int piece = 0; piece < 2; piece++)
			assert_int_equal(frame_put(&ends->writer, 2, data,
			                           RING_SLOT_SIZE - lead, &err),
			                 0);
		assert_int_equal(frame_end(&ends->writer, 2, &err), 0);
		assert_int_equal(ring_flush(&ends->writer, &err), 0);
		frames = take_slot(ends);
		assert_int_equal(frame_next(&frames, &frame, &err), 1);
		assert_int_equal(frame_next(&frames, &frame, &err), 1);
		while (at < 2 * (RING_SLOT_SIZE - lead)) {
			if (frame_next(&frames, &frame, &err) == 0) {
				frames = take_slot(ends);
				continue;
			}
			if (at % RING_CUT != 0)
				fail_msg("behind %zu bytes: cut at %llu", lead,
				         (unsigned long long)at);
			at += frame.len;
		}
		assert_int_equal(frame_next(&frames, &frame, &err), 1);
		assert_int_equal(frame.len, 0);
	}
}

/* As much as the ring holds, taken slot by slot as credits allow. */
static void a_long_item_is_split_and_keeps_its_bytes(void **state)
{
	struct ends *ends = *state;
	/* The last slot has the frame that ends it, too. */
	const size_t len = (RING_SLOTS - 1) * (RING_SLOT_SIZE - RING_CUT) +
	                   FRAME_DATA_MAX - FRAME_HEAD_SIZE;
	AUTO_FREE uint8_t *data = malloc(len);
	uint64_t at = 0;
	struct err err;

	assert_non_null(data);
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 31 + i / 7);
	for (int round = 0; round < 3; round++) {
		size_t got = 0;

		assert_int_equal(frame_put(&ends->writer, 5, data, len, &err),
		                 0);
		assert_int_equal(frame_end(&ends->writer, 5, &err), 0);
		assert_int_equal(ring_flush(&ends->writer, &err), 0);
		for (int slot = 0; slot < RING_SLOTS; slot++) {
			struct frame_reader frames = take_slot(ends);
			struct frame frame;

			assert_int_equal(frame_next(&frames, &frame, &err), 1);
			assert_int_equal(frame.number, 5);
			assert_memory_equal(frame.data, data + got, frame.len);
			got += frame.len;
		}
		assert_true(got == len);
		at += got;
	}
	assert_true(at == 3 * (uint64_t)len);
}

static void a_writer_without_credit_sees_the_monitor_go(void **state)
{
	struct ends *ends = *state;
	AUTO_FREE uint8_t *data = calloc(RING_SLOTS, RING_SLOT_SIZE);
	struct err err;

	assert_non_null(data);
	assert_int_equal(shutdown(ends->sockets[0], SHUT_WR), 0);
	assert_int_equal(frame_put(&ends->writer, 1, data,
	                           RING_SLOTS * RING_SLOT_SIZE, &err),
	                 -1);
	assert_int_equal(err.code, ERR_SYSTEM);
}

static void the_ring_cannot_change_its_size(void **state)
{
	struct ends *ends = *state;

	assert_int_equal(ftruncate(ends->ring.fd, 0), -1);
	assert_int_equal(ftruncate(ends->ring.fd, 2 * (off_t)RING_SIZE), -1);
}

struct frame_case {
	const char *name;
	uint32_t len; /* as the head says */
	size_t left;  /* bytes of the slot */
	int want;
};

static void frames_never_leave_their_bytes(void **state)
{
	static const struct frame_case cases[] = {
		{ "nothing", 0, 0, 0 },
		{ "half a head", 0, 7, -1 },
		{ "an empty frame", 0, 8, 1 },
		{ "one byte of one", 1, 9, 1 },
		{ "none of one byte", 1, 8, -1 },
		{ "one byte too many", 9, 16, -1 },
		{ "2^32 - 1 bytes", UINT32_MAX, 64, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t bytes[64] = { 0 };
		struct frame_reader frames = { bytes, cases[i].left };
		struct frame frame = { 77, NULL, 77 };
		struct err err;

		memcpy(bytes + 4, &cases[i].len, sizeof cases[i].len);
		if (frame_next(&frames, &frame, &err) != cases[i].want)
			fail_msg("%s", cases[i].name);
		if (cases[i].want != 1 && frame.number != 77)
			fail_msg("%s: output touched", cases[i].name);
		if (cases[i].want < 0 && err.code != ERR_FORMAT)
			fail_msg("%s: code %d", cases[i].name, (int)err.code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(small_frames_share_a_slot,
		                                open_ends, close_ends),
		cmocka_unit_test_setup_teardown(
			the_pieces_of_an_item_make_one_frame, open_ends,
			close_ends),
		cmocka_unit_test_setup_teardown(an_item_goes_on_at_a_cut,
		                                open_ends, close_ends),
		cmocka_unit_test_setup_teardown(
			a_long_item_is_split_and_keeps_its_bytes, open_ends,
			close_ends),
		cmocka_unit_test_setup_teardown(
			a_writer_without_credit_sees_the_monitor_go, open_ends,
			close_ends),
		cmocka_unit_test_setup_teardown(the_ring_cannot_change_its_size,
		                                open_ends, close_ends),
		cmocka_unit_test(frames_never_leave_their_bytes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
