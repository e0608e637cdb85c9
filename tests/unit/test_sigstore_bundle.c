/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/sigstore_bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "changed_text.h"

#define ZERO_32 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define ONES_32 "//////////////////////////////////////////8="
#define ZERO_31 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
#define PROMISE "\"inclusionPromise\":{\"signedEntryTimestamp\":\"U0VU\"},"
#define HASHES  "\"hashes\":[\"" ZERO_32 "\",\"" ONES_32 "\"]"
#define CHECK   ",\"checkpoint\":{\"envelope\":\"note\"}"
#define PROOF                                                                  \
	"\"inclusionProof\":{\"logIndex\":\"6\",\"rootHash\":\"" ONES_32       \
	"\",\"treeSize\":\"8\"," HASHES CHECK "},"
#define ENTRY                                                                  \
	"{\"logIndex\":\"1006\",\"logId\":{\"keyId\":\"" ZERO_32 "\"},"        \
	"\"kindVersion\":{\"kind\":\"hashedrekord\",\"version\":\"0.0.1\"},"   \
	"\"integratedTime\":\"1700000000\"," PROMISE PROOF                     \
	"\"canonicalizedBody\":\"Ym9keQ==\"}"
#define ENTRIES "\"tlogEntries\":[" ENTRY "],"
#define STAMP   "{\"signedTimestamp\":\"c3RhbXA=\"}"
#define STAMPS                                                                 \
	"\"timestampVerificationData\":{\"rfc3161Timestamps\":[" STAMP "]}"
#define LEAF "\"certificate\":{\"rawBytes\":\"bGVhZg==\"},"
#define CHAIN                                                                  \
	"\"x509CertificateChain\":{\"certificates\":["                         \
	"{\"rawBytes\":\"bGVhZg==\"},{\"rawBytes\":\"Y2E=\"}]},"
#define KEY      "\"publicKey\":{\"hint\":\"some key\"},"
#define V0_1     "application/vnd.dev.sigstore.bundle+json;version=0.1"
#define V0_2     "application/vnd.dev.sigstore.bundle+json;version=0.2"
#define V0_3_OLD "application/vnd.dev.sigstore.bundle+json;version=0.3"
#define V0_3     "application/vnd.dev.sigstore.bundle.v0.3+json"
#define DIGEST                                                                 \
	"\"messageDigest\":{\"algorithm\":\"SHA2_256\",\"digest\":\"" ONES_32  \
	"\"},"
#define MESSAGE   "\"messageSignature\":{" DIGEST "\"signature\":\"c2ln\"}"
#define SIGNATURE "{\"sig\":\"ZHNzZQ==\",\"keyid\":\"k\"}"
#define ENVELOPE                                                               \
	"\"dsseEnvelope\":{\"payload\":\"e30=\",\"payloadType\":"              \
	"\"application/vnd.in-toto+json\",\"signatures\":[" SIGNATURE "]}"
#define BUNDLE(type, key, content)                                             \
	"{\"mediaType\":\"" type                                               \
	"\",\"verificationMaterial\":{" key ENTRIES STAMPS "}," content "}"

static const char message_0_3[] = BUNDLE(V0_3, LEAF, MESSAGE);
static const char message_0_1[] = BUNDLE(V0_1, CHAIN, MESSAGE);
static const char message_0_2[] = BUNDLE(V0_2, CHAIN, MESSAGE);
static const char envelope_0_3[] = BUNDLE(V0_3, LEAF, ENVELOPE);
static const char by_key[] = BUNDLE(V0_3_OLD, KEY, MESSAGE);

static int parse(const char *text, struct sigstore_bundle *out, struct err *err)
{
	return sigstore_bundle_parse(text, strlen(text), out, err);
}

static void require_bytes_are(struct bytes bytes, const char *want)
{
	assert_int_equal(bytes.len, strlen(want));
	assert_memory_equal(bytes.data, want, bytes.len);
}

static void all_of_a_message_bundle_is_given(void **state)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	const struct sigstore_log_entry *entry = &bundle.entries[0];
	uint8_t ones[32];
	struct err err;

	(void)state;
	memset(ones, 0xff, sizeof ones);
	assert_int_equal(parse(message_0_3, &bundle, &err), 0);
	assert_int_equal(bundle.version, SIGSTORE_V0_3);
	assert_int_equal(bundle.material, SIGSTORE_CERTIFICATE);
	assert_int_equal(bundle.certificate_count, 1);
	require_bytes_are(bundle.certificates[0], "leaf");
	assert_string_equal(bundle.hint, "");
	assert_int_equal(bundle.timestamp_count, 1);
	require_bytes_are(bundle.timestamps[0], "stamp");
	assert_int_equal(bundle.content, SIGSTORE_MESSAGE);
	require_bytes_are(bundle.signature, "sig");
	assert_true(bundle.has_digest);
	assert_int_equal(bundle.digest.type, DIGEST_SHA256);
	assert_memory_equal(bundle.digest.data, ones, 32);

	assert_int_equal(bundle.entry_count, 1);
	assert_int_equal(entry->log_index, 1006);
	assert_int_equal(entry->log_id[31], 0);
	assert_string_equal(entry->kind, "hashedrekord");
	assert_string_equal(entry->version, "0.0.1");
	assert_int_equal(entry->integrated_time, 1700000000);
	require_bytes_are(entry->promise, "SET");
	require_bytes_are(entry->body, "body");
	assert_string_equal(entry->body_base64, "Ym9keQ==");
	assert_true(entry->has_proof);
	assert_int_equal(entry->proof.log_index, 6);
	assert_int_equal(entry->proof.tree_size, 8);
	assert_memory_equal(entry->proof.root_hash, ones, 32);
	assert_int_equal(entry->proof.hash_count, 2);
	assert_int_equal(entry->proof.hashes[0][0], 0);
	assert_memory_equal(entry->proof.hashes[1], ones, 32);
	assert_string_equal(entry->proof.checkpoint, "note");
}

static void all_of_an_envelope_is_given(void **state)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	struct err err;

	(void)state;
	assert_int_equal(parse(envelope_0_3, &bundle, &err), 0);
	assert_int_equal(bundle.content, SIGSTORE_ENVELOPE);
	assert_false(bundle.has_digest);
	require_bytes_are(bundle.signature, "dsse");
	require_bytes_are(bundle.envelope.payload, "{}");
	assert_string_equal(bundle.envelope.payload_type, DSSE_TYPE_INTOTO);
	assert_int_equal(bundle.envelope.signature_count, 1);
	assert_string_equal(bundle.envelope.signatures[0].key_id, "k");
}

static void a_chain_and_a_hint_are_given(void **state)
{
	AUTO_SIGSTORE struct sigstore_bundle chain = SIGSTORE_BUNDLE_NONE,
					     key = SIGSTORE_BUNDLE_NONE;
	struct err err;

	(void)state;
	assert_int_equal(parse(message_0_1, &chain, &err), 0);
	assert_int_equal(chain.version, SIGSTORE_V0_1);
	assert_int_equal(chain.material, SIGSTORE_CERTIFICATE);
	assert_int_equal(chain.certificate_count, 2);
	require_bytes_are(chain.certificates[1], "ca");
	assert_int_equal(parse(by_key, &key, &err), 0);
	assert_int_equal(key.version, SIGSTORE_V0_3);
	assert_int_equal(key.material, SIGSTORE_PUBLIC_KEY);
	assert_int_equal(key.certificate_count, 0);
	assert_string_equal(key.hint, "some key");
}

static const struct change {
	const char *name, *text, *from, *to;
	enum err_code code;
	const char *field; /* how the error begins, behind its frame */
} changes[] = {
	/* what may be absent, and spellings that are equal */
	{ "indexes as integers", message_0_3, "\"1006\"", "1006", ERR_NONE,
	  NULL },
	{ "an index of 0 left out", message_0_3, "\"logIndex\":\"6\",", "",
	  ERR_NONE, NULL },
	{ "no integrated time", message_0_3,
	  "\"integratedTime\":\"1700000000\",", "", ERR_NONE, NULL },
	{ "no promise, from 0.2", message_0_2, PROMISE, "", ERR_NONE, NULL },
	{ "no proof, in 0.1", message_0_1, PROOF, "", ERR_NONE, NULL },
	{ "no checkpoint, in 0.1", message_0_1, CHECK, "", ERR_NONE, NULL },
	{ "no entries", message_0_3, ENTRIES, "", ERR_NONE, NULL },
	{ "null entries", message_0_3, "[" ENTRY "]", "null", ERR_NONE, NULL },
	{ "null timestamps", message_0_3, "{\"rfc3161Timestamps\":[" STAMP "]}",
	  "null", ERR_NONE, NULL },
	{ "empty timestamps", message_0_3, "[" STAMP "]", "[]", ERR_NONE,
	  NULL },
	{ "no digest", message_0_3, DIGEST, "", ERR_NONE, NULL },
	{ "no hint", by_key, "\"hint\":\"some key\"", "", ERR_NONE, NULL },
	{ "no key id", envelope_0_3, ",\"keyid\":\"k\"", "", ERR_NONE, NULL },

	/* media type */
	{ "media type 0.4", message_0_3, "v0.3", "v0.4", ERR_FORMAT,
	  "mediaType: '" },
	{ "media type .v0.1", message_0_3, V0_3,
	  "application/vnd.dev.sigstore.bundle.v0.1+json", ERR_FORMAT,
	  "mediaType: '" },
	{ "media type with a blank", message_0_1, "json;", "json; ", ERR_FORMAT,
	  "mediaType: '" },
	{ "no media type", message_0_3, "\"mediaType\":\"" V0_3 "\",", "",
	  ERR_FORMAT, "mediaType: is missing" },

	/* oneofs */
	{ "a chain in 0.3", message_0_3, LEAF, CHAIN, ERR_FORMAT,
	  "verificationMaterial.x509CertificateChain: not allowed" },
	{ "a chain in 0.3, old media type", message_0_2, "0.2", "0.3",
	  ERR_FORMAT, "verificationMaterial.x509CertificateChain: " },
	{ "a certificate in 0.2", message_0_2, CHAIN, LEAF, ERR_FORMAT,
	  "verificationMaterial.certificate: not allowed" },
	{ "no key material", message_0_3, LEAF, "", ERR_FORMAT,
	  "verificationMaterial: not exactly one of" },
	{ "certificate and key", message_0_3, LEAF, LEAF KEY, ERR_FORMAT,
	  "verificationMaterial: not exactly one of" },
	{ "no content", message_0_3, "," MESSAGE, "", ERR_FORMAT,
	  "top level: not exactly one of" },
	{ "two contents", message_0_3, MESSAGE, MESSAGE "," ENVELOPE,
	  ERR_FORMAT, "top level: not exactly one of" },
	{ "no material", message_0_3, "verificationMaterial", "x", ERR_FORMAT,
	  "top level: unknown member 'x'" },

	/* key material */
	{ "an empty chain", message_0_1,
	  "{\"rawBytes\":\"bGVhZg==\"},{\"rawBytes\":\"Y2E=\"}", "", ERR_FORMAT,
	  "verificationMaterial.x509CertificateChain.certificates: no" },
	{ "an empty certificate", message_0_3, "bGVhZg==", "", ERR_FORMAT,
	  "verificationMaterial.certificate.rawBytes: is missing or empty" },
	{ "a certificate that is no base64", message_0_3, "bGVhZg==", "bGVhZg",
	  ERR_FORMAT, "verificationMaterial.certificate.rawBytes: not base64" },
	{ "a certificate in base64 with a line feed", message_0_3, "bGVhZg==",
	  "bGVhZg==\\n", ERR_FORMAT, "verificationMaterial.certificate" },
	{ "a key with its bytes", by_key, "\"hint\"", "\"rawBytes\"",
	  ERR_FORMAT, "verificationMaterial.publicKey: unknown member" },

	/* log entries */
	{ "no promise in 0.1", message_0_1, PROMISE, "", ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0]: no inclusionPromise" },
	{ "an empty promise", message_0_3, "\"U0VU\"", "\"\"", ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0].inclusionPromise." },
	{ "no proof in 0.2", message_0_2, PROOF, "", ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0]: no inclusionProof" },
	{ "no checkpoint in 0.3", message_0_3, CHECK, "", ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0]: no checkpoint" },
	{ "an empty checkpoint", message_0_1, "\"note\"", "\"\"", ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0].inclusionProof.checkpoint." },
	{ "a second entry without body", message_0_3, "\"}],",
	  "\"},{\"logId\":{\"keyId\":\"" ZERO_32 "\"},\"kindVersion\":{"
	  "\"kind\":\"k\",\"version\":\"v\"}," PROOF "\"integratedTime\":1}],",
	  ERR_FORMAT,
	  "verificationMaterial.tlogEntries[1].canonicalizedBody: is" },
	{ "a negative index", message_0_3, "\"1006\"", "-1", ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0].logIndex: below 0" },
	{ "a negative index as text", message_0_3, "\"1006\"", "\"-1\"",
	  ERR_FORMAT, "verificationMaterial.tlogEntries[0].logIndex: not a" },
	{ "an index of 2^63", message_0_3, "\"1006\"",
	  "\"9223372036854775808\"", ERR_LIMIT,
	  "verificationMaterial.tlogEntries[0].logIndex: number above" },
	{ "an index with a leading zero", message_0_3, "\"1006\"", "\"01006\"",
	  ERR_FORMAT, "verificationMaterial.tlogEntries[0].logIndex: " },
	{ "an index with a blank", message_0_3, "\"1006\"", "\"1006 \"",
	  ERR_FORMAT, "verificationMaterial.tlogEntries[0].logIndex: " },
	{ "an index with a fraction", message_0_3, "\"1006\"", "1006.0",
	  ERR_FORMAT, "verificationMaterial.tlogEntries[0].logIndex: " },
	{ "a negative time", message_0_3, "\"1700000000\"", "\"-1700000000\"",
	  ERR_FORMAT, "verificationMaterial.tlogEntries[0].integratedTime: " },
	{ "the last index of a tree", message_0_3, "\"6\"", "\"7\"", ERR_NONE,
	  NULL },
	{ "an index behind the tree", message_0_3, "\"6\"", "\"8\"", ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0].inclusionProof: logIndex 8" },
	{ "an empty tree", message_0_3, "\"treeSize\":\"8\",", "", ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0].inclusionProof: logIndex 6" },
	{ "a root hash of 31 bytes", message_0_3, "\"rootHash\":\"" ONES_32,
	  "\"rootHash\":\"" ZERO_31, ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0].inclusionProof.rootHash: " },
	{ "a proof hash of 31 bytes", message_0_3,
	  ","
	  "\"" ONES_32 "\"]",
	  ",\"" ZERO_31 "\"]", ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0].inclusionProof.hashes[1]: 31" },
	{ "an empty proof hash", message_0_3, "[\"" ZERO_32, "[\"", ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0].inclusionProof.hashes[0]: 0" },
	{ "a log id of 31 bytes", message_0_3, ZERO_32, ZERO_31, ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0].logId.keyId: not base64 of" },
	{ "no kind", message_0_3, "\"kind\":\"hashedrekord\",", "", ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0].kindVersion.kind: is missing" },
	{ "a snake_case name", message_0_3, "\"logIndex\"", "\"log_index\"",
	  ERR_FORMAT,
	  "verificationMaterial.tlogEntries[0]: unknown member 'log_index'" },

	/* timestamps */
	{ "an empty timestamp", message_0_3, "c3RhbXA=", "", ERR_FORMAT,
	  "verificationMaterial.timestampVerificationData.rfc3161Timestamps[0]"
	  ".signedTimestamp: is missing" },
	{ "a null timestamp", message_0_3, STAMP, "null", ERR_FORMAT,
	  "verificationMaterial.timestampVerificationData.rfc3161Timestamps[0]"
	  ": null" },

	/* content */
	{ "no signature", message_0_3, ",\"signature\":\"c2ln\"", "",
	  ERR_FORMAT, "messageSignature.signature: is missing" },
	{ "no digest algorithm", message_0_3, "\"algorithm\":\"SHA2_256\",", "",
	  ERR_FORMAT, "messageSignature.messageDigest.algorithm: is" },
	{ "an unknown digest algorithm", message_0_3, "SHA2_256", "SHA1",
	  ERR_FORMAT, "messageSignature.messageDigest.algorithm: 'SHA1'" },
	{ "an algorithm as number", message_0_3, "\"SHA2_256\"", "1",
	  ERR_FORMAT, "messageSignature.messageDigest.algorithm: is not" },
	{ "a digest of another length", message_0_3, "SHA2_256", "SHA2_512",
	  ERR_FORMAT, "messageSignature.messageDigest.digest: not base64" },
	{ "two signatures", envelope_0_3, SIGNATURE, SIGNATURE "," SIGNATURE,
	  ERR_FORMAT, "dsseEnvelope: 2 signatures" },
	{ "no signatures", envelope_0_3, SIGNATURE, "", ERR_FORMAT,
	  "dsseEnvelope.signatures: no signature" },
	{ "an empty payload", envelope_0_3, "\"e30=\"", "\"\"", ERR_FORMAT,
	  "dsseEnvelope.payload: is missing" },
	{ "a duplicate key", message_0_3,
	  "\"signature\":", "\"signature\":\"\",\"signature\":", ERR_FORMAT,
	  "not JSON as demanded here: line 1: duplicate" },
	{ "a second bundle behind it", message_0_3, "\"c2ln\"}}",
	  "\"c2ln\"}}{}", ERR_FORMAT, "not JSON as demanded here" },
};

#define FRAME "reading a Sigstore bundle: "

static void check_change(const struct change *c)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err = { .code = ERR_NONE };
	char shown[2 * ERR_TEXT_MAX] = "";
	int got;

	change_text(&text, c->text, c->from, c->to);
	got = parse(buf_text(&text), &bundle, &err);
	if (got != (c->code == ERR_NONE ? 0 : -1) || err.code != c->code)
		fail_msg("%s: got %d, code %d: %s", c->name, got, (int)err.code,
		         got < 0 ? err.text : "");
	if (got == 0)
		return;
	if (bundle.document.root != NULL)
		fail_msg("%s: touched what it was given", c->name);
	(void)err_format(&err, shown, sizeof shown);
	if (strncmp(shown, FRAME, strlen(FRAME)) != 0 ||
	    strncmp(shown + strlen(FRAME), c->field, strlen(c->field)) != 0)
		fail_msg("%s: '%s'", c->name, shown);
}

static void each_change_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
		check_change(&changes[i]);
}

static const struct limit {
	const char *name, *text, *from, *each;
	size_t max;
} limits[] = {
	{ "log entries", message_0_3, "[" ENTRY "]", ENTRY,
	  SIGSTORE_ENTRIES_MAX },
	{ "timestamps", message_0_3, "[" STAMP "]", STAMP,
	  SIGSTORE_TIMESTAMPS_MAX },
	{ "hashes", message_0_3, "[\"" ZERO_32 "\",\"" ONES_32 "\"]",
	  "\"" ZERO_32 "\"", SIGSTORE_HASHES_MAX },
	{ "certificates", message_0_2,
	  "[{\"rawBytes\":\"bGVhZg==\"},{\"rawBytes\":\"Y2E=\"}]",
	  "{\"rawBytes\":\"bGVhZg==\"}", SIGSTORE_CERTIFICATES_MAX },
};

static int parse_many(const struct limit *limit, size_t count, struct err *err)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	AUTO_BUF struct buf list = BUF_NONE, text = BUF_NONE;

	assert_int_equal(buf_adds(&list, "[", err), 0);
	repeat_text(&list, limit->each, count);
	assert_int_equal(buf_adds(&list, "]", err), 0);
	change_text(&text, limit->text, limit->from, buf_text(&list));
	return parse(buf_text(&text), &bundle, err);
}

static void counts_are_limited(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		struct err err = { .code = ERR_NONE };

		if (parse_many(&limits[i], limits[i].max, &err) < 0)
			fail_msg("%s: %s", limits[i].name, err.text);
		if (parse_many(&limits[i], limits[i].max + 1, &err) == 0)
			fail_msg("%s: one more was read", limits[i].name);
		assert_int_equal(err.code, ERR_LIMIT);
	}
}

static void the_text_is_limited(void **state)
{
	static char text[SIGSTORE_BUNDLE_MAX + 1];
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	struct err err;

	(void)state;
	memset(text, ' ', sizeof text);
	memcpy(text, message_0_3, sizeof message_0_3 - 1);
	assert_int_equal(sigstore_bundle_parse(text, SIGSTORE_BUNDLE_MAX + 1,
	                                       &bundle, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(
		sigstore_bundle_parse(text, SIGSTORE_BUNDLE_MAX, &bundle, &err),
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_a_message_bundle_is_given),
		cmocka_unit_test(all_of_an_envelope_is_given),
		cmocka_unit_test(a_chain_and_a_hint_are_given),
		cmocka_unit_test(each_change_is_judged),
		cmocka_unit_test(counts_are_limited),
		cmocka_unit_test(the_text_is_limited),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
