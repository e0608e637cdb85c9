/* SPDX-License-Identifier: Apache-2.0 */
/* parts.tar.xz at its largest; how it is read back is in test_packed_parts.c.
 */
#include "pack/pack_parts.h"

#include <lzma.h>

#include "temp_dir.h"

#include "crypto/sha256.h"

#define PACKED_MOST ((uint64_t)64 << 20)

/* How many bytes liblzma makes of whatever it is given: that of parts which
 * cannot be compressed would take a minute. */
static uint64_t made;

lzma_ret lzma_code(lzma_stream *stream, lzma_action action)
{
	size_t len = stream->avail_out;

	stream->avail_in = 0;
	if (action != LZMA_FINISH)
		return LZMA_OK;
	if (len > made - stream->total_out)
		len = (size_t)(made - stream->total_out);
	memset(stream->next_out, 'x', len);
	stream->next_out += len;
	stream->avail_out -= len;
	stream->total_out += len;
	return stream->total_out == made ? LZMA_STREAM_END : LZMA_OK;
}

static void put_part(const struct temp_dir *dir, struct release_ini *release)
{
	struct part_pin *pin = &release->parts[PART_MTREE];

	put_file(dir->fd, "payload.mtree", "a part");
	*pin = (struct part_pin){ .is_present = true, .size = 6 };
	release->created = 1700000000;
}

static void one_that_is_too_large_is_left_out(void **state)
{
	static struct release_ini release;

	(void)state;
	for (uint64_t extra = 0; extra < 2; extra++) {
		struct temp_dir dir = temp_dir_make();
		struct part_pin pin = { .size = 7 };
		struct err err;

		put_part(&dir, &release);
		made = PACKED_MOST + extra;
		if (pack_parts(dir.fd, &release, &pin, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(pin.is_present, extra == 0);
		assert_int_equal(is_there(dir.fd, "parts.tar.xz"), extra == 0);
		if (extra == 0)
			assert_true(pin.size == PACKED_MOST);
		temp_dir_remove(&dir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_is_too_large_is_left_out),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
