/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "codec/revocations.h"

#define DIGEST                                                                 \
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const struct parse_case {
	const char *name;
	const char *text;
	int want;
	enum err_code code;
} cases[] = {
	{ "nothing", "", 0, ERR_NONE },
	{ "comments", "# why\n[keys]\n# lost\n0123456789abcdef = lost\n", 0,
	  ERR_NONE },
	{ "a release", "[releases]\n" DIGEST " = leaks\n", 0, ERR_NONE },
	{ "a cosign key", "[cosign_keys]\n" DIGEST " = lost\n", 0, ERR_NONE },
	{ "an identity", "[identities]\nrelease = moved\n", 0, ERR_NONE },
	{ "a cosign key by an id", "[cosign_keys]\n0123456789abcdef = lost\n",
	  -1, ERR_FORMAT },
	{ "an identity with a slash", "[identities]\na/b = moved\n", -1,
	  ERR_FORMAT },
	{ "upper case", "[keys]\n0123456789ABCDEF = lost\n", -1, ERR_FORMAT },
	{ "short id", "[keys]\n123 = lost\n", -1, ERR_FORMAT },
	{ "short digest", "[releases]\n0011 = leaks\n", -1, ERR_FORMAT },
	{ "unknown section", "[key]\n0123456789abcdef = lost\n", -1,
	  ERR_FORMAT },
	{ "twice", "[keys]\n0123456789abcdef = a\n0123456789abcdef = b\n", -1,
	  ERR_FORMAT },
	{ "no reason", "[keys]\n0123456789abcdef =\n", -1, ERR_FORMAT },
};

static void reads_what_the_administrator_wrote(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct parse_case *c = &cases[i];
		struct revocations out = { .key_count = 77 };
		struct err err = { .code = ERR_NONE };
		int got =
			revocations_parse(c->text, strlen(c->text), &out, &err);

		if (got != c->want || err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (got < 0 && out.key_count != 77)
			fail_msg("%s: the output was touched", c->name);
	}
}

static void finds_and_writes_what_was_added(void **state)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_BUF struct buf again = BUF_NONE;
	struct revocations in = { .key_count = 0 };
	struct revocations out;
	const uint8_t digest[DIGEST_LEN] = { 1 };
	const uint8_t other[DIGEST_LEN] = { 2 };
	struct err err;

	(void)state;
	assert_int_equal(revocations_add_key(&in, 9, "lost", &err), 0);
	assert_int_equal(revocations_add_key(&in, 3, "stolen", &err), 0);
	assert_int_equal(revocations_add_key(&in, 3, "again", &err), 0);
	assert_int_equal(revocations_add_release(&in, digest, "leaks", &err),
	                 0);
	assert_int_equal(revocations_add_cosign_key(&in, other, "sold", &err),
	                 0);
	assert_int_equal(revocations_add_identity(&in, "b", "moved", &err), 0);
	assert_int_equal(revocations_add_identity(&in, "a", "gone", &err), 0);
	assert_int_equal(revocations_add_identity(&in, "a/b", "gone", &err),
	                 -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(revocations_write(&in, &text, &err), 0);
	assert_int_equal(revocations_parse(text.data, text.len, &out, &err), 0);
	assert_int_equal(revocations_write(&out, &again, &err), 0);
	assert_string_equal(buf_text(&text), buf_text(&again));
	assert_int_equal(out.key_count, 2);
	assert_string_equal(revocations_find_key(&out, 3), "stolen");
	assert_string_equal(revocations_find_key(&out, 9), "lost");
	assert_string_equal(revocations_find_cosign_key(&out, other), "sold");
	assert_null(revocations_find_cosign_key(&out, digest));
	assert_string_equal(revocations_find_identity(&out, "a"), "gone");
	assert_string_equal(revocations_find_identity(&out, "b"), "moved");
	assert_null(revocations_find_identity(&out, "c"));
	assert_null(revocations_find_key(&out, 4));
	assert_string_equal(revocations_find_release(&out, digest), "leaks");
	assert_null(revocations_find_release(&out, other));
	assert_int_equal(revocations_add_key(&in, 5, "a;b", &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_null(revocations_find_key(&in, 5));
}

static void holds_its_limit(void **state)
{
	struct revocations in = { .key_count = 0 };
	struct err err;

	(void)state;
	for (uint64_t id = 0; id < REVOKED_KEYS_MAX; id++)
		assert_int_equal(revocations_add_key(&in, id, "x", &err), 0);
	assert_int_equal(revocations_add_key(&in, REVOKED_KEYS_MAX, "x", &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(revocations_add_key(&in, 1, "x", &err), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_the_administrator_wrote),
		cmocka_unit_test(finds_and_writes_what_was_added),
		cmocka_unit_test(holds_its_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
