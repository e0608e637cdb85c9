/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "codec/cut.h"
#include "codec/payload_index.h"

#define SAMPLE   ((size_t)4 << 20)
#define CUTS_MAX 100

/* Bytes that are random enough to be cut, and the same everywhere. */
static uint8_t *sample(void)
{
	uint8_t *data = malloc(SAMPLE);
	uint64_t x = 88172645463325252U; /* xorshift64 */

	assert_non_null(data);
	for (size_t i = 0; i < SAMPLE; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		data[i] = (uint8_t)(x >> 32);
	}
	return data;
}

/* The rule as the document has it, byte for byte. */
static size_t cut_plainly(const uint8_t *data, size_t len, size_t *cuts)
{
	size_t count = 0;
	size_t member = 0;
	uint64_t hash = 0;

	for (size_t i = 0; i < len; i++) {
		hash = (hash << 1) + cut_table()[data[i]];
		member++;
		if (member == CUT_MAX ||
		    (member >= CUT_MIN && hash >> 48 == 0)) {
			cuts[count++] = i + 1;
			member = 0;
			hash = 0;
		}
	}
	return count;
}

static size_t cut_in_pieces(const uint8_t *data, size_t len, size_t piece,
                            size_t *cuts)
{
	struct cutter cutter = CUTTER_INIT;
	size_t count = 0;
	size_t at = 0;

	while (at < len) {
		size_t n = len - at < piece ? len - at : piece;
		size_t taken = 0;
		bool ends = cut_next(&cutter, data + at, n, &taken);

		assert_true(taken > 0 && taken <= n);
		assert_true(ends ? cutter.len == 0 : taken == n);
		at += taken;
		if (ends)
			cuts[count++] = at;
	}
	return count;
}

static void the_table_is_what_the_format_says(void **state)
{
	uint8_t text[15] = "tidegate cut 1";
	uint8_t digest[SHA256_DIGEST_LENGTH];

	(void)state;
	for (size_t i = 0; i < 256; i++) {
		uint64_t want = 0;

		text[14] = (uint8_t)i;
		SHA256(text, sizeof text, digest);
		for (size_t j = 8; j > 0; j--)
			want = want << 8 | digest[j - 1];
		if (cut_table()[i] != want)
			fail_msg("entry %zu", i);
	}
}

static void members_fit_the_index(void **state)
{
	(void)state;
	assert_int_equal(CUT_MAX, MEMBER_PLAIN_MAX);
}

static void cuts_as_the_rule_says_however_bytes_arrive(void **state)
{
	static const size_t pieces[] = { 1,     63,    512,    65535,
		                         65536, 65537, 300000, SAMPLE };
	uint8_t *data = sample();
	size_t want[CUTS_MAX];
	size_t got[CUTS_MAX];
	size_t count = cut_plainly(data, SAMPLE, want);

	(void)state;
	assert_true(count > 20);
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		size_t n = cut_in_pieces(data, SAMPLE, pieces[i], got);

		if (n != count || memcmp(want, got, n * sizeof *want) != 0)
			fail_msg("pieces of %zu bytes: %zu cuts, not %zu",
			         pieces[i], n, count);
	}
	free(data);
}

static void content_that_never_cuts_ends_at_the_limit(void **state)
{
	uint8_t *data = calloc(1, CUT_MAX + 1);
	size_t cuts[CUTS_MAX];

	(void)state;
	assert_non_null(data);
	assert_int_equal(cut_in_pieces(data, CUT_MAX - 1, CUT_MAX, cuts), 0);
	assert_int_equal(cut_in_pieces(data, CUT_MAX + 1, CUT_MAX + 1, cuts),
	                 1);
	assert_int_equal(cuts[0], CUT_MAX);
	free(data);
}

/* A content cut that falls on exactly CUT_MIN bytes is taken. */
static void content_may_cut_at_the_least_length(void **state)
{
	uint8_t *data = sample();
	size_t cuts[CUTS_MAX];
	size_t got[CUTS_MAX];
	size_t start;

	(void)state;
	assert_true(cut_plainly(data, SAMPLE, cuts) > 0);
	assert_true(cuts[0] > CUT_MIN && cuts[0] < CUT_MAX);
	start = cuts[0] - CUT_MIN;
	assert_true(cut_in_pieces(data + start, CUT_MIN, CUT_MIN, got) == 1);
	assert_int_equal(got[0], CUT_MIN);
	assert_true(cut_in_pieces(data + start + 1, CUT_MIN - 1, CUT_MIN,
	                          got) == 0);
	free(data);
}

static void an_insertion_moves_cuts_and_changes_few(void **state)
{
	uint8_t *data = sample();
	size_t before[CUTS_MAX];
	size_t after[CUTS_MAX];
	size_t n = cut_plainly(data, SAMPLE - 1, before);
	size_t m;
	size_t same = 0;

	(void)state;
	memmove(data + 100001, data + 100000, SAMPLE - 100001);
	m = cut_in_pieces(data, SAMPLE, SAMPLE, after);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < m; j++)
			same += before[i] + 1 == after[j];
	assert_true(same + 5 >= n);
	free(data);
}

static void no_bytes_are_no_cut(void **state)
{
	struct cutter cutter = CUTTER_INIT;
	size_t taken = 7;

	(void)state;
	assert_false(cut_next(&cutter, (const uint8_t *)"", 0, &taken));
	assert_int_equal(taken, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_what_the_format_says),
		cmocka_unit_test(members_fit_the_index),
		cmocka_unit_test(cuts_as_the_rule_says_however_bytes_arrive),
		cmocka_unit_test(content_that_never_cuts_ends_at_the_limit),
		cmocka_unit_test(content_may_cut_at_the_least_length),
		cmocka_unit_test(an_insertion_moves_cuts_and_changes_few),
		cmocka_unit_test(no_bytes_are_no_cut),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("cut", tests, NULL, NULL);
}
