/* SPDX-License-Identifier: Apache-2.0 */
/* The places that get a verdict, and their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "evidence/case.h"

static struct bytes bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

struct place {
	enum part_kind kind;
	unsigned ordinal, line;
	const char *text;
};

struct walk_case {
	const char *name;
	const char *bundles[3]; /* to the first NULL */
	const char *attestations;
	struct place places[5]; /* to the first without a text */
};

#define B(n, text)                                                             \
	{                                                                      \
		PART_SIGSTORE, n, 0, text                                      \
	}
#define L(n, text)                                                             \
	{                                                                      \
		PART_ATTESTATION, 0, n, text                                   \
	}

static const struct walk_case cases[] = {
	{ "nothing", { NULL }, NULL, { { 0 } } },
	{ "two bundles", { "a", "b" }, NULL, { B(1, "a"), B(2, "b") } },
	{ "an attestation", { NULL }, "x\n", { L(1, "x") } },
	{ "a last line without its end",
	  { NULL },
	  "x\ny",
	  { L(1, "x"), L(2, "y") } },
	{ "an empty line",
	  { NULL },
	  "x\n\ny\n",
	  { L(1, "x"), L(2, ""), L(3, "y") } },
	{ "an empty part", { "a" }, "", { B(1, "a") } },
	{ "both",
	  { "a", "b" },
	  "x\ny\n",
	  { B(1, "a"), B(2, "b"), L(1, "x"), L(2, "y") } },
};

static void make(const struct walk_case *from, struct evidence_case *out)
{
	struct err err;

	*out = (struct evidence_case){ .settings = NULL };
	for (size_t i = 0; from->bundles[i] != NULL; i++)
		assert_int_equal(evidence_add(out, PART_SIGSTORE,
		                              bytes_of(from->bundles[i]), &err),
		                 0);
	if (from->attestations != NULL)
		assert_int_equal(evidence_add(out, PART_ATTESTATION,
		                              bytes_of(from->attestations),
		                              &err),
		                 0);
}

static void each_piece_has_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct walk_case *c = &cases[i];
		struct evidence_case given;
		struct evidence_cursor cursor = { .piece = 0 };
		struct evidence_verdict place;
		struct bytes text;
		struct err err;
		size_t n = 0;

		make(c, &given);
		for (; n < 5 && c->places[n].text != NULL; n++) {
			const struct place *want = &c->places[n];

			if (evidence_next(&given, &cursor, &place, &text,
			                  &err) != 1)
				fail_msg("%s: ends before %zu", c->name, n);
			if (place.kind != VERDICT_REFUSED ||
			    place.part_kind != (uint32_t)want->kind ||
			    place.ordinal != want->ordinal ||
			    place.line != want->line ||
			    text.len != strlen(want->text) ||
			    memcmp(text.data, want->text, text.len) != 0)
				fail_msg("%s: place %zu", c->name, n);
		}
		if (evidence_next(&given, &cursor, &place, &text, &err) != 0)
			fail_msg("%s: no end", c->name);
	}
}

static int count_lines(unsigned lines, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct evidence_case given = { .settings = NULL };
	struct evidence_cursor cursor = { .piece = 0 };
	struct evidence_verdict place;
	struct bytes line;
	int got;

	for (unsigned i = 0; i < lines; i++)
		assert_int_equal(buf_adds(&text, "{}\n", err), 0);
	assert_int_equal(
		evidence_add(&given, PART_ATTESTATION, buf_bytes(&text), err),
		0);
	while ((got = evidence_next(&given, &cursor, &place, &line, err)) > 0)
		continue;
	return got;
}

static void evidence_has_limits(void **state)
{
	struct evidence_case given = { .settings = NULL };
	struct err err;

	(void)state;
	assert_int_equal(count_lines(VERDICT_ATTESTATIONS_MAX, &err), 0);
	assert_int_equal(count_lines(VERDICT_ATTESTATIONS_MAX + 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	for (unsigned i = 0; i < EVIDENCE_PIECES_MAX; i++)
		assert_int_equal(evidence_add(&given, PART_SIGSTORE,
		                              bytes_of("x"), &err),
		                 0);
	assert_int_equal(
		evidence_add(&given, PART_SIGSTORE, bytes_of("x"), &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void other_parts_are_no_evidence_here(void **state)
{
	struct evidence_case given = { .settings = NULL };
	struct err err;

	(void)state;
	assert_int_equal(
		evidence_add(&given, PART_MINISIG, bytes_of("x"), &err), 0);
	assert_int_equal(given.piece_count, 0);
	assert_int_equal(
		evidence_add(&given, PART_ATTESTATION, bytes_of("x"), &err), 0);
	assert_int_equal(
		evidence_add(&given, PART_SIGSTORE, bytes_of("x"), &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_piece_has_its_place),
		cmocka_unit_test(evidence_has_limits),
		cmocka_unit_test(other_parts_are_no_evidence_here),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
