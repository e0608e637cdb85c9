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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_known_texts),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (crypto_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
