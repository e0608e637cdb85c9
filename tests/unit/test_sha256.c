/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/init.h"
#include "crypto/sha256.h"

/* FIPS 180-4 examples. */
static const struct {
	const char *name, *text, *hex;
} cases[] = {
	{ "nothing", "",
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "one block", "abc",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "two blocks",
	  "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void check(const char *name, const uint8_t digest[SHA256_LEN],
                  const char *want)
{
	char hex[SHA256_HEX_LEN + 1];

	text_to_hex(digest, SHA256_LEN, hex);
	if (strcmp(hex, want) != 0)
		fail_msg("%s: %s", name, hex);
}

static void hashes_known_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t digest[SHA256_LEN];
		struct err err;

		assert_int_equal(sha256_of(cases[i].text, strlen(cases[i].text),
		                           digest, &err),
		                 0);
		check(cases[i].name, digest, cases[i].hex);
	}
}

static void a_context_is_reused_piece_by_piece(void **state)
{
	AUTO_SHA256 struct sha256 hash = SHA256_NONE;
	uint8_t digest[SHA256_LEN];
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(sha256_begin(&hash, &err), 0);
		for (const char *c = cases[i].text; *c != '\0'; c++)
			assert_int_equal(sha256_add(&hash, c, 1, &err), 0);
		assert_int_equal(sha256_end(&hash, digest, &err), 0);
		check(cases[i].name, digest, cases[i].hex);
	}
}

static void a_file_is_hashed_from_where_it_stands(void **state)
{
	FILE *file = tmpfile();
	uint8_t digest[SHA256_LEN];
	uint64_t size = 99;
	struct err err;

	(void)state;
	assert_non_null(file);
	assert_true(fputs("xxabc", file) >= 0);
	assert_int_equal(fflush(file), 0);
	assert_int_equal(lseek(fileno(file), 2, SEEK_SET), 2);
	assert_int_equal(sha256_of_fd(fileno(file), digest, &size, &err), 0);
	check("abc in a file", digest, cases[1].hex);
	assert_int_equal(size, 3);
	assert_int_equal(fclose(file), 0);
}

static void a_bad_descriptor_is_an_error(void **state)
{
	uint8_t digest[SHA256_LEN] = { 1 };
	uint64_t size = 99;
	struct err err;

	(void)state;
	assert_int_equal(sha256_of_fd(-1, digest, &size, &err), -1);
	assert_int_equal(err.code, ERR_SYSTEM);
	assert_int_equal(size, 99);
	assert_int_equal(digest[0], 1);
}

static void every_bit_counts_in_comparisons(void **state)
{
	uint8_t a[SHA256_LEN] = { 0 }, b[SHA256_LEN] = { 0 };

	(void)state;
	assert_true(sha256_equal(a, b));
	for (size_t i = 0; i < SHA256_LEN; i++) {
		b[i] = 0x80;
		assert_false(sha256_equal(a, b));
		b[i] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_known_texts),
		cmocka_unit_test(a_context_is_reused_piece_by_piece),
		cmocka_unit_test(a_file_is_hashed_from_where_it_stands),
		cmocka_unit_test(a_bad_descriptor_is_an_error),
		cmocka_unit_test(every_bit_counts_in_comparisons),
	};
	struct err err;

	if (crypto_init(&err) < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
