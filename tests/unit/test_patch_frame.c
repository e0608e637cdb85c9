/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zstd.h>

#include "base/cleanup.h"
#include "codec/patch_frame.h"

#define LEN  ((size_t)300000)
#define GATE 0x5a /* behind the room: must stay */

struct sample {
	uint8_t *old, *plain, *packed, *again; /* owned */
	size_t room, packed_len;
};

static void sample_done(struct sample *sample)
{
	free(sample->old);
	free(sample->plain);
	free(sample->packed);
	free(sample->again);
}

/* Bytes that nothing but the old ones makes small. */
static void make_sample(struct sample *out)
{
	uint32_t value = 1;

	out->room = patch_frame_bound(LEN);
	out->old = malloc(LEN);
	out->plain = malloc(LEN);
	out->packed = malloc(2 * out->room);
	out->again = malloc(LEN + 1);
	assert_true(out->old != NULL && out->plain != NULL &&
	            out->packed != NULL && out->again != NULL);
	for (size_t i = 0; i < LEN; i++) {
		value = value * 1664525 + 1013904223;
		out->old[i] = (uint8_t)(value >> 24);
	}
	memcpy(out->plain, out->old + 1000, LEN - 1000);
	memset(out->plain + LEN - 1000, 'x', 1000);
	out->plain[70000] ^= 1;
}

static void pack(struct sample *sample, size_t old_len)
{
	struct err err;

	assert_int_equal(
		patch_frame_make((struct bytes){ sample->old, old_len },
	                         (struct bytes){ sample->plain, LEN },
	                         sample->packed, sample->room,
	                         &sample->packed_len, &err),
		0);
}

/* What a reader makes of it; the byte behind its room stays. */
static int open_frame(struct sample *sample, size_t old_len, size_t plain_len,
                      struct err *err)
{
	int got;

	sample->again[plain_len] = GATE;
	got = patch_frame_open(
		(struct bytes){ sample->old, old_len },
		(struct bytes){ sample->packed, sample->packed_len },
		sample->again, plain_len, err);
	assert_int_equal(sample->again[plain_len], GATE);
	return got;
}

static void test_there_and_back(void **state)
{
	AUTO(sample_done) struct sample sample = { .old = NULL };
	struct err err;

	(void)state;
	make_sample(&sample);
	pack(&sample, LEN);
	assert_in_range(sample.packed_len, 1, 1000);
	assert_int_equal(open_frame(&sample, LEN, LEN, &err), 0);
	assert_memory_equal(sample.again, sample.plain, LEN);

	pack(&sample, 0); /* against nothing */
	assert_in_range(sample.packed_len, LEN / 2, sample.room);
	assert_int_equal(open_frame(&sample, 0, LEN, &err), 0);
	assert_memory_equal(sample.again, sample.plain, LEN);
}

static void require_refused(struct sample *sample, const char *name,
                            size_t old_len, size_t plain_len)
{
	struct err err = { .code = ERR_NONE };

	if (open_frame(sample, old_len, plain_len, &err) == 0 ||
	    err.code != ERR_FORMAT)
		fail_msg("%s: code %d", name, (int)err.code);
}

static void test_other_streams(void **state)
{
	AUTO(sample_done) struct sample sample = { .old = NULL };

	(void)state;
	make_sample(&sample);
	pack(&sample, LEN);
	require_refused(&sample, "more than there is room for", LEN, LEN - 1);
	require_refused(&sample, "a bomb", LEN, 1);
	sample.old[LEN / 2] ^= 1;
	require_refused(&sample, "another old file", LEN, LEN);
	sample.old[LEN / 2] ^= 1;
	require_refused(&sample, "less of the old file", LEN / 2, LEN);
	require_refused(&sample, "no old file", 0, LEN);
}

static void test_damage(void **state)
{
	AUTO(sample_done) struct sample sample = { .old = NULL };
	size_t len;

	(void)state;
	make_sample(&sample);
	pack(&sample, LEN);
	len = sample.packed_len;
	for (size_t i = 0; i < len; i++) {
		struct err err;

		sample.packed[i] ^= 0x10;
		/* What is accepted is right: the checksum says so. */
		if (open_frame(&sample, LEN, LEN, &err) == 0)
			assert_memory_equal(sample.again, sample.plain, LEN);
		sample.packed[i] ^= 0x10;
		sample.packed_len = i;
		require_refused(&sample, "cut off", LEN, LEN);
		sample.packed_len = len;
	}
	sample.packed[len] = 0;
	sample.packed_len = len + 1;
	require_refused(&sample, "a byte more", LEN, LEN);
	memcpy(sample.packed + len, sample.packed, len);
	sample.packed_len = 2 * len;
	require_refused(&sample, "two frames", LEN, LEN);
	/* Skippable frames (RFC 8878, 3.1.2) have no content. */
	memcpy(sample.packed, "\x50\x2a\x4d\x18\x04\0\0\0wide", 12);
	sample.packed_len = 12;
	require_refused(&sample, "a skippable frame", LEN, LEN);
}

/* As another encoder may make it: without a prefix, in a window of its own. */
static void pack_windowed(struct sample *sample, int has_size)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();

	assert_non_null(context);
	assert_false(ZSTD_isError(
		ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 17)));
	assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(
		context, ZSTD_c_contentSizeFlag, has_size)));
	sample->packed_len = ZSTD_compress2(context, sample->packed,
	                                    sample->room, sample->plain, LEN);
	assert_false(ZSTD_isError(sample->packed_len));
	(void)ZSTD_freeCCtx(context);
	/* No single segment: the window's byte is there (RFC 8878, 3.1.1). */
	assert_int_equal(sample->packed[4] & 0x20, 0);
}

static void test_no_size(void **state)
{
	AUTO(sample_done) struct sample sample = { .plain = NULL };

	(void)state;
	make_sample(&sample);
	pack_windowed(&sample, 0);
	require_refused(&sample, "a frame that does not say its size", 0, LEN);
}

/* The largest window there is: the reader has none, and writes no byte more. */
static void test_wide_window(void **state)
{
	AUTO(sample_done) struct sample sample = { .plain = NULL };
	struct err err;

	(void)state;
	make_sample(&sample);
	pack_windowed(&sample, 1);
	sample.packed[5] = 0xa8; /* 2 GiB (RFC 8878, 3.1.1.1.2) */
	assert_int_equal(open_frame(&sample, 0, LEN, &err), 0);
	assert_memory_equal(sample.again, sample.plain, LEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_other_streams),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_no_size),
		cmocka_unit_test(test_wide_window),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
