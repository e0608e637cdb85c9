/* SPDX-License-Identifier: Apache-2.0 */
/* Keys are made at the start; the fixed ones are the vectors of RFC 8032. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "base/text.h"
#include "crypto/init.h"
#include "make_key.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define SPACE    8192

static const uint8_t text[] = "what is signed";
static const struct bytes message = { text, sizeof text - 1 };

struct key_case {
	const char *make, *name;
	enum public_key_type type;
	/* Hashes that must count: the key's own, and the old clients'. */
	const EVP_MD *(*own)(void);
	const EVP_MD *(*old)(void);
	const EVP_MD *(*wrong)(void);
};

static const struct key_case keys[] = {
	{ "P-256", "ECDSA P-256", PUBLIC_KEY_P256, EVP_sha256, NULL,
	  EVP_sha384 },
	{ "P-384", "ECDSA P-384", PUBLIC_KEY_P384, EVP_sha384, EVP_sha256,
	  EVP_sha512 },
	{ "P-521", "ECDSA P-521", PUBLIC_KEY_P521, EVP_sha512, EVP_sha256,
	  EVP_sha384 },
	{ "ED25519", "Ed25519", PUBLIC_KEY_ED25519, NULL, NULL, NULL },
	{ "RSA", "RSA", PUBLIC_KEY_RSA, EVP_sha256, NULL, EVP_sha512 },
};

static EVP_PKEY *pairs[COUNT(keys)];

static const EVP_MD *hash_of(const EVP_MD *(*hash)(void))
{
	return hash != NULL ? hash() : NULL;
}

static size_t pem_of(EVP_PKEY *pkey, char out[SPACE])
{
	BIO *bio = BIO_new(BIO_s_mem());
	int len;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, pkey), 1);
	len = BIO_read(bio, out, SPACE - 1);
	assert_true(len > 0);
	out[len] = '\0';
	BIO_free(bio);
	return (size_t)len;
}

/* Nothing may be left for the next failure to be blamed on. */
static void expect(const char *name, int got, const struct err *err, int want,
                   enum err_code code)
{
	if (got != want || (got < 0 && err->code != code))
		fail_msg("%s: got %d, code %d: %s", name, got, (int)err->code,
		         err->text);
	if (ERR_peek_error() != 0)
		fail_msg("%s: leaves an error in libcrypto's queue", name);
}

/* --- reading --- */

static void reads_each_kind_of_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
		AUTO_PUBLIC_KEY struct public_key again = PUBLIC_KEY_NONE;
		uint8_t spki[PUBLIC_KEY_DER_MAX], id[SHA256_LEN];
		char pem[SPACE];
		size_t len = pem_of(pairs[i], pem);
		struct err err;
		int got = public_key_from_pem(pem, len, &key, &err);

		expect(keys[i].make, got, &err, 0, ERR_NONE);
		assert_int_equal(key.type, keys[i].type);
		assert_string_equal(public_key_type_name(key.type),
		                    keys[i].name);
		assert_int_equal(public_key_spki(&key, spki, &len, &err), 0);
		assert_int_equal(sha256_of(spki, len, id, &err), 0);
		assert_memory_equal(key.id, id, sizeof id);
		assert_int_equal(
			public_key_from_spki((struct bytes){ spki, len },
		                             &again, &err),
			0);
		assert_true(public_key_equal(&key, &again));
	}
}

static void tells_keys_apart(void **state)
{
	AUTO_PUBLIC_KEY struct public_key a = PUBLIC_KEY_NONE;
	AUTO_PUBLIC_KEY struct public_key b = PUBLIC_KEY_NONE;
	AUTO_PUBLIC_KEY struct public_key c = PUBLIC_KEY_NONE;
	struct err err;

	(void)state;
	assert_int_equal(make_public(pairs[0], &a, &err), 0);
	assert_int_equal(make_public(pairs[1], &b, &err), 0);
	assert_int_equal(public_key_copy(&a, &c, &err), 0);
	assert_true(public_key_equal(&a, &c));
	assert_false(public_key_equal(&a, &b));
}

/* A PEM text around that of a good key. */
struct pem_case {
	const char *name, *before, *after;
	int want;
	enum err_code code;
};

#define OTHER                                                                  \
	"-----BEGIN PUBLIC KEY-----\n"                                         \
	"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"       \
	"-----END PUBLIC KEY-----\n"

static const struct pem_case pem_cases[] = {
	{ "as it is", "", "", 0, ERR_NONE },
	{ "white space around it", "\n \t\r\n", "\n\n \r\n\t", 0, ERR_NONE },
	{ "a comment before", "my key\n", "", -1, ERR_FORMAT },
	{ "a comment behind", "", "my key\n", -1, ERR_FORMAT },
	{ "a second key behind", "", OTHER, -1, ERR_FORMAT },
	{ "a second key before", OTHER, "", -1, ERR_FORMAT },
	{ "a broken key before", "-----BEGIN PUBLIC KEY----\n", "", -1,
	  ERR_FORMAT },
	{ "a certificate behind", "", "-----BEGIN CERTIFICATE-----\n", -1,
	  ERR_FORMAT },
};

static void wants_one_pem_block_alone(void **state)
{
	char pem[SPACE], whole[2 * SPACE];

	(void)state;
	(void)pem_of(pairs[0], pem);
	for (size_t i = 0; i < COUNT(pem_cases); i++) {
		const struct pem_case *c = &pem_cases[i];
		AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
		struct err err = { 0 };
		int len = snprintf(whole, sizeof whole, "%s%s%s", c->before,
		                   pem, c->after);
		int got = public_key_from_pem(whole, (size_t)len, &key, &err);

		expect(c->name, got, &err, c->want, c->code);
		assert_true((key.key != NULL) == (got == 0));
	}
}

static const struct pem_case broken_pems[] = {
	{ "nothing", "", "", -1, ERR_FORMAT },
	{ "another label",
	  "-----BEGIN PRIVATE KEY-----\n"
	  "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
	  "-----END PRIVATE KEY-----\n",
	  "", -1, ERR_FORMAT },
	{ "labels that differ",
	  "-----BEGIN PUBLIC KEY-----\n"
	  "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
	  "-----END CERTIFICATE-----\n",
	  "", -1, ERR_FORMAT },
	{ "header lines",
	  "-----BEGIN PUBLIC KEY-----\n"
	  "Comment: x\n\n"
	  "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
	  "-----END PUBLIC KEY-----\n",
	  "", -1, ERR_FORMAT },
	{ "no end", "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qY\n", "",
	  -1, ERR_FORMAT },
	{ "empty", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", "",
	  -1, ERR_FORMAT },
};

static void refuses_broken_pem(void **state)
{
	char *large = test_calloc(1, PUBLIC_KEY_PEM_MAX + 1);
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
	struct err err = { 0 };
	int got;

	(void)state;
	for (size_t i = 0; i < COUNT(broken_pems); i++) {
		const struct pem_case *c = &broken_pems[i];

		got = public_key_from_pem(c->before, strlen(c->before), &key,
		                          &err);
		expect(c->name, got, &err, -1, c->code);
		assert_null(key.key);
	}
	memset(large, '\n', PUBLIC_KEY_PEM_MAX + 1);
	memcpy(large, OTHER, strlen(OTHER));
	got = public_key_from_pem(large, PUBLIC_KEY_PEM_MAX + 1, &key, &err);
	expect("a byte too many", got, &err, -1, ERR_LIMIT);
	got = public_key_from_pem(large, PUBLIC_KEY_PEM_MAX, &key, &err);
	expect("the largest", got, &err, 0, ERR_NONE);
	test_free(large);
}

static void names_keys_that_it_does_not_take(void **state)
{
	static const char *const kinds[] = { "secp256k1", "P-224", "X25519",
		                             "ED448" };

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct public_key key = PUBLIC_KEY_NONE;
		struct err err = { 0 };
		EVP_PKEY *pkey = make_key(kinds[i]);
		int got;

		assert_non_null(pkey);
		got = make_public(pkey, &key, &err);
		expect(kinds[i], got, &err, -1, ERR_FORMAT);
		if (strcmp(kinds[i], "P-224") != 0)
			assert_non_null(strstr(err.text, kinds[i]));
		EVP_PKEY_free(pkey);
	}
}

/* The same key in another spelling would be a second one by its id. */
static void refuses_other_spellings(void **state)
{
	static const char *const formats[] = { "compressed", "hybrid" };
	struct public_key key = PUBLIC_KEY_NONE;
	struct err err = { 0 };
	EVP_PKEY *other = EVP_PKEY_dup(pairs[0]);
	uint8_t spki[SPACE];
	unsigned char *at = spki;
	int len = i2d_PUBKEY(pairs[0], &at);
	struct bytes der = { spki, (size_t)len + 1 };

	(void)state;
	spki[len] = 0;
	expect("a byte behind", public_key_from_spki(der, &key, &err), &err, -1,
	       ERR_FORMAT);
	der.len -= 2;
	expect("cut", public_key_from_spki(der, &key, &err), &err, -1,
	       ERR_FORMAT);
	expect("nothing", public_key_from_spki(BYTES_NONE, &key, &err), &err,
	       -1, ERR_FORMAT);
	for (size_t i = 0; i < COUNT(formats); i++) {
		assert_int_equal(
			EVP_PKEY_set_utf8_string_param(
				other,
				OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
				formats[i]),
			1);
		expect(formats[i], make_public(other, &key, &err), &err, -1,
		       ERR_FORMAT);
	}
	EVP_PKEY_free(other);
	/* The outer length in two bytes where one does. */
	memmove(spki + 3, spki + 2, (size_t)len - 2);
	spki[2] = spki[1];
	spki[1] = 0x81;
	der = (struct bytes){ spki, (size_t)len + 1 };
	expect("a long length", public_key_from_spki(der, &key, &err), &err, -1,
	       ERR_FORMAT);
	assert_null(key.key);
}

static void refuses_explicit_curves(void **state)
{
	EVP_PKEY *other = EVP_PKEY_dup(pairs[0]);
	struct public_key key = PUBLIC_KEY_NONE;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(EVP_PKEY_set_utf8_string_param(
				 other, OSSL_PKEY_PARAM_EC_ENCODING,
				 OSSL_PKEY_EC_ENCODING_EXPLICIT),
	                 1);
	expect("explicit", make_public(other, &key, &err), &err, -1,
	       ERR_FORMAT);
	EVP_PKEY_free(other);
}

/* --- RSA --- */

/* A public key of a size; nobody has its other half. */
static EVP_PKEY *rsa_of(int bits, unsigned long exponent)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_new(), *e = BN_new();
	OSSL_PARAM *parameters;
	EVP_PKEY *pkey = NULL;

	assert_int_equal(BN_rand(n, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD),
	                 1);
	assert_int_equal(BN_set_word(e, exponent), 1);
	(void)OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
	(void)OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
	parameters = OSSL_PARAM_BLD_to_param(build);
	(void)EVP_PKEY_fromdata_init(context);
	assert_int_equal(EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY,
	                                   parameters),
	                 1);
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	BN_free(e);
	EVP_PKEY_CTX_free(context);
	return pkey;
}

struct rsa_case {
	int bits;
	unsigned long exponent;
	int want;
	enum err_code code;
};

static const struct rsa_case rsa_cases[] = {
	{ 2048, 65537, 0, ERR_NONE },      { 3072, 65537, 0, ERR_NONE },
	{ 4096, 3, 0, ERR_NONE },          { 2047, 65537, -1, ERR_LIMIT },
	{ 1024, 65537, -1, ERR_LIMIT },    { 4097, 65537, -1, ERR_LIMIT },
	{ 2048, 0x7fffffff, 0, ERR_NONE }, { 2048, 0x80000001, -1, ERR_FORMAT },
	{ 2048, 1, -1, ERR_FORMAT },       { 2048, 4, -1, ERR_FORMAT },
};

static void limits_the_size_of_rsa_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rsa_cases); i++) {
		const struct rsa_case *c = &rsa_cases[i];
		AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
		struct err err = { 0 };
		EVP_PKEY *pkey = rsa_of(c->bits, c->exponent);
		char name[64];

		(void)snprintf(name, sizeof name, "%d bits, exponent %lu",
		               c->bits, c->exponent);
		expect(name, make_public(pkey, &key, &err), &err, c->want,
		       c->code);
		EVP_PKEY_free(pkey);
	}
}

static void reads_bare_rsa_keys(void **state)
{
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
	AUTO_PUBLIC_KEY struct public_key same = PUBLIC_KEY_NONE;
	struct public_key none = PUBLIC_KEY_NONE;
	EVP_PKEY *pkey = pairs[COUNT(pairs) - 1];
	uint8_t der[SPACE];
	unsigned char *at = der;
	int len = i2d_PublicKey(pkey, &at);
	struct bytes pkcs1 = { der, (size_t)len };
	struct err err = { 0 };

	(void)state;
	expect("PKCS#1", public_key_from_pkcs1(pkcs1, &key, &err), &err, 0,
	       ERR_NONE);
	assert_int_equal(make_public(pkey, &same, &err), 0);
	assert_true(public_key_equal(&key, &same));
	expect("as SPKI", public_key_from_spki(pkcs1, &none, &err), &err, -1,
	       ERR_FORMAT);
	der[len] = 0;
	pkcs1.len++;
	expect("a byte behind", public_key_from_pkcs1(pkcs1, &none, &err), &err,
	       -1, ERR_FORMAT);
	at = der;
	len = i2d_PUBKEY(pairs[0], &at);
	pkcs1.len = (size_t)len;
	expect("an SPKI", public_key_from_pkcs1(pkcs1, &none, &err), &err, -1,
	       ERR_FORMAT);
	assert_null(none.key);
}

/* --- verifying --- */

/* As it is, with a bit changed in it, and over something else. */
static void try_signature(const char *name, const struct public_key *key,
                          uint8_t *signature, size_t len)
{
	struct bytes made = { signature, len };
	struct bytes shorter = { text, sizeof text - 2 };
	struct err err = { 0 };

	expect(name, public_key_verify(key, message, made, &err), &err, 0,
	       ERR_NONE);
	expect(name, public_key_verify(key, shorter, made, &err), &err, -1,
	       ERR_UNTRUSTED);
	for (size_t i = 0; i < len; i += 7) {
		signature[i] ^= 0x10;
		expect(name, public_key_verify(key, message, made, &err), &err,
		       -1, ERR_UNTRUSTED);
		signature[i] ^= 0x10;
	}
	made.len--;
	expect(name, public_key_verify(key, message, made, &err), &err, -1,
	       ERR_UNTRUSTED);
	expect(name, public_key_verify(key, message, BYTES_NONE, &err), &err,
	       -1, ERR_UNTRUSTED);
}

static void verifies_by_each_kind_of_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		const struct key_case *c = &keys[i];
		AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
		uint8_t signature[SIGNATURE_SPACE];
		struct err err = { 0 };
		size_t len = make_signature(pairs[i], hash_of(c->own), message,
		                            signature);

		assert_int_equal(make_public(pairs[i], &key, &err), 0);
		try_signature(c->name, &key, signature, len);
		if (c->old != NULL) {
			len = make_signature(pairs[i], c->old(), message,
			                     signature);
			try_signature(c->name, &key, signature, len);
		}
		if (c->wrong == NULL)
			continue;
		len = make_signature(pairs[i], c->wrong(), message, signature);
		expect(c->name,
		       public_key_verify(&key, message,
		                         (struct bytes){ signature, len },
		                         &err),
		       &err, -1, ERR_UNTRUSTED);
	}
}

static void knows_the_signer(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
		EVP_PKEY *other = make_key(keys[i].make);
		uint8_t signature[SIGNATURE_SPACE];
		struct err err = { 0 };
		size_t len = make_signature(other, hash_of(keys[i].own),
		                            message, signature);

		assert_int_equal(make_public(pairs[i], &key, &err), 0);
		expect(keys[i].name,
		       public_key_verify(&key, message,
		                         (struct bytes){ signature, len },
		                         &err),
		       &err, -1, ERR_UNTRUSTED);
		EVP_PKEY_free(other);
	}
}

static void limits_signatures(void **state)
{
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
	uint8_t large[PUBLIC_KEY_SIGNATURE_MAX + 1] = { 0x30 };
	struct bytes signature = { large, PUBLIC_KEY_SIGNATURE_MAX };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(make_public(pairs[0], &key, &err), 0);
	expect("the largest", public_key_verify(&key, message, signature, &err),
	       &err, -1, ERR_UNTRUSTED);
	signature.len++;
	expect("a byte more", public_key_verify(&key, message, signature, &err),
	       &err, -1, ERR_LIMIT);
	expect("a byte more",
	       public_key_verify_digest(&key, key.id, signature, &err), &err,
	       -1, ERR_LIMIT);
}

static void verifies_a_digest_alone(void **state)
{
	uint8_t digest[SHA256_LEN], other[SHA256_LEN];
	struct err err = { 0 };

	(void)state;
	assert_int_equal(sha256_of(message.data, message.len, digest, &err), 0);
	memcpy(other, digest, sizeof other);
	other[5] ^= 1;
	for (size_t i = 0; i < COUNT(keys); i++) {
		bool is_sha256 = keys[i].own == EVP_sha256;
		AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
		uint8_t signature[SIGNATURE_SPACE];
		struct bytes made = { signature, 0 };

		assert_int_equal(make_public(pairs[i], &key, &err), 0);
		made.len = make_signature(pairs[i], hash_of(keys[i].own),
		                          message, signature);
		expect(keys[i].name,
		       public_key_verify_digest(&key, digest, made, &err), &err,
		       is_sha256 ? 0 : -1, ERR_UNTRUSTED);
		if (!is_sha256)
			assert_non_null(strstr(err.text, "data itself"));
		if (keys[i].old != NULL) {
			made.len = make_signature(pairs[i], keys[i].old(),
			                          message, signature);
			expect(keys[i].name,
			       public_key_verify_digest(&key, digest, made,
			                                &err),
			       &err, 0, ERR_NONE);
		}
		expect(keys[i].name,
		       public_key_verify_digest(&key, other, made, &err), &err,
		       -1, ERR_UNTRUSTED);
	}
}

/* --- RFC 8032 --- */

struct vector {
	const char *name, *public, *message, *signature;
};

/* 7.1, TEST 1 to 3 */
static const struct vector pure[] = {
	{ "no message",
	  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	  "",
	  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "one byte",
	  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	  "72",
	  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ "two bytes",
	  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
	  "af82",
	  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

/* 7.3, TEST abc */
static const struct vector prehashed = {
	"abc",
	"ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
	"616263",
	"98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
	"31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
};

static void hex(const char *digits, uint8_t *out, size_t *len)
{
	struct err err;

	*len = strlen(digits) / 2;
	assert_int_equal(text_from_hex(digits, 2 * *len, out, *len, &err), 0);
}

/* An SPKI of an Ed25519 key is a fixed start and the key (RFC 8410). */
static void key_of(const struct vector *vector, struct public_key *out)
{
	static const char start[] = "302a300506032b6570032100";
	uint8_t spki[44];
	size_t len;
	struct err err;

	hex(start, spki, &len);
	hex(vector->public, spki + len, &len);
	assert_int_equal(
		public_key_from_spki((struct bytes){ spki, sizeof spki }, out,
	                             &err),
		0);
}

typedef int verify_function(const struct public_key *key, struct bytes data,
                            struct bytes signature, struct err *err);

static void try_vector(const struct vector *vector, verify_function *right,
                       verify_function *wrong)
{
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
	uint8_t data[8], signature[64];
	struct bytes signed_data = { data, 0 }, made = { signature, 0 };
	struct err err = { 0 };

	key_of(vector, &key);
	hex(vector->message, data, &signed_data.len);
	hex(vector->signature, signature, &made.len);
	expect(vector->name, right(&key, signed_data, made, &err), &err, 0,
	       ERR_NONE);
	expect(vector->name, wrong(&key, signed_data, made, &err), &err, -1,
	       ERR_UNTRUSTED);
	for (size_t i = 0; i < made.len; i++) {
		signature[i] ^= 1;
		expect(vector->name, right(&key, signed_data, made, &err), &err,
		       -1, ERR_UNTRUSTED);
		signature[i] ^= 1;
	}
	data[0] ^= 1;
	signed_data.len = signed_data.len > 0 ? signed_data.len : 1;
	expect(vector->name, right(&key, signed_data, made, &err), &err, -1,
	       ERR_UNTRUSTED);
}

static void agrees_with_rfc_8032(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pure); i++)
		try_vector(&pure[i], public_key_verify,
		           public_key_verify_ed25519ph);
	try_vector(&prehashed, public_key_verify_ed25519ph, public_key_verify);
}

static void prehashes_for_ed25519_alone(void **state)
{
	AUTO_PUBLIC_KEY struct public_key ecdsa = PUBLIC_KEY_NONE;
	AUTO_PUBLIC_KEY struct public_key ed25519 = PUBLIC_KEY_NONE;
	uint8_t zero[65] = { 0 };
	struct bytes made = { zero, 64 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(make_public(pairs[0], &ecdsa, &err), 0);
	expect("ECDSA",
	       public_key_verify_ed25519ph(&ecdsa, message, made, &err), &err,
	       -1, ERR_UNTRUSTED);
	key_of(&prehashed, &ed25519);
	for (made.len = 63; made.len <= 65; made.len++)
		expect("63 to 65 bytes",
		       public_key_verify_ed25519ph(&ed25519, message, made,
		                                   &err),
		       &err, -1, ERR_UNTRUSTED);
}

static int make_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		pairs[i] = make_key(keys[i].make);
		if (pairs[i] == NULL)
			return -1;
	}
	return 0;
}

static int free_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++)
		EVP_PKEY_free(pairs[i]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_each_kind_of_key),
		cmocka_unit_test(tells_keys_apart),
		cmocka_unit_test(wants_one_pem_block_alone),
		cmocka_unit_test(refuses_broken_pem),
		cmocka_unit_test(names_keys_that_it_does_not_take),
		cmocka_unit_test(refuses_other_spellings),
		cmocka_unit_test(refuses_explicit_curves),
		cmocka_unit_test(limits_the_size_of_rsa_keys),
		cmocka_unit_test(reads_bare_rsa_keys),
		cmocka_unit_test(verifies_by_each_kind_of_key),
		cmocka_unit_test(knows_the_signer),
		cmocka_unit_test(limits_signatures),
		cmocka_unit_test(verifies_a_digest_alone),
		cmocka_unit_test(agrees_with_rfc_8032),
		cmocka_unit_test(prehashes_for_ed25519_alone),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (crypto_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
