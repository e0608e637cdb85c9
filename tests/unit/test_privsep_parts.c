/* SPDX-License-Identifier: Apache-2.0 */
/* What the monitor demands of the stream of parts, and the texts of failures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "codec/bundle_frame.h"
#include "privsep/message.h"
#include "privsep/part_stream.h"

struct step {
	uint32_t number;
	size_t len;
	int want;
	enum err_code code;
};

struct stream_case {
	const char *name;
	struct step steps[5]; /* all but the last succeed */
};

#define N(kind, ordinal) (uint32_t)((uint32_t)(kind) << 16 | (ordinal))

static const struct stream_case cases[] = {
	{ "parts in order",
	  { { N(PART_RELEASE_INI, 0), 10, 0, ERR_NONE },
	    { N(PART_RELEASE_INI, 0), 0, 0, ERR_NONE },
	    { N(PART_MTREE, 0), 5, 0, ERR_NONE },
	    { N(PART_MTREE, 0), 0, 0, ERR_NONE } } },
	{ "several of a kind",
	  { { N(PART_MINISIG_FURTHER, 0), 0, 0, ERR_NONE },
	    { N(PART_MINISIG_FURTHER, 1), 0, 0, ERR_NONE } } },
	{ "an ordinal left out",
	  { { N(PART_MINISIG_FURTHER, 0), 0, 0, ERR_NONE },
	    { N(PART_MINISIG_FURTHER, 2), 0, -1, ERR_FORMAT } } },
	{ "an ordinal again",
	  { { N(PART_SIGSTORE, 0), 0, 0, ERR_NONE },
	    { N(PART_SIGSTORE, 0), 0, -1, ERR_FORMAT } } },
	{ "a second release.ini",
	  { { N(PART_RELEASE_INI, 0), 0, 0, ERR_NONE },
	    { N(PART_RELEASE_INI, 1), 0, -1, ERR_FORMAT } } },
	{ "a step back",
	  { { N(PART_MTREE, 0), 0, 0, ERR_NONE },
	    { N(PART_SBOM, 0), 0, -1, ERR_FORMAT } } },
	{ "evidence before what is pinned",
	  { { N(PART_SIGSTORE, 0), 0, 0, ERR_NONE },
	    { N(PART_ATTESTATION, 0), 0, 0, ERR_NONE },
	    { N(PART_PROFILE_ENV, 0), 0, 0, ERR_NONE },
	    { N(PART_SHA256, 0), 0, 0, ERR_NONE } } },
	{ "late evidence",
	  { { N(PART_PROFILE_ENV, 0), 0, 0, ERR_NONE },
	    { N(PART_ATTESTATION, 0), 0, -1, ERR_FORMAT } } },
	{ "a signature behind the attestations",
	  { { N(PART_ATTESTATION, 0), 0, 0, ERR_NONE },
	    { N(PART_MINISIG, 0), 0, -1, ERR_FORMAT } } },
	{ "attestations twice",
	  { { N(PART_ATTESTATION, 0), 0, 0, ERR_NONE },
	    { N(PART_ATTESTATION, 0), 0, -1, ERR_FORMAT } } },
	{ "another part within one",
	  { { N(PART_RELEASE_INI, 0), 10, 0, ERR_NONE },
	    { N(PART_MTREE, 0), 1, -1, ERR_FORMAT } } },
	{ "the payload", { { N(PART_PAYLOAD, 0), 1, -1, ERR_FORMAT } } },
	{ "no part at all", { { UINT32_MAX, 1, -1, ERR_FORMAT } } },
	{ "the largest signature",
	  { { N(PART_MINISIG, 0), 1000, 0, ERR_NONE },
	    { N(PART_MINISIG, 0), 24, 0, ERR_NONE } } },
	{ "one byte more",
	  { { N(PART_MINISIG, 0), 1000, 0, ERR_NONE },
	    { N(PART_MINISIG, 0), 25, -1, ERR_LIMIT } } },
};

static void the_stream_has_one_order(void **state)
{
	static const uint8_t bytes[1000];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct part_receiver receiver = PART_RECEIVER_INIT;

		for (size_t k = 0; k < 5; k++) {
			const struct step *step = &cases[i].steps[k];
			const struct frame frame = { step->number, bytes,
				                     step->len };
			struct part_piece piece = { .ordinal = 77 };
			struct err err = { .code = ERR_NONE };
			int got;

			if (k > 0 && step->number == 0)
				break; /* no more steps */
			got = part_receiver_take(&receiver, &frame, &piece,
			                         &err);
			if (got != step->want || err.code != step->code)
				fail_msg("%s: step %zu: got %d, code %d",
				         cases[i].name, k, got, (int)err.code);
			if (got < 0 && piece.ordinal != 77)
				fail_msg("%s: output touched", cases[i].name);
		}
	}
}

/* All that every bundle has, each of @size bytes. */
static void take_all(struct part_receiver *receiver, size_t size)
{
	static const uint8_t bytes[600];

	for (int kind = 0; kind < PART_PAYLOAD; kind++) {
		const uint32_t number =
			part_frame_number((enum part_kind)kind, 0);
		const struct frame body = { number, bytes, size };
		const struct frame end = { number, bytes, 0 };
		struct part_piece piece;
		struct err err;

		if (!part_is_required((enum part_kind)kind))
			continue;
		/* payload.sha256 takes only 128 bytes. */
		if (size <= part_max_size((enum part_kind)kind))
			assert_int_equal(part_receiver_take(receiver, &body,
			                                    &piece, &err),
			                 0);
		if (size > 0)
			assert_int_equal(part_receiver_take(receiver, &end,
			                                    &piece, &err),
			                 0);
	}
}

/* Of a tar whose payload has 513 bytes, what follows the small parts. */
#define PAYLOAD_513 ((uint64_t)3 * TAR_BLOCK + TAR_END)
#define PACKED_600  ((uint64_t)3 * TAR_BLOCK)

/* @want: where the payload begins; 0: it is refused. */
static void place_is(const struct part_receiver *receiver,
                     uint64_t payload_size, uint64_t tar_size, uint64_t want)
{
	static struct release_ini release; /* it is large */
	struct err err;
	uint64_t place = 77;
	int got;

	release.parts[PART_PAYLOAD].size = payload_size;
	release.parts[PART_PACKED] =
		(struct part_pin){ .is_present = true, .size = 600 };
	got = bundle_payload_offset(receiver, &release,
	                            frame_file_size(tar_size), &place, &err);
	if (got != (want > 0 ? 0 : -1) || place != (want > 0 ? want : 77))
		fail_msg("a tar of %llu: got %d, place %llu",
		         (unsigned long long)tar_size, got,
		         (unsigned long long)place);
	if (got < 0)
		assert_int_equal(err.code, payload_size == UINT64_MAX
		                                   ? ERR_LIMIT
		                                   : ERR_FORMAT);
}

static void the_payloads_place_follows_from_the_sizes(void **state)
{
	struct part_receiver receiver = PART_RECEIVER_INIT;
	struct err err;
	uint64_t parts;

	(void)state;
	assert_int_equal(part_receiver_finish(&receiver, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	take_all(&receiver, 100);
	assert_int_equal(part_receiver_finish(&receiver, &err), 0);
	/* Each part takes a header and one block. */
	parts = receiver.tar_offset;
	assert_true(parts % ((uint64_t)2 * TAR_BLOCK) == 0 && parts > 0);
	place_is(&receiver, 513, parts + PAYLOAD_513, parts + TAR_BLOCK);
	place_is(&receiver, 513, parts + PAYLOAD_513 - 1, 0);
	place_is(&receiver, 513, parts + PAYLOAD_513 + 1, 0);
	place_is(&receiver, 513, 1, 0);
	/* parts.tar.xz of 600 bytes may stand there, and takes 3 blocks. */
	place_is(&receiver, 513, parts + PAYLOAD_513 + PACKED_600,
	         parts + PACKED_600 + TAR_BLOCK);
	place_is(&receiver, 513, parts + PAYLOAD_513 + PACKED_600 - 512, 0);
	place_is(&receiver, UINT64_MAX, parts + PAYLOAD_513, 0);
}

struct text_case {
	const char *name;
	const char *text;
	const char *want;
};

static void failures_are_printable(void **state)
{
	static const struct text_case texts[] = {
		{ "plain", "a torn file", "a torn file" },
		{ "control bytes", "\033[2J", "?[2J" },
		{ "UTF-8", "\xc3\xa4", "\xc3\xa4" },
		{ "broken UTF-8", "a\xc3(b", "a?(b" },
		{ "nothing", "", "?" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		union message message;
		struct err err;

		(void)err_set(&err, ERR_LIMIT, 0, "%s", texts[i].text);
		message_failure(&err, &message);
		if (message.failed.code != FAILURE_LIMIT ||
		    message.failed.len != strlen(texts[i].want) ||
		    memcmp(message.failed.text, texts[i].want,
		           message.failed.len) != 0)
			fail_msg("%s: '%.*s'", texts[i].name,
			         (int)message.failed.len, message.failed.text);
	}
}

/* Two-byte characters behind @lead bytes: for one of two leads, the cut falls
 * within a character. */
static void check_cut(size_t lead)
{
	char text[700] = "xx";
	union message message;
	struct err err;

	for (size_t i = lead; i + 2 < sizeof text; i += 2)
		memcpy(text + i, "\xc3\xa4", 3);
	(void)err_set(&err, ERR_FORMAT, 0, "%s", text);
	message_failure(&err, &message);
	assert_true(message.failed.len > 500 &&
	            message.failed.len <= MESSAGE_TEXT_MAX);
	assert_true(text_is_printable(message.failed.text, message.failed.len));
	assert_memory_equal(message.failed.text, text, message.failed.len);
}

static void a_long_failure_is_cut_at_a_character(void **state)
{
	(void)state;
	check_cut(1);
	check_cut(2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stream_has_one_order),
		cmocka_unit_test(the_payloads_place_follows_from_the_sizes),
		cmocka_unit_test(failures_are_printable),
		cmocka_unit_test(a_long_failure_is_cut_at_a_character),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
