/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/dsse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "changed_text.h"

#define SIGNATURE "{\"keyid\":\"k\",\"sig\":\"c2ln\"}"

static const char envelope[] =
	"{\"payload\":\"aGVsbG8gd29ybGQ=\",\"payloadType\":"
	"\"http://example.com/HelloWorld\",\"signatures\":[" SIGNATURE "]}";

static void an_envelope_is_read(void **state)
{
	AUTO_DSSE struct dsse_file file = DSSE_FILE_NONE;
	const struct dsse_envelope *read = &file.envelope;
	struct err err;

	(void)state;
	assert_int_equal(dsse_parse(envelope, sizeof envelope - 1, &file, &err),
	                 0);
	assert_string_equal(read->payload_type,
	                    "http://example.com/HelloWorld");
	assert_int_equal(read->payload.len, 11);
	assert_memory_equal(read->payload.data, "hello world", 11);
	assert_int_equal(read->signature_count, 1);
	assert_string_equal(read->signatures[0].key_id, "k");
	assert_int_equal(read->signatures[0].signature.len, 3);
	assert_memory_equal(read->signatures[0].signature.data, "sig", 3);
}

static const struct change {
	const char *name, *from, *to;
	enum err_code code;
} changes[] = {
	{ "no key id", "\"keyid\":\"k\",", "", ERR_NONE },
	{ "no signature bytes", "\"c2ln\"", "\"\"", ERR_FORMAT },
	{ "no signatures", SIGNATURE, "", ERR_FORMAT },
	{ "no list of signatures", ",\"signatures\":[" SIGNATURE "]", "",
	  ERR_FORMAT },
	{ "no payload", "aGVsbG8gd29ybGQ=", "", ERR_FORMAT },
	{ "a payload without padding", "ybGQ=", "ybGQ", ERR_FORMAT },
	{ "no payload type", "http://example.com/HelloWorld", "", ERR_FORMAT },
	{ "a payload type of another type", "\"http://example.com/HelloWorld\"",
	  "1", ERR_FORMAT },
	{ "an unknown member", "\"payload\"", "\"x\":1,\"payload\"",
	  ERR_FORMAT },
	{ "an unknown member of a signature", "\"keyid\"", "\"cert\"",
	  ERR_FORMAT },
	{ "a list", "{\"payload\"", "[{\"payload\"", ERR_FORMAT },
};

static int parse_changed(const char *from, const char *to, struct err *err)
{
	AUTO_DSSE struct dsse_file file = DSSE_FILE_NONE;
	AUTO_BUF struct buf text = BUF_NONE;

	change_text(&text, envelope, from, to);
	return dsse_parse(buf_text(&text), text.len, &file, err);
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

static void signatures_are_limited(void **state)
{
	AUTO_BUF struct buf most = BUF_NONE, more = BUF_NONE;
	struct err err;

	(void)state;
	repeat_text(&most, SIGNATURE, DSSE_SIGNATURES_MAX);
	repeat_text(&more, SIGNATURE, DSSE_SIGNATURES_MAX + 1);
	assert_int_equal(parse_changed(SIGNATURE, buf_text(&most), &err), 0);
	assert_int_equal(parse_changed(SIGNATURE, buf_text(&more), &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void the_payload_type_is_limited(void **state)
{
	char type[DSSE_TYPE_MAX + 2];
	struct err err;

	(void)state;
	memset(type, 'x', sizeof type);
	type[DSSE_TYPE_MAX + 1] = '\0';
	assert_int_equal(
		parse_changed("http://example.com/HelloWorld", type, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	type[DSSE_TYPE_MAX] = '\0';
	assert_int_equal(
		parse_changed("http://example.com/HelloWorld", type, &err), 0);
}

/* The example of the DSSE protocol. */
static void the_signed_bytes_are_those_of_the_protocol(void **state)
{
	static const char payload[] = "hello world";
	AUTO_BUF struct buf pae = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(
		dsse_pae("http://example.com/HelloWorld",
	                 (struct bytes){ (const uint8_t *)payload, 11 }, &pae,
	                 &err),
		0);
	assert_string_equal(
		buf_text(&pae),
		"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_envelope_is_read),
		cmocka_unit_test(each_change_is_judged),
		cmocka_unit_test(signatures_are_limited),
		cmocka_unit_test(the_payload_type_is_limited),
		cmocka_unit_test(the_signed_bytes_are_those_of_the_protocol),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
