/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/dsse.h"
#include "codec/sigstore_write.h"
#include "codec/statement_write.h"

static const uint8_t key_id[SIGSTORE_KEY_ID_LEN] = { 1, 2, 3 };
static const struct bytes signature = { (const uint8_t *)"\x30\x00\xff", 3 };
static const struct bytes payload = { (const uint8_t *)"{}", 2 };

#define KEY_ID "AQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define HEAD                                                                   \
	"{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\","    \
	"\"verificationMaterial\":{\"publicKey\":{\"hint\":\"" KEY_ID "\"}},"

/* The shape that cosign 3.1.2 writes with an empty signing configuration. */
static void a_message_is_a_bundle_as_cosign_writes_it(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	const uint8_t sha256[SIGSTORE_DIGEST_LEN] = { 0xff };
	struct err err;

	(void)state;
	assert_int_equal(
		sigstore_write_message(key_id, sha256, signature, &out, &err),
		0);
	assert_string_equal(
		buf_text(&out),
		HEAD "\"messageSignature\":{\"messageDigest\":{\"algorithm\":"
		     "\"SHA2_256\",\"digest\":"
		     "\"/wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"},"
		     "\"signature\":\"MAD/\"}}");
}

static void an_envelope_stands_in_a_bundle_or_alone(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(sigstore_write_envelope(key_id, DSSE_TYPE_INTOTO,
	                                         payload, signature, &out,
	                                         &err),
	                 0);
	assert_string_equal(
		buf_text(&out),
		HEAD "\"dsseEnvelope\":{\"payload\":\"e30=\",\"payloadType\":"
		     "\"application/vnd.in-toto+json\",\"signatures\":[{"
		     "\"sig\":\"MAD/\"}]}}");
	buf_cut(&out, 0);
	assert_int_equal(dsse_write(DSSE_TYPE_INTOTO, payload,
	                            "81FB1E14514CC2DE", signature, &out, &err),
	                 0);
	assert_string_equal(
		buf_text(&out),
		"{\"payload\":\"e30=\",\"payloadType\":"
		"\"application/vnd.in-toto+json\",\"signatures\":[{\"sig\":"
		"\"MAD/\",\"keyid\":\"81FB1E14514CC2DE\"}]}");
}

/* --- statements -------------------------------------------------------------
 */

static const struct attested attested = {
	.parts = { { "release.ini", { 0xab } }, { "sbom.json", { 0 } } },
	.count = 2,
};

#define SUBJECTS                                                               \
	"{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":["         \
	"{\"name\":\"release.ini\",\"digest\":{\"sha256\":"                    \
	"\"ab00000000000000000000000000000000000000000000000000000000000000"   \
	"\"}},{\"name\":\"sbom.json\",\"digest\":{\"sha256\":"                 \
	"\"0000000000000000000000000000000000000000000000000000000000000000"   \
	"\"}}],"
#define PROVENANCE                                                             \
	SUBJECTS                                                               \
	"\"predicateType\":\"https://slsa.dev/provenance/v1\",\"predicate\":{"

static void what_is_not_known_is_left_out(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	const struct build_facts build = {
		.app = "demo",
		.version = "1.0",
		.builder = "https://ci.example/1",
	};
	struct err err;

	(void)state;
	assert_int_equal(
		statement_write_provenance(&attested, &build, &out, &err), 0);
	assert_string_equal(
		buf_text(&out), PROVENANCE
		"\"buildDefinition\":{\"buildType\":"
		"\"urn:tidegate:package-release:1\",\"externalParameters\":{"
		"\"release\":{\"app\":\"demo\",\"version\":\"1.0\"}}},"
		"\"runDetails\":{\"builder\":{\"id\":\"https://ci.example/1\"}}"
		"}}");
}

static void all_that_is_known_is_there(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	const struct build_facts build = {
		.app = "demo",
		.version = "1.0",
		.platform = "linux/amd64",
		.repository = "https://git.example/a/b",
		.ref = "refs/heads/main",
		.path = ".ci/x.yml",
		.parameters = { { { "p", "\"v\"" } }, 1 },
		.system = "github",
		.internal = { { { "event_name", "push" } }, 1 },
		.dependencies = { { "git+https://git.example/a/b@main",
		                    "gitCommit", "0123" },
		                  { NULL, "sha256", "45" } },
		.dependency_count = 2,
		.builder = "b",
		.invocation = "i",
		.started = "2026-01-01T00:00:00Z",
		.finished = "2026-01-01T00:00:01Z",
	};
	struct err err;

	(void)state;
	assert_int_equal(
		statement_write_provenance(&attested, &build, &out, &err), 0);
	assert_string_equal(
		buf_text(&out), PROVENANCE
		"\"buildDefinition\":{\"buildType\":"
		"\"urn:tidegate:package-release:1\",\"externalParameters\":{"
		"\"release\":{\"app\":\"demo\",\"version\":\"1.0\","
		"\"platform\":\"linux/amd64\"},\"workflow\":{\"ref\":"
		"\"refs/heads/main\",\"repository\":"
		"\"https://git.example/a/b\",\"path\":\".ci/x.yml\"},"
		"\"parameters\":{\"p\":\"\\\"v\\\"\"}},"
		"\"internalParameters\":{\"github\":{\"event_name\":\"push\"}},"
		"\"resolvedDependencies\":[{\"uri\":"
		"\"git+https://git.example/a/b@main\",\"digest\":{"
		"\"gitCommit\":\"0123\"}},{\"digest\":{\"sha256\":\"45\"}}]},"
		"\"runDetails\":{\"builder\":{\"id\":\"b\"},\"metadata\":{"
		"\"invocationId\":\"i\",\"startedOn\":\"2026-01-01T00:00:00Z\","
		"\"finishedOn\":\"2026-01-01T00:00:01Z\"}}}}");
}

static void provenance_needs_a_builder(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	const struct build_facts build = { .app = "demo", .version = "1.0" };
	struct err err;

	(void)state;
	assert_int_equal(
		statement_write_provenance(&attested, &build, &out, &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
}

static void a_predicate_is_taken_as_it_stands(void **state)
{
	static const char json[] = "{ \"bomFormat\": \"CycloneDX\" }";
	AUTO_BUF struct buf out = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(statement_write_predicate(&attested,
	                                           PREDICATE_CYCLONEDX, json,
	                                           sizeof json - 1, &out, &err),
	                 0);
	assert_string_equal(buf_text(&out), SUBJECTS
	                    "\"predicateType\":\"https://cyclonedx.org/bom\","
	                    "\"predicate\":{ \"bomFormat\": \"CycloneDX\" }}");
}

static void what_is_said_can_be_said_of_another(void **state)
{
	static const struct attested other = { { { "image", { 0xab } } }, 1 };
	static const struct {
		const char *name, *text, *want; /* NULL: refused */
	} cases[] = {
		{ "members keep their order",
		  "{\"predicate\": {\"z\": [1.5, null], \"a\": \"\\u00e9\"},"
		  "\"subject\": [], \"predicateType\": \"https://x\"}",
		  "\"predicateType\":\"https://x\",\"predicate\":"
		  "{\"z\":[1.5,null],\"a\":\"\xc3\xa9\"}}" },
		{ "no predicate", "{\"predicateType\":\"https://x\"}", NULL },
		{ "no type", "{\"predicate\":{}}", NULL },
		{ "a predicate that is no object",
		  "{\"predicateType\":\"x\",\"predicate\":1}", NULL },
		{ "no JSON", "{", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct bytes text = { (const uint8_t *)cases[i].text,
			                    strlen(cases[i].text) };
		AUTO_BUF struct buf out = BUF_NONE;
		struct err err;
		int got = statement_restate(&other, text, &out, &err);

		if (got != (cases[i].want != NULL ? 0 : -1))
			fail_msg("%s: got %d", cases[i].name, got);
		if (got < 0)
			continue;
		assert_non_null(strstr(buf_text(&out), "{\"sha256\":\"ab00"));
		assert_non_null(strstr(buf_text(&out), cases[i].want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_a_bundle_as_cosign_writes_it),
		cmocka_unit_test(an_envelope_stands_in_a_bundle_or_alone),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(all_that_is_known_is_there),
		cmocka_unit_test(provenance_needs_a_builder),
		cmocka_unit_test(a_predicate_is_taken_as_it_stands),
		cmocka_unit_test(what_is_said_can_be_said_of_another),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
