/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* RFC 4648, section 10, and the characters 62 and 63. */
static const struct pair {
	const char *plain, *text;
} pairs[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xbf", "+/+/" },
};

static void texts_and_bytes_are_inverse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		const struct pair *p = &pairs[i];
		AUTO_BUF struct buf again = BUF_NONE;
		uint8_t out[8];
		size_t len = 77;
		struct err err;

		assert_int_equal(base64_decode(p->text, strlen(p->text), out,
		                               &len, &err),
		                 0);
		assert_int_equal(len, strlen(p->plain));
		assert_memory_equal(out, p->plain, len);
		assert_int_equal(base64_add(&again, out, len, &err), 0);
		assert_string_equal(buf_text(&again), p->text);
	}
}

static const struct bad_case {
	const char *name, *text;
	size_t len; /* 0: up to the NUL */
} bad[] = {
	{ "no padding", "Zg", 0 },
	{ "half the padding", "Zg=", 0 },
	{ "too much padding", "Zm9v====", 0 },
	{ "padding alone", "====", 0 },
	{ "padding inside", "Zg==Zm9v", 0 },
	{ "the URL-safe alphabet", "-_-_", 0 },
	{ "a line feed at the end", "Zm9v\n", 0 },
	{ "a line feed inside", "Zm\n9", 0 },
	{ "blanks", "Zm9v    ", 0 },
	{ "unused bits that are set, of two", "Zm9=", 0 },
	{ "unused bits that are set, of four", "Zh==", 0 },
	{ "a NUL", "Zm9\0", 4 },
	{ "a foreign byte", "Zm9\xff", 0 },
};

static void any_other_spelling_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const struct bad_case *c = &bad[i];
		size_t text_len = c->len > 0 ? c->len : strlen(c->text);
		uint8_t out[16];
		size_t len = 77;
		struct err err = { .code = ERR_NONE };

		if (base64_decode(c->text, text_len, out, &len, &err) == 0)
			fail_msg("%s: was read", c->name);
		assert_int_equal(err.code, ERR_FORMAT);
		assert_int_equal(len, 77);
		if (base64_decode_exact(c->text, text_len, out, 3, &err) == 0)
			fail_msg("%s: was read as three bytes", c->name);
	}
}

static void an_exact_size_is_demanded(void **state)
{
	uint8_t out[4] = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(base64_decode_exact("Zm8=", 4, out, 2, &err), 0);
	assert_memory_equal(out, "fo", 2);
	assert_int_equal(base64_decode_exact("Zm8=", 4, out, 1, &err), -1);
	assert_int_equal(base64_decode_exact("Zm8=", 4, out, 3, &err), -1);
	assert_int_equal(base64_decode_exact("Zm9vYg==", 8, out, 3, &err), -1);
}

static void encoding_respects_the_limit_of_a_buffer(void **state)
{
	AUTO_BUF struct buf four = BUF_LIMIT(4), three = BUF_LIMIT(3);
	struct err err;

	(void)state;
	assert_int_equal(base64_add(&four, (const uint8_t *)"foo", 3, &err), 0);
	assert_int_equal(base64_add(&three, (const uint8_t *)"f", 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(three.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_and_bytes_are_inverse),
		cmocka_unit_test(any_other_spelling_is_refused),
		cmocka_unit_test(an_exact_size_is_demanded),
		cmocka_unit_test(encoding_respects_the_limit_of_a_buffer),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
