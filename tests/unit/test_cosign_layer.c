/* SPDX-License-Identifier: Apache-2.0 */
/* Annotations of a layer become a bundle that the reader of bundles takes, and
 * nothing is lost or made up on the way. */
#include "codec/cosign_layer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "changed_text.h"
#include "codec/sigstore_bundle.h"

#define HEX_8  "ffffffff"
#define HEX_32 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8

#define MANIFEST(annotations)                                                  \
	"{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_MANIFEST "\","        \
	"\"config\":{\"mediaType\":\"a/"                                       \
	"b\",\"size\":2,\"digest\":\"sha256:" HEX_32                           \
	"\"},\"layers\":[{\"mediaType\":\"" COSIGN_LAYER_TYPE "\","            \
	"\"size\":3,\"digest\":\"sha256:" HEX_32                               \
	"\",\"annotations\":{" annotations "}}]}"

#define SIGNATURE "\"dev.cosignproject.cosign/signature\":\"c2ln\""
/* "bGVhZg==" is "leaf" */
#define CERTIFICATE                                                            \
	"\"dev.sigstore.cosign/certificate\":\"-----BEGIN CERTIFICATE-----"    \
	"\\nbGVh\\nZg==\\n-----END CERTIFICATE-----\\n\""
/* The body is {"apiVersion":"0.0.1","kind":"hashedrekord"}. */
#define BODY "eyJhcGlWZXJzaW9uIjoiMC4wLjEiLCJraW5kIjoiaGFzaGVkcmVrb3JkIn0="
#define ENTRY                                                                  \
	"\"dev.sigstore.cosign/bundle\":\"{\\\"SignedEntryTimestamp\\\":"      \
	"\\\"c2V0\\\",\\\"Payload\\\":{\\\"body\\\":\\\"" BODY "\\\","         \
	"\\\"integratedTime\\\":1700000000,\\\"logIndex\\\":7,"                \
	"\\\"logID\\\":\\\"" HEX_32 "\\\"}}\""
#define TIMESTAMP                                                              \
	"\"dev.sigstore.cosign/rfc3161timestamp\":"                            \
	"\"{\\\"SignedRFC3161Timestamp\\\":\\\"dHNh\\\"}\""

static const char by_key[] = MANIFEST(SIGNATURE);
static const char by_owner[] =
	MANIFEST(SIGNATURE "," CERTIFICATE "," ENTRY "," TIMESTAMP);

static int convert(const char *text, struct sigstore_bundle *out,
                   struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest manifest = OCI_MANIFEST_NONE;
	AUTO_BUF struct buf bundle = BUF_NONE;

	if (oci_manifest_parse(text, strlen(text), &manifest, err) < 0)
		fail_msg("no manifest: %s", err->text);
	assert_true(cosign_layer_is(&manifest.entries[0]));
	if (cosign_layer_bundle(&manifest, 0, &bundle, err) < 0)
		return -1;
	return sigstore_bundle_parse(buf_text(&bundle), bundle.len, out, err);
}

static void require_bytes_are(struct bytes bytes, const char *want)
{
	assert_int_equal(bytes.len, strlen(want));
	assert_memory_equal(bytes.data, want, bytes.len);
}

static void require_message(const struct sigstore_bundle *bundle)
{
	uint8_t ones[OCI_DIGEST_LEN];

	memset(ones, 0xff, sizeof ones);
	assert_int_equal(bundle->content, SIGSTORE_MESSAGE);
	require_bytes_are(bundle->signature, "sig");
	assert_true(bundle->has_digest);
	assert_memory_equal(bundle->digest.data, ones, sizeof ones);
}

static void a_signature_by_a_key_is_one(void **state)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	struct err err;

	(void)state;
	assert_int_equal(convert(by_key, &bundle, &err), 0);
	require_message(&bundle);
	assert_int_equal(bundle.material, SIGSTORE_PUBLIC_KEY);
	assert_int_equal(bundle.entry_count, 0);
}

static void a_certificate_comes_with_all_that_speaks_for_it(void **state)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	const struct sigstore_log_entry *entry = &bundle.entries[0];
	struct err err;

	(void)state;
	if (convert(by_owner, &bundle, &err) < 0)
		fail_msg("%s", err.text);
	require_message(&bundle);
	assert_int_equal(bundle.version, SIGSTORE_V0_1);
	assert_int_equal(bundle.material, SIGSTORE_CERTIFICATE);
	assert_int_equal(bundle.certificate_count, 1);
	require_bytes_are(bundle.certificates[0], "leaf");
	assert_int_equal(bundle.timestamp_count, 1);
	require_bytes_are(bundle.timestamps[0], "tsa");
	assert_int_equal(bundle.entry_count, 1);
	assert_int_equal(entry->log_index, 7);
	assert_int_equal(entry->integrated_time, 1700000000);
	assert_string_equal(entry->kind, "hashedrekord");
	assert_string_equal(entry->version, "0.0.1");
	assert_string_equal(entry->body_base64, BODY);
	assert_int_equal(entry->log_id[0], 0xff);
	require_bytes_are(entry->promise, "set");
	assert_false(entry->has_proof);
}

static const struct change {
	const char *name, *from, *to;
} changes[] = {
	{ "no signature", SIGNATURE ",", "" },
	{ "an empty signature", "c2ln", "" },
	{ "a signature that is no text", "\"c2ln\"", "1" },
	{ "a certificate without its first line", "-----BEGIN CERTIFICATE-----",
	  "" },
	{ "a certificate without its last line", "-----END CERTIFICATE-----",
	  "" },
	{ "a key for a certificate", "-----BEGIN CERTIFICATE",
	  "-----BEGIN KEY" },
	{ "a certificate that is no base64", "bGVh", "bG h" },
	{ "an entry that is no JSON", "{\\\"SignedEntry", "\\\"SignedEntry" },
	{ "no promise", "\\\"SignedEntryTimestamp\\\":\\\"c2V0\\\",", "" },
	{ "no body", "\\\"body\\\":\\\"" BODY "\\\",", "" },
	{ "a body that is no base64", BODY, "*" },
	{ "a body that is no JSON", BODY, "c2ln" },
	{ "a body of no kind", BODY, "e30=" },
	{ "a negative time", "1700000000", "-1" },
	{ "a negative index", ":7", ":-7" },
	{ "a short log ID", "\\\"logID\\\":\\\"" HEX_8, "\\\"logID\\\":\\\"" },
	{ "an empty timestamp", "dHNh", "" },
	{ "a timestamp of another name", "SignedRFC3161Timestamp", "Signed" },
};

static void what_is_damaged_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		AUTO_SIGSTORE struct sigstore_bundle bundle =
			SIGSTORE_BUNDLE_NONE;
		AUTO_BUF struct buf text = BUF_NONE;
		struct err err = { .code = ERR_NONE };

		change_text(&text, by_owner, changes[i].from, changes[i].to);
		if (convert(buf_text(&text), &bundle, &err) == 0)
			fail_msg("%s: was taken", changes[i].name);
		if (err.code != ERR_FORMAT)
			fail_msg("%s: code %d", changes[i].name, (int)err.code);
	}
}

/* As large as may be, and one byte more. */
static void annotations_have_a_limit(void **state)
{
	static char much[COSIGN_ANNOTATION_MAX + 2];
	struct err err = { .code = ERR_NONE };

	(void)state;
	for (size_t more = 0; more < 2; more++) {
		AUTO_SIGSTORE struct sigstore_bundle bundle =
			SIGSTORE_BUNDLE_NONE;
		AUTO_BUF struct buf text = BUF_NONE;

		memset(much, 'A', COSIGN_ANNOTATION_MAX + more);
		change_text(&text, by_key, "c2ln", much);
		assert_int_equal(convert(buf_text(&text), &bundle, &err),
		                 more == 0 ? 0 : -1);
	}
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_by_a_key_is_one),
		cmocka_unit_test(
			a_certificate_comes_with_all_that_speaks_for_it),
		cmocka_unit_test(what_is_damaged_is_refused),
		cmocka_unit_test(annotations_have_a_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
