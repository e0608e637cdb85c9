/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_line.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "codec/json_escape.h"

/* What was given, as "key=text;" and "key#number;". */
static int note(void *context, const struct json_item *item, struct err *err)
{
	if (item->text == NULL)
		return buf_printf(context, err, "%s#%" PRIu64 ";", item->key,
		                  item->number);
	return buf_printf(context, err, "%s=%s;", item->key, item->text);
}

#define KEY_32 "abcdefghijklmnopqrstuvwxyz012345"

static const struct line_case {
	const char *name, *line, *want;
	enum err_code code;
} cases[] = {
	{ "texts and numbers", "{\"a\":\"x\",\"b_1\":7,\"c\":\"\"}",
	  "a=x;b_1#7;c=;", ERR_NONE },
	{ "a list", "{\"s\":[\"x\",\"y\"],\"t\":[\"z\"]}", "s=x;s=y;t=z;",
	  ERR_NONE },
	{ "escapes", "{\"a\":\"\\\"\\\\\\n\\r\\t\\u001b\\u007f\\u009b\"}",
	  "a=\"\\\n\r\t\x1b\x7f\xc2\x9b;", ERR_NONE },
	{ "UTF-8", "{\"a\":\"\xc3\xbc\xf0\x9f\x98\x80\"}",
	  "a=\xc3\xbc\xf0\x9f\x98\x80;", ERR_NONE },
	{ "the largest number", "{\"a\":18446744073709551615}",
	  "a#18446744073709551615;", ERR_NONE },
	{ "a larger number", "{\"a\":18446744073709551616}", "", ERR_LIMIT },
	{ "a key of 32", "{\"" KEY_32 "\":0}", KEY_32 "#0;", ERR_NONE },
	{ "a key of 33", "{\"" KEY_32 "6\":0}", "", ERR_FORMAT },
	{ "nothing", "", "", ERR_FORMAT },
	{ "an empty object", "{}", "", ERR_FORMAT },
	{ "an empty key", "{\"\":1}", "", ERR_FORMAT },
	{ "a key in capitals", "{\"A\":1}", "", ERR_FORMAT },
	{ "a key that stands twice", "{\"a\":1,\"a\":2}", "a#1;", ERR_FORMAT },
	{ "nesting", "{\"a\":{\"b\":1}}", "", ERR_FORMAT },
	{ "a list in a list", "{\"a\":[[\"b\"]]}", "", ERR_FORMAT },
	{ "a number in a list", "{\"a\":[1]}", "", ERR_FORMAT },
	{ "an empty list", "{\"a\":[]}", "", ERR_FORMAT },
	{ "a list without end", "{\"a\":[\"b\"", "a=b;", ERR_FORMAT },
	{ "a text without end", "{\"a\":\"b", "", ERR_FORMAT },
	{ "an escape without end", "{\"a\":\"\\", "", ERR_FORMAT },
	{ "a long escape without end", "{\"a\":\"\\u00", "", ERR_FORMAT },
	{ "an object without end", "{\"a\":1", "a#1;", ERR_FORMAT },
	{ "a comma at the end", "{\"a\":1,}", "a#1;", ERR_FORMAT },
	{ "bytes behind it", "{\"a\":1} ", "a#1;", ERR_FORMAT },
	{ "a blank inside", "{\"a\": 1}", "", ERR_FORMAT },
	{ "null", "{\"a\":null}", "", ERR_FORMAT },
	{ "true", "{\"a\":true}", "", ERR_FORMAT },
	{ "a negative number", "{\"a\":-1}", "", ERR_FORMAT },
	{ "a fraction", "{\"a\":1.5}", "a#1;", ERR_FORMAT },
	{ "a leading zero", "{\"a\":01}", "", ERR_FORMAT },
	{ "a needless escape", "{\"a\":\"\\u0041\"}", "", ERR_FORMAT },
	{ "an escaped slash", "{\"a\":\"\\/\"}", "", ERR_FORMAT },
	{ "another spelling of LF", "{\"a\":\"\\u000a\"}", "", ERR_FORMAT },
	{ "capital digits", "{\"a\":\"\\u001B\"}", "", ERR_FORMAT },
	{ "an escaped NUL", "{\"a\":\"\\u0000\"}", "", ERR_FORMAT },
	{ "a bare control", "{\"a\":\"\x01\"}", "", ERR_FORMAT },
	{ "a bare C1 control", "{\"a\":\"\xc2\x9b\"}", "", ERR_FORMAT },
	{ "invalid UTF-8", "{\"a\":\"\xff\"}", "", ERR_FORMAT },
	{ "a list at the top", "[\"a\"]", "", ERR_FORMAT },
};

static void only_our_own_lines_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct line_case *c = &cases[i];
		AUTO_BUF struct buf given = BUF_NONE;
		struct err err = { .code = ERR_NONE };
		int got = json_line_read(c->line, strlen(c->line), note, &given,
		                         &err);

		if (got != (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (strcmp(buf_text(&given), c->want) != 0)
			fail_msg("%s: gave %s", c->name, buf_text(&given));
	}
}

static void a_nul_is_refused(void **state)
{
	AUTO_BUF struct buf given = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(
		json_line_read("{\"a\":\"\0\"}", 9, note, &given, &err), -1);
	assert_int_equal(json_line_read("{\"\0\":1}", 7, note, &given, &err),
	                 -1);
}

static void lines_and_keys_have_their_limits(void **state)
{
	static char line[JSON_LINE_MAX + 2];
	AUTO_BUF struct buf given = BUF_NONE;
	AUTO_BUF struct buf many = BUF_NONE;
	struct err err;

	(void)state;
	(void)snprintf(line, sizeof line, "{\"a\":\"%0*d\"}", JSON_LINE_MAX - 8,
	               0);
	assert_int_equal(
		json_line_read(line, JSON_LINE_MAX, note, &given, &err), 0);
	assert_int_equal(
		json_line_read(line, JSON_LINE_MAX + 1, note, &given, &err),
		-1);
	assert_int_equal(err.code, ERR_LIMIT);
	for (int i = 0; i <= JSON_KEYS_MAX; i++)
		assert_int_equal(buf_printf(&many, &err, "%c\"k%d\":1",
		                            i == 0 ? '{' : ',', i),
		                 0);
	assert_int_equal(buf_adds(&many, "}", &err), 0);
	assert_int_equal(
		json_line_read(many.data, many.len, note, &given, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	/* One key less: the last ","k32":1" cut away. */
	many.data[many.len - sizeof ",\"k32\":1"] = '}';
	assert_int_equal(json_line_read(many.data,
	                                many.len - sizeof ",\"k32\":1" + 1,
	                                note, &given, &err),
	                 0);
}

static int refuse(void *context, const struct json_item *item, struct err *err)
{
	(void)context;
	return err_set(err, ERR_CONFLICT, 0, "not %s", item->key);
}

static void what_the_taker_says_is_passed_on(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(json_line_read("{\"a\":1}", 7, refuse, NULL, &err),
	                 -1);
	assert_int_equal(err.code, ERR_CONFLICT);
}

static void each_escape_is_read_back(void **state)
{
	(void)state;
	for (uint32_t point = 1; point < 0x100; point++) {
		char escape[JSON_ESCAPE_SIZE];
		char plain[JSON_UNESCAPED_MAX];
		size_t taken = 0;
		uint32_t again = 0;
		size_t n;

		if (!json_needs_escape(point))
			continue;
		json_escape(point, escape);
		n = json_unescape(escape, strlen(escape), plain, &taken);
		assert_int_equal(taken, strlen(escape));
		assert_in_range(n, 1, JSON_UNESCAPED_MAX);
		assert_int_equal(text_utf8(plain, n, &again), n);
		assert_int_equal(again, point);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_our_own_lines_are_read),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(lines_and_keys_have_their_limits),
		cmocka_unit_test(what_the_taker_says_is_passed_on),
		cmocka_unit_test(each_escape_is_read_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
