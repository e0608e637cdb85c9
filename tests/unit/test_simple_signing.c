/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/simple_signing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "changed_text.h"

#define HEX_8  "ffffffff"
#define HEX_32 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8

/* Byte by byte as cosign 3.1.2 writes it. */
static const char payload[] =
	"{\"critical\":{\"identity\":{\"docker-reference\":\"127.0.0.1/a\"},"
	"\"image\":{\"docker-manifest-digest\":\"sha256:" HEX_32 "\"},"
	"\"type\":\"cosign container image signature\"},\"optional\":null}";

static const struct change {
	const char *name, *from, *to;
	enum err_code code; /* ERR_NONE: it is read all the same */
} changes[] = {
	{ "as it is", "{", "{", ERR_NONE },
	{ "annotations", "\"optional\":null",
	  "\"optional\":{\"creator\":\"me\",\"a\":{\"b\":1}}", ERR_NONE },
	{ "without optional", ",\"optional\":null", "", ERR_NONE },
	{ "without a reference", "\"docker-reference\":\"127.0.0.1/a\"", "",
	  ERR_NONE },
	{ "optional that is a text", "\"optional\":null", "\"optional\":\"\"",
	  ERR_FORMAT },
	{ "a member beside critical", "\"optional\"", "\"more\"", ERR_FORMAT },
	{ "a member in critical",
	  "\"type\":", "\"more\":1,\"type\":", ERR_FORMAT },
	{ "a member in image", "\"image\":{", "\"image\":{\"more\":1,",
	  ERR_FORMAT },
	{ "a member in identity", "\"identity\":{", "\"identity\":{\"more\":1,",
	  ERR_FORMAT },
	{ "a reference that is a number", "\"127.0.0.1/a\"", "1", ERR_FORMAT },
	{ "another type", "cosign container", "atomic container", ERR_FORMAT },
	{ "no type", ",\"type\":\"cosign container image signature\"", "",
	  ERR_FORMAT },
	{ "no identity", "\"identity\":{\"docker-reference\":\"127.0.0.1/a\"},",
	  "", ERR_FORMAT },
	{ "no digest", "\"docker-manifest-digest\":\"sha256:" HEX_32 "\"", "",
	  ERR_FORMAT },
	{ "a short digest", HEX_8, "", ERR_FORMAT },
	{ "a long digest", HEX_8, HEX_8 "0", ERR_FORMAT },
	{ "upper-case digits", HEX_8, "FFFFFFFF", ERR_FORMAT },
	{ "another hash", "sha256:", "sha512:", ERR_FORMAT },
	{ "a digest twice", "\"image\":{",
	  "\"image\":{\"docker-manifest-digest\":\"sha256:" HEX_32 "\",",
	  ERR_FORMAT },
	{ "critical twice", "\"optional\":null", "\"critical\":{}",
	  ERR_FORMAT },
	{ "text behind it", "\"optional\":null}", "\"optional\":null} x",
	  ERR_FORMAT },
	{ "a list", "{\"critical\"", "[{\"critical\"", ERR_FORMAT },
};

static void each_change_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		const struct change *c = &changes[i];
		AUTO_BUF struct buf text = BUF_NONE;
		uint8_t digest[SIMPLE_SIGNING_DIGEST_LEN] = { 7 };
		uint8_t ones[sizeof digest];
		struct err err = { .code = ERR_NONE };
		int got;

		change_text(&text, payload, c->from, c->to);
		got = simple_signing_parse(buf_text(&text), text.len, digest,
		                           &err);
		if ((got == 0) != (c->code == ERR_NONE) || err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		memset(ones, got == 0 ? 0xff : 0, sizeof ones);
		ones[0] = got == 0 ? 0xff : 7;
		assert_memory_equal(digest, ones, sizeof ones);
	}
}

/* Blanks in front, up to the last byte that is allowed, and one more. */
static void the_limit_is_a_limit(void **state)
{
	static char text[SIMPLE_SIGNING_MAX + 1];
	uint8_t digest[SIMPLE_SIGNING_DIGEST_LEN];
	size_t len = sizeof payload - 1;
	struct err err;

	(void)state;
	memset(text, ' ', sizeof text);
	memcpy(text + SIMPLE_SIGNING_MAX - len, payload, len);
	assert_int_equal(
		simple_signing_parse(text, SIMPLE_SIGNING_MAX, digest, &err),
		0);
	assert_int_equal(simple_signing_parse(text, SIMPLE_SIGNING_MAX + 1,
	                                      digest, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_is_judged),
		cmocka_unit_test(the_limit_is_a_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
