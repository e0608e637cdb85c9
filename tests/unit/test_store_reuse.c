/* SPDX-License-Identifier: Apache-2.0 */
#include "store/reuse.h"

#include "temp_release.h"
#include "temp_store.h"

static void digest_of(const char *text, uint8_t out[DIGEST_LEN])
{
	struct err err;

	assert_int_equal(sha256_of(text, strlen(text), out, &err), 0);
}

static void want(struct reuse *reuse, const char *text)
{
	uint8_t digest[DIGEST_LEN];
	struct err err;

	digest_of(text, digest);
	assert_int_equal(reuse_want(reuse, digest, strlen(text), &err), 0);
}

static const char *find(const struct reuse *reuse, const char *text)
{
	uint8_t digest[DIGEST_LEN];

	digest_of(text, digest);
	return reuse_find(reuse, digest);
}

static struct temp_store make_store(void)
{
	struct temp_store temp = temp_store_make();
	struct payload_entry first[] = {
		{ "bin", NULL, 0755 },
		{ "bin/tool", "tool", 0755 },
		{ "old", "only in the first", 0644 },
		{ "empty", "", 0644 },
		{ "link", "->old", 0777 },
	};
	struct payload_entry second[] = {
		{ "tool", "tool", 0755 },
		{ "new", "only in the second", 0644 },
	};

	put_installed(&temp.store, "1", 1, first, 5);
	put_installed(&temp.store, "2", 2, second, 2);
	return temp;
}

static void files_are_found_by_their_bytes_in_the_newest_release(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_store();
	AUTO_REUSE struct reuse reuse = REUSE_NONE;
	struct err err;

	(void)state;
	want(&reuse, "tool");
	want(&reuse, "tool");
	want(&reuse, "only in the first");
	want(&reuse, "in none");
	want(&reuse, "");
	assert_null(find(&reuse, "tool")); /* not searched yet */
	assert_int_equal(reuse_search(&reuse, &temp.store, &err), 0);
	assert_string_equal(find(&reuse, "tool"), "2/tool");
	assert_string_equal(find(&reuse, "only in the first"), "1/old");
	assert_null(find(&reuse, "in none"));
	assert_null(find(&reuse, ""));
	/* It was not asked for. */
	assert_null(find(&reuse, "only in the second"));
}

static void nothing_wanted_is_nothing_found(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_store();
	AUTO_REUSE struct reuse reuse = REUSE_NONE;
	struct err err;

	(void)state;
	assert_int_equal(reuse_search(&reuse, &temp.store, &err), 0);
	assert_null(find(&reuse, "tool"));
}

static void a_damaged_release_has_nothing_to_give(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_store();
	AUTO_REUSE struct reuse reuse = REUSE_NONE;
	struct err err;

	(void)state;
	put_file(temp.store.packages, "2/payload.mtree", "#mtree\nnonsense\n");
	want(&reuse, "tool");
	want(&reuse, "only in the second");
	assert_int_equal(reuse_search(&reuse, &temp.store, &err), 0);
	assert_string_equal(find(&reuse, "tool"), "1/bin/tool");
	assert_null(find(&reuse, "only in the second"));
}

/* Through all sizes of the table, and to its end. */
static void many_files_are_kept_apart(void **state)
{
	AUTO_REUSE struct reuse reuse = REUSE_NONE;
	struct err err;

	(void)state;
	for (uint32_t i = 0; i < REUSE_FILES_MAX + 2; i++) {
		uint8_t digest[DIGEST_LEN];

		assert_int_equal(sha256_of(&i, sizeof i, digest, &err), 0);
		assert_int_equal(reuse_want(&reuse, digest, i + 1, &err), 0);
	}
	assert_int_equal(reuse.count, REUSE_FILES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			files_are_found_by_their_bytes_in_the_newest_release),
		cmocka_unit_test(nothing_wanted_is_nothing_found),
		cmocka_unit_test(a_damaged_release_has_nothing_to_give),
		cmocka_unit_test(many_files_are_kept_apart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
