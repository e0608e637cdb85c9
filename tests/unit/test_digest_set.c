/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/digest_set.h"

#define MANY 5000

/* Digests that fall into few slots, so that most of them collide. */
static void make(uint32_t number, uint8_t out[DIGEST_LEN])
{
	memset(out, 0, DIGEST_LEN);
	out[0] = (uint8_t)(number % 7);
	memcpy(out + 8, &number, sizeof number);
	out[31] = 1;
}

static void test_membership(void **state)
{
	AUTO_DIGEST_SET struct digest_set set = DIGEST_SET_NONE;
	uint8_t digest[DIGEST_LEN];
	struct err err;

	(void)state;
	make(1, digest);
	assert_false(digest_set_has(&set, digest));
	for (uint32_t i = 0; i < MANY; i++) {
		make(i, digest);
		assert_int_equal(digest_set_add(&set, digest, &err), 0);
		assert_int_equal(digest_set_add(&set, digest, &err), 0);
	}
	assert_int_equal(set.count, MANY);
	for (uint32_t i = 0; i < 2 * MANY; i++) {
		make(i, digest);
		assert_int_equal(digest_set_has(&set, digest), i < MANY);
	}
}

static void test_nul(void **state)
{
	static const uint8_t nul[DIGEST_LEN];
	AUTO_DIGEST_SET struct digest_set set = DIGEST_SET_NONE;
	struct err err;

	(void)state;
	assert_int_equal(digest_set_add(&set, nul, &err), 0);
	assert_int_equal(digest_set_add(&set, nul, &err), 0);
	assert_int_equal(set.count, 0);
}

static void test_limit(void **state)
{
	AUTO_DIGEST_SET struct digest_set set = DIGEST_SET_NONE;
	uint8_t digest[DIGEST_LEN];
	struct err err;

	(void)state;
	memset(digest, 1, sizeof digest);
	set.count = DIGEST_SET_MAX;
	assert_int_equal(digest_set_add(&set, digest, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	set.count = 0;
	assert_int_equal(digest_set_add(&set, digest, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_membership),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
