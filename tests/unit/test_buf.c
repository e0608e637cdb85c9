/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void an_empty_buffer_is_an_empty_text(void **state)
{
	AUTO_BUF struct buf buf = BUF_NONE;
	struct err err;

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(buf_add(&buf, NULL, 0, &err), 0);
	assert_string_equal(buf_text(&buf), "");
	buf_cut(&buf, 0);
	assert_int_equal(buf.len, 0);
}

static void texts_are_appended(void **state)
{
	AUTO_BUF struct buf buf = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(buf_adds(&buf, "a", &err), 0);
	assert_int_equal(buf_add(&buf, "b\0c", 3, &err), 0);
	assert_int_equal(buf_printf(&buf, &err, "%d", 42), 0);
	assert_int_equal(buf.len, 6);
	assert_memory_equal(buf.data, "ab\0c42", 7);
}

static void the_limit_holds_and_keeps_the_contents(void **state)
{
	AUTO_BUF struct buf buf = BUF_LIMIT(4);
	struct err err;

	(void)state;
	assert_int_equal(buf_adds(&buf, "abcd", &err), 0);
	assert_int_equal(buf_adds(&buf, "e", &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(buf_printf(&buf, &err, "%d", 1), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(buf_reserve(&buf, SIZE_MAX, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_string_equal(buf_text(&buf), "abcd");
}

static void a_buffer_grows(void **state)
{
	AUTO_BUF struct buf buf = BUF_NONE;
	struct err err;

	(void)state;
	for (int i = 0; i < 10000; i++)
		assert_int_equal(buf_printf(&buf, &err, "%04d", i), 0);
	assert_int_equal(buf.len, 40000);
	assert_memory_equal(buf.data + 39996, "9999", 5);
}

static void a_cut_drops_the_end(void **state)
{
	AUTO_BUF struct buf buf = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(buf_adds(&buf, "abcd", &err), 0);
	buf_cut(&buf, 9);
	assert_string_equal(buf_text(&buf), "abcd");
	buf_cut(&buf, 2);
	assert_string_equal(buf_text(&buf), "ab");
	assert_int_equal(buf_adds(&buf, "e", &err), 0);
	assert_string_equal(buf_text(&buf), "abe");
}

static void a_released_buffer_can_be_used_again(void **state)
{
	AUTO_BUF struct buf buf = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(buf_adds(&buf, "abcd", &err), 0);
	buf_done(&buf);
	assert_int_equal(buf.len, 0);
	assert_int_equal(buf_adds(&buf, "x", &err), 0);
	assert_string_equal(buf_text(&buf), "x");
	buf_wipe(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.len, 0);
	buf_wipe(&buf);
	assert_int_equal(buf_adds(&buf, "y", &err), 0);
	assert_string_equal(buf_text(&buf), "y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_an_empty_text),
		cmocka_unit_test(texts_are_appended),
		cmocka_unit_test(the_limit_holds_and_keeps_the_contents),
		cmocka_unit_test(a_buffer_grows),
		cmocka_unit_test(a_cut_drops_the_end),
		cmocka_unit_test(a_released_buffer_can_be_used_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
