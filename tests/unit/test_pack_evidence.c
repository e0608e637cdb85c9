/* SPDX-License-Identifier: Apache-2.0 */
/* Which files hold attestations, and the lines that they become.  How evidence
 * is added to a bundle is in test_pack_bundle.c. */
#include "pack/evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/part.h"

#define DSSE(n)                                                                \
	"{\"payloadType\":\"t\",\"payload\":\"" n                              \
	"\",\"signatures\":[{\"sig\":\"x\"}]}"
#define SIGSTORE "{\"mediaType\":\"application/vnd.dev.sigstore.bundle+json\"}"

static const struct lines_case {
	const char *name, *text;
	const char *lines; /* NULL: refused */
	enum err_code code;
} cases[] = {
	{ "an envelope", DSSE("a"), DSSE("a") "\n", ERR_NONE },
	{ "a Sigstore bundle", SIGSTORE "\n", SIGSTORE "\n", ERR_NONE },
	{ "a line each", DSSE("a") "\n" SIGSTORE "\n",
	  DSSE("a") "\n" SIGSTORE "\n", ERR_NONE },
	{ "no end of the last line", DSSE("a") "\n" DSSE("b"),
	  DSSE("a") "\n" DSSE("b") "\n", ERR_NONE },
	{ "lines without anything", "\n" DSSE("a") "\n\n" DSSE("b") "\n",
	  DSSE("a") "\n" DSSE("b") "\n", ERR_NONE },
	{ "the same one twice", DSSE("a") "\n " DSSE("a") "\n", DSSE("a") "\n",
	  ERR_NONE },
	{ "one in several lines",
	  "{\n \"mediaType\":\n"
	  " \"application/vnd.dev.sigstore.bundle+json\"\n}\n",
	  SIGSTORE "\n", ERR_NONE },
	{ "nothing", "", "", ERR_NONE },
	{ "no JSON", DSSE("a") "\nx\n", NULL, ERR_FORMAT },
	{ "a key twice", "{\"payload\":\"a\",\"payload\":\"b\"}", NULL,
	  ERR_FORMAT },
	{ "a list", "[" DSSE("a") "]", NULL, ERR_FORMAT },
	{ "a statement that nobody signed",
	  "{\"_type\":\"https://in-toto.io/Statement/v1\"}", NULL, ERR_FORMAT },
	{ "no signature",
	  "{\"payloadType\":\"t\",\"payload\":\"a\",\"signatures\":[]}", NULL,
	  ERR_FORMAT },
	{ "signatures that are no list",
	  "{\"payloadType\":\"t\",\"payload\":\"a\",\"signatures\":{\"a\":1}}",
	  NULL, ERR_FORMAT },
	{ "a payload that is no text",
	  "{\"payloadType\":\"t\",\"payload\":1,\"signatures\":[1]}", NULL,
	  ERR_FORMAT },
	{ "a media type that is no text", "{\"mediaType\":1}", NULL,
	  ERR_FORMAT },
};

static void attestations_become_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct lines_case *c = &cases[i];
		AUTO_BUF struct buf out = BUF_NONE;
		struct err err = { .code = ERR_NONE };
		int got = evidence_lines(c->text, strlen(c->text), &out, &err);

		if (got != (c->lines != NULL ? 0 : -1) ||
		    (got < 0 && err.code != c->code))
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (got == 0 && strcmp(buf_text(&out), c->lines) != 0)
			fail_msg("%s: got '%s'", c->name, buf_text(&out));
	}
}

static int lines_of(unsigned count, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_BUF struct buf out =
		BUF_LIMIT((size_t)part_max_size(PART_ATTESTATION));

	for (unsigned i = 0; i < count; i++)
		if (buf_printf(&text, err,
		               "{\"payloadType\":\"t\",\"payload\":\"%u\","
		               "\"signatures\":[1]}\n",
		               i) < 0)
			return -1;
	return evidence_lines(buf_text(&text), text.len, &out, err);
}

static void there_are_so_many_at_most(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(lines_of(EVIDENCE_LINES_MAX, &err), 0);
	assert_int_equal(lines_of(EVIDENCE_LINES_MAX + 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attestations_become_lines),
		cmocka_unit_test(there_are_so_many_at_most),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
