/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles of a small instance of our own: what the public vectors leave out
 * (tests/cli/sigstore.bats has those). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codec/json_read.h"
#include "crypto/init.h"
#include "make_instance.h"
#include "sigstore/trust.h"
#include "sigstore/verify.h"

#define ARTIFACT "the artifact\n"
#define V0_1     "application/vnd.dev.sigstore.bundle+json;version=0.1"
#define V0_2     "application/vnd.dev.sigstore.bundle+json;version=0.2"

static struct instance rekor1, rekor2, stranger;

/* The root of the first instance, and two that have half of it. */
static const struct root_plan whole = { .logs = &rekor1,
	                                .authority = &rekor1,
	                                .ct = &rekor1 };
static const struct root_plan whole_2 = { .logs = &rekor2,
	                                  .authority = &rekor2,
	                                  .ct = &rekor2 };
static const struct root_plan log_only = { .logs = &rekor1,
	                                   .authority = &stranger };
static const struct root_plan authority_only = { .logs = &stranger,
	                                         .authority = &rekor1 };

/* What is asked of a bundle; zero is what is usual. */
struct question {
	const struct sigstore_trust *trusts[2];
	size_t trust_count;
	bool is_by_key; /* the bundle's own key */
	bool is_digest; /* only the SHA-256 of the artifact is known */
	const char *artifact, *identity, *issuer;
	const struct public_key *key; /* instead of the bundle's */
};

static int ask(const struct question *question, const struct made_bundle *made,
               struct sigstore_result *out, struct err *err)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	const char *artifact =
		question->artifact != NULL ? question->artifact : ARTIFACT;
	uint8_t sha256[SHA256_LEN];
	struct sigstore_request request = {
		.bundle = &bundle,
		.trusts = question->trusts,
		.trust_count = question->trust_count,
	};

	if (sigstore_bundle_parse(buf_text(&made->text), made->text.len,
	                          &bundle, err) < 0)
		return -1;
	OK(sha256_of(artifact, strlen(artifact), sha256, err));
	if (question->is_digest)
		request.sha256 = sha256;
	else
		request.artifact = bytes_of(artifact);
	if (question->is_by_key) {
		request.key =
			question->key != NULL ? question->key : &made->public;
	} else {
		request.identity = question->identity != NULL
		                           ? question->identity
		                           : INSTANCE_WHO;
		request.issuer = question->issuer != NULL ? question->issuer
		                                          : INSTANCE_SAYS;
	}
	return sigstore_verify(&request, out, err);
}

/* --- tables ----------------------------------------------------------------
 */

struct sigstore_case {
	const char *name;
	struct bundle_plan plan;
	bool is_digest;
	const char *word;   /* of the error; NULL: it verifies */
	enum err_code code; /* 0: ERR_UNTRUSTED */
};

/* @instance makes the bundle. */
static void judge(const struct sigstore_case *c,
                  const struct instance *instance, const struct root_plan *root,
                  unsigned evidence)
{
	struct sigstore_trust *trust = make_trust(root, evidence);
	struct question question = { .trusts = { trust },
		                     .trust_count = 1,
		                     .is_by_key = c->plan.is_by_key,
		                     .is_digest = c->is_digest };
	struct sigstore_result result = { .time_count = 77 };
	enum err_code code = c->code != ERR_NONE ? c->code : ERR_UNTRUSTED;
	struct bundle_plan plan = c->plan;
	struct made_bundle made;
	char text[ERR_TEXT_MAX] = "";
	struct err err = { .code = ERR_NONE };
	int got;

	plan.artifact = ARTIFACT;
	make_bundle(instance, &plan, &made);
	got = ask(&question, &made, &result, &err);
	if (got < 0)
		(void)err_format(&err, text, sizeof text);
	if (got != (c->word != NULL ? -1 : 0) ||
	    (got < 0 && (strstr(text, c->word) == NULL || err.code != code)))
		fail_msg("%s: got %d, code %d: %s", c->name, got, (int)err.code,
		         text);
	if (got < 0 && result.time_count != 77)
		fail_msg("%s: the result was touched", c->name);
	if (got == 0)
		sigstore_result_done(&result);
	made_bundle_done(&made);
	sigstore_trust_free(trust);
}

#define KEYED     .is_by_key = true
#define ATTESTED  .is_attestation = true
#define COUNT(of) (sizeof(of) / sizeof((of)[0]))

static const struct sigstore_case keys[] = {
	{ "P-256", { .key = "P-256", KEYED }, false, NULL, 0 },
	{ "P-384", { .key = "P-384", KEYED }, false, NULL, 0 },
	{ "P-521", { .key = "P-521", KEYED }, false, NULL, 0 },
	{ "Ed25519", { .key = "ED25519", KEYED }, false, NULL, 0 },
	{ "pure Ed25519",
	  { .key = "ED25519", .is_pure = true, KEYED },
	  false,
	  NULL,
	  0 },
	{ "pure Ed25519 of another text",
	  { .key = "ED25519", .is_pure = true, .signed_text = "other", KEYED },
	  false,
	  "signature of the artifact",
	  0 },
	{ "Ed25519 of another text",
	  { .key = "ED25519", .signed_text = "other", KEYED },
	  false,
	  "signature of the artifact",
	  0 },
	{ "RSA", { .key = "RSA", KEYED }, false, NULL, 0 },
	{ "P-256, attesting", { .key = "P-256", KEYED, ATTESTED }, 0, NULL, 0 },
	{ "P-384, attesting", { .key = "P-384", KEYED, ATTESTED }, 0, NULL, 0 },
	{ "P-521, attesting", { .key = "P-521", KEYED, ATTESTED }, 0, NULL, 0 },
	{ "Ed25519, attesting",
	  { .key = "ED25519", KEYED, ATTESTED },
	  false,
	  NULL,
	  0 },
	{ "RSA, attesting", { .key = "RSA", KEYED, ATTESTED }, 0, NULL, 0 },
	{ "P-256 by digest", { .key = "P-256", KEYED }, true, NULL, 0 },
	{ "RSA by digest", { .key = "RSA", KEYED }, true, NULL, 0 },
	{ "P-384 by digest", { .key = "P-384", KEYED }, true, "itself", 0 },
	{ "Ed25519 by digest", { .key = "ED25519", KEYED }, true, "itself", 0 },
	{ "Ed25519, attesting, by digest",
	  { .key = "ED25519", KEYED, ATTESTED },
	  true,
	  NULL,
	  0 },
};

static void keys_of_each_kind_sign_under_rekor_1(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++)
		judge(&keys[i], &rekor1, &whole, SIGSTORE_LOG);
}

static void keys_of_each_kind_sign_under_rekor_2(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++)
		judge(&keys[i], &rekor2, &whole_2, SIGSTORE_LOG);
}

static const struct sigstore_case under_rekor_1[] = {
	{ "a certificate", { .key = NULL }, false, NULL, 0 },
	{ "a certificate, attesting", { ATTESTED }, false, NULL, 0 },
	{ "a certificate for P-384", { .key = "P-384" }, false, NULL, 0 },
	{ "version 0.1", { .media_type = V0_1 }, false, NULL, 0 },
	{ "version 0.2", { .media_type = V0_2 }, false, NULL, 0 },
	{ "version 0.1 without a proof",
	  { .media_type = V0_1, .has_no_proof = true },
	  false,
	  NULL,
	  0 },

	/* The body. */
	{ "an entry of another artifact",
	  { .logged_text = "other" },
	  false,
	  "the logged digest",
	  0 },
	{ "an entry of another statement",
	  { .logged_text = "other", ATTESTED },
	  false,
	  "the logged digest",
	  0 },
	{ "an entry of another signature",
	  { .logs_other_signature = true },
	  false,
	  "the logged signature",
	  0 },
	{ "an entry of a key instead of the certificate",
	  { .logs_other_key = true },
	  false,
	  "canonicalizedBody",
	  ERR_FORMAT },
	{ "an entry of another key",
	  { .logs_other_key = true, KEYED },
	  false,
	  "the logged key",
	  0 },
	{ "an entry of another certificate",
	  { .logs_other_certificate = true },
	  false,
	  "the logged certificate",
	  0 },
	{ "a message logged as an envelope",
	  { .logged_kind = "dsse" },
	  false,
	  "kind",
	  0 },
	{ "an envelope logged as a message",
	  { .logged_kind = "hashedrekord", ATTESTED },
	  false,
	  "kind",
	  0 },

	/* The promise and the proof. */
	{ "a promise by another key",
	  { .is_promised_by_other = true },
	  false,
	  "inclusionPromise",
	  0 },
	{ "a promise before the log's key was valid",
	  { .integrated = INSTANCE_START - 1 },
	  false,
	  "not valid",
	  0 },
	{ "a promise after the log's key was valid",
	  { .integrated = INSTANCE_END + 1 },
	  false,
	  "not valid",
	  0 },
	{ "a promise after the certificate ended",
	  { .integrated = INSTANCE_TIME + 601 },
	  false,
	  "certificate at",
	  0 },
	{ "a promise in the certificate's last second",
	  { .integrated = INSTANCE_TIME + 600 },
	  false,
	  NULL,
	  0 },
	{ "a checkpoint by another key",
	  { .is_noted_by_other = true },
	  false,
	  "checkpoint",
	  0 },
	{ "a checkpoint by another key under the log's id",
	  { .is_noted_by_other = true, .bears_id_of_log = true },
	  false,
	  "checkpoint",
	  0 },
	{ "a proof and a checkpoint of another entry",
	  { .proves_other = true },
	  false,
	  "inclusionProof",
	  0 },
	{ "a checkpoint of another size",
	  { .tree_size = "2" },
	  false,
	  "treeSize",
	  0 },
	{ "a checkpoint under another name",
	  { .note_name = "log.example.org" },
	  false,
	  "checkpoint",
	  0 },
	{ "a checkpoint under the host with its port",
	  { .note_name = INSTANCE_HOST ":8080" },
	  false,
	  NULL,
	  0 },
	{ "a checkpoint that a witness signed, too",
	  { .cosignature = "\xe2\x80\x94 witness.example AAAAAGFiY2Q=\\n" },
	  false,
	  NULL,
	  0 },
	{ "the same entry twice", { .copies = 2 }, false, "twice", 0 },
	{ "no entry", { .has_no_entry = true }, false, "no log entry", 0 },
	{ "no promise, so no time",
	  { .has_no_promise = true },
	  false,
	  "no verified time",
	  0 },
	{ "no promise, by a key",
	  { .has_no_promise = true, KEYED },
	  false,
	  NULL,
	  0 },
	{ "no promise in version 0.1",
	  { .has_no_promise = true, .media_type = V0_1 },
	  false,
	  "inclusionPromise",
	  ERR_FORMAT },

	/* The signature, and what it is about. */
	{ "a signature of another text",
	  { .signed_text = "other" },
	  false,
	  "signature of the artifact",
	  0 },
	{ "a signature of another envelope",
	  { .signed_text = "other", ATTESTED },
	  false,
	  "signature of dsseEnvelope",
	  0 },
	{ "an envelope of another type",
	  { .payload_type = "text/plain", ATTESTED },
	  false,
	  "payloadType",
	  0 },
	{ "another message digest",
	  { .message_digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
	  false,
	  "messageDigest",
	  0 },
	{ "no message digest",
	  { .message_digest = "" },
	  false,
	  "messageDigest",
	  0 },
	{ "a subject that is another file",
	  { .subject = "{\"sha256\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	               "aaaaaaaaaaaaaaaaaaaaaaaa\"}",
	    ATTESTED },
	  false,
	  "no subject",
	  0 },

	/* The certificate. */
	{ "a root in the chain",
	  { .chains_root = true, .media_type = V0_1 },
	  false,
	  "a root certificate",
	  0 },
	{ "the leaf again in the chain",
	  { .chains_leaf = true, .media_type = V0_1 },
	  false,
	  "twice",
	  0 },
	{ "a certificate for servers",
	  { .usage = "serverAuth" },
	  false,
	  "certificate",
	  0 },
	{ "a certificate for timestamps",
	  { .usage = "critical,timeStamping" },
	  false,
	  "certificate",
	  0 },
};

static void bundles_under_rekor_1(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(under_rekor_1); i++)
		judge(&under_rekor_1[i], &rekor1, &whole, SIGSTORE_LOG);
}

static const struct sigstore_case under_rekor_2[] = {
	{ "a certificate without a timestamp",
	  { .key = NULL },
	  false,
	  "no verified time",
	  0 },
	{ "an entry of another artifact",
	  { .logged_text = "other", KEYED },
	  false,
	  "the logged digest",
	  0 },
	{ "an entry of another envelope",
	  { .logged_text = "other", KEYED, ATTESTED },
	  false,
	  "the logged digest",
	  0 },
	{ "an entry of another key",
	  { .logs_other_key = true, KEYED },
	  false,
	  "the logged key",
	  0 },
	{ "an index that is not the proof's",
	  { .proof_index_off = 1, KEYED },
	  false,
	  "logIndex",
	  0 },
	{ "an origin that is not the signer's name",
	  { .origin = "other.example", KEYED },
	  false,
	  "checkpoint",
	  0 },
	{ "a name that is not the log's",
	  { .origin = "other.example", .note_name = "other.example", KEYED },
	  false,
	  "checkpoint",
	  0 },
	{ "a checkpoint by another key",
	  { .is_noted_by_other = true, KEYED },
	  false,
	  "checkpoint",
	  0 },
};

static void bundles_under_rekor_2(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(under_rekor_2); i++)
		judge(&under_rekor_2[i], &rekor2, &whole_2, SIGSTORE_LOG);
}

/* --- witnesses: timestamps and SCTs
 * ---------------------------------------- */

struct witness_case {
	struct sigstore_case rest;
	const struct instance *instance;
	struct root_plan root;
	unsigned evidence;
};

#define ENTIRE(of)                                                             \
	{                                                                      \
		&(of), &(of), &(of), &(of), NULL, NULL, NULL                   \
	}
#define NO_STAMPER(of)                                                         \
	{                                                                      \
		&(of), &(of), &(of), NULL, NULL, NULL, NULL                    \
	}
#define BEFORE    "2023-11-14T22:13:19.999Z" /* just before INSTANCE_TIME */
#define NOW       "2023-11-14T22:13:20Z"
#define SCT(of)   .ct = &(of)
#define STAMP(of) .stampers = { &(of) }

static const struct witness_case witnesses[] = {
	{ { "all that the public instance demands",
	    { SCT(rekor1) },
	    0,
	    NULL,
	    0 },
	  &rekor1,
	  ENTIRE(rekor1),
	  SIGSTORE_PUBLIC },
	{ { "an SCT by a stranger", { SCT(stranger) }, 0, "SCT", 0 },
	  &rekor1,
	  ENTIRE(rekor1),
	  SIGSTORE_PUBLIC },
	{ { "an SCT by a stranger, not demanded",
	    { SCT(stranger) },
	    0,
	    NULL,
	    0 },
	  &rekor1,
	  ENTIRE(rekor1),
	  SIGSTORE_LOG },
	{ { "Rekor 2 with a timestamp",
	    { SCT(rekor2), STAMP(rekor2) },
	    false,
	    NULL,
	    0 },
	  &rekor2,
	  ENTIRE(rekor2),
	  SIGSTORE_PUBLIC },
	{ { "Rekor 2 with a timestamp after the log ended",
	    { SCT(rekor2), STAMP(rekor2) },
	    false,
	    "not valid at any verified time",
	    0 },
	  &rekor2,
	  { &rekor2, &rekor2, &rekor2, &rekor2, BEFORE, NULL, NULL },
	  SIGSTORE_PUBLIC },
	{ { "Rekor 2 with a timestamp in the log's last moment",
	    { SCT(rekor2), STAMP(rekor2) },
	    false,
	    NULL,
	    0 },
	  &rekor2,
	  { &rekor2, &rekor2, &rekor2, &rekor2, NOW, NULL, NULL },
	  SIGSTORE_PUBLIC },
	{ { "a timestamp alone, as GitHub demands",
	    { .has_no_entry = true, STAMP(rekor1) },
	    false,
	    NULL,
	    0 },
	  &rekor1,
	  { NULL, &rekor1, NULL, &rekor1, NULL, NULL, NULL },
	  SIGSTORE_GITHUB },
	{ { "nothing, where GitHub demands a timestamp",
	    { .has_no_entry = true },
	    false,
	    "timestamp",
	    0 },
	  &rekor1,
	  { NULL, &rekor1, NULL, &rekor1, NULL, NULL, NULL },
	  SIGSTORE_GITHUB },
	{ { "a promise, where GitHub demands a timestamp",
	    { .key = NULL },
	    false,
	    "timestamp",
	    0 },
	  &rekor1,
	  ENTIRE(rekor1),
	  SIGSTORE_GITHUB },
	{ { "a timestamp alone, where a log is demanded",
	    { .has_no_entry = true, SCT(rekor1), STAMP(rekor1) },
	    false,
	    "log entry",
	    0 },
	  &rekor1,
	  ENTIRE(rekor1),
	  SIGSTORE_PUBLIC },
	{ { "a timestamp by a stranger beside a promise",
	    { STAMP(stranger) },
	    false,
	    "no timestamp verifies",
	    0 },
	  &rekor1,
	  ENTIRE(rekor1),
	  SIGSTORE_LOG },
	{ { "the same where the root knows no stamper",
	    { STAMP(stranger) },
	    false,
	    NULL,
	    0 },
	  &rekor1,
	  NO_STAMPER(rekor1),
	  SIGSTORE_LOG },
	{ { "timestamps by a stranger and by a known stamper",
	    { .stampers = { &stranger, &rekor1 } },
	    false,
	    NULL,
	    0 },
	  &rekor1,
	  ENTIRE(rekor1),
	  SIGSTORE_LOG },
	{ { "the same, the known one first",
	    { .stampers = { &rekor1, &stranger } },
	    false,
	    NULL,
	    0 },
	  &rekor1,
	  ENTIRE(rekor1),
	  SIGSTORE_LOG },
	{ { "a timestamp of another signature",
	    { STAMP(rekor1), .stamped_text = "other" },
	    false,
	    "no timestamp verifies",
	    0 },
	  &rekor1,
	  ENTIRE(rekor1),
	  SIGSTORE_LOG },
	{ { "a timestamp after the certificate ended, beside a good promise",
	    { STAMP(rekor1), .stamped = INSTANCE_TIME + 601 },
	    false,
	    "certificate at",
	    0 },
	  &rekor1,
	  ENTIRE(rekor1),
	  SIGSTORE_LOG },
	{ { "a timestamp after the stamper's own end",
	    { STAMP(rekor1), .stamped = INSTANCE_END + 1 },
	    false,
	    "no timestamp verifies",
	    0 },
	  &rekor1,
	  ENTIRE(rekor1),
	  SIGSTORE_LOG },
	{ { "an authority that was trusted until then",
	    { SCT(rekor1) },
	    false,
	    NULL,
	    0 },
	  &rekor1,
	  { &rekor1, &rekor1, &rekor1, NULL, NULL, NOW, NULL },
	  SIGSTORE_PUBLIC },
	{ { "an authority that was trusted until shortly before",
	    { SCT(rekor1) },
	    false,
	    "no certificate authority was trusted then",
	    0 },
	  &rekor1,
	  { &rekor1, &rekor1, &rekor1, NULL, NULL, BEFORE, NULL },
	  SIGSTORE_PUBLIC },
	{ { "a stamper that was trusted until then",
	    { STAMP(rekor1) },
	    false,
	    NULL,
	    0 },
	  &rekor1,
	  { &rekor1, &rekor1, NULL, &rekor1, NULL, NULL, NOW },
	  SIGSTORE_LOG },
	{ { "a stamper that was trusted until shortly before",
	    { STAMP(rekor1) },
	    false,
	    "the authority was not trusted then",
	    0 },
	  &rekor1,
	  { &rekor1, &rekor1, NULL, &rekor1, NULL, NULL, BEFORE },
	  SIGSTORE_LOG },
	{ { "a key with a timestamp, where one is demanded",
	    { STAMP(rekor1), KEYED },
	    false,
	    NULL,
	    0 },
	  &rekor1,
	  ENTIRE(rekor1),
	  SIGSTORE_LOG | SIGSTORE_TIMESTAMP },
	{ { "a key with a timestamp of another signature",
	    { STAMP(rekor1), .stamped_text = "other", KEYED },
	    false,
	    "no timestamp verifies",
	    0 },
	  &rekor1,
	  ENTIRE(rekor1),
	  0 },
};

static void witnesses_count_as_the_root_demands(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(witnesses); i++)
		judge(&witnesses[i].rest, witnesses[i].instance,
		      &witnesses[i].root, witnesses[i].evidence);
}

/* --- single questions
 * ------------------------------------------------------ */

/* A bundle of a certificate under Rekor v1, and what is asked of it. */
static void expect(const struct question *question, const char *word)
{
	static const struct bundle_plan plan = { .artifact = ARTIFACT };
	struct sigstore_result result = SIGSTORE_RESULT_NONE;
	struct made_bundle made;
	char text[ERR_TEXT_MAX];
	struct err err;

	make_bundle(&rekor1, &plan, &made);
	if (word == NULL) {
		OK(ask(question, &made, &result, &err));
	} else {
		assert_int_equal(ask(question, &made, &result, &err), -1);
		assert_non_null(
			strstr(err_format(&err, text, sizeof text), word));
	}
	sigstore_result_done(&result);
	made_bundle_done(&made);
}

static void identity_and_issuer_are_exact(void **state)
{
	struct sigstore_trust *trust = make_trust(&whole, SIGSTORE_LOG);
	struct question question = { .trusts = { trust }, .trust_count = 1 };

	(void)state;
	expect(&question, NULL);
	question.identity = "https://ci.example/build@refs/heads/mai";
	expect(&question, "identity");
	question.identity = INSTANCE_WHO "n";
	expect(&question, "identity");
	question.identity = NULL;
	question.issuer = "https://issuer.exampl";
	expect(&question, "issuer");
	question.issuer = "";
	expect(&question, "issuer");
	question.issuer = NULL;
	question.artifact = "another artifact";
	expect(&question, "not the bundle's");
	sigstore_trust_free(trust);
}

static void a_root_must_hold_wholly(void **state)
{
	struct sigstore_trust *log = make_trust(&log_only, SIGSTORE_LOG);
	struct sigstore_trust *authority =
		make_trust(&authority_only, SIGSTORE_LOG);
	struct sigstore_trust *both = make_trust(&whole, SIGSTORE_LOG);
	struct question question = { .trusts = { log, authority },
		                     .trust_count = 2 };

	(void)state;
	/* Of the two, the first lets it further. */
	expect(&question, "certificate at");
	question.trusts[0] = authority;
	question.trusts[1] = log;
	expect(&question, "certificate at");
	question.trusts[1] = both;
	expect(&question, NULL);
	sigstore_trust_free(log);
	sigstore_trust_free(authority);
	sigstore_trust_free(both);
}

static void a_time_under_one_root_is_none_under_another(void **state)
{
	struct sigstore_trust *log = make_trust(&log_only, 0);
	struct sigstore_trust *authority = make_trust(&authority_only, 0);
	struct question question = { .trusts = { log, authority },
		                     .trust_count = 2 };

	(void)state;
	expect(&question, "certificate at");
	question.trusts[0] = authority;
	question.trusts[1] = log;
	expect(&question, "certificate at");
	sigstore_trust_free(log);
	sigstore_trust_free(authority);
}

static void what_a_root_demands_is_not_the_bundles_choice(void **state)
{
	static const struct {
		unsigned evidence;
		const char *word;
	} cases[] = {
		{ 0, NULL },
		{ SIGSTORE_LOG, NULL },
		{ SIGSTORE_PUBLIC, "SCT" },
		{ SIGSTORE_SCT, "SCT" },
		{ SIGSTORE_TIMESTAMP, "timestamp" },
		{ SIGSTORE_LOG | SIGSTORE_TIMESTAMP, "timestamp" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sigstore_trust *trust =
			make_trust(&whole, cases[i].evidence);
		struct question question = { .trusts = { trust },
			                     .trust_count = 1 };

		expect(&question, cases[i].word);
		sigstore_trust_free(trust);
	}
}

static void without_a_log_that_is_known_there_is_no_time(void **state)
{
	struct sigstore_trust *trust = make_trust(&authority_only, 0);
	struct question question = { .trusts = { trust }, .trust_count = 1 };

	(void)state;
	expect(&question, "no verified time");
	sigstore_trust_free(trust);
}

static void a_key_alone_needs_no_root(void **state)
{
	static const struct bundle_plan plan = { .artifact = ARTIFACT,
		                                 .is_by_key = true };
	struct question question = { .is_by_key = true };
	struct sigstore_result result;
	struct made_bundle made, other;
	struct err err;

	(void)state;
	make_bundle(&rekor1, &plan, &made);
	make_bundle(&rekor1, &plan, &other);
	OK(ask(&question, &made, &result, &err));
	assert_true(result.is_by_key);
	assert_memory_equal(result.key_id, made.public.id, SHA256_LEN);
	assert_int_equal(result.time_count + result.place_count, 0);
	question.key = &other.public;
	assert_int_equal(ask(&question, &made, &result, &err), -1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
	made_bundle_done(&made);
	made_bundle_done(&other);
}

static void key_and_certificate_exclude_each_other(void **state)
{
	static const struct bundle_plan keyed = { .artifact = ARTIFACT,
		                                  .is_by_key = true };
	static const struct bundle_plan owned = { .artifact = ARTIFACT };
	struct sigstore_trust *trust = make_trust(&whole, SIGSTORE_LOG);
	struct question question = { .trusts = { trust }, .trust_count = 1 };
	struct sigstore_result result;
	struct made_bundle made;
	struct err err;

	(void)state;
	make_bundle(&rekor1, &keyed, &made);
	assert_int_equal(ask(&question, &made, &result, &err), -1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
	made_bundle_done(&made);
	make_bundle(&rekor1, &owned, &made);
	question.is_by_key = true;
	assert_int_equal(ask(&question, &made, &result, &err), -1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
	made_bundle_done(&made);
	sigstore_trust_free(trust);
}

static void the_result_says_what_was_verified(void **state)
{
	static const struct bundle_plan plan = { .artifact = ARTIFACT,
		                                 .is_attestation = true };
	struct sigstore_trust *trust = make_trust(&whole, SIGSTORE_LOG);
	struct question question = { .trusts = { trust }, .trust_count = 1 };
	struct sigstore_result result;
	uint8_t sha256[SHA256_LEN];
	struct made_bundle made;
	struct err err;

	(void)state;
	make_bundle(&rekor1, &plan, &made);
	OK(ask(&question, &made, &result, &err));
	OK(sha256_of(ARTIFACT, strlen(ARTIFACT), sha256, &err));
	assert_int_equal(result.content, SIGSTORE_ENVELOPE);
	assert_memory_equal(result.digest, sha256, SHA256_LEN);
	assert_false(result.is_by_key);
	assert_string_equal(result.claims.text[CLAIM_SUBJECT], INSTANCE_WHO);
	assert_string_equal(result.claims.text[CLAIM_ISSUER], INSTANCE_SAYS);
	assert_int_equal(result.time_count, 1);
	assert_int_equal(result.times[0].source, SIGSTORE_TIME_LOG);
	assert_int_equal(result.times[0].seconds, INSTANCE_TIME);
	assert_int_equal(result.place_count, 1);
	assert_memory_equal(result.places[0].log_id, rekor1.log_id,
	                    SIGSTORE_LOG_ID_LEN);
	assert_int_equal(result.places[0].index, LOG_INDEX);
	assert_int_equal(result.places[0].integrated, INSTANCE_TIME);
	assert_string_equal(result.statement.predicate_type,
	                    "https://example/p");
	assert_int_equal(result.statement.subject_count, 2);
	sigstore_result_done(&result);
	sigstore_result_done(&result); /* is harmless */
	made_bundle_done(&made);
	sigstore_trust_free(trust);
}

/* --- subjects --------------------------------------------------------------
 */

static void subjects_may_be_named_by_sha512(void **state)
{
	struct sigstore_trust *trust = make_trust(&whole, SIGSTORE_LOG);
	struct question question = { .trusts = { trust }, .trust_count = 1 };
	struct bundle_plan plan = { .artifact = ARTIFACT,
		                    .is_attestation = true };
	static const char *const others = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
					  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	char hex[2 * SHA512_LEN + 1], subject[512];
	uint8_t sha512[SHA512_LEN];
	struct sigstore_result result;
	struct made_bundle made;
	struct err err;

	(void)state;
	OK(sha512_of(bytes_of(ARTIFACT), sha512, &err));
	text_to_hex(sha512, sizeof sha512, hex);
	(void)snprintf(subject, sizeof subject, "{\"sha512\":\"%s\"}", hex);
	plan.subject = subject;
	make_bundle(&rekor1, &plan, &made);
	OK(ask(&question, &made, &result, &err));
	sigstore_result_done(&result);
	question.is_digest = true;
	assert_int_equal(ask(&question, &made, &result, &err), -1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
	made_bundle_done(&made);

	/* Right by one digest, another file by the other. */
	(void)snprintf(subject, sizeof subject,
	               "{\"sha512\":\"%s\",\"sha256\":\"%s\"}", hex, others);
	make_bundle(&rekor1, &plan, &made);
	question.is_digest = false;
	assert_int_equal(ask(&question, &made, &result, &err), -1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
	made_bundle_done(&made);
	sigstore_trust_free(trust);
}

/* --- requests and roots
 * ---------------------------------------------------- */

static void a_request_without_sense_is_refused(void **state)
{
	static const struct bundle_plan plan = { .artifact = ARTIFACT };
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	struct sigstore_trust *trust = make_trust(&whole, SIGSTORE_LOG);
	const struct sigstore_trust *trusts[] = { trust };
	static const uint8_t sha256[SHA256_LEN];
	struct bytes artifact = bytes_of(ARTIFACT);
	struct made_bundle made;
	struct sigstore_result result;
	struct err err;

	(void)state;
	make_bundle(&rekor1, &plan, &made);
	OK(sigstore_bundle_parse(buf_text(&made.text), made.text.len, &bundle,
	                         &err));
	const struct sigstore_request requests[] = {
		{ &bundle, BYTES_NONE, NULL, NULL, "a", "b", trusts, 1 },
		{ &bundle, artifact, sha256, NULL, "a", "b", trusts, 1 },
		{ &bundle, artifact, NULL, NULL, "a", NULL, trusts, 1 },
		{ &bundle, artifact, NULL, NULL, NULL, "b", trusts, 1 },
		{ &bundle, artifact, NULL, &made.public, "a", "b", trusts, 1 },
		{ &bundle, artifact, NULL, NULL, "a", "b", NULL, 0 },
		{ &bundle, artifact, NULL, NULL, NULL, NULL, NULL, 0 },
	};
	for (size_t i = 0; i < COUNT(requests); i++) {
		assert_int_equal(sigstore_verify(&requests[i], &result, &err),
		                 -1);
		assert_int_equal(err.code, ERR_USAGE);
	}
	made_bundle_done(&made);
	sigstore_trust_free(trust);
}

static void any_owner_passes_where_none_is_named(void **state)
{
	static const struct bundle_plan plan = { .artifact = ARTIFACT };
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	struct sigstore_trust *trust = make_trust(&whole, SIGSTORE_LOG);
	const struct sigstore_trust *trusts[] = { trust };
	struct sigstore_result result;
	struct made_bundle made;
	struct err err;

	(void)state;
	make_bundle(&rekor1, &plan, &made);
	OK(sigstore_bundle_parse(buf_text(&made.text), made.text.len, &bundle,
	                         &err));
	const struct sigstore_request request = { .bundle = &bundle,
		                                  .artifact =
		                                          bytes_of(ARTIFACT),
		                                  .trusts = trusts,
		                                  .trust_count = 1 };
	OK(sigstore_verify(&request, &result, &err));
	assert_string_equal(result.claims.text[CLAIM_SUBJECT], INSTANCE_WHO);
	sigstore_result_done(&result);
	made_bundle_done(&made);
	sigstore_trust_free(trust);
}

static void a_root_with_logs_demands_them(void **state)
{
	struct trusted_root *root = calloc(1, sizeof *root);

	(void)state;
	assert_non_null(root);
	assert_int_equal(sigstore_default_evidence(root), SIGSTORE_PUBLIC);
	root->timestamper_count = 1;
	assert_int_equal(sigstore_default_evidence(root), SIGSTORE_GITHUB);
	root->ct_log_count = 1;
	assert_int_equal(sigstore_default_evidence(root), SIGSTORE_PUBLIC);
	root->ct_log_count = 0;
	root->log_count = 1;
	assert_int_equal(sigstore_default_evidence(root), SIGSTORE_PUBLIC);
	free(root);
}

static void unknown_evidence_is_refused(void **state)
{
	struct trusted_root *root = calloc(1, sizeof *root);
	struct sigstore_trust *trust = NULL;
	struct err err;

	(void)state;
	assert_non_null(root);
	assert_int_equal(sigstore_trust_new(root, 8, &trust, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_null(trust);
	free(root);
}

static void what_cannot_be_used_is_left_out(void **state)
{
	static const uint8_t junk[] = { 1, 2, 3 };
	static const uint8_t id[SIGSTORE_LOG_ID_LEN];
	struct trusted_root *root = calloc(1, sizeof *root);
	struct sigstore_trust *trust = NULL;
	struct err err;

	(void)state;
	assert_non_null(root);
	root->log_count = root->ct_log_count = 1;
	root->logs[0] = root->ct_logs[0] = (struct trusted_log){
		.base_url = "",
		.hash_algorithm = "",
		.key_details = "PKIX_ML_DSA_65",
		.key = { junk, sizeof junk },
		.id = { id, sizeof id },
		.valid = PERIOD_ALWAYS,
	};
	root->authority_count = root->timestamper_count = 1;
	root->authorities[0] = root->timestampers[0] =
		(struct trusted_authority){
			.certificates = { { junk, sizeof junk } },
			.certificate_count = 1,
			.valid = PERIOD_ALWAYS,
		};
	OK(sigstore_trust_new(root, SIGSTORE_PUBLIC, &trust, &err));
	assert_int_equal(trust->log_count + trust->ct_log_count, 0);
	assert_int_equal(trust->authority_count + trust->stamper_count, 0);
	sigstore_trust_free(trust);
	free(root);
}

static int begin(void **state)
{
	(void)state;
	instance_init(&rekor1, false);
	instance_init(&rekor2, true);
	instance_init(&stranger, false);
	return 0;
}

static int end(void **state)
{
	(void)state;
	instance_done(&rekor1);
	instance_done(&rekor2);
	instance_done(&stranger);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_each_kind_sign_under_rekor_1),
		cmocka_unit_test(keys_of_each_kind_sign_under_rekor_2),
		cmocka_unit_test(bundles_under_rekor_1),
		cmocka_unit_test(bundles_under_rekor_2),
		cmocka_unit_test(witnesses_count_as_the_root_demands),
		cmocka_unit_test(identity_and_issuer_are_exact),
		cmocka_unit_test(a_root_must_hold_wholly),
		cmocka_unit_test(a_time_under_one_root_is_none_under_another),
		cmocka_unit_test(what_a_root_demands_is_not_the_bundles_choice),
		cmocka_unit_test(without_a_log_that_is_known_there_is_no_time),
		cmocka_unit_test(a_key_alone_needs_no_root),
		cmocka_unit_test(key_and_certificate_exclude_each_other),
		cmocka_unit_test(the_result_says_what_was_verified),
		cmocka_unit_test(subjects_may_be_named_by_sha512),
		cmocka_unit_test(a_request_without_sense_is_refused),
		cmocka_unit_test(any_owner_passes_where_none_is_named),
		cmocka_unit_test(a_root_with_logs_demands_them),
		cmocka_unit_test(unknown_evidence_is_refused),
		cmocka_unit_test(what_cannot_be_used_is_left_out),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (crypto_init(&err) < 0 || json_read_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, begin, end);
}
