/* SPDX-License-Identifier: Apache-2.0 */
/* A root, and below it a certificate for time stamping, another one, and one
 * that is not for time stamping; a foreign root with a signer of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "crypto/init.h"
#include "crypto/timestamp.h"
#include "make_timestamp.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define BORN     1700000000L
#define EXPIRY   (BORN + 1000)
#define NOW      (BORN + 500)

enum { TSA, SECOND_TSA, FOREIGN_TSA, SIGNERS };

static EVP_PKEY *root_key, *foreign_key, *keys[SIGNERS];
static X509 *root, *foreign_root, *signers[SIGNERS];
/* With the signer listed, and with the anchor alone. */
static struct certificate_chain authority, anchor_only;

static const uint8_t signature[] = "the bytes of a signature";
static const struct bytes message = { signature, sizeof signature - 1 };

static void expect(const char *name, int got, const struct err *err, int want,
                   enum err_code code)
{
	if (got != want || (got < 0 && err->code != code))
		fail_msg("%s: got %d, code %d: %s", name, got, (int)err->code,
		         err->text);
	if (ERR_peek_error() != 0)
		fail_msg("%s: leaves an error in libcrypto's queue", name);
}

static struct timestamp_plan plan_by(int signer)
{
	return (struct timestamp_plan){ .signer = signers[signer],
		                        .key = keys[signer],
		                        .seconds = NOW };
}

/* Made, written and verified; *@out is set to 77 before. */
static int try_response(TS_RESP *response,
                        const struct certificate_chain *chain,
                        struct instant *out, struct err *err)
{
	unsigned char *der = NULL;
	int len = i2d_TS_RESP(response, &der);
	int got = timestamp_verify((struct bytes){ der, (size_t)len }, message,
	                           chain, out, err);

	if (got < 0 && out->seconds != 77)
		fail_msg("output touched");
	OPENSSL_free(der);
	return got;
}

static int try(const struct timestamp_plan *plan,
               const struct certificate_chain *chain, struct instant *out,
               struct err *err)
{
	TS_RESP *response = make_timestamp(plan, message);
	int got;

	assert_non_null(response);
	*out = (struct instant){ 77, 0 };
	got = try_response(response, chain, out, err);
	TS_RESP_free(response);
	return got;
}

/* --- the time --- */

struct time_case {
	const char *name;
	long seconds, microseconds;
	int want;
};

static const struct time_case time_cases[] = {
	{ "a second before", BORN - 1, 0, -1 },
	{ "the first second of the certificate", BORN, 0, 0 },
	{ "within", NOW, 0, 0 },
	{ "with a fraction", NOW, 250000, 0 },
	{ "the last second of the certificate", EXPIRY, 0, 0 },
	{ "a second behind", EXPIRY + 1, 0, -1 },
};

static void judges_the_path_at_its_own_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(time_cases); i++) {
		const struct time_case *c = &time_cases[i];
		struct timestamp_plan plan = plan_by(TSA);
		struct instant out;
		struct err err = { 0 };
		int got;

		plan.seconds = c->seconds;
		plan.microseconds = c->microseconds;
		got = try(&plan, &authority, &out, &err);
		expect(c->name, got, &err, c->want, ERR_UNTRUSTED);
		if (got < 0)
			continue;
		assert_int_equal(out.seconds, c->seconds);
		assert_int_equal(out.nanoseconds, c->microseconds * 1000);
	}
}

/* --- the data --- */

struct hash_case {
	const char *name;
	const EVP_MD *(*imprint)(void), *(*signed_over)(void);
	int want;
};

static const struct hash_case hash_cases[] = {
	{ "SHA-256", EVP_sha256, EVP_sha256, 0 },
	{ "SHA-384", EVP_sha384, EVP_sha384, 0 },
	{ "SHA-512", EVP_sha512, EVP_sha512, 0 },
	{ "an imprint with SHA-1", EVP_sha1, EVP_sha256, -1 },
	{ "signed over SHA-1", EVP_sha256, EVP_sha1, -1 },
};

static void takes_hashes_that_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hash_cases); i++) {
		const struct hash_case *c = &hash_cases[i];
		struct timestamp_plan plan = plan_by(TSA);
		struct instant out;
		struct err err = { 0 };

		plan.imprint = c->imprint;
		plan.signed_over = c->signed_over;
		expect(c->name, try(&plan, &authority, &out, &err), &err,
		       c->want, ERR_UNTRUSTED);
	}
}

static void refuses_a_timestamp_of_other_data(void **state)
{
	static const struct bytes others[] = {
		{ signature, sizeof signature - 2 },
		{ signature, sizeof signature },
		{ signature, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		struct timestamp_plan plan = plan_by(TSA);
		TS_RESP *response = make_timestamp(&plan, others[i]);
		struct instant out = { 77, 0 };
		struct err err = { 0 };

		expect("other data",
		       try_response(response, &authority, &out, &err), &err, -1,
		       ERR_UNTRUSTED);
		assert_non_null(strstr(err.text, "other data"));
		TS_RESP_free(response);
	}
}

/* --- the signer --- */

struct signer_case {
	const char *name;
	int signer;
	bool is_embedded;
	const struct certificate_chain *chain;
	int want;
};

static const struct signer_case signer_cases[] = {
	{ "listed", TSA, false, &authority, 0 },
	{ "listed and embedded", TSA, true, &authority, 0 },
	{ "embedded, the anchor alone known", TSA, true, &anchor_only, 0 },
	{ "neither", TSA, false, &anchor_only, -1 },
	{ "another one of the root, unlisted", SECOND_TSA, true, &anchor_only,
	  0 },
	{ "another one than listed", SECOND_TSA, true, &authority, -1 },
	{ "foreign, with its certificates", FOREIGN_TSA, true, &authority, -1 },
	{ "foreign, the anchor alone known", FOREIGN_TSA, true, &anchor_only,
	  -1 },
	{ "foreign, without certificates", FOREIGN_TSA, false, &authority, -1 },
};

static void trusts_the_authority_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(signer_cases); i++) {
		const struct signer_case *c = &signer_cases[i];
		struct timestamp_plan plan = plan_by(c->signer);
		struct instant out;
		struct err err = { 0 };

		if (c->is_embedded)
			plan.embedded =
				c->signer == FOREIGN_TSA ? foreign_root : root;
		expect(c->name, try(&plan, c->chain, &out, &err), &err, c->want,
		       ERR_UNTRUSTED);
	}
}

static void wants_an_authority(void **state)
{
	const struct certificate_chain none = CERTIFICATE_CHAIN_NONE;
	struct timestamp_plan plan = plan_by(TSA);
	struct instant out;
	struct err err = { 0 };

	(void)state;
	expect("none", try(&plan, &none, &out, &err), &err, -1, ERR_USAGE);
}

static X509 *make_below(EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
                        const char *usage)
{
	struct certificate_plan plan = { "TSA",
		                         key,
		                         issuer,
		                         issuer_key,
		                         BORN,
		                         EXPIRY,
		                         { { "keyUsage",
		                             "critical,digitalSignature" },
		                           { "extendedKeyUsage", usage },
		                           { NULL, NULL } } };

	return make_certificate(&plan);
}

/* Of the signer that is being spoilt; NULL: none. */
static const char *spoilt_usage;

static void spoil(X509 *signer)
{
	struct extension other = { "extendedKeyUsage", spoilt_usage };
	int at = X509_get_ext_by_NID(signer, NID_ext_key_usage, -1);

	X509_EXTENSION_free(X509_delete_ext(signer, at));
	if (spoilt_usage != NULL)
		assert_int_equal(add_extension(signer, root, &other), 0);
	assert_true(X509_sign(signer, root_key, EVP_sha256()) > 0);
}

static void wants_a_certificate_for_time_stamping(void **state)
{
	static const char *const usages[] = {
		"critical,timeStamping", /* to see that spoiling alone is fine
		                          */
		"timeStamping",
		"critical,codeSigning",
		"critical,timeStamping,codeSigning",
		NULL,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(usages); i++) {
		struct timestamp_plan plan = plan_by(TSA);
		struct instant out;
		struct err err = { 0 };

		plan.signer = make_below(keys[TSA], root, root_key,
		                         "critical,timeStamping");
		plan.embedded = root;
		plan.spoil = spoil;
		spoilt_usage = usages[i];
		expect(usages[i] != NULL ? usages[i] : "none",
		       try(&plan, &anchor_only, &out, &err), &err,
		       i == 0 ? 0 : -1, ERR_UNTRUSTED);
		X509_free(plan.signer);
	}
}

/* --- the response --- */

struct status_case {
	const char *name;
	int status, want;
};

static const struct status_case statuses[] = {
	{ "granted", 0, 0 },
	{ "granted with modifications", 1, 0 },
	{ "rejection", 2, -1 },
	{ "waiting", 3, -1 },
	{ "revocation warning", 4, -1 },
	{ "revocation", 5, -1 },
	{ "unknown", 6, -1 },
	{ "negative", -1, -1 },
};

static void wants_it_granted(void **state)
{
	struct timestamp_plan plan = plan_by(TSA);
	TS_RESP *response = make_timestamp(&plan, message);

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		struct instant out = { 77, 0 };
		struct err err = { 0 };
		int got;

		assert_int_equal(TS_STATUS_INFO_set_status(
					 TS_RESP_get_status_info(response),
					 statuses[i].status),
		                 1);
		got = try_response(response, &authority, &out, &err);
		/* OpenSSL itself finds a token behind a refusal odd. */
		if (got < 0 && err.code == ERR_FORMAT)
			err.code = ERR_UNTRUSTED;
		expect(statuses[i].name, got, &err, statuses[i].want,
		       ERR_UNTRUSTED);
	}
	TS_RESP_free(response);
}

static void refuses_other_bytes(void **state)
{
	struct timestamp_plan plan = plan_by(TSA);
	TS_RESP *response = make_timestamp(&plan, message);
	uint8_t *der = test_calloc(1, TIMESTAMP_MAX + 1);
	unsigned char *at = der;
	size_t len = (size_t)i2d_TS_RESP(response, &at);
	struct bytes bytes = { der, len + 1 };
	struct instant out = { 77, 0 };
	struct err err = { 0 };

	(void)state;
	expect("a byte behind",
	       timestamp_verify(bytes, message, &authority, &out, &err), &err,
	       -1, ERR_FORMAT);
	for (bytes.len = 0; bytes.len < len; bytes.len += 11)
		expect("cut",
		       timestamp_verify(bytes, message, &authority, &out, &err),
		       &err, -1, ERR_FORMAT);
	bytes.len = TIMESTAMP_MAX;
	expect("the largest",
	       timestamp_verify(bytes, message, &authority, &out, &err), &err,
	       -1, ERR_FORMAT);
	bytes.len++;
	expect("a byte more",
	       timestamp_verify(bytes, message, &authority, &out, &err), &err,
	       -1, ERR_LIMIT);
	assert_int_equal(out.seconds, 77);
	test_free(der);
	TS_RESP_free(response);
}

/* Signed by nobody: the status, two version numbers, and how the hash's
 * parameters and the signature's algorithm are spelt. */
#define UNSIGNED_MAX 16

static void a_changed_byte_never_moves_the_time(void **state)
{
	struct timestamp_plan plan = plan_by(TSA);
	TS_RESP *response = make_timestamp(&plan, message);
	unsigned char *der = NULL;
	size_t len = (size_t)i2d_TS_RESP(response, &der);
	size_t accepted = 0;

	(void)state;
	for (size_t i = 0; i < len; i++) {
		struct instant out = { 77, 0 };
		struct err err = { 0 };

		der[i] ^= 1;
		if (timestamp_verify((struct bytes){ der, len }, message,
		                     &authority, &out, &err) == 0) {
			assert_int_equal(out.seconds, NOW);
			accepted++;
		}
		if (ERR_peek_error() != 0)
			fail_msg("byte %zu leaves an error in the queue", i);
		der[i] ^= 1;
	}
	if (accepted > UNSIGNED_MAX)
		fail_msg("%zu of %zu bytes are free to change", accepted, len);
	OPENSSL_free(der);
	TS_RESP_free(response);
}

static X509 *make_root(const char *name, EVP_PKEY *key)
{
	struct certificate_plan plan = {
		name, key, NULL, NULL, BORN, EXPIRY, { PLAN_CA, { NULL, NULL } }
	};

	return make_certificate(&plan);
}

static int make_authorities(void **state)
{
	struct err err;

	(void)state;
	root_key = make_key("P-384");
	foreign_key = make_key("P-256");
	root = make_root("Root", root_key);
	foreign_root = make_root("Root", foreign_key);
	for (size_t i = 0; i < SIGNERS; i++) {
		keys[i] = make_key("P-256");
		signers[i] = make_below(
			keys[i], i == FOREIGN_TSA ? foreign_root : root,
			i == FOREIGN_TSA ? foreign_key : root_key,
			"critical,timeStamping");
		if (signers[i] == NULL)
			return -1;
	}
	return chain_add(&authority, signers[TSA], &err) +
	       chain_add(&authority, root, &err) +
	       chain_add(&anchor_only, root, &err);
}

static int free_authorities(void **state)
{
	(void)state;
	certificate_chain_done(&authority);
	certificate_chain_done(&anchor_only);
	for (size_t i = 0; i < SIGNERS; i++) {
		X509_free(signers[i]);
		EVP_PKEY_free(keys[i]);
	}
	X509_free(root);
	X509_free(foreign_root);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(foreign_key);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_the_path_at_its_own_time),
		cmocka_unit_test(takes_hashes_that_hold),
		cmocka_unit_test(refuses_a_timestamp_of_other_data),
		cmocka_unit_test(trusts_the_authority_alone),
		cmocka_unit_test(wants_an_authority),
		cmocka_unit_test(wants_a_certificate_for_time_stamping),
		cmocka_unit_test(wants_it_granted),
		cmocka_unit_test(refuses_other_bytes),
		cmocka_unit_test(a_changed_byte_never_moves_the_time),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (crypto_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, make_authorities,
	                              free_authorities);
}
