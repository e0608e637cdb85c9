/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/key_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void ids_and_texts_are_inverse(void **state)
{
	static const uint64_t ids[] = { 0, 1, 0xfedcba9876543210, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		char text[KEY_ID_TEXT];
		uint64_t again = 77;
		struct err err;

		key_id_text(ids[i], text);
		assert_int_equal(strlen(text), KEY_ID_TEXT - 1);
		assert_int_equal(key_id_parse(text, strlen(text), &again, &err),
		                 0);
		assert_true(again == ids[i]);
	}
}

static void other_spellings_are_refused(void **state)
{
	static const char *const texts[] = { "", "fedcba987654321",
		                             "0fedcba9876543210",
		                             "FEDCBA9876543210",
		                             "fedcba987654321g" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		uint64_t id = 77;
		struct err err;

		if (key_id_parse(texts[i], strlen(texts[i]), &id, &err) == 0)
			fail_msg("read: '%s'", texts[i]);
		assert_int_equal(err.code, ERR_FORMAT);
		assert_int_equal(id, 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_and_texts_are_inverse),
		cmocka_unit_test(other_spellings_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
