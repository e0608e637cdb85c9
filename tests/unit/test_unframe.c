/* SPDX-License-Identifier: Apache-2.0 */
#include "net/unframe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "codec/bundle_frame.h"

#define TAR_SIZE ((size_t)2 * FRAME_BLOCK + 1000)

static uint8_t tar[TAR_SIZE];
static uint8_t file[TAR_SIZE + 64];
static size_t file_size;

/* No tar; bytes that tell where they stood. */
static void make_file(void)
{
	for (size_t i = 0; i < TAR_SIZE; i++)
		tar[i] = (uint8_t)(i * 31 + i / 251);
	memcpy(file, frame_gzip_head, FRAME_GZIP_HEAD);
	file_size = FRAME_GZIP_HEAD;
	for (size_t at = 0; at < TAR_SIZE; at += FRAME_BLOCK) {
		size_t len = TAR_SIZE - at < FRAME_BLOCK ? TAR_SIZE - at
		                                         : FRAME_BLOCK;

		frame_block_head(at, TAR_SIZE, file + file_size);
		memcpy(file + file_size + FRAME_BLOCK_HEAD, tar + at, len);
		file_size += FRAME_BLOCK_HEAD + len;
	}
}

static int take(void *context, uint64_t offset, const void *data, size_t len,
                struct err *err)
{
	struct buf *out = context;

	assert_true(offset == out->len); /* in order, each byte once */
	return buf_add(out, data, len, err);
}

struct place {
	const char *name;
	size_t offset, len;
};

static const struct place places[] = {
	{ "all", 0, TAR_SIZE },
	{ "the first byte", 0, 1 },
	{ "the last byte", TAR_SIZE - 1, 1 },
	{ "a whole block", FRAME_BLOCK, FRAME_BLOCK },
	{ "the end of a block", FRAME_BLOCK - 1, 1 },
	{ "the begin of one", FRAME_BLOCK, 1 },
	{ "over a boundary", FRAME_BLOCK - 3, 7 },
	{ "over two", FRAME_BLOCK - 1, FRAME_BLOCK + 2 },
};

/* File bytes [@begin, @end), @piece at a time. */
static void unframed_is(const struct place *place, uint64_t begin, uint64_t end,
                        size_t piece)
{
	AUTO_BUF struct buf out = BUF_NONE;
	const struct http_sink sink = { take, &out };
	struct unframe unframe = { &sink, place->offset, place->len };
	struct err err;

	while (begin < end) {
		size_t len =
			end - begin < piece ? (size_t)(end - begin) : piece;

		assert_int_equal(
			unframe_take(&unframe, begin, file + begin, len, &err),
			0);
		begin += len;
	}
	if (out.len != place->len ||
	    memcmp(out.data, tar + place->offset, out.len) != 0)
		fail_msg("%s, by %zu: %zu bytes", place->name, piece, out.len);
}

static void bytes_of_the_tar_are_found(void **state)
{
	static const size_t pieces[] = { 1, 4, 5, 6, 4096, SIZE_MAX };

	(void)state;
	make_file();
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		const struct place *place = &places[i];
		struct http_range range =
			unframe_range(place->offset, place->len);

		for (size_t k = 0; k < sizeof pieces / sizeof pieces[0]; k++) {
			/* Of these bytes of the file, and of all. */
			unframed_is(place, range.offset,
			            range.offset + range.len, pieces[k]);
			unframed_is(place, 0, file_size, pieces[k]);
		}
	}
}

static int refuse(void *context, uint64_t offset, const void *data, size_t len,
                  struct err *err)
{
	(void)context;
	(void)offset;
	(void)data;
	(void)len;
	return err_set(err, ERR_CONFLICT, 0, "no more");
}

static void a_sink_that_refuses_ends_it(void **state)
{
	const struct http_sink sink = { refuse, NULL };
	struct unframe unframe = { &sink, 0, 10 };
	struct err err;

	(void)state;
	make_file();
	/* The frame alone gives nothing. */
	assert_int_equal(unframe_take(&unframe, 0, file,
	                              FRAME_GZIP_HEAD + FRAME_BLOCK_HEAD, &err),
	                 0);
	assert_int_equal(unframe_take(&unframe, 0, file, file_size, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_of_the_tar_are_found),
		cmocka_unit_test(a_sink_that_refuses_ends_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
