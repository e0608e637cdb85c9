/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/payload_patch.h"

#define FIRST "# payload.patch 1\n"
#define SIZES FIRST "s 1000 300\n"

static const struct {
	const char *name, *text;
	uint64_t frames; /* bytes behind the head */
	enum err_code want;
} cases[] = {
	{ "two frames", SIZES "f 10 200 0 1000\nf 20 100 500 500\n\n", 30,
	  ERR_NONE },
	{ "nothing is new", FIRST "s 5 0\n\n", 0, ERR_NONE },
	{ "a frame that stands alone", FIRST "s 0 9\nf 1 9 0 0\n\n", 1,
	  ERR_NONE },
	{ "lengths at their limits",
	  FIRST "s 134217729 33554432\nf 34603008 33554432 1 134217728\n\n",
	  34603008, ERR_NONE },
	{ "too much plain", FIRST "s 0 33554433\nf 1 33554433 0 0\n\n", 1,
	  ERR_LIMIT },
	{ "too much packed", FIRST "s 0 1\nf 34603009 1 0 0\n\n", 34603009,
	  ERR_LIMIT },
	{ "too long a stretch", FIRST "s 134217730 1\nf 1 1 0 134217729\n\n", 1,
	  ERR_LIMIT },
	{ "another first line", "# payload.patch 2\ns 0 0\n\n", 0, ERR_FORMAT },
	{ "no sizes", FIRST "\n", 0, ERR_FORMAT },
	{ "one size", FIRST "s 5\n\n", 0, ERR_FORMAT },
	{ "three sizes", FIRST "s 5 0 0\n\n", 0, ERR_FORMAT },
	{ "a leading zero", FIRST "s 05 0\n\n", 0, ERR_FORMAT },
	{ "no end", SIZES "f 10 300 0 1000\n", 10, ERR_FORMAT },
	{ "cut in a line", SIZES "f 10 30", 10, ERR_FORMAT },
	{ "another line", SIZES "g 10 300 0 1000\n\n", 10, ERR_FORMAT },
	{ "an empty frame", SIZES "f 0 300 0 1000\n\n", 0, ERR_FORMAT },
	{ "a frame of nothing", SIZES "f 10 0 0 1000\nf 10 300 0 1\n\n", 20,
	  ERR_FORMAT },
	{ "too little of the new stream", SIZES "f 10 299 0 1000\n\n", 10,
	  ERR_FORMAT },
	{ "too much of it", SIZES "f 10 301 0 1000\n\n", 10, ERR_FORMAT },
	{ "too much of it in two", SIZES "f 9 200 0 0\nf 9 101 0 0\n\n", 18,
	  ERR_FORMAT },
	{ "a stretch behind the old stream", SIZES "f 10 300 1 1000\n\n", 10,
	  ERR_FORMAT },
	{ "one that begins there", SIZES "f 10 300 1001 0\n\n", 10,
	  ERR_FORMAT },
	{ "bytes behind the frames", SIZES "f 10 300 0 1000\n\n", 11,
	  ERR_FORMAT },
	{ "frames that are cut", SIZES "f 10 300 0 1000\n\n", 9, ERR_FORMAT },
	{ "trailing text", SIZES "f 10 300 0 1000 \n\n", 10, ERR_FORMAT },
};

static void test_heads(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		AUTO_PATCH_HEAD struct patch_head head = { .len = 77 };
		AUTO_BUF struct buf again = BUF_NONE;
		size_t len = strlen(cases[i].text);
		struct err err = { .code = ERR_NONE };
		int got = patch_head_parse(cases[i].text, len,
		                           len + cases[i].frames, &head, &err);

		if ((got == 0) != (cases[i].want == ERR_NONE) ||
		    (got < 0 && err.code != cases[i].want))
			fail_msg("%s: got %d, code %d", cases[i].name, got,
			         (int)err.code);
		if (got < 0 && (head.len != 77 || head.frames != NULL))
			fail_msg("%s: the output was touched", cases[i].name);
		if (got < 0)
			continue;
		if (head.len != len ||
		    patch_head_write(&head, &again, &err) < 0 ||
		    strcmp(buf_text(&again), cases[i].text) != 0)
			fail_msg("%s: written again it is '%s'", cases[i].name,
			         buf_text(&again));
	}
}

static int parse_frames(size_t count, struct err *err)
{
	AUTO_PATCH_HEAD struct patch_head head = PATCH_HEAD_NONE;
	AUTO_BUF struct buf text = BUF_NONE;

	assert_int_equal(buf_printf(&text, err, FIRST "s 0 %zu\n", count), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(buf_adds(&text, "f 1 1 0 0\n", err), 0);
	assert_int_equal(buf_adds(&text, "\n", err), 0);
	return patch_head_parse(buf_text(&text), text.len, text.len + count,
	                        &head, err);
}

static void test_most_frames(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(parse_frames(PATCH_FRAMES_MAX, &err), 0);
	assert_int_equal(parse_frames(PATCH_FRAMES_MAX + 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_most_frames),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
