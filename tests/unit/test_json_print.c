/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/json_read.h"

static int print(const char *text, unsigned indent, struct buf *out,
                 struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;

	assert_int_equal(
		json_read(text, strlen(text), JSON_READ_MAX, &document, err),
		0);
	return json_print(document.root, indent, out, err);
}

static void what_was_read_is_printed(void **state)
{
	static const char text[] = "{\"b\":[1,0.5,\"x\",null],\"a\":{}}";
	AUTO_BUF struct buf out = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(print(text, 0, &out, &err), 0);
	assert_string_equal(buf_text(&out), text);
	buf_cut(&out, 0);
	assert_int_equal(print("{\"a\":1}", 2, &out, &err), 0);
	assert_string_equal(buf_text(&out), "{\n  \"a\": 1\n}");
}

static void a_full_buffer_is_an_error(void **state)
{
	AUTO_BUF struct buf out = BUF_LIMIT(7);
	struct err err;

	(void)state;
	assert_int_equal(print("{\"a\":1}", 0, &out, &err), 0);
	buf_cut(&out, 0);
	assert_int_equal(print("{\"a\":12}", 0, &out, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_read_is_printed),
		cmocka_unit_test(a_full_buffer_is_an_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
