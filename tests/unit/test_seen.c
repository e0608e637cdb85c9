/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/seen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define D1       "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define D2       "10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define K1       "0000000000000001"
#define K2       "fedcba9876543210"

static const struct text_case {
	const char *name, *text;
	enum err_code code;
	size_t lines;
} cases[] = {
	{ "nothing", "", ERR_NONE, 0 },
	{ "a release", "1 1.0 " D1 " " K1 "\n", ERR_NONE, 1 },
	{ "two signers", "1 1.0 " D1 " " K1 "," K2 "\n", ERR_NONE, 1 },
	{ "two releases", "9 v1 " D1 " " K1 "\n10 v2 " D1 " " K1 "\n", ERR_NONE,
	  2 },
	{ "two of one sequence", "1 a " D1 " " K1 "\n1 a " D2 " " K1 "\n",
	  ERR_NONE, 2 },
	{ "the largest sequence", "9007199254740991 1.0 " D1 " " K1 "\n",
	  ERR_NONE, 1 },
	{ "a larger sequence", "9007199254740992 1.0 " D1 " " K1 "\n",
	  ERR_LIMIT, 0 },
	{ "a key beside its id", "1 1.0 " D1 " " K1 ":" D2 "\n", ERR_NONE, 1 },
	{ "signers of three kinds",
	  "1 1.0 " D1 " " K1 "," K2 ":" D1 ",cosign:" D1 ",cosign:" D2
	  ",identity:ci,identity:release\n",
	  ERR_NONE, 1 },
	{ "a short key beside its id", "1 1.0 " D1 " " K1 ":00\n", ERR_FORMAT,
	  0 },
	{ "no key behind the colon", "1 1.0 " D1 " " K1 ":\n", ERR_FORMAT, 0 },
	{ "an id twice with keys", "1 1.0 " D1 " " K1 ":" D1 "," K1 ":" D2 "\n",
	  ERR_FORMAT, 0 },
	{ "a cosign key before others", "1 1.0 " D1 " cosign:" D1 "," K1 "\n",
	  ERR_FORMAT, 0 },
	{ "no cosign key", "1 1.0 " D1 " cosign:\n", ERR_FORMAT, 0 },
	{ "no identity", "1 1.0 " D1 " identity:\n", ERR_FORMAT, 0 },
	{ "an identity with a slash", "1 1.0 " D1 " identity:a/b\n", ERR_FORMAT,
	  0 },
	{ "an empty line", "\n", ERR_FORMAT, 0 },
	{ "no line feed", "1 1.0 " D1 " " K1, ERR_FORMAT, 0 },
	{ "a leading zero", "01 1.0 " D1 " " K1 "\n", ERR_FORMAT, 0 },
	{ "an illegal version", "1 ../x " D1 " " K1 "\n", ERR_FORMAT, 0 },
	{ "no digest", "1 1.0 " K1 "\n", ERR_FORMAT, 0 },
	{ "no signer", "1 1.0 " D1 "\n", ERR_FORMAT, 0 },
	{ "no signer behind a blank", "1 1.0 " D1 " \n", ERR_FORMAT, 0 },
	{ "a comma at the end", "1 1.0 " D1 " " K1 ",\n", ERR_FORMAT, 0 },
	{ "another joint", "1 1.0 " D1 " " K1 ";" K2 "\n", ERR_FORMAT, 0 },
	{ "signers that descend", "1 1.0 " D1 " " K2 "," K1 "\n", ERR_FORMAT,
	  0 },
	{ "a signer twice", "1 1.0 " D1 " " K1 "," K1 "\n", ERR_FORMAT, 0 },
	{ "a blank at the end", "1 1.0 " D1 " " K1 " \n", ERR_FORMAT, 0 },
	{ "two blanks", "1  1.0 " D1 " " K1 "\n", ERR_FORMAT, 0 },
	{ "upper case", "1 1.0 " D1 " FEDCBA9876543210\n", ERR_FORMAT, 0 },
	{ "releases that descend", "10 a " D1 " " K1 "\n9 a " D1 " " K1 "\n",
	  ERR_FORMAT, 0 },
	{ "a release twice", "1 a " D1 " " K1 "\n1 b " D1 " " K1 "\n",
	  ERR_FORMAT, 0 },
};

static struct seen seen; /* large */

static void reads_only_what_it_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct text_case *c = &cases[i];
		AUTO_BUF struct buf out = BUF_LIMIT(SEEN_TEXT_MAX);
		struct err err = { 0 };
		int got;

		seen.count = 77;
		got = seen_parse(c->text, strlen(c->text), &seen, &err);
		if (err.code != c->code || (got == 0) != (c->code == ERR_NONE))
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (seen.count != (got == 0 ? c->lines : 77))
			fail_msg("%s: %zu lines", c->name, seen.count);
		if (got < 0)
			continue;
		assert_int_equal(seen_format(&seen, &out, &err), 0);
		assert_string_equal(buf_text(&out), c->text);
	}
}

static struct seen_line line_of(uint64_t sequence, uint64_t signer)
{
	struct seen_line line = { .sequence = sequence,
		                  .version = "1.0",
		                  .signers = { { .id = signer } },
		                  .signer_count = 1 };

	return line;
}

static void a_known_release_gains_signers(void **state)
{
	struct seen_line line = line_of(5, 9);

	(void)state;
	memset(&seen, 0, sizeof seen);
	seen_add(&seen, &line);
	seen_add(&seen, &line);
	line.signers[0].id = 3;
	seen_add(&seen, &line);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.lines[0].signer_count, 2);
	assert_int_equal(seen.lines[0].signers[0].id, 3);
	assert_int_equal(seen.lines[0].signers[1].id, 9);
	for (uint64_t id = 100; id < 200; id++) {
		line.signers[0].id = id;
		seen_add(&seen, &line);
	}
	assert_int_equal(seen.lines[0].signer_count, SEEN_SIGNERS_MAX);
	assert_int_equal(seen.lines[0].signers[0].id, 3);
}

/* What an older version noted by its id alone. */
static void a_known_signer_learns_its_key(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct seen_line line = line_of(5, 1);
	struct err err;

	(void)state;
	memset(&seen, 0, sizeof seen);
	seen_add(&seen, &line);
	line.signers[0].has_key = true;
	line.signers[0].key[0] = 0xaa;
	memcpy(line.signers[0].name, "ops", sizeof "ops");
	seen_add(&seen, &line);
	line.signers[0].key[0] = 0xbb; /* the first one stays */
	seen_add(&seen, &line);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.lines[0].signer_count, 1);
	assert_true(seen.lines[0].signers[0].has_key);
	assert_int_equal(seen.lines[0].signers[0].key[0], 0xaa);
	assert_int_equal(seen_format(&seen, &out, &err), 0);
	assert_non_null(strstr(buf_text(&out), " " K1 ":aa0000"));
}

static void lines_and_signers_are_sorted(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct seen_line line = line_of(7, 9);
	struct err err;
	static struct seen again;

	(void)state;
	memset(&seen, 0, sizeof seen);
	line.signers[1].id = 2;
	line.signer_count = 2;
	seen_add(&seen, &line);
	line.sequence = 3;
	seen_add(&seen, &line);
	line.sha256[0] = 1;
	seen_add(&seen, &line);
	line.sequence = 8;
	seen_add(&seen, &line);
	assert_int_equal(seen_format(&seen, &out, &err), 0);
	assert_int_equal(seen_parse(out.data, out.len, &again, &err), 0);
	assert_int_equal(again.count, 4);
}

static void the_64_highest_of_the_same_signers_stay(void **state)
{
	struct seen_line other = line_of(1, 2);

	(void)state;
	memset(&seen, 0, sizeof seen);
	seen_add(&seen, &other);
	for (uint64_t i = 1; i <= SEEN_PER_SIGNERS + 1; i++) {
		struct seen_line line = line_of(i, 1);

		line.sha256[0] = 1;
		seen_add(&seen, &line);
	}
	assert_int_equal(seen.count, SEEN_PER_SIGNERS + 1);
	assert_int_equal(seen.lines[0].signers[0].id, 2); /* others' stay */
	assert_int_equal(seen.lines[1].sequence, 2);
}

static void the_256_highest_of_all_stay_and_fit(void **state)
{
	AUTO_BUF struct buf out = BUF_LIMIT(SEEN_TEXT_MAX);
	struct seen_line line = { .signer_count = SEEN_SIGNERS_MAX };
	struct err err;
	uint64_t last = SEQUENCE_MAX, first = last - SEEN_LINES_MAX;

	(void)state;
	memset(&seen, 0, sizeof seen);
	memset(line.version, 'x', VERSION_SIZE - 1);
	for (uint64_t i = first; i <= last; i++) {
		line.sequence = i;
		for (size_t k = 0; k < SEEN_SIGNERS_MAX; k++)
			line.signers[k] = (struct signer){
				.id = i * 100 + k,
				.has_key = true,
			};
		seen_add(&seen, &line);
	}
	assert_int_equal(seen.count, SEEN_LINES_MAX);
	assert_true(seen.lines[0].sequence == first + 1);
	assert_int_equal(seen_format(&seen, &out, &err), 0);
	assert_int_equal(seen_parse(out.data, out.len, &seen, &err), 0);
	assert_int_equal(
		buf_adds(&out, "9007199254740991 z " D1 " " K1 "\n", &err), 0);
	assert_int_equal(seen_parse(out.data, out.len, &seen, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_only_what_it_writes),
		cmocka_unit_test(a_known_release_gains_signers),
		cmocka_unit_test(a_known_signer_learns_its_key),
		cmocka_unit_test(lines_and_signers_are_sorted),
		cmocka_unit_test(the_64_highest_of_the_same_signers_stay),
		cmocka_unit_test(the_256_highest_of_all_stay_and_fit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
