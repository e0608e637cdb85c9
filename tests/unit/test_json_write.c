/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/json_write.h"

static void a_nested_text_is_compact(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct json_writer w;
	struct err err;

	(void)state;
	json_begin(&w, &out);
	assert_int_equal(json_open_object(&w, NULL, &err), 0);
	assert_int_equal(json_text(&w, "a", "x", &err), 0);
	assert_int_equal(json_open_array(&w, "b", &err), 0);
	assert_int_equal(json_u64(&w, NULL, UINT64_MAX, &err), 0);
	assert_int_equal(json_open_object(&w, NULL, &err), 0);
	assert_int_equal(json_close(&w, &err), 0);
	assert_int_equal(json_bool(&w, NULL, true, &err), 0);
	assert_int_equal(json_close(&w, &err), 0);
	assert_int_equal(json_text(&w, "c", NULL, &err), 0);
	assert_int_equal(json_bool(&w, "d", false, &err), 0);
	assert_int_equal(json_raw(&w, "e", "[1]", 3, &err), 0);
	assert_int_equal(json_write_null(&w, "f", &err), 0);
	assert_int_equal(json_close(&w, &err), 0);
	assert_string_equal(buf_text(&out),
	                    "{\"a\":\"x\",\"b\":[18446744073709551615,{},true],"
	                    "\"c\":null,\"d\":false,\"e\":[1],\"f\":null}");
}

static const struct text_case {
	const char *name, *value, *want;
} text_cases[] = {
	{ "empty", "", "\"\"" },
	{ "quote and backslash", "\"\\/", "\"\\\"\\\\/\"" },
	{ "controls", "\n\r\t\x01\x1b\x7f",
	  "\"\\n\\r\\t\\u0001\\u001b\\u007f\"" },
	{ "C1", "\xc2\x9b", "\"\\u009b\"" },
	{ "UTF-8", "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80",
	  "\"\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\"" },
	{ "a stray byte",
	  "a\xff"
	  "b",
	  "\"a\xef\xbf\xbd"
	  "b\"" },
	{ "cut UTF-8", "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "an overlong form", "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "a surrogate", "\xed\xa0\x80",
	  "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
};

static void texts_are_escaped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof text_cases / sizeof text_cases[0]; i++) {
		AUTO_BUF struct buf out = BUF_NONE;
		struct json_writer w;
		struct err err;

		json_begin(&w, &out);
		if (json_text(&w, NULL, text_cases[i].value, &err) < 0 ||
		    strcmp(buf_text(&out), text_cases[i].want) != 0)
			fail_msg("%s: %s", text_cases[i].name, buf_text(&out));
	}
}

static void a_nul_inside_a_text_is_escaped(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct json_writer w;
	struct err err;

	(void)state;
	json_begin(&w, &out);
	assert_int_equal(json_text_n(&w, NULL, "a\0b", 3, &err), 0);
	assert_string_equal(buf_text(&out), "\"a\\u0000b\"");
}

static void misuse_is_refused(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct json_writer w;
	struct err err;

	(void)state;
	json_begin(&w, &out);
	assert_int_equal(json_close(&w, &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
	assert_int_equal(json_u64(&w, "key", 1, &err), -1);
	assert_int_equal(json_open_object(&w, NULL, &err), 0);
	assert_int_equal(json_u64(&w, NULL, 1, &err), -1);
	assert_int_equal(json_open_array(&w, "a", &err), 0);
	assert_int_equal(json_u64(&w, "key", 1, &err), -1);
	assert_int_equal(json_close(&w, &err), 0);
	assert_int_equal(json_close(&w, &err), 0);
	assert_int_equal(json_write_null(&w, NULL, &err), -1);
	assert_string_equal(buf_text(&out), "{\"a\":[]}");
}

static void the_depth_is_limited(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct json_writer w;
	struct err err;

	(void)state;
	json_begin(&w, &out);
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		assert_int_equal(json_open_array(&w, NULL, &err), 0);
	assert_int_equal(json_open_array(&w, NULL, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void a_full_buffer_is_an_error(void **state)
{
	AUTO_BUF struct buf out = BUF_LIMIT(4);
	struct json_writer w;
	struct err err;

	(void)state;
	json_begin(&w, &out);
	assert_int_equal(json_text(&w, NULL, "abcd", &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_nested_text_is_compact),
		cmocka_unit_test(texts_are_escaped),
		cmocka_unit_test(a_nul_inside_a_text_is_escaped),
		cmocka_unit_test(misuse_is_refused),
		cmocka_unit_test(the_depth_is_limited),
		cmocka_unit_test(a_full_buffer_is_an_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
