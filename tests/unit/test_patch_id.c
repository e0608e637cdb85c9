/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/patch_id.h"

#include <string.h>

#include "temp_dir.h"

static uint64_t id_of(const char *old, const char *new)
{
	uint8_t old_digest[SHA256_LEN];
	uint8_t new_digest[SHA256_LEN];
	struct err err;
	uint64_t id = 77;

	assert_int_equal(sha256_of(old, strlen(old), old_digest, &err), 0);
	assert_int_equal(sha256_of(new, strlen(new), new_digest, &err), 0);
	assert_int_equal(patch_id_of(old_digest, new_digest, &id, &err), 0);
	return id;
}

/* printf old >a; printf new >b; sha256sum a b | cut -d' ' -f1 | sha256sum */
static void an_id_is_what_sha256sum_makes_of_both_lists(void **state)
{
	(void)state;
	if (id_of("old", "new") != UINT64_C(0x1b7c24e83beaee37))
		fail_msg("got %016llx",
		         (unsigned long long)id_of("old", "new"));
}

static void every_pair_has_an_id_of_its_own(void **state)
{
	uint64_t forth = id_of("a", "b");

	(void)state;
	assert_true(forth != id_of("b", "a"));
	assert_true(forth != id_of("a", "c"));
	assert_true(forth != id_of("c", "b"));
	assert_true(forth == id_of("a", "b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_what_sha256sum_makes_of_both_lists),
		cmocka_unit_test(every_pair_has_an_id_of_its_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
