/* SPDX-License-Identifier: Apache-2.0 */
/* A root, an intermediate and leaves, made here; another root of the same name
 * with another key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/clock.h"
#include "crypto/init.h"
#include "make_certificate.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define DAY      INT64_C(86400)
#define YEAR     (366 * DAY)
/* The root and the intermediate live long, a leaf for ten minutes. */
#define BORN   INT64_C(1700000000)
#define NOW    (BORN + 300)
#define EXPIRY (BORN + 600)

#define GITHUB "https://token.actions.githubusercontent.com"
#define OWNER  "https://github.com/o/r/.github/workflows/w.yml@refs/heads/main"
#define ARC    "1.3.6.1.4.1.57264.1."

/* Extensions of a good leaf, one by one, so that a case can leave one out. */
#define KU                                                                     \
	{                                                                      \
		"keyUsage", "critical,digitalSignature"                        \
	}
#define EKU                                                                    \
	{                                                                      \
		"extendedKeyUsage", "codeSigning"                              \
	}
#define SAN                                                                    \
	{                                                                      \
		"subjectAltName", "critical,URI:" OWNER                        \
	}
#define ISSUER                                                                 \
	{                                                                      \
		ARC "8", "ASN1:UTF8:" GITHUB                                   \
	}
#define NONE                                                                   \
	{                                                                      \
		NULL, NULL                                                     \
	}

static EVP_PKEY *root_key, *middle_key, *leaf_key, *other_key;
static X509 *root, *middle, *same_name, *same_name_middle;
static struct certificate_chain authority, anchor_only, other_authority;

/* --- what is expected --- */

static void expect(const char *name, int got, const struct err *err, int want,
                   enum err_code code)
{
	if (got != want || (got < 0 && err->code != code))
		fail_msg("%s: got %d, code %d: %s", name, got, (int)err->code,
		         err->text);
	if (ERR_peek_error() != 0)
		fail_msg("%s: leaves an error in libcrypto's queue", name);
}

static struct certificate_plan leaf_plan(const struct extension *extensions,
                                         size_t count)
{
	struct certificate_plan plan = { NULL, leaf_key, middle,  middle_key,
		                         BORN, EXPIRY,   { NONE } };

	memcpy(plan.extensions, extensions, count * sizeof *extensions);
	return plan;
}

static void make_leaf(const struct extension *extensions, size_t count,
                      struct certificate *out)
{
	struct certificate_plan plan = leaf_plan(extensions, count);
	X509 *x509 = make_certificate(&plan);
	struct err err;

	assert_non_null(x509);
	if (parse_certificate(x509, out, &err) < 0)
		fail_msg("%s", err.text);
	X509_free(x509);
}

static const struct extension good_leaf[] = { KU, EKU, SAN, ISSUER, NONE };

static void make_good_leaf(struct certificate *out)
{
	make_leaf(good_leaf, COUNT(good_leaf), out);
}

/* --- reading --- */

static void reads_der_and_pem(void **state)
{
	AUTO_CERTIFICATE struct certificate from_der = CERTIFICATE_NONE;
	AUTO_CERTIFICATE struct certificate from_pem = CERTIFICATE_NONE;
	AUTO_CERTIFICATE struct certificate other = CERTIFICATE_NONE;
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
	AUTO_PUBLIC_KEY struct public_key same = PUBLIC_KEY_NONE;
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;
	struct err err = { 0 };

	(void)state;
	make_good_leaf(&from_der);
	make_good_leaf(&other);
	assert_int_equal(PEM_write_bio_X509(bio, from_der.x509), 1);
	len = BIO_get_mem_data(bio, &text);
	expect("PEM", certificate_from_pem(text, (size_t)len, &from_pem, &err),
	       &err, 0, ERR_NONE);
	assert_true(certificate_equal(&from_der, &from_pem));
	assert_false(certificate_equal(&from_der, &other));
	assert_int_equal(certificate_key(&from_der, &key, &err), 0);
	assert_int_equal(make_public(leaf_key, &same, &err), 0);
	assert_true(public_key_equal(&key, &same));
	assert_false(certificate_is_self_issued(&from_der));
	assert_true(certificate_is_self_issued(&authority.items[1]));
	BIO_free(bio);
}

static void refuses_other_bytes(void **state)
{
	uint8_t der[4096] = { 0 };
	unsigned char *at = der;
	size_t len = (size_t)i2d_X509(root, &at);
	struct bytes whole = { der, len + 1 };
	struct certificate certificate = CERTIFICATE_NONE;
	struct err err = { 0 };
	uint8_t *large = test_calloc(1, CERTIFICATE_DER_MAX + 1);

	(void)state;
	expect("a byte behind", certificate_parse(whole, &certificate, &err),
	       &err, -1, ERR_FORMAT);
	for (whole.len = 0; whole.len < len; whole.len += 13)
		expect("cut", certificate_parse(whole, &certificate, &err),
		       &err, -1, ERR_FORMAT);
	memcpy(large, der, len);
	whole = (struct bytes){ large, CERTIFICATE_DER_MAX };
	expect("the largest", certificate_parse(whole, &certificate, &err),
	       &err, -1, ERR_FORMAT);
	whole.len++;
	expect("a byte more", certificate_parse(whole, &certificate, &err),
	       &err, -1, ERR_LIMIT);
	expect("PEM that is a key",
	       certificate_from_pem("-----BEGIN PUBLIC KEY-----\n", 27,
	                            &certificate, &err),
	       &err, -1, ERR_FORMAT);
	assert_null(certificate.x509);
	test_free(large);
}

static int try_extensions(size_t count, struct err *err)
{
	struct certificate_plan plan = leaf_plan(good_leaf, COUNT(good_leaf));
	AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
	char kinds[CERTIFICATE_EXTENSIONS_MAX + 2][32];
	X509 *x509;
	int result;

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(kinds[i], sizeof kinds[i], "1.2.3.%zu", i);
		plan.extensions[i] = (struct extension){ kinds[i], "DER:0500" };
	}
	plan.extensions[count].kind = NULL;
	x509 = make_certificate(&plan);
	assert_non_null(x509);
	result = parse_certificate(x509, &leaf, err);
	X509_free(x509);
	return result;
}

static void limits_extensions(void **state)
{
	struct err err = { 0 };

	(void)state;
	expect("the most", try_extensions(CERTIFICATE_EXTENSIONS_MAX, &err),
	       &err, 0, ERR_NONE);
	expect("one more", try_extensions(CERTIFICATE_EXTENSIONS_MAX + 1, &err),
	       &err, -1, ERR_LIMIT);
}

static void refuses_two_extensions_of_a_kind(void **state)
{
	static const struct extension twice[][3] = {
		{ SAN, SAN, NONE },
		{ ISSUER, ISSUER, NONE },
		{ EKU, { "extendedKeyUsage", "timeStamping" }, NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(twice); i++) {
		struct certificate_plan plan =
			leaf_plan(twice[i], COUNT(twice[i]));
		X509 *x509 = make_certificate(&plan);
		struct certificate certificate = CERTIFICATE_NONE;
		struct err err = { 0 };

		assert_non_null(x509);
		expect(twice[i][0].kind,
		       parse_certificate(x509, &certificate, &err), &err, -1,
		       ERR_FORMAT);
		X509_free(x509);
	}
}

/* --- claims --- */

struct claim_case {
	const char *name;
	struct extension extensions[4];
	const char *subject, *issuer; /* what is read; NULL: refused */
	enum err_code code;
};

static const struct claim_case claim_cases[] = {
	{ "a URI", { SAN, ISSUER, NONE }, OWNER, GITHUB, ERR_NONE },
	{ "an email address",
	  { { "subjectAltName", "email:a@example.org" }, ISSUER, NONE },
	  "a@example.org",
	  GITHUB,
	  ERR_NONE },
	{ "a user name",
	  { { "subjectAltName", "otherName:" ARC "7;UTF8:foo!example.org" },
	    ISSUER,
	    NONE },
	  "foo!example.org",
	  GITHUB,
	  ERR_NONE },
	{ "the old issuer",
	  { SAN, { ARC "1", "DER:68747470733a2f2f78" }, NONE },
	  OWNER,
	  "https://x",
	  ERR_NONE },
	{ "the new issuer before the old one",
	  { SAN, { ARC "1", "DER:68747470733a2f2f78" }, ISSUER, NONE },
	  OWNER,
	  GITHUB,
	  ERR_NONE },
	{ "no name", { ISSUER, NONE }, NULL, NULL, ERR_FORMAT },
	{ "two URIs",
	  { { "subjectAltName", "URI:https://a,URI:https://b" }, ISSUER, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "a URI and an address",
	  { { "subjectAltName", "URI:https://a,email:a@b" }, ISSUER, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "a host name",
	  { { "subjectAltName", "DNS:example.org" }, ISSUER, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "another type of name",
	  { { "subjectAltName", "otherName:" ARC "6;UTF8:a" }, ISSUER, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "a user name that is no UTF8String",
	  { { "subjectAltName", "otherName:" ARC "7;IA5:a" }, ISSUER, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "a NUL in the name",
	  { { "subjectAltName", "DER:300786056140620063" }, ISSUER, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "an empty name",
	  { { "subjectAltName", "DER:30028600" }, ISSUER, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "no names in the list",
	  { { "subjectAltName", "DER:3000" }, ISSUER, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "a byte behind the names",
	  { { "subjectAltName", "DER:300386016100" }, ISSUER, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "a name that is no DER",
	  { { "subjectAltName", "DER:ff" }, ISSUER, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "no issuer", { SAN, NONE }, NULL, NULL, ERR_FORMAT },
	{ "an empty issuer",
	  { SAN, { ARC "8", "DER:0c00" }, { ARC "1", "DER:61" }, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "an issuer without its tag",
	  { SAN, { ARC "8", "DER:68747470733a2f2f78" }, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "an issuer as another string",
	  { SAN, { ARC "8", "DER:160161" }, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "an issuer with a long length",
	  { SAN, { ARC "8", "DER:0c810161" }, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "an issuer in pieces",
	  { SAN, { ARC "8", "DER:2c060c01610c0162" }, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "a byte behind the issuer",
	  { SAN, { ARC "8", "DER:0c016100" }, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "a NUL in the issuer",
	  { SAN, { ARC "8", "DER:0c03610062" }, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "a NUL in the old issuer",
	  { SAN, { ARC "1", "DER:610062" }, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "invalid UTF-8 in a detail",
	  { SAN, ISSUER, { ARC "12", "DER:0c01ff" }, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "a line feed in a detail",
	  { SAN, ISSUER, { ARC "24", "DER:0c03610a62" }, NONE },
	  NULL,
	  NULL,
	  ERR_FORMAT },
	{ "extensions beyond those known",
	  { SAN, ISSUER, { ARC "25", "DER:ffff" }, NONE },
	  OWNER,
	  GITHUB,
	  ERR_NONE },
};

static void reads_who_signed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(claim_cases); i++) {
		const struct claim_case *c = &claim_cases[i];
		AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
		struct claims claims;
		struct err err = { 0 };
		int got;

		memset(&claims, 'u', sizeof claims);
		make_leaf(c->extensions, COUNT(c->extensions), &leaf);
		got = certificate_claims(&leaf, &claims, &err);
		expect(c->name, got, &err, c->subject != NULL ? 0 : -1,
		       c->code);
		if (got < 0) {
			assert_int_equal(claims.text[CLAIM_SUBJECT][0], 'u');
			continue;
		}
		assert_string_equal(claims.text[CLAIM_SUBJECT], c->subject);
		assert_string_equal(claims.text[CLAIM_ISSUER], c->issuer);
	}
}

/* Each of .9 to .24 goes into the field of its own. */
static void reads_each_detail(void **state)
{
	struct certificate_plan plan = leaf_plan(good_leaf, COUNT(good_leaf));
	AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
	char kinds[CLAIMS][32], values[CLAIMS][32];
	struct extension *next = &plan.extensions[COUNT(good_leaf) - 1];
	AUTO_FREE struct claims *claims = calloc(1, sizeof *claims);
	X509 *x509;
	struct err err;

	(void)state;
	for (size_t i = CLAIM_BUILD_SIGNER_URI; i < CLAIMS; i++) {
		(void)snprintf(kinds[i], sizeof kinds[i], ARC "%zu", i + 7);
		(void)snprintf(values[i], sizeof values[i], "ASN1:UTF8:d %zu",
		               i + 7);
		*next++ = (struct extension){ kinds[i], values[i] };
	}
	x509 = make_certificate(&plan);
	assert_non_null(x509);
	assert_int_equal(parse_certificate(x509, &leaf, &err), 0);
	assert_int_equal(certificate_claims(&leaf, claims, &err), 0);
	for (size_t i = CLAIM_BUILD_SIGNER_URI; i < CLAIMS; i++)
		assert_string_equal(claims->text[i], values[i] + 10);
	assert_string_equal(claims->text[CLAIM_SOURCE_REF], "d 14");
	assert_string_equal(claims->text[CLAIM_TOKEN_SUBJECT], "d 24");
	X509_free(x509);
}

static void limits_claims(void **state)
{
	(void)state;
	for (size_t len = CLAIM_SIZE - 1; len <= CLAIM_SIZE; len++) {
		AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
		AUTO_FREE struct claims *claims = calloc(1, sizeof *claims);
		char value[CLAIM_SIZE + 16] = "URI:";
		struct extension extensions[] = { { "subjectAltName", value },
			                          ISSUER,
			                          NONE };
		struct err err = { 0 };

		memset(value + 4, 'a', len);
		make_leaf(extensions, COUNT(extensions), &leaf);
		expect("subject", certificate_claims(&leaf, claims, &err), &err,
		       len < CLAIM_SIZE ? 0 : -1, ERR_LIMIT);
	}
}

/* --- the path --- */

static int try_path(const struct certificate *leaf,
                    const struct certificate_chain *to,
                    const struct certificate_chain *helpers, int64_t time,
                    struct err *err)
{
	AUTO_CERTIFICATE struct certificate issuer = CERTIFICATE_NONE;
	int got = certificate_verify(leaf, to, helpers, time, &issuer, err);

	if ((issuer.x509 != NULL) != (got == 0))
		fail_msg("an issuer with result %d", got);
	return got;
}

struct usage_case {
	const char *name;
	struct extension extensions[6];
	int want;
};

static const struct usage_case usage_cases[] = {
	{ "a good leaf", { KU, EKU, SAN, ISSUER, NONE }, 0 },
	{ "several usages",
	  { { "keyUsage", "digitalSignature,nonRepudiation" },
	    { "extendedKeyUsage", "codeSigning,clientAuth" },
	    SAN,
	    ISSUER,
	    NONE },
	  0 },
	{ "says that it is none",
	  { { "basicConstraints", "critical,CA:FALSE" },
	    KU,
	    EKU,
	    SAN,
	    ISSUER,
	    NONE },
	  0 },
	{ "no key usage", { EKU, SAN, ISSUER, NONE }, -1 },
	{ "key usage keyAgreement",
	  { { "keyUsage", "keyAgreement" }, EKU, SAN, ISSUER, NONE },
	  -1 },
	{ "no extended key usage", { KU, SAN, ISSUER, NONE }, -1 },
	{ "for servers",
	  { KU, { "extendedKeyUsage", "serverAuth" }, SAN, ISSUER, NONE },
	  -1 },
	{ "for time stamping",
	  { KU, { "extendedKeyUsage", "timeStamping" }, SAN, ISSUER, NONE },
	  -1 },
	{ "for anything",
	  { KU,
	    { "extendedKeyUsage", "anyExtendedKeyUsage" },
	    SAN,
	    ISSUER,
	    NONE },
	  -1 },
	{ "an authority as leaf",
	  { { "basicConstraints", "critical,CA:TRUE" },
	    { "keyUsage", "digitalSignature,keyCertSign" },
	    EKU,
	    SAN,
	    ISSUER,
	    NONE },
	  -1 },
	{ "may sign certificates",
	  { { "keyUsage", "digitalSignature,keyCertSign" },
	    EKU,
	    SAN,
	    ISSUER,
	    NONE },
	  -1 },
	{ "an unknown critical extension",
	  { KU, EKU, SAN, ISSUER, { "1.2.3.4", "critical,DER:0500" }, NONE },
	  -1 },
	{ "a broken extended key usage",
	  { KU, { "extendedKeyUsage", "DER:0500" }, SAN, ISSUER, NONE },
	  -1 },
};

static void wants_a_signing_certificate(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(usage_cases); i++) {
		const struct usage_case *c = &usage_cases[i];
		AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
		struct err err = { 0 };

		make_leaf(c->extensions, COUNT(c->extensions), &leaf);
		expect(c->name, try_path(&leaf, &authority, NULL, NOW, &err),
		       &err, c->want, ERR_UNTRUSTED);
	}
}

struct time_case {
	const char *name;
	int64_t time;
	int want;
};

static const struct time_case time_cases[] = {
	{ "a second before", BORN - 1, -1 },
	{ "its first second", BORN, 0 },
	{ "within", NOW, 0 },
	{ "its last second", EXPIRY, 0 },
	{ "a second behind", EXPIRY + 1, -1 },
	{ "1970", 0, -1 },
	{ "before 1970", -1, -1 },
	{ "long ago", -100 * YEAR, -1 },
	{ "today", INT64_C(1800000000), -1 },
	{ "9999", CLOCK_MAX, -1 },
};

static void judges_at_the_time_given(void **state)
{
	AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;

	(void)state;
	make_good_leaf(&leaf);
	for (size_t i = 0; i < COUNT(time_cases); i++) {
		const struct time_case *c = &time_cases[i];
		struct err err = { 0 };

		expect(c->name,
		       try_path(&leaf, &authority, NULL, c->time, &err), &err,
		       c->want, ERR_UNTRUSTED);
	}
}

static void trusts_the_anchor_alone(void **state)
{
	AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
	AUTO_CERTIFICATE_CHAIN struct certificate_chain helpers =
		CERTIFICATE_CHAIN_NONE;
	AUTO_CERTIFICATE_CHAIN struct certificate_chain middle_alone =
		CERTIFICATE_CHAIN_NONE;
	AUTO_CERTIFICATE_CHAIN struct certificate_chain none =
		CERTIFICATE_CHAIN_NONE;
	struct err err = { 0 };

	(void)state;
	make_good_leaf(&leaf);
	assert_int_equal(chain_add(&helpers, middle, &err), 0);
	assert_int_equal(chain_add(&middle_alone, middle, &err), 0);
	expect("no intermediate",
	       try_path(&leaf, &anchor_only, NULL, NOW, &err), &err, -1,
	       ERR_UNTRUSTED);
	expect("intermediate of the bundle",
	       try_path(&leaf, &anchor_only, &helpers, NOW, &err), &err, 0,
	       ERR_NONE);
	expect("intermediate as anchor",
	       try_path(&leaf, &middle_alone, NULL, NOW, &err), &err, 0,
	       ERR_NONE);
	assert_int_equal(chain_add(&helpers, root, &err), 0);
	expect("root of the bundle alone",
	       try_path(&leaf, &other_authority, &helpers, NOW, &err), &err, -1,
	       ERR_UNTRUSTED);
	expect("no authority", try_path(&leaf, &none, &helpers, NOW, &err),
	       &err, -1, ERR_USAGE);
}

static void tells_authorities_of_one_name_apart(void **state)
{
	AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
	AUTO_CERTIFICATE struct certificate foreign = CERTIFICATE_NONE;
	struct certificate_plan plan = leaf_plan(good_leaf, COUNT(good_leaf));
	X509 *x509;
	struct err err = { 0 };

	(void)state;
	plan.issuer = same_name_middle;
	plan.issuer_key = other_key;
	x509 = make_certificate(&plan);
	assert_int_equal(parse_certificate(x509, &foreign, &err), 0);
	make_good_leaf(&leaf);
	expect("by the one", try_path(&leaf, &authority, NULL, NOW, &err), &err,
	       0, ERR_NONE);
	expect("by the one, under the other",
	       try_path(&leaf, &other_authority, &authority, NOW, &err), &err,
	       -1, ERR_UNTRUSTED);
	expect("by the other, under the one",
	       try_path(&foreign, &authority, &other_authority, NOW, &err),
	       &err, -1, ERR_UNTRUSTED);
	expect("by the other",
	       try_path(&foreign, &other_authority, NULL, NOW, &err), &err, 0,
	       ERR_NONE);
	X509_free(x509);
}

static void gives_the_issuer(void **state)
{
	AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
	AUTO_CERTIFICATE struct certificate issuer = CERTIFICATE_NONE;
	struct err err = { 0 };

	(void)state;
	make_good_leaf(&leaf);
	assert_int_equal(
		certificate_verify(&leaf, &authority, NULL, NOW, &issuer, &err),
		0);
	assert_true(certificate_equal(&issuer, &authority.items[0]));
}

static void refuses_a_leaf_as_anchor(void **state)
{
	AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
	AUTO_CERTIFICATE_CHAIN struct certificate_chain own =
		CERTIFICATE_CHAIN_NONE;
	struct err err = { 0 };

	(void)state;
	make_good_leaf(&leaf);
	assert_int_equal(chain_add(&own, leaf.x509, &err), 0);
	expect("itself", try_path(&leaf, &own, NULL, NOW, &err), &err, -1,
	       ERR_UNTRUSTED);
}

/* An intermediate that may not do what it did. */
struct middle_case {
	const char *name;
	struct extension extensions[4];
	int64_t from, to;
	int want;
};

static const struct middle_case middle_cases[] = {
	{ "no extended key usage", { PLAN_CA, NONE }, BORN, EXPIRY, 0 },
	{ "for code signing", { PLAN_CA, EKU, NONE }, BORN, EXPIRY, 0 },
	{ "for anything",
	  { PLAN_CA, { "extendedKeyUsage", "anyExtendedKeyUsage" }, NONE },
	  BORN,
	  EXPIRY,
	  0 },
	{ "for servers",
	  { PLAN_CA, { "extendedKeyUsage", "serverAuth" }, NONE },
	  BORN,
	  EXPIRY,
	  -1 },
	{ "for time stamping",
	  { PLAN_CA, { "extendedKeyUsage", "timeStamping" }, NONE },
	  BORN,
	  EXPIRY,
	  -1 },
	{ "no authority",
	  { { "basicConstraints", "critical,CA:FALSE" }, NONE },
	  BORN,
	  EXPIRY,
	  -1 },
	{ "says nothing", { NONE }, BORN, EXPIRY, -1 },
	{ "may not sign certificates",
	  { { "basicConstraints", "critical,CA:TRUE" },
	    { "keyUsage", "digitalSignature" },
	    NONE },
	  BORN,
	  EXPIRY,
	  -1 },
	{ "expired", { PLAN_CA, NONE }, BORN - DAY, BORN, -1 },
	{ "not yet valid", { PLAN_CA, NONE }, NOW + 1, EXPIRY, -1 },
};

static void judges_intermediates(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(middle_cases); i++) {
		const struct middle_case *c = &middle_cases[i];
		struct certificate_plan plan = { "Middle", middle_key, root,
			                         root_key, c->from,    c->to,
			                         { NONE } };
		struct certificate_plan below =
			leaf_plan(good_leaf, COUNT(good_leaf));
		AUTO_CERTIFICATE_CHAIN struct certificate_chain chain =
			CERTIFICATE_CHAIN_NONE;
		AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
		X509 *x509, *under;
		struct err err = { 0 };

		memcpy(plan.extensions, c->extensions, sizeof c->extensions);
		x509 = make_certificate(&plan);
		below.issuer = x509;
		under = make_certificate(&below);
		assert_int_equal(chain_add(&chain, x509, &err), 0);
		assert_int_equal(chain_add(&chain, root, &err), 0);
		assert_int_equal(parse_certificate(under, &leaf, &err), 0);
		expect(c->name, try_path(&leaf, &chain, NULL, NOW, &err), &err,
		       c->want, ERR_UNTRUSTED);
		X509_free(x509);
		X509_free(under);
	}
}

static void refuses_a_changed_certificate(void **state)
{
	AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
	unsigned char *der = NULL;
	size_t len;
	struct err err = { 0 };

	(void)state;
	make_good_leaf(&leaf);
	len = (size_t)i2d_X509(leaf.x509, &der);
	for (size_t i = 0; i < len; i++) {
		AUTO_CERTIFICATE struct certificate changed = CERTIFICATE_NONE;

		der[i] ^= 1;
		if (certificate_parse((struct bytes){ der, len }, &changed,
		                      &err) == 0 &&
		    try_path(&changed, &authority, NULL, NOW, &err) == 0)
			fail_msg("byte %zu was changed", i);
		der[i] ^= 1;
	}
	OPENSSL_free(der);
}

static void limits_a_chain(void **state)
{
	AUTO_CERTIFICATE_CHAIN struct certificate_chain chain =
		CERTIFICATE_CHAIN_NONE;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < CERTIFICATE_CHAIN_MAX; i++)
		assert_int_equal(chain_add(&chain, root, &err), 0);
	expect("one more", chain_add(&chain, root, &err), &err, -1, ERR_LIMIT);
	assert_int_equal(chain.count, CERTIFICATE_CHAIN_MAX);
}

/* --- the authorities --- */

static X509 *make_authority(const char *name, EVP_PKEY *key, X509 *issuer,
                            EVP_PKEY *issuer_key)
{
	struct certificate_plan plan = {
		name,        key,         issuer,           issuer_key,
		BORN - YEAR, BORN + YEAR, { PLAN_CA, NONE }
	};

	return make_certificate(&plan);
}

static int make_authorities(void **state)
{
	struct err err;

	(void)state;
	root_key = make_key("P-384");
	middle_key = make_key("P-384");
	leaf_key = make_key("P-256");
	other_key = make_key("P-256");
	root = make_authority("Root", root_key, NULL, NULL);
	middle = make_authority("Middle", middle_key, root, root_key);
	same_name = make_authority("Root", other_key, NULL, NULL);
	same_name_middle =
		make_authority("Middle", other_key, same_name, other_key);
	if (root == NULL || middle == NULL || same_name == NULL ||
	    same_name_middle == NULL)
		return -1;
	return chain_add(&authority, middle, &err) +
	       chain_add(&authority, root, &err) +
	       chain_add(&anchor_only, root, &err) +
	       chain_add(&other_authority, same_name_middle, &err) +
	       chain_add(&other_authority, same_name, &err);
}

static int free_authorities(void **state)
{
	(void)state;
	certificate_chain_done(&authority);
	certificate_chain_done(&anchor_only);
	certificate_chain_done(&other_authority);
	X509_free(root);
	X509_free(middle);
	X509_free(same_name);
	X509_free(same_name_middle);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(middle_key);
	EVP_PKEY_free(leaf_key);
	EVP_PKEY_free(other_key);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_der_and_pem),
		cmocka_unit_test(refuses_other_bytes),
		cmocka_unit_test(limits_extensions),
		cmocka_unit_test(refuses_two_extensions_of_a_kind),
		cmocka_unit_test(reads_who_signed),
		cmocka_unit_test(reads_each_detail),
		cmocka_unit_test(limits_claims),
		cmocka_unit_test(wants_a_signing_certificate),
		cmocka_unit_test(judges_at_the_time_given),
		cmocka_unit_test(trusts_the_anchor_alone),
		cmocka_unit_test(tells_authorities_of_one_name_apart),
		cmocka_unit_test(gives_the_issuer),
		cmocka_unit_test(refuses_a_leaf_as_anchor),
		cmocka_unit_test(judges_intermediates),
		cmocka_unit_test(refuses_a_changed_certificate),
		cmocka_unit_test(limits_a_chain),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (crypto_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, make_authorities,
	                              free_authorities);
}
