/* SPDX-License-Identifier: Apache-2.0 */
/* A verify-worker that lies about evidence: what is not about exactly the
 * evidence there is, or names what the host does not have, is refused whole. */
#include "play.h"

#include "../helpers/false_judge.h"
#include "base/text.h"
#include "evidence/ask.h"

/* An Ed25519 key, as SPKI in DER (RFC 8410); its bytes are free to choose. */
static const uint8_t spki[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65,
	                        0x70, 0x03, 0x21, 0x00, 0xd7, 0x5a, 0x98, 0x01,
	                        0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3,
	                        0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3,
	                        0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68,
	                        0xf7, 0x07, 0x51, 0x1a };

static struct bytes bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

struct false_case {
	const char *name;
	enum false_verdict lie;
	enum err_code code; /* ERR_NONE: it is no lie after all */
	const char *text;   /* part of the message */
};

static const struct false_case cases[] = {
	{ "an honest judge", FALSE_NOTHING, ERR_NONE, "" },
	{ "a verdict too few", FALSE_FEWER, ERR_INTERNAL,
	  "fewer verdicts than evidence" },
	{ "a verdict too many", FALSE_MORE, ERR_INTERNAL,
	  "more verdicts than evidence" },
	{ "no verdict", FALSE_NONE, ERR_INTERNAL,
	  "fewer verdicts than evidence" },
	{ "verdicts out of order", FALSE_ORDER, ERR_INTERNAL,
	  "other evidence than was asked for" },
	{ "a verdict twice", FALSE_TWICE, ERR_INTERNAL,
	  "other evidence than was asked for" },
	{ "a bundle that there is not", FALSE_BUNDLE, ERR_INTERNAL,
	  "other evidence than was asked for" },
	{ "a line that there is not", FALSE_LINE, ERR_INTERNAL,
	  "other evidence than was asked for" },
	{ "the host's identity", FALSE_IDENTITY, ERR_NONE, "" },
	{ "a second identity", FALSE_IDENTITY_2, ERR_INTERNAL,
	  "an identity that the host does not know" },
	{ "a 64th identity", FALSE_IDENTITY_64, ERR_INTERNAL,
	  "an identity that the host does not know" },
	{ "a second cosign key", FALSE_COSIGN, ERR_INTERNAL,
	  "a key that the host does not have" },
	{ "a second minisign key", FALSE_MINISIGN, ERR_INTERNAL,
	  "a key that the host does not have" },
	{ "a signature as an attestation", FALSE_SIGNATURE, ERR_INTERNAL,
	  "an attestation that is a signature" },
	{ "a judge that gives up", FALSE_FAILURE, ERR_FORMAT,
	  "this judge gives up" },
};

static int helpers = -1;

/* Two bundles, of which the first tells the lie, and two attestations. */
static int ask(const struct settings *settings, enum false_verdict lie,
               struct evidence_verdicts *out, struct err *err)
{
	const struct evidence_worker worker = { .folder = helpers,
		                                .mode = SANDBOX_FULL,
		                                .program = "false_judge" };
	const struct minisign_public minisign = { .id = 1 };
	const uint8_t byte = (uint8_t)lie;
	AUTO_PUBLIC_KEY struct public_key cosign = PUBLIC_KEY_NONE;
	struct evidence_case given = { .settings = settings,
		                       .settings_text = bytes_of("[policy]\n"),
		                       .release_ini = bytes_of("app = a\n"),
		                       .cosign_key_count = 1,
		                       .minisign_key_count = 1 };

	assert_int_equal(
		public_key_from_spki((struct bytes){ spki, sizeof spki },
	                             &cosign, err),
		0);
	given.cosign_keys[0] = &cosign;
	given.minisign_keys[0] = &minisign;
	if (evidence_add(&given, PART_SIGSTORE, (struct bytes){ &byte, 1 },
	                 err) < 0 ||
	    evidence_add(&given, PART_SIGSTORE, bytes_of("{}"), err) < 0 ||
	    evidence_add(&given, PART_ATTESTATION, bytes_of("{}\n{}"), err) < 0)
		return -1;
	return evidence_ask(&given, &worker, out, err);
}

static void each_false_verdict_is_refused(void **state)
{
	AUTO_FREE struct settings *settings = calloc(1, sizeof *settings);
	AUTO_FREE struct evidence_verdicts *verdicts =
		calloc(1, sizeof *verdicts);

	(void)state;
	assert_non_null(settings);
	assert_non_null(verdicts);
	settings_defaults(settings);
	settings->identity_count = 1;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct false_case *c = &cases[i];
		struct err err = { .code = ERR_NONE };
		char text[ERR_TEXT_MAX] = "";
		int got;

		verdicts->count = 77;
		got = ask(settings, c->lie, verdicts, &err);
		if (got < 0)
			(void)err_format(&err, text, sizeof text);
		if ((got < 0) != (c->code != ERR_NONE) || err.code != c->code)
			fail_msg("%s: got %d, code %d: %s", c->name, got,
			         (int)err.code, text);
		if (strstr(text, c->text) == NULL)
			fail_msg("%s: says '%s'", c->name, text);
		if (verdicts->count != (got < 0 ? 77U : 4U))
			fail_msg("%s: %zu verdicts", c->name, verdicts->count);
		play_assert_reaped(c->name);
	}
}

static const struct ends_case {
	const char *name;
	enum false_ends lie;
	const char *text; /* of the error; NULL: it is no lie after all */
} ends_cases[] = {
	{ "an honest judge", ENDS_HONEST, NULL },
	{ "a root too few", ENDS_FEWER, "other roots" },
	{ "a root that there is not", ENDS_MORE, "other roots" },
	{ "roots out of order", ENDS_ORDER, "not asked for" },
	{ "a root again", ENDS_AGAIN, "not asked for" },
	{ "a part that there is not", ENDS_PART, "not asked for" },
	{ "more roots than there may be", ENDS_COUNT, "too many roots" },
	{ "a byte too few", ENDS_SHORT, "no ends of roots" },
	{ "a byte too many", ENDS_LONG, "more than the ends" },
	{ "nothing", ENDS_NONE, "no ends of roots" },
};

static int ask_ends(enum false_ends lie, struct evidence_root_ends *out,
                    struct err *err)
{
	const struct evidence_worker worker = { .folder = helpers,
		                                .mode = SANDBOX_FULL,
		                                .program = "false_judge" };
	const uint8_t byte = (uint8_t)lie;
	const struct evidence_case given = {
		.settings_text = bytes_of("[policy]\n"),
		.roots = { { "", { &byte, 1 } }, { "b", bytes_of("{}") } },
		.root_count = 2,
	};

	return evidence_ask_ends(&given, &worker, out, err);
}

static void false_ends_are_refused(void **state)
{
	AUTO_FREE struct evidence_root_ends *ends = calloc(1, sizeof *ends);

	(void)state;
	assert_non_null(ends);
	for (size_t i = 0; i < sizeof ends_cases / sizeof ends_cases[0]; i++) {
		const struct ends_case *c = &ends_cases[i];
		struct err err = { .code = ERR_NONE };
		char text[ERR_TEXT_MAX] = "";
		int got;

		ends->count = 77;
		got = ask_ends(c->lie, ends, &err);
		if (got < 0)
			(void)err_format(&err, text, sizeof text);
		if ((got < 0) != (c->text != NULL) ||
		    (got < 0 && (err.code != ERR_INTERNAL ||
		                 strstr(text, c->text) == NULL)))
			fail_msg("%s: got %d, '%s'", c->name, got, text);
		assert_int_equal(ends->count, got < 0 ? 77 : 3);
		play_assert_reaped(c->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(false_ends_are_refused),
		cmocka_unit_test(each_false_verdict_is_refused),
	};

	helpers = play_open_folder("../helpers");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
