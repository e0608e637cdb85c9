/* SPDX-License-Identifier: Apache-2.0 */
/* An authority and three logs, made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "crypto/init.h"
#include "crypto/sct.h"
#include "make_sct.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define BORN     INT64_C(1700000000)
#define MS       ((uint64_t)BORN * 1000 + 250)

enum { ECDSA_LOG, RSA_LOG, UNKNOWN_LOG, LOGS };

static EVP_PKEY *root_key, *leaf_key, *log_keys[LOGS];
static struct public_key logs[LOGS];
static X509 *root, *other_root;
static struct certificate issuer, other_issuer;
static const uint8_t static_ct[] = { 0, 0, 5, 1, 2, 3, 4, 5 };

/* In use from the second of the certificate's birth to that of its end. */
static const struct period in_use = { { BORN, 0 }, { BORN + 1, 999000000 } };

static struct certificate_plan leaf_plan(void)
{
	return (struct certificate_plan){
		"leaf",
		leaf_key,
		root,
		root_key,
		BORN,
		BORN + 600,
		{ { "keyUsage", "critical,digitalSignature" },
		  { "subjectAltName", "URI:https://x" },
		  { NULL, NULL } }
	};
}

/* By @count timestamps; checked with the first two logs. */
static int try(const struct sct_plan *plans, size_t count, struct sct *out,
               struct err *err)
{
	const struct ct_log known[] = { { &logs[ECDSA_LOG], in_use },
		                        { &logs[RSA_LOG], in_use } };
	struct certificate_plan plan = leaf_plan();
	X509 *x509 = make_logged(&plan, plans, count);
	AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;

	assert_non_null(x509);
	assert_int_equal(parse_certificate(x509, &leaf, err), 0);
	X509_free(x509);
	return sct_verify(&leaf, &issuer, known, COUNT(known), out, err);
}

static void expect(const char *name, int got, const struct err *err, int want,
                   enum err_code code)
{
	if (got != want || (got < 0 && err->code != code))
		fail_msg("%s: got %d, code %d: %s", name, got, (int)err->code,
		         err->text);
	if (ERR_peek_error() != 0)
		fail_msg("%s: leaves an error in libcrypto's queue", name);
}

struct sct_case {
	const char *name;
	int log;
	uint64_t ms;
	struct sct_plan rest; /* log and ms are filled in */
	int want;
	enum err_code code;
};

#define IN_STATIC_CT                                                           \
	{                                                                      \
		static_ct, sizeof static_ct                                    \
	}

static const struct sct_case cases[] = {
	{ "by an ECDSA log", ECDSA_LOG, MS, { 0 }, 0, ERR_NONE },
	{ "by an RSA log", RSA_LOG, MS, { .algorithm = 1 }, 0, ERR_NONE },
	{ "of Static CT",
	  ECDSA_LOG,
	  MS,
	  { .extensions = IN_STATIC_CT },
	  0,
	  ERR_NONE },
	{ "by an unknown log", UNKNOWN_LOG, MS, { 0 }, -1, ERR_UNTRUSTED },
	{ "with a wrong signature",
	  ECDSA_LOG,
	  MS,
	  { .flip = 12 },
	  -1,
	  ERR_UNTRUSTED },
	{ "with a hash that does not exist",
	  ECDSA_LOG,
	  MS,
	  { .hash = 5 },
	  -1,
	  ERR_FORMAT },
	{ "as by RSA", ECDSA_LOG, MS, { .algorithm = 1 }, -1, ERR_UNTRUSTED },
	{ "as by ECDSA", RSA_LOG, MS, { .algorithm = 3 }, -1, ERR_UNTRUSTED },
	{ "at the log's first moment",
	  ECDSA_LOG,
	  (uint64_t)BORN * 1000,
	  { 0 },
	  0,
	  ERR_NONE },
	{ "a millisecond before",
	  ECDSA_LOG,
	  (uint64_t)BORN * 1000 - 1,
	  { 0 },
	  -1,
	  ERR_UNTRUSTED },
	{ "at the log's last moment",
	  ECDSA_LOG,
	  (uint64_t)BORN * 1000 + 1999,
	  { 0 },
	  0,
	  ERR_NONE },
	{ "a millisecond behind",
	  ECDSA_LOG,
	  (uint64_t)BORN * 1000 + 2000,
	  { 0 },
	  -1,
	  ERR_UNTRUSTED },
	{ "at the end of time",
	  ECDSA_LOG,
	  UINT64_MAX,
	  { 0 },
	  -1,
	  ERR_UNTRUSTED },
};

static void judges_a_timestamp(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct sct_case *c = &cases[i];
		struct sct_plan plan = c->rest;
		struct sct out = { .log = 77 };
		struct err err = { 0 };
		int got;

		plan.log = log_keys[c->log];
		plan.ms = c->ms;
		got = try(&plan, 1, &out, &err);
		expect(c->name, got, &err, c->want, c->code);
		assert_int_equal(out.log, got == 0 ? (size_t)c->log : 77);
		if (got == 0)
			assert_int_equal(
				instant_compare(out.time,
			                        instant_from_ms(c->ms)),
				0);
	}
}

static void one_good_timestamp_is_enough(void **state)
{
	const struct sct_plan plans[] = {
		{ .log = log_keys[UNKNOWN_LOG], .ms = MS },
		{ .log = log_keys[ECDSA_LOG], .ms = MS, .flip = 9 },
		{ .log = log_keys[RSA_LOG], .ms = MS, .algorithm = 1 },
	};
	struct sct out = { .log = 77 };
	struct err err = { 0 };

	(void)state;
	expect("the third", try(plans, 3, &out, &err), &err, 0, ERR_NONE);
	assert_int_equal(out.log, RSA_LOG);
	expect("the first two", try(plans, 2, &out, &err), &err, -1,
	       ERR_UNTRUSTED);
	assert_non_null(strstr(err.text, "does not match"));
	expect("none", try(plans, 0, &out, &err), &err, -1, ERR_UNTRUSTED);
}

static void a_log_may_have_several_periods(void **state)
{
	const struct period before = { { BORN - 9, 0 }, { BORN - 1, 0 } };
	const struct ct_log known[] = { { &logs[ECDSA_LOG], before },
		                        { &logs[ECDSA_LOG], in_use } };
	const struct sct_plan plan = { .log = log_keys[ECDSA_LOG], .ms = MS };
	struct certificate_plan under = leaf_plan();
	X509 *x509 = make_logged(&under, &plan, 1);
	AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
	struct sct out;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(parse_certificate(x509, &leaf, &err), 0);
	X509_free(x509);
	expect("second period",
	       sct_verify(&leaf, &issuer, known, COUNT(known), &out, &err),
	       &err, 0, ERR_NONE);
	assert_int_equal(out.log, 1);
	expect("first period", sct_verify(&leaf, &issuer, known, 1, &out, &err),
	       &err, -1, ERR_UNTRUSTED);
	expect("no log", sct_verify(&leaf, &issuer, NULL, 0, &out, &err), &err,
	       -1, ERR_UNTRUSTED);
	expect("another issuer",
	       sct_verify(&leaf, &other_issuer, known, COUNT(known), &out,
	                  &err),
	       &err, -1, ERR_UNTRUSTED);
}

static void limits_timestamps(void **state)
{
	struct sct_plan plans[SCT_MAX + 1];
	struct sct out;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(plans); i++)
		plans[i] = (struct sct_plan){ .log = log_keys[UNKNOWN_LOG],
			                      .ms = MS };
	plans[SCT_MAX - 1].log = log_keys[ECDSA_LOG];
	expect("the most", try(plans, SCT_MAX, &out, &err), &err, 0, ERR_NONE);
	expect("one more", try(plans, SCT_MAX + 1, &out, &err), &err, -1,
	       ERR_LIMIT);
}

struct bytes_case {
	const char *name, *value;
	enum err_code code;
};

/* The extension's value: an OCTET STRING, which holds two bytes of length and
 * the list. */
static const struct bytes_case broken[] = {
	{ "no OCTET STRING", "DER:0500", ERR_FORMAT },
	{ "an empty OCTET STRING", "DER:0400", ERR_FORMAT },
	{ "an empty list", "DER:04020000", ERR_UNTRUSTED },
	{ "a byte behind it", "DER:0402000000", ERR_FORMAT },
	{ "a byte behind the list", "DER:0403000000", ERR_FORMAT },
	{ "a list that is cut", "DER:0404000400ff", ERR_FORMAT },
	{ "a timestamp that is cut", "DER:04060004000200ff", ERR_FORMAT },
	{ "an unknown version", "DER:04070005000301ffff", ERR_UNTRUSTED },
};

static void refuses_broken_lists(void **state)
{
	const struct ct_log known = { &logs[ECDSA_LOG], in_use };

	(void)state;
	for (size_t i = 0; i < COUNT(broken); i++) {
		struct certificate_plan plan = leaf_plan();
		AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
		struct sct out;
		struct err err = { 0 };
		X509 *x509;

		plan.extensions[2] =
			(struct extension){ SCT_KIND, broken[i].value };
		plan.extensions[3].kind = NULL;
		x509 = make_certificate(&plan);
		assert_non_null(x509);
		assert_int_equal(parse_certificate(x509, &leaf, &err), 0);
		expect(broken[i].name,
		       sct_verify(&leaf, &issuer, &known, 1, &out, &err), &err,
		       -1, broken[i].code);
		X509_free(x509);
	}
}

static void refuses_a_certificate_without_any(void **state)
{
	const struct ct_log known = { &logs[ECDSA_LOG], in_use };
	struct certificate_plan plan = leaf_plan();
	AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
	X509 *x509 = make_certificate(&plan);
	struct sct out;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(parse_certificate(x509, &leaf, &err), 0);
	expect("none", sct_verify(&leaf, &issuer, &known, 1, &out, &err), &err,
	       -1, ERR_UNTRUSTED);
	X509_free(x509);
}

static X509 *make_root(EVP_PKEY *key)
{
	struct certificate_plan plan = { "Root",
		                         key,
		                         NULL,
		                         NULL,
		                         BORN,
		                         BORN + 600,
		                         { PLAN_CA, { NULL, NULL } } };

	return make_certificate(&plan);
}

static int make_all(void **state)
{
	static const char *const kinds[LOGS] = { "P-256", "RSA", "P-256" };
	struct err err;

	(void)state;
	root_key = make_key("P-384");
	leaf_key = make_key("P-256");
	for (size_t i = 0; i < LOGS; i++) {
		log_keys[i] = make_key(kinds[i]);
		if (make_public(log_keys[i], &logs[i], &err) < 0)
			return -1;
	}
	root = make_root(root_key);
	other_root = make_root(leaf_key);
	if (root == NULL || other_root == NULL)
		return -1;
	return parse_certificate(root, &issuer, &err) +
	       parse_certificate(other_root, &other_issuer, &err);
}

static int free_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < LOGS; i++) {
		EVP_PKEY_free(log_keys[i]);
		public_key_done(&logs[i]);
	}
	certificate_done(&issuer);
	certificate_done(&other_issuer);
	X509_free(root);
	X509_free(other_root);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(leaf_key);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_a_timestamp),
		cmocka_unit_test(one_good_timestamp_is_enough),
		cmocka_unit_test(a_log_may_have_several_periods),
		cmocka_unit_test(limits_timestamps),
		cmocka_unit_test(refuses_broken_lists),
		cmocka_unit_test(refuses_a_certificate_without_any),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (crypto_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, make_all, free_all);
}
