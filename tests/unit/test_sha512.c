/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/init.h"
#include "crypto/sha512.h"

/* FIPS 180-4 examples. */
static const struct {
	const char *text, *hex;
} cases[] = {
	{ "",
	  "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	  "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e" },
	{ "abc",
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
};

static void hashes_known_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bytes data = { (const uint8_t *)cases[i].text,
			              strlen(cases[i].text) };
		uint8_t digest[SHA512_LEN];
		char hex[2 * SHA512_LEN + 1];
		struct err err;

		assert_int_equal(sha512_of(data, digest, &err), 0);
		text_to_hex(digest, sizeof digest, hex);
		assert_string_equal(hex, cases[i].hex);
	}
}

static void sha384_is_another_hash(void **state)
{
	struct bytes data = { (const uint8_t *)"abc", 3 };
	uint8_t digest[SHA384_LEN];
	char hex[2 * SHA384_LEN + 1];
	struct err err;

	(void)state;
	assert_int_equal(sha384_of(data, digest, &err), 0);
	text_to_hex(digest, sizeof digest, hex);
	assert_string_equal(
		hex,
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5b"
		"ed8086072ba1e7cc2358baeca134c825a7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_known_texts),
		cmocka_unit_test(sha384_is_another_hash),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (crypto_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
