/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "crypto/digests.h"
#include "crypto/init.h"

/* FIPS 180-4 examples: "abc". */
#define ABC_256                                                                \
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC_384                                                                \
	"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"     \
	"8086072ba1e7cc2358baeca134c825a7"
#define ABC_512                                                                \
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"     \
	"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

static void check(const uint8_t *digest, size_t len, const char *want)
{
	char hex[2 * SHA512_LEN + 1];

	text_to_hex(digest, len, hex);
	assert_string_equal(hex, want);
}

static void check_abc(const struct digests *digests)
{
	assert_true(digests->has_long);
	check(digests->sha256, SHA256_LEN, ABC_256);
	check(digests->sha384, SHA384_LEN, ABC_384);
	check(digests->sha512, SHA512_LEN, ABC_512);
}

static void bytes_have_three_digests(void **state)
{
	struct digests digests;
	struct err err;

	(void)state;
	assert_int_equal(digests_of("abc", 3, &digests, &err), 0);
	check_abc(&digests);
}

static void a_file_is_hashed_from_where_it_stands(void **state)
{
	AUTO_CLOSE int fd = memfd_create("artifact", MFD_CLOEXEC);
	struct digests digests;
	struct err err;

	(void)state;
	assert_int_equal(write(fd, "xxabc", 5), 5);
	assert_int_equal(lseek(fd, 2, SEEK_SET), 2);
	assert_int_equal(digests_of_fd(fd, &digests, &err), 0);
	check_abc(&digests);
}

static void an_unreadable_file_leaves_the_output_alone(void **state)
{
	struct digests digests = { .has_long = false };
	struct err err;

	(void)state;
	assert_int_equal(digests_of_fd(-1, &digests, &err), -1);
	assert_int_equal(err.code, ERR_SYSTEM);
	assert_false(digests.has_long);
}

static void a_named_artifact_has_one_digest(void **state)
{
	static const uint8_t zero[SHA512_LEN];
	uint8_t sha256[SHA256_LEN];
	struct digests digests;

	(void)state;
	memset(sha256, 0xa5, sizeof sha256);
	digests_named(sha256, &digests);
	assert_false(digests.has_long);
	assert_memory_equal(digests.sha256, sha256, SHA256_LEN);
	assert_memory_equal(digests.sha384, zero, SHA384_LEN);
	assert_memory_equal(digests.sha512, zero, SHA512_LEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_have_three_digests),
		cmocka_unit_test(a_file_is_hashed_from_where_it_stands),
		cmocka_unit_test(an_unreadable_file_leaves_the_output_alone),
		cmocka_unit_test(a_named_artifact_has_one_digest),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (crypto_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
