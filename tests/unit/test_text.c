/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

typedef int read_fn(const char *text, size_t len, uint64_t max, uint64_t *out,
                    struct err *err);

static const struct number_case {
	const char *name;
	read_fn *read;
	const char *text;
	uint64_t max, want;
	enum err_code code;
} numbers[] = {
	{ "zero", text_u64, "0", 9, 0, ERR_NONE },
	{ "the largest allowed", text_u64, "10", 10, 10, ERR_NONE },
	{ "one above", text_u64, "11", 10, 0, ERR_LIMIT },
	{ "a digit above", text_u64, "9", 8, 0, ERR_LIMIT },
	{ "2^64 - 1", text_u64, "18446744073709551615", UINT64_MAX, UINT64_MAX,
	  ERR_NONE },
	{ "2^64", text_u64, "18446744073709551616", UINT64_MAX, 0, ERR_LIMIT },
	{ "far above 2^64", text_u64, "99999999999999999999999999", UINT64_MAX,
	  0, ERR_LIMIT },
	{ "nothing", text_u64, "", 9, 0, ERR_FORMAT },
	{ "a leading zero", text_u64, "01", 9, 0, ERR_FORMAT },
	{ "a sign", text_u64, "+1", 9, 0, ERR_FORMAT },
	{ "a blank", text_u64, " 1", 9, 0, ERR_FORMAT },
	{ "a letter behind", text_u64, "1a", 99, 0, ERR_FORMAT },
	{ "octal", text_octal, "0644", 07777, 0644, ERR_NONE },
	{ "the largest octal", text_octal, "7777", 07777, 07777, ERR_NONE },
	{ "an octal above", text_octal, "10000", 07777, 0, ERR_LIMIT },
	{ "no octal digit", text_octal, "8", 07777, 0, ERR_FORMAT },
};

static void numbers_are_read_strictly(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		const struct number_case *c = &numbers[i];
		struct err err = { .code = ERR_NONE };
		uint64_t out = 77;
		int got = c->read(c->text, strlen(c->text), c->max, &out, &err);

		if (got != (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (out != (got == 0 ? c->want : 77))
			fail_msg("%s: read %llu", c->name,
			         (unsigned long long)out);
	}
}

static const char *const no_hex[] = { "", "0", "0g", "0A", "000", " 0" };

static void hex_has_one_spelling(void **state)
{
	static const uint8_t data[] = { 0x00, 0x1f, 0xa0, 0xff };
	uint8_t again[sizeof data] = { 0 };
	char text[2 * sizeof data + 1];
	uint8_t byte = 77;
	struct err err;

	(void)state;
	text_to_hex(data, sizeof data, text);
	assert_string_equal(text, "001fa0ff");
	assert_int_equal(
		text_from_hex(text, strlen(text), again, sizeof again, &err),
		0);
	assert_memory_equal(again, data, sizeof data);
	for (size_t i = 0; i < COUNT(no_hex); i++) {
		if (text_from_hex(no_hex[i], strlen(no_hex[i]), &byte, 1,
		                  &err) == 0)
			fail_msg("read: '%s'", no_hex[i]);
		assert_int_equal(err.code, ERR_FORMAT);
		assert_int_equal(byte, 77);
	}
}

static const struct utf8_case {
	const char *name, *text;
	size_t want; /* bytes of the sequence */
	uint32_t point;
} sequences[] = {
	{ "ASCII", "a", 1, 'a' },
	{ "the first of two bytes", "\xc2\x80", 2, 0x80 },
	{ "the first of three", "\xe0\xa0\x80", 3, 0x800 },
	{ "the last before the surrogates", "\xed\x9f\xbf", 3, 0xd7ff },
	{ "a surrogate", "\xed\xa0\x80", 0, 0 },
	{ "the first of four", "\xf0\x90\x80\x80", 4, 0x10000 },
	{ "the last of all", "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
	{ "one above", "\xf4\x90\x80\x80", 0, 0 },
	{ "overlong in two", "\xc1\xbf", 0, 0 },
	{ "overlong in three", "\xe0\x9f\xbf", 0, 0 },
	{ "overlong in four", "\xf0\x8f\xbf\xbf", 0, 0 },
	{ "a continuation alone", "\x80", 0, 0 },
	{ "cut", "\xe2\x82", 0, 0 },
	{ "no continuation", "\xc3(", 0, 0 },
	{ "a byte that never occurs", "\xff", 0, 0 },
};

static void utf8_is_what_rfc_3629_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sequences); i++) {
		const struct utf8_case *c = &sequences[i];
		uint32_t point = 0;
		size_t got = text_utf8(c->text, strlen(c->text), &point);

		if (got != c->want || (got > 0 && point != c->point))
			fail_msg("%s: %zu bytes, U+%04X", c->name, got,
			         (unsigned)point);
		if (c->want == 0 && text_is_printable(c->text, strlen(c->text)))
			fail_msg("%s: printable", c->name);
	}
}

static void controls_are_not_printable(void **state)
{
	(void)state;
	assert_true(text_is_printable("", 0));
	assert_true(text_is_printable("a b~\xc2\xa0\xc3\xbc", 8));
	assert_false(text_is_printable("a\0", 2));
	assert_false(text_is_printable("\x1f", 1));
	assert_false(text_is_printable("\x7f", 1));
	assert_false(text_is_printable("\xc2\x80", 2));
	assert_false(text_is_printable("\xc2\x9f", 2));
}

static void a_copy_fits_or_is_none(void **state)
{
	char out[4] = "old";
	struct err err;

	(void)state;
	assert_int_equal(text_copy(out, sizeof out, "abcd", 4, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(text_copy(out, sizeof out, "a\0", 2, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_string_equal(out, "old");
	assert_int_equal(text_copy(out, sizeof out, "abcd", 3, &err), 0);
	assert_string_equal(out, "abc");
}

static void words_are_cut_at_blanks(void **state)
{
	const char *at = "  one\ttwo  ";
	size_t len = 0;
	const char *word;

	(void)state;
	word = text_word(&at, &len);
	assert_true(text_equal(word, len, "one"));
	assert_false(text_equal(word, len, "on"));
	word = text_word(&at, &len);
	assert_true(text_equal(word, len, "two"));
	assert_null(text_word(&at, &len));
	assert_null(text_word(&at, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_strictly),
		cmocka_unit_test(hex_has_one_spelling),
		cmocka_unit_test(utf8_is_what_rfc_3629_says),
		cmocka_unit_test(controls_are_not_printable),
		cmocka_unit_test(a_copy_fits_or_is_none),
		cmocka_unit_test(words_are_cut_at_blanks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
