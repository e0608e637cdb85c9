/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/challenge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

/* What the first challenge says, and how many there are. */
static const struct good_case {
	const char *text;
	const char *scheme, *realm, *service, *scope, *error;
	unsigned count;
} good[] = {
	{ "Bearer realm=\"https://a/t\",service=\"s\",scope=\"r:x:pull,push\"",
	  "bearer", "https://a/t", "s", "r:x:pull,push", "", 1 },
	{ "Basic realm=\"basic-realm\"", "basic", "basic-realm", "", "", "",
	  1 },
	{ "BEARER  REALM = \"x\" , error=invalid_token", "bearer", "x", "", "",
	  "invalid_token", 1 },
	{ "Bearer scope=\"a\",realm=\"r\",scope=\"b c\"", "bearer", "r", "",
	  "a b c", "", 1 },
	{ "Bearer realm=\"a\\\"b\\\\c, Basic realm=d\"", "bearer",
	  "a\"b\\c, Basic realm=d", "", "", "", 1 },
	{ "Bearer realm=\"\"", "bearer", "", "", "", "", 1 },
	{ "Negotiate", "negotiate", "", "", "", "", 1 },
	{ "Negotiate, Basic realm=x", "negotiate", "", "", "", "", 2 },
	{ "Negotiate YII+/==, Basic realm=x", "negotiate", "", "", "", "", 2 },
	{ "Basic realm=x, Bearer realm=y,scope=z , Digest", "basic", "x", "",
	  "", "", 3 },
	{ " , ,Basic realm=x,, ,", "basic", "x", "", "", "", 1 },
	{ "Newer strength=\"9\",realm=x", "newer", "x", "", "", "", 1 },
	{ "", NULL, NULL, NULL, NULL, NULL, 0 },
	{ " , ", NULL, NULL, NULL, NULL, NULL, 0 },
};

static const struct bad_case {
	const char *name, *text;
} bad[] = {
	{ "no end of a quote", "Bearer realm=\"x" },
	{ "an escape at the end", "Bearer realm=\"x\\" },
	{ "no comma", "Bearer realm=\"x\" service=\"y\"" },
	{ "no value", "Bearer realm=x,service=" },
	{ "no value before a comma", "Bearer a=b,realm=,service=x" },
	{ "a parameter twice", "Bearer realm=\"x\",realm=\"y\"" },
	{ "a quote for a scheme", "\"Bearer\" realm=x" },
	{ "a control character", "Bearer realm=\"a\tb\x01\"" },
	{ "text behind a scheme", "Bearer @" },
	{ "a parameter without a scheme", "realm=\"x\"" },
	{ "a long scheme", "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa realm=x" },
};

/* Reads all of them; the number, or -1. */
static int read_all(const char *text, struct challenge *first)
{
	struct challenge_reader reader = { text };
	struct challenge got;
	struct err err;
	int count = 0;
	int result;

	while ((result = challenge_next(&reader, &got, &err)) == 1) {
		if (count++ == 0)
			*first = got;
		assert_true(count <= 100);
	}
	return result < 0 ? -1 : count;
}

static void challenges_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		const struct good_case *c = &good[i];
		struct challenge got = { .scheme = "" };
		int count = read_all(c->text, &got);

		if (count != (int)c->count)
			fail_msg("'%s': %d challenges", c->text, count);
		if (count == 0)
			continue;
		assert_string_equal(got.scheme, c->scheme);
		assert_string_equal(got.realm, c->realm);
		assert_string_equal(got.service, c->service);
		assert_string_equal(got.scope, c->scope);
		assert_string_equal(got.error, c->error);
	}
}

static void nonsense_is_refused(void **state)
{
	struct challenge got = { .realm = "untouched" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (read_all(bad[i].text, &got) != -1)
			fail_msg("%s: accepted", bad[i].name);
		assert_string_equal(got.realm, "untouched");
	}
}

/* @head, then @each @count times, then @tail. */
static int read_repeated(const char *head, const char *each, size_t count,
                         const char *tail)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct challenge got;
	struct err err;

	assert_int_equal(buf_adds(&text, head, &err), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(buf_adds(&text, each, &err), 0);
	assert_int_equal(buf_adds(&text, tail, &err), 0);
	return read_all(buf_text(&text), &got);
}

static void limits_hold(void **state)
{
	size_t most = CHALLENGE_VALUE_SIZE - 1;

	(void)state;
	assert_int_equal(read_repeated("B realm=\"", "a", most, "\""), 1);
	assert_int_equal(read_repeated("B realm=\"", "a", most + 1, "\""), -1);
	assert_int_equal(read_repeated("B realm=", "a", most, ""), 1);
	assert_int_equal(read_repeated("B realm=", "a", most + 1, ""), -1);
	assert_int_equal(
		read_repeated("B scope=b,scope=\"", "a", most - 2, "\""), 1);
	assert_int_equal(
		read_repeated("B scope=b,scope=\"", "a", most - 1, "\""), -1);
	assert_int_equal(read_repeated("B ", "a=b,", CHALLENGE_PARAMS_MAX, ""),
	                 1);
	assert_int_equal(
		read_repeated("B ", "a=b,", CHALLENGE_PARAMS_MAX + 1, ""), -1);
	assert_int_equal(read_repeated("", "A", CHALLENGE_SCHEME_SIZE - 1, ""),
	                 1);
	assert_int_equal(read_repeated("", "A", CHALLENGE_SCHEME_SIZE, ""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(challenges_are_read),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(limits_hold),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
