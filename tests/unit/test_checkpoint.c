/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "changed_text.h"

#define DASH   "\xe2\x80\x94"
#define ROOT   "//////////////////////////////////////////8=\n"
#define SIGNED "log.example - 42\n1000\n" ROOT "Timestamp: 7\n"
#define FIRST  DASH " log.example AQIDBHNpZw==\n" /* 1 2 3 4 "sig" */
#define SECOND DASH " witness.example/w1 BQYHCHNlY29uZA==\n"

static const char note[] = SIGNED "\n" FIRST SECOND;

static void require_bytes_are(struct bytes bytes, const char *want)
{
	assert_int_equal(bytes.len, strlen(want));
	assert_memory_equal(bytes.data, want, bytes.len);
}

static void all_of_a_checkpoint_is_given(void **state)
{
	AUTO_CHECKPOINT struct checkpoint checkpoint = CHECKPOINT_NONE;
	uint8_t ones[CHECKPOINT_ROOT_LEN];
	struct err err;

	(void)state;
	memset(ones, 0xff, sizeof ones);
	assert_int_equal(
		checkpoint_parse(note, sizeof note - 1, &checkpoint, &err), 0);
	require_bytes_are(checkpoint.signed_text, SIGNED);
	require_bytes_are(checkpoint.origin, "log.example - 42");
	assert_int_equal(checkpoint.tree_size, 1000);
	assert_memory_equal(checkpoint.root_hash, ones, sizeof ones);
	assert_int_equal(checkpoint.signature_count, 2);
	require_bytes_are(checkpoint.signatures[0].name, "log.example");
	assert_memory_equal(checkpoint.signatures[0].key_id, "\1\2\3\4", 4);
	require_bytes_are(checkpoint.signatures[0].signature, "sig");
	require_bytes_are(checkpoint.signatures[1].name, "witness.example/w1");
	assert_memory_equal(checkpoint.signatures[1].key_id, "\5\6\7\10", 4);
	require_bytes_are(checkpoint.signatures[1].signature, "second");
}

static const struct change {
	const char *name, *from, *to;
	enum err_code code;
} changes[] = {
	{ "no further lines", "Timestamp: 7\n", "", ERR_NONE },
	{ "two further lines", "Timestamp: 7\n", "a\nb\n", ERR_NONE },
	{ "a tree of size 0", "\n1000\n", "\n0\n", ERR_NONE },
	{ "one signature", SECOND, "", ERR_NONE },

	{ "no signature", "\n" FIRST SECOND, "\n", ERR_FORMAT },
	{ "no empty line", "7\n\n", "7\n", ERR_FORMAT },
	{ "two empty lines", "7\n\n", "7\n\n\n", ERR_FORMAT },
	{ "an empty further line", "Timestamp: 7\n", "\nx\n", ERR_FORMAT },
	{ "an empty line between signatures", SECOND, "\n" SECOND, ERR_FORMAT },
	{ "an empty line at the end", SECOND, SECOND "\n", ERR_FORMAT },
	{ "no size", "1000\n", "", ERR_FORMAT },
	{ "an empty size", "1000\n", "\n", ERR_FORMAT },
	{ "a negative size", "1000\n", "-1\n", ERR_FORMAT },
	{ "a size with a leading zero", "1000\n", "01000\n", ERR_FORMAT },
	{ "a size with a blank", "1000\n", "1000 \n", ERR_FORMAT },
	{ "a size of 2^63 - 1", "1000\n", "9223372036854775807\n", ERR_NONE },
	{ "a size of 2^63", "1000\n", "9223372036854775808\n", ERR_LIMIT },
	{ "no root", ROOT, "", ERR_FORMAT },
	{ "a root of 31 bytes", ROOT,
	  "/////////////////////////////////////////w==\n", ERR_FORMAT },
	{ "a root of 33 bytes", ROOT,
	  "////////////////////////////////////////////\n", ERR_FORMAT },
	{ "an empty origin", "log.example - 42", "", ERR_FORMAT },
	{ "no line feed at the end", "ZA==\n", "ZA==", ERR_FORMAT },
	{ "lines that end in CRLF", "1000\n", "1000\r\n", ERR_FORMAT },
	{ "a control character", "Timestamp", "\x1b[2J", ERR_FORMAT },
	{ "bytes that are no UTF-8", "Timestamp", "\xff", ERR_FORMAT },
	{ "a hyphen for the dash", DASH " log", "- log", ERR_FORMAT },
	{ "two blanks before the name", DASH " log", DASH "  log", ERR_FORMAT },
	{ "two blanks before the signature", "log.example AQ",
	  "log.example  AQ", ERR_FORMAT },
	{ "no name", DASH " log.example AQ", DASH " AQ", ERR_FORMAT },
	{ "a name with a plus", DASH " log.example", DASH " log+example",
	  ERR_FORMAT },
	{ "a word behind the signature", "AQIDBHNpZw==", "AQIDBHNpZw== x",
	  ERR_FORMAT },
	{ "a signature without padding", "AQIDBHNpZw==", "AQIDBHNpZw",
	  ERR_FORMAT },
	{ "a key id without signature",
	  "AQIDBHNpZw==", "AQIDBA==", ERR_FORMAT },
	{ "a key id of three bytes", "AQIDBHNpZw==", "AQID", ERR_FORMAT },
	{ "a defect of a later line", "BQYHCHNlY29uZA==", "BQ", ERR_FORMAT },
};

static int parse_changed(const char *from, const char *to, struct err *err)
{
	AUTO_CHECKPOINT struct checkpoint checkpoint = CHECKPOINT_NONE;
	AUTO_BUF struct buf text = BUF_NONE;
	int got;

	change_text(&text, note, from, to);
	got = checkpoint_parse(buf_text(&text), text.len, &checkpoint, err);
	assert_true((got == 0) == (checkpoint.memory != NULL));
	return got;
}

static void each_change_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		const struct change *c = &changes[i];
		struct err err = { .code = ERR_NONE };
		int got = parse_changed(c->from, c->to, &err);

		if (got != (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
	}
}

static void a_nul_is_refused(void **state)
{
	static const char text[] = "log\0example\n1\n" ROOT "\n" FIRST;
	AUTO_CHECKPOINT struct checkpoint checkpoint = CHECKPOINT_NONE;
	struct err err;

	(void)state;
	assert_int_equal(
		checkpoint_parse(text, sizeof text - 1, &checkpoint, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(checkpoint_parse("", 0, &checkpoint, &err), -1);
}

static int parse_signatures(size_t count, struct err *err)
{
	AUTO_CHECKPOINT struct checkpoint checkpoint = CHECKPOINT_NONE;
	AUTO_BUF struct buf text = BUF_NONE;

	assert_int_equal(buf_adds(&text, SIGNED "\n", err), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(buf_adds(&text, FIRST, err), 0);
	return checkpoint_parse(buf_text(&text), text.len, &checkpoint, err);
}

static void signatures_are_limited(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(parse_signatures(CHECKPOINT_SIGNATURES_MAX, &err), 0);
	assert_int_equal(parse_signatures(CHECKPOINT_SIGNATURES_MAX + 1, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

/* The note, with an origin that makes it @size bytes. */
static int parse_sized(size_t size, struct err *err)
{
	AUTO_CHECKPOINT struct checkpoint checkpoint = CHECKPOINT_NONE;
	AUTO_BUF struct buf text = BUF_NONE;

	while (text.len < size - (sizeof note - 1))
		assert_int_equal(buf_adds(&text, "x", err), 0);
	assert_int_equal(buf_adds(&text, note, err), 0);
	return checkpoint_parse(buf_text(&text), text.len, &checkpoint, err);
}

static void the_note_is_limited(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(parse_sized(CHECKPOINT_MAX, &err), 0);
	assert_int_equal(parse_sized(CHECKPOINT_MAX + 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_a_checkpoint_is_given),
		cmocka_unit_test(each_change_is_judged),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(signatures_are_limited),
		cmocka_unit_test(the_note_is_limited),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
