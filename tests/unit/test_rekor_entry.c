/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/rekor_entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "changed_text.h"

#define HEX_8     "ffffffff"
#define HEX_32    HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8
#define BASE64_32 "//////////////////////////////////////////8="
#define BASE64_48                                                              \
	"////////////////////////////////////////////////////////////////"
#define SHA256 "{\"algorithm\":\"sha256\",\"value\":\"" HEX_32 "\"}"

static const char hashedrekord_1[] =
	"{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"spec\":{"
	"\"data\":{\"hash\":" SHA256 "},\"signature\":{\"content\":\"c2ln\","
	"\"publicKey\":{\"content\":\"cGVt\"}}}}";

#define DSSE_SIGNATURE "{\"signature\":\"c2ln\",\"verifier\":\"cGVt\"}"
static const char dsse_1[] =
	"{\"apiVersion\":\"0.0.1\",\"kind\":\"dsse\",\"spec\":{"
	"\"envelopeHash\":" SHA256 ",\"payloadHash\":" SHA256 ","
	"\"signatures\":[" DSSE_SIGNATURE "]}}";

/* "YzJsbg==" is base64 of "c2ln", which is base64 of "sig". */
#define INTOTO_SIGNATURE "{\"publicKey\":\"cGVt\",\"sig\":\"YzJsbg==\"}"
static const char intoto_2[] =
	"{\"apiVersion\":\"0.0.2\",\"kind\":\"intoto\",\"spec\":{\"content\":{"
	"\"envelope\":{\"payloadType\":\"t\",\"signatures\":[" INTOTO_SIGNATURE
	"]},\"hash\":" SHA256 ",\"payloadHash\":" SHA256 "}}}";

#define CERTIFICATE "\"x509Certificate\":{\"rawBytes\":\"cGVt\"}"
#define PUBLIC_KEY  "\"publicKey\":{\"rawBytes\":\"a2V5\"}"
#define DATA        "{\"algorithm\":\"SHA2_256\",\"digest\":\"" BASE64_32 "\"}"
static const char hashedrekord_2[] =
	"{\"apiVersion\":\"0.0.2\",\"kind\":\"hashedrekord\",\"spec\":{"
	"\"hashedRekordV002\":{\"data\":" DATA ",\"signature\":{"
	"\"content\":\"c2ln\",\"verifier\":{\"keyDetails\":"
	"\"SOME\"," CERTIFICATE "}}}}}";

static const struct kind {
	const char *text, *kind, *version;
	enum rekor_kind value;
	enum rekor_verifier verifier_type;
	const char *key_details;
} kinds[] = {
	{ hashedrekord_1, "hashedrekord", "0.0.1", REKOR_HASHEDREKORD_1,
	  REKOR_PEM, "" },
	{ dsse_1, "dsse", "0.0.1", REKOR_DSSE_1, REKOR_PEM, "" },
	{ intoto_2, "intoto", "0.0.2", REKOR_INTOTO_2, REKOR_PEM, "" },
	{ hashedrekord_2, "hashedrekord", "0.0.2", REKOR_HASHEDREKORD_2,
	  REKOR_CERTIFICATE, "SOME" },
};

static int parse(const char *text, size_t len, const struct kind *as,
                 struct rekor_entry *out, struct err *err)
{
	return rekor_entry_parse((struct bytes){ (const uint8_t *)text, len },
	                         as->kind, as->version, out, err);
}

static void require_bytes_are(struct bytes bytes, const char *want)
{
	assert_int_equal(bytes.len, strlen(want));
	assert_memory_equal(bytes.data, want, bytes.len);
}

static void all_kinds_are_read(void **state)
{
	uint8_t ones[32];

	(void)state;
	memset(ones, 0xff, sizeof ones);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		AUTO_REKOR_ENTRY struct rekor_entry entry = REKOR_ENTRY_NONE;
		struct err err = { .code = ERR_NONE };

		if (parse(kinds[i].text, strlen(kinds[i].text), &kinds[i],
		          &entry, &err) < 0)
			fail_msg("%s %s: %s", kinds[i].kind, kinds[i].version,
			         err.text);
		assert_int_equal(entry.kind, kinds[i].value);
		assert_int_equal(entry.digest.type, DIGEST_SHA256);
		assert_memory_equal(entry.digest.data, ones, 32);
		require_bytes_are(entry.signature, "sig");
		require_bytes_are(entry.verifier, "pem");
		assert_int_equal(entry.verifier_type, kinds[i].verifier_type);
		assert_string_equal(entry.key_details, kinds[i].key_details);
	}
}

static void each_kind_must_be_what_the_bundle_says(void **state)
{
	const size_t count = sizeof kinds / sizeof kinds[0];

	(void)state;
	for (size_t i = 0; i < count * count; i++) {
		AUTO_REKOR_ENTRY struct rekor_entry entry = REKOR_ENTRY_NONE;
		const struct kind *is = &kinds[i / count];
		const struct kind *as = &kinds[i % count];
		struct err err;

		if (is != as &&
		    parse(is->text, strlen(is->text), as, &entry, &err) == 0)
			fail_msg("%s %s was read as %s %s", is->kind,
			         is->version, as->kind, as->version);
	}
}

static void other_kinds_are_refused(void **state)
{
	static const struct kind others[] = {
		{ .kind = "hashedrekord", .version = "0.0.3" },
		{ .kind = "intoto", .version = "0.0.1" },
		{ .kind = "dsse", .version = "0.0.2" },
		{ .kind = "rpm", .version = "0.0.1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		AUTO_REKOR_ENTRY struct rekor_entry entry = REKOR_ENTRY_NONE;
		struct err err;

		assert_int_equal(parse("{}", 2, &others[i], &entry, &err), -1);
		assert_int_equal(err.code, ERR_FORMAT);
	}
}

static const struct change {
	const char *name;
	size_t kind; /* index of kinds */
	const char *from, *to;
	enum err_code code;
} changes[] = {
	{ "no spec", 0, ",\"spec\":{", ",\"x\":{", ERR_FORMAT },
	{ "an unknown member", 0, "\"kind\"", "\"x\":1,\"kind\"", ERR_FORMAT },
	{ "no api version", 0, "\"apiVersion\":\"0.0.1\",", "", ERR_FORMAT },
	{ "a SHA-512 without its length", 0, "sha256", "sha512", ERR_FORMAT },
	{ "a digest in capitals", 0, HEX_8 HEX_8, "FFFFFFFFFFFFFFFF",
	  ERR_FORMAT },
	{ "a SHA-384", 0, "sha256\",\"value\":\"",
	  "sha384\",\"value\":\"" HEX_8 HEX_8 HEX_8 HEX_8, ERR_NONE },
	{ "SHA-1", 0, "sha256", "sha1", ERR_FORMAT },
	{ "no digest", 0, "\"hash\":" SHA256, "", ERR_FORMAT },
	{ "a url beside the digest", 0, "\"hash\"", "\"url\":\"u\",\"hash\"",
	  ERR_FORMAT },
	{ "no signature", 0, "\"content\":\"c2ln\",", "", ERR_FORMAT },
	{ "no key", 0, "\"content\":\"cGVt\"", "", ERR_FORMAT },
	{ "a signature that is no base64", 0, "c2ln", "c2l", ERR_FORMAT },
	{ "a duplicate key", 0, "\"data\"", "\"data\":1,\"data\"", ERR_FORMAT },

	{ "dsse without signature", 1, DSSE_SIGNATURE, "", ERR_FORMAT },
	{ "dsse with two signatures", 1, DSSE_SIGNATURE,
	  DSSE_SIGNATURE "," DSSE_SIGNATURE, ERR_LIMIT },
	{ "dsse without verifier", 1, ",\"verifier\":\"cGVt\"", "",
	  ERR_FORMAT },
	{ "dsse with a payload of SHA-384", 1,
	  "\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\"",
	  "\"payloadHash\":{\"algorithm\":\"sha384\",\"value\":\"" HEX_8 HEX_8
	          HEX_8 HEX_8,
	  ERR_FORMAT },
	{ "dsse with the proposal", 1, "\"envelopeHash\"",
	  "\"proposedContent\":{},\"envelopeHash\"", ERR_FORMAT },

	{ "intoto with its payload", 2, "\"payloadType\"",
	  "\"payload\":\"e30=\",\"payloadType\"", ERR_NONE },
	{ "intoto with a key id", 2, "\"publicKey\"",
	  "\"keyid\":\"\",\"publicKey\"", ERR_NONE },
	{ "intoto with two signatures", 2, INTOTO_SIGNATURE,
	  INTOTO_SIGNATURE "," INTOTO_SIGNATURE, ERR_LIMIT },
	{ "intoto with base64 of no base64", 2, "YzJsbg==", "c2ln",
	  ERR_FORMAT },
	{ "intoto without hash", 2, "\"hash\":" SHA256 ",", "", ERR_NONE },
	{ "intoto without payload hash", 2, ",\"payloadHash\":" SHA256, "",
	  ERR_FORMAT },

	{ "v2 by a public key", 3, CERTIFICATE, PUBLIC_KEY, ERR_NONE },
	{ "v2 by both", 3, CERTIFICATE, CERTIFICATE "," PUBLIC_KEY,
	  ERR_FORMAT },
	{ "v2 by nobody", 3, "," CERTIFICATE, "", ERR_FORMAT },
	{ "v2 without key details", 3, "\"keyDetails\":\"SOME\",", "",
	  ERR_FORMAT },
	{ "v2 without algorithm", 3, "\"algorithm\":\"SHA2_256\",", "",
	  ERR_FORMAT },
	{ "v2 with a SHA-384", 3, DATA,
	  "{\"algorithm\":\"SHA2_384\",\"digest\":\"" BASE64_48 "\"}",
	  ERR_NONE },
	{ "v2 with a SHA-384 of 32 bytes", 3, "SHA2_256", "SHA2_384",
	  ERR_FORMAT },
};

static void each_change_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		const struct change *c = &changes[i];
		AUTO_REKOR_ENTRY struct rekor_entry entry = REKOR_ENTRY_NONE;
		AUTO_BUF struct buf text = BUF_NONE;
		struct err err = { .code = ERR_NONE };
		int got;

		change_text(&text, kinds[c->kind].text, c->from, c->to);
		got = parse(buf_text(&text), text.len, &kinds[c->kind], &entry,
		            &err);
		if (got != (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: got %d, code %d: %s", c->name, got,
			         (int)err.code, got < 0 ? err.text : "");
		if (got < 0 && entry.document.root != NULL)
			fail_msg("%s: touched what it was given", c->name);
	}
}

static void a_body_is_limited(void **state)
{
	static char text[REKOR_ENTRY_MAX + 1];
	AUTO_REKOR_ENTRY struct rekor_entry entry = REKOR_ENTRY_NONE;
	struct err err;

	(void)state;
	memset(text, ' ', sizeof text);
	memcpy(text, dsse_1, sizeof dsse_1 - 1);
	assert_int_equal(
		parse(text, REKOR_ENTRY_MAX + 1, &kinds[1], &entry, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(parse(text, REKOR_ENTRY_MAX, &kinds[1], &entry, &err),
	                 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds_are_read),
		cmocka_unit_test(each_kind_must_be_what_the_bundle_says),
		cmocka_unit_test(other_kinds_are_refused),
		cmocka_unit_test(each_change_is_judged),
		cmocka_unit_test(a_body_is_limited),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
