/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/lock_pin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEX   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define UPPER "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"

struct pin_case {
	const char *name, *text;
	bool want;
};

static const struct pin_case releases[] = {
	{ "as it is written", "{\"release_sha256\": \"" HEX "\"}", true },
	{ "without blanks", "{\"release_sha256\":\"" HEX "\"}", true },
	{ "all blanks", "\"release_sha256\" \t\r\n:\n\"" HEX "\"", true },
	{ "the second of two",
	  "{\"release_sha256\": \"\"}, {\"release_sha256\": \"" HEX "\"}",
	  true },
	{ "nothing", "", false },
	{ "the name alone", "\"release_sha256\"", false },
	{ "cut before the value", "\"release_sha256\":", false },
	{ "cut in the value", "\"release_sha256\": \"0001020304", false },
	{ "cut before its end", "\"release_sha256\": \"" HEX, false },
	{ "another member", "{\"sha256\": \"" HEX "\"}", false },
	{ "a longer name", "{\"x_release_sha256\": \"" HEX "\"}", false },
	{ "more behind it", "{\"release_sha256\": \"" HEX "0\"}", false },
	{ "more before it", "{\"release_sha256\": \"0" HEX "\"}", false },
	{ "an algorithm", "{\"release_sha256\": \"sha256:" HEX "\"}", false },
	{ "upper case", "{\"release_sha256\": \"" UPPER "\"}", false },
	{ "as a value", "[\"release_sha256\", \"" HEX "\"]", false },
	{ "within a text",
	  "{\"x\": \"\\\"release_sha256\\\": \\\"" HEX "\\\"\"}", false },
	{ "anywhere", "{\"x\": \"see " HEX "\"}", false },
};

static const struct pin_case dry_runs[] = {
	{ "true", "{\"dry_run\": true}", true },
	{ "false", "{\"dry_run\": false}", false },
	{ "absent", "{\"packs\": []}", false },
	{ "a text", "{\"dry_run\": \"true\"}", false },
};

/* In memory of exactly its size, so that a byte too many is found. */
static bool ask(const char *text,
                bool (*question)(const char *text, size_t len))
{
	size_t len = strlen(text);
	char *copy = malloc(len > 0 ? len : 1);
	bool got;

	assert_non_null(copy);
	memcpy(copy, text, len);
	got = question(copy, len);
	free(copy);
	return got;
}

static bool has_release(const char *text, size_t len)
{
	uint8_t digest[LOCK_PIN_SHA256_LEN];

	for (size_t i = 0; i < sizeof digest; i++)
		digest[i] = (uint8_t)i;
	return lock_pin_has_release(text, len, digest);
}

static void test_a_release_is_pinned_by_its_member_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof releases / sizeof releases[0]; i++)
		if (ask(releases[i].text, has_release) != releases[i].want)
			fail_msg("%s", releases[i].name);
}

static void test_a_dry_run_says_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof dry_runs / sizeof dry_runs[0]; i++)
		if (ask(dry_runs[i].text, lock_pin_is_dry_run) !=
		    dry_runs[i].want)
			fail_msg("%s", dry_runs[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_release_is_pinned_by_its_member_alone),
		cmocka_unit_test(test_a_dry_run_says_so),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
