/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/press.h"

#include "temp_dir.h"

#include "crypto/init.h"

#define MEMBERS 100

struct taken {
	struct sha256 hash; /* of all members, in order */
	size_t count;
	size_t fail_at; /* the member that is refused; SIZE_MAX: none */
};

static int take(void *context, const struct pressed *member, struct err *err)
{
	struct taken *taken = context;
	uint8_t digest[SHA256_LEN];

	if (taken->count == taken->fail_at)
		return err_set(err, ERR_CONFLICT, 0, "refused");
	/* Each member is longer than the one before it. */
	assert_int_equal(member->plain_len, taken->count + 1);
	assert_int_equal(sha256_of(member->data, member->len, digest, err), 0);
	assert_memory_equal(digest, member->sha256, sizeof digest);
	taken->count++;
	return sha256_add(&taken->hash, member->data, member->len, err);
}

static int press_all(unsigned threads, struct taken *taken, struct err *err)
{
	struct press_sink sink = { take, taken };
	struct press *press;
	int result = 0;

	assert_int_equal(sha256_begin(&taken->hash, err), 0);
	assert_int_equal(press_new(threads, sink, &press, err), 0);
	for (size_t i = 1; i <= MEMBERS && result == 0; i++) {
		memset(press_plain(press), (int)i, i);
		result = press_member(press, i, err);
	}
	if (result == 0)
		result = press_finish(press, err);
	press_free(press);
	return result;
}

static void the_bytes_do_not_depend_on_the_threads(void **state)
{
	uint8_t first[SHA256_LEN];

	(void)state;
	for (unsigned threads = 1; threads <= PRESS_THREADS_MAX; threads *= 2) {
		struct taken taken = { .hash = SHA256_NONE,
			               .fail_at = SIZE_MAX };
		uint8_t digest[SHA256_LEN];
		struct err err;

		assert_int_equal(press_all(threads, &taken, &err), 0);
		assert_int_equal(taken.count, MEMBERS);
		assert_int_equal(sha256_end(&taken.hash, digest, &err), 0);
		if (threads == 1)
			memcpy(first, digest, sizeof first);
		assert_memory_equal(first, digest, sizeof first);
		sha256_done(&taken.hash);
	}
}

static void a_sink_that_refuses_ends_it(void **state)
{
	(void)state;
	for (size_t at = 0; at < MEMBERS; at += 33) {
		struct taken taken = { .hash = SHA256_NONE, .fail_at = at };
		struct err err = { .code = ERR_NONE };

		assert_int_equal(press_all(2, &taken, &err), -1);
		assert_int_equal(err.code, ERR_CONFLICT);
		assert_int_equal(taken.count, at);
		sha256_done(&taken.hash);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bytes_do_not_depend_on_the_threads),
		cmocka_unit_test(a_sink_that_refuses_ends_it),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (crypto_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
