/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <stdbool.h>

#include "codec/base64.h"
#include "codec/json_read.h"
#include "crypto/cosign_key.h"
#include "crypto/init.h"
#include "crypto/openssl_own.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Made by cosign 3.1.2; the password is "pw". */
#define COSIGN_FILE                                                            \
	"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"                     \
	"eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6\n"   \
	"OCwicCI6MX0sInNhbHQiOiJJT0EyREdLbjdWTVhRNUhzWmZSaUNGVkJnRkhPRjlZ\n"   \
	"eDN0TEtTUk43REJvPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94\n"   \
	"Iiwibm9uY2UiOiI3NmcvMkN6MUg4c2ZVbUIxaEtyZ0pmWWhsdG82dm1WUCJ9LCJj\n"   \
	"aXBoZXJ0ZXh0IjoiRTQ3SWJFZnVIQ1FKeUdueEJSZDR2M3ZSRmVqclloYnVoQ2VG\n"   \
	"eFMzY3VBbm9ONncycklaR0VUTEtJbkZrdk03RGpMakJ4U0JhZEg5WDNnU2MrOGF2\n"   \
	"U1JSMGVBQnpmMGc4VmxMZWtndFZiNVN4cHVTSWVYMHp4WGVBSUNmYXZmeU1hOUM2\n"   \
	"Z05XWmYzSmQ2V1BHNjk1T1lJSng3MjRocGNmOTNIYUE0eW9SNVZXRTdPM3NEaDU3\n"   \
	"OFMxRzNpck40ZEk3T1FXUUx5MEN1SUtqVmc9PSJ9\n"                           \
	"-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n"
#define COSIGN_PEM                                                             \
	"-----BEGIN PUBLIC KEY-----\n"                                         \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuHT7nFJU5DqjD5kNjnrT5/HubcCz\n"   \
	"zevfSGvbBz34DbLX7X3U5uI2m4FhN9rq4iKbsmceh7KHQ7Bf+S6El7cywQ==\n"       \
	"-----END PUBLIC KEY-----\n"

#define TYPE     "ENCRYPTED SIGSTORE PRIVATE KEY"

#define SALT     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define NONCE    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define BYTES_17 "AAAAAAAAAAAAAAAAAAAAAAA="
#define KDF(numbers, salt)                                                     \
	"\"kdf\":{\"name\":\"scrypt\",\"params\":{" numbers                    \
	"},\"salt\":\"" salt "\"}"
#define CIPHER(nonce)                                                          \
	"\"cipher\":{\"name\":\"nacl/secretbox\",\"nonce\":\"" nonce "\"}"
#define NUMBERS                   "\"N\":65536,\"r\":8,\"p\":1"
#define GOOD_KDF                  KDF(NUMBERS, SALT)
#define GOOD_CIPHER               CIPHER(NONCE)
#define SEALED(text)              "\"ciphertext\":\"" text "\""
#define JSON(kdf, cipher, sealed) "{" kdf "," cipher "," sealed "}"
#define COST(numbers)             JSON(KDF(numbers, SALT), GOOD_CIPHER, SEALED(BYTES_17))

struct json_case {
	const char *name, *json;
	int want;
	enum err_code code;
};

static const struct json_case json_cases[] = {
	{ "what cosign writes", COST(NUMBERS), 0, ERR_NONE },
	{ "the old cost", COST("\"N\":32768,\"r\":8,\"p\":1"), 0, ERR_NONE },
	{ "the highest cost", COST("\"N\":131072,\"r\":8,\"p\":1"), 0,
	  ERR_NONE },
	{ "a cost between", COST("\"N\":65537,\"r\":8,\"p\":1"), -1,
	  ERR_FORMAT },
	{ "a cost above all", COST("\"N\":262144,\"r\":8,\"p\":1"), -1,
	  ERR_FORMAT },
	{ "a cost of 2^32", COST("\"N\":4294967296,\"r\":8,\"p\":1"), -1,
	  ERR_LIMIT },
	{ "a negative cost", COST("\"N\":-65536,\"r\":8,\"p\":1"), -1,
	  ERR_FORMAT },
	{ "no cost", COST("\"r\":8,\"p\":1"), -1, ERR_FORMAT },
	{ "r = 9", COST("\"N\":65536,\"r\":9,\"p\":1"), -1, ERR_FORMAT },
	{ "no r", COST("\"N\":65536,\"p\":1"), -1, ERR_FORMAT },
	{ "p = 2", COST("\"N\":65536,\"r\":8,\"p\":2"), -1, ERR_FORMAT },
	{ "a further number", COST(NUMBERS ",\"q\":1"), -1, ERR_FORMAT },
	{ "a number twice", COST(NUMBERS ",\"p\":1"), -1, ERR_FORMAT },
	{ "a short salt",
	  JSON(KDF(NUMBERS, "AAAA"), GOOD_CIPHER, SEALED(BYTES_17)), -1,
	  ERR_FORMAT },
	{ "a short nonce", JSON(GOOD_KDF, CIPHER("AAAA"), SEALED(BYTES_17)), -1,
	  ERR_FORMAT },
	{ "another derivation",
	  JSON("\"kdf\":{\"name\":\"argon2\",\"params\":{" NUMBERS
	       "},\"salt\":\"" SALT "\"}",
	       GOOD_CIPHER, SEALED(BYTES_17)),
	  -1, ERR_FORMAT },
	{ "another cipher",
	  JSON(GOOD_KDF,
	       "\"cipher\":{\"name\":\"none\",\"nonce\":\"" NONCE "\"}",
	       SEALED(BYTES_17)),
	  -1, ERR_FORMAT },
	{ "a tag alone",
	  JSON(GOOD_KDF, GOOD_CIPHER, SEALED("AAAAAAAAAAAAAAAAAAAAAA==")), -1,
	  ERR_FORMAT },
	{ "nothing encrypted", JSON(GOOD_KDF, GOOD_CIPHER, SEALED("")), -1,
	  ERR_FORMAT },
	{ "base64 without padding",
	  JSON(GOOD_KDF, GOOD_CIPHER, SEALED("AAAAAAAAAAAAAAAAAAAAAAA")), -1,
	  ERR_FORMAT },
	{ "a further member",
	  JSON(GOOD_KDF, GOOD_CIPHER, SEALED(BYTES_17) ",\"x\":1"), -1,
	  ERR_FORMAT },
	{ "no cipher", "{" GOOD_KDF "," SEALED(BYTES_17) "}", -1, ERR_FORMAT },
	{ "something behind", COST(NUMBERS) "{}", -1, ERR_FORMAT },
	{ "a list", "[]", -1, ERR_FORMAT },
	{ "nothing", "", -1, ERR_FORMAT },
};

static void wrap(const char *type, const void *json, size_t len,
                 struct buf *out)
{
	struct err err;

	if (buf_printf(out, &err, "-----BEGIN %s-----\n", type) < 0 ||
	    base64_add(out, json, len, &err) < 0 ||
	    buf_printf(out, &err, "\n-----END %s-----\n", type) < 0)
		fail_msg("%s", err.text);
}

static void check_json(const char *name, const char *json, size_t len, int want,
                       enum err_code code)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct cosign_secret secret = { .cost = 7 };
	struct err err = { .code = ERR_NONE };
	int got;

	wrap(TYPE, json, len, &text);
	got = cosign_parse_secret(text.data, text.len, &secret, &err);
	if (got != want || err.code != code)
		fail_msg("%s: got %d, code %d (%s)", name, got, (int)err.code,
		         err.text);
	if (got < 0 && secret.cost != 7)
		fail_msg("%s: written after a failure", name);
}

static void reads_only_what_cosign_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(json_cases); i++)
		check_json(json_cases[i].name, json_cases[i].json,
		           strlen(json_cases[i].json), json_cases[i].want,
		           json_cases[i].code);
}

/* A key file whose encrypted part has @len bytes. */
static void check_sealed(size_t len, int want, enum err_code code)
{
	static const uint8_t zeros[COSIGN_TAG_LEN + COSIGN_CLEAR_MAX + 1];
	AUTO_BUF struct buf json = BUF_NONE;
	struct err err;

	if (buf_adds(&json, "{" GOOD_KDF "," GOOD_CIPHER ",\"ciphertext\":\"",
	             &err) < 0 ||
	    base64_add(&json, zeros, len, &err) < 0 ||
	    buf_adds(&json, "\"}", &err) < 0)
		fail_msg("%s", err.text);
	check_json("size", json.data, json.len, want, code);
}

static void sizes_have_a_limit(void **state)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct cosign_secret secret;
	struct err err;

	(void)state;
	check_sealed(COSIGN_TAG_LEN + 1, 0, ERR_NONE);
	check_sealed(COSIGN_TAG_LEN + COSIGN_CLEAR_MAX, 0, ERR_NONE);
	check_sealed(COSIGN_TAG_LEN + COSIGN_CLEAR_MAX + 1, -1, ERR_LIMIT);
	assert_int_equal(buf_adds(&text, COSIGN_FILE, &err), 0);
	while (text.len <= COSIGN_FILE_MAX)
		assert_int_equal(buf_adds(&text, "\n", &err), 0);
	assert_int_equal(
		cosign_parse_secret(text.data, text.len, &secret, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(
		cosign_parse_secret(text.data, COSIGN_FILE_MAX, &secret, &err),
		-1);
	assert_int_equal(err.code, ERR_FORMAT);
}

struct pem_case {
	const char *name, *before, *type, *after;
	int want;
	enum err_code code;
};

static const struct pem_case pem_cases[] = {
	{ "today's type", "", TYPE, "", 0, ERR_NONE },
	{ "the old type", "", "ENCRYPTED COSIGN PRIVATE KEY", "", 0, ERR_NONE },
	{ "PKCS#8 in the clear", "", "PRIVATE KEY", "", -1, ERR_USAGE },
	{ "PKCS#8, encrypted", "", "ENCRYPTED PRIVATE KEY", "", -1, ERR_USAGE },
	{ "SEC1", "", "EC PRIVATE KEY", "", -1, ERR_USAGE },
	{ "PKCS#1", "", "RSA PRIVATE KEY", "", -1, ERR_USAGE },
	{ "a public key", "", "PUBLIC KEY", "", -1, ERR_USAGE },
	{ "a longer type", "", TYPE "X", "", -1, ERR_USAGE },
	{ "text before", "key:\n", TYPE, "", -1, ERR_FORMAT },
	{ "a blank line before", "\n", TYPE, "", -1, ERR_FORMAT },
	{ "a line behind", "", TYPE, "\n", -1, ERR_FORMAT },
	{ "a second block", "", TYPE, COSIGN_FILE, -1, ERR_FORMAT },
};

static void reads_one_block_of_two_types(void **state)
{
	static const char json[] = COST(NUMBERS);

	(void)state;
	for (size_t i = 0; i < COUNT(pem_cases); i++) {
		const struct pem_case *c = &pem_cases[i];
		AUTO_BUF struct buf text = BUF_NONE;
		struct cosign_secret secret;
		struct err err = { .code = ERR_NONE };
		int got;

		assert_int_equal(buf_adds(&text, c->before, &err), 0);
		wrap(c->type, json, sizeof json - 1, &text);
		assert_int_equal(buf_adds(&text, c->after, &err), 0);
		got = cosign_parse_secret(text.data, text.len, &secret, &err);
		if (got != c->want || err.code != c->code)
			fail_msg("%s: got %d, code %d (%s)", c->name, got,
			         (int)err.code, err.text);
	}
}

static const struct json_case text_cases[] = {
	{ "no end", "-----BEGIN " TYPE "-----\ne30=\n", -1, ERR_FORMAT },
	{ "another end",
	  "-----BEGIN " TYPE "-----\ne30=\n-----END PRIVATE "
	  "KEY-----\n",
	  -1, ERR_FORMAT },
	{ "a header",
	  "-----BEGIN " TYPE "-----\nProc-Type: 4\n\ne30=\n"
	  "-----END " TYPE "-----\n",
	  -1, ERR_FORMAT },
	{ "CR LF",
	  "-----BEGIN " TYPE "-----\r\ne30=\r\n-----END " TYPE "-----\r\n", -1,
	  ERR_FORMAT },
	{ "dashes alone", "-----BEGIN -----\n", -1, ERR_FORMAT },
	{ "too few dashes", "-----BEGIN " TYPE "----\n", -1, ERR_FORMAT },
	{ "nothing", "", -1, ERR_FORMAT },
};

static void the_last_line_feed_may_be_missing(void **state)
{
	struct cosign_secret secret;
	struct err err;

	(void)state;
	assert_int_equal(cosign_parse_secret(COSIGN_FILE,
	                                     strlen(COSIGN_FILE) - 1, &secret,
	                                     &err),
	                 0);
	assert_int_equal(cosign_parse_secret(COSIGN_FILE,
	                                     strlen(COSIGN_FILE) - 2, &secret,
	                                     &err),
	                 -1);
}

static void other_texts_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(text_cases); i++) {
		const struct json_case *c = &text_cases[i];
		struct cosign_secret secret;
		struct err err = { .code = ERR_NONE };
		int got = cosign_parse_secret(c->json, strlen(c->json), &secret,
		                              &err);

		if (got != c->want || err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
	}
}

/* --- keys -------------------------------------------------------------------
 */

static const struct bytes message = { (const uint8_t *)"blob\n", 5 };

static void a_key_of_cosign_opens(void **state)
{
	AUTO_COSIGN_SIGNER struct cosign_signer *signer = NULL;
	AUTO_BUF struct buf text = BUF_NONE;
	struct cosign_secret secret;
	struct err err;

	(void)state;
	assert_int_equal(cosign_parse_secret(COSIGN_FILE, strlen(COSIGN_FILE),
	                                     &secret, &err),
	                 0);
	/* Written again it is the same file. */
	assert_int_equal(cosign_write_secret(&secret, &text, &err), 0);
	assert_string_equal(buf_text(&text), COSIGN_FILE);
	buf_cut(&text, 0);

	assert_int_equal(cosign_unlock(&secret, "pw", 2, &signer, &err), 0);
	assert_int_equal(cosign_write_public(signer, &text, &err), 0);
	assert_string_equal(buf_text(&text), COSIGN_PEM);
	assert_int_equal(cosign_signer_public(signer)->type, PUBLIC_KEY_P256);
}

/* Encrypt any bytes, as cosign would a key. */
static void seal(const uint8_t *clear, size_t len, struct cosign_secret *out)
{
	static uint8_t key[crypto_secretbox_KEYBYTES];
	static bool is_derived; /* once: scrypt takes its time */

	*out = (struct cosign_secret){ .cost = COSIGN_COST_OLD };
	if (!is_derived)
		assert_int_equal(crypto_pwhash_scryptsalsa208sha256_ll(
					 (const uint8_t *)"", 0, out->salt,
					 sizeof out->salt, out->cost, 8, 1, key,
					 sizeof key),
		                 0);
	is_derived = true;
	assert_int_equal(
		crypto_secretbox_easy(out->sealed, clear, len, out->nonce, key),
		0);
	out->sealed_len = COSIGN_TAG_LEN + len;
}

static size_t pkcs8(EVP_PKEY *key, uint8_t out[COSIGN_CLEAR_MAX])
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	unsigned char *at = out;
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);

	assert_in_range(len, 1, COSIGN_CLEAR_MAX);
	len = i2d_PKCS8_PRIV_KEY_INFO(info, &at);
	PKCS8_PRIV_KEY_INFO_free(info);
	return (size_t)len;
}

/* Open what is encrypted with the empty password. */
static int open_sealed(const uint8_t *clear, size_t len,
                       struct cosign_signer **out, struct err *err)
{
	struct cosign_secret secret;

	seal(clear, len, &secret);
	return cosign_unlock(&secret, "", 0, out, err);
}

static EVP_PKEY *generate(const char *kind, const char *detail)
{
	if (strcmp(kind, "EC") == 0)
		return EVP_EC_gen(detail);
	if (strcmp(kind, "RSA") == 0)
		return EVP_RSA_gen(strcmp(detail, "1024") == 0 ? 1024U : 2048U);
	return EVP_PKEY_Q_keygen(NULL, NULL, kind);
}

struct kind_case {
	const char *kind, *detail;
	int want;
	enum public_key_type type;
};

static const struct kind_case kinds[] = {
	{ "EC", "P-256", 0, PUBLIC_KEY_P256 },
	{ "EC", "P-384", 0, PUBLIC_KEY_P384 },
	{ "EC", "P-521", 0, PUBLIC_KEY_P521 },
	{ "ED25519", "", 0, PUBLIC_KEY_ED25519 },
	{ "RSA", "2048", 0, PUBLIC_KEY_RSA },
	{ "RSA", "1024", -1, PUBLIC_KEY_RSA },
	{ "EC", "secp256k1", -1, PUBLIC_KEY_P256 },
	{ "X25519", "", -1, PUBLIC_KEY_ED25519 },
};

static void check_signing(const struct kind_case *c,
                          const struct cosign_signer *signer)
{
	const struct public_key *key = cosign_signer_public(signer);
	struct cosign_signature signature = { .len = 0 };
	struct err err;

	if (cosign_sign(signer, message, &signature, &err) < 0)
		fail_msg("%s %s: %s", c->kind, c->detail, err.text);
	assert_int_equal(public_key_verify(key, message,
	                                   (struct bytes){ signature.data,
	                                                   signature.len },
	                                   &err),
	                 0);
	assert_int_equal(
		public_key_verify(
			key, (struct bytes){ message.data, 4 },
			(struct bytes){ signature.data, signature.len }, &err),
		-1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
	signature.data[signature.len - 1] ^= 1;
	assert_int_equal(public_key_verify(key, message,
	                                   (struct bytes){ signature.data,
	                                                   signature.len },
	                                   &err),
	                 -1);
}

static void each_kind_of_key_signs_or_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const struct kind_case *c = &kinds[i];
		AUTO_PKEY EVP_PKEY *key = generate(c->kind, c->detail);
		AUTO_COSIGN_SIGNER struct cosign_signer *signer = NULL;
		uint8_t clear[COSIGN_CLEAR_MAX];
		size_t len = pkcs8(key, clear);
		struct err err = { .code = ERR_NONE };
		int got = open_sealed(clear, len, &signer, &err);

		if (got != c->want)
			fail_msg("%s %s: got %d (%s)", c->kind, c->detail, got,
			         err.text);
		if (got < 0) {
			assert_null(signer);
			continue;
		}
		assert_int_equal(cosign_signer_public(signer)->type, c->type);
		check_signing(c, signer);
	}
}

/* What cosign refuses, and d2i_AutoPrivateKey() would take. */
static void only_pkcs8_to_its_end_is_a_key(void **state)
{
	AUTO_PKEY EVP_PKEY *key = EVP_EC_gen("P-256");
	AUTO_COSIGN_SIGNER struct cosign_signer *signer = NULL;
	uint8_t clear[COSIGN_CLEAR_MAX] = { 0 };
	unsigned char *at = clear;
	int sec1 = i2d_PrivateKey(key, &at);
	struct err err;
	size_t len;

	(void)state;
	assert_int_equal(open_sealed(clear, (size_t)sec1, &signer, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	len = pkcs8(key, clear);
	clear[len] = 0;
	assert_int_equal(open_sealed(clear, len + 1, &signer, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(open_sealed(clear, len - 1, &signer, &err), -1);
	assert_int_equal(open_sealed(clear, 1, &signer, &err), -1);
	assert_null(signer);
	assert_int_equal(open_sealed(clear, len, &signer, &err), 0);
}

/* The private half of @one with the public half of @other. */
static size_t mismatched(EVP_PKEY *one, EVP_PKEY *other,
                         uint8_t out[COSIGN_CLEAR_MAX])
{
	uint8_t mine[COSIGN_CLEAR_MAX];
	uint8_t theirs[COSIGN_CLEAR_MAX];
	size_t len = pkcs8(one, mine);

	/* The last 64 bytes of P-256 in PKCS#8 are the point. */
	assert_int_equal(pkcs8(other, theirs), len);
	memcpy(out, mine, len);
	memcpy(out + len - 64, theirs + len - 64, 64);
	return len;
}

static void halves_that_differ_are_refused(void **state)
{
	AUTO_PKEY EVP_PKEY *one = EVP_EC_gen("P-256");
	AUTO_PKEY EVP_PKEY *other = EVP_EC_gen("P-256");
	AUTO_COSIGN_SIGNER struct cosign_signer *signer = NULL;
	uint8_t clear[COSIGN_CLEAR_MAX];
	size_t len = mismatched(one, other, clear);
	struct err err;

	(void)state;
	assert_int_equal(open_sealed(clear, len, &signer, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_null(signer);
}

static void a_new_key_opens_with_its_password_only(void **state)
{
	AUTO_COSIGN_SIGNER struct cosign_signer *signer = NULL;
	AUTO_COSIGN_SIGNER struct cosign_signer *again = NULL;
	struct cosign_secret secret;
	struct err err;

	(void)state;
	assert_int_equal(cosign_generate(&signer, &err), 0);
	assert_int_equal(cosign_lock(signer, "secret", 6, COSIGN_COST_OLD,
	                             &secret, &err),
	                 0);
	assert_int_equal(cosign_unlock(&secret, "Secret", 6, &again, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(cosign_unlock(&secret, "", 0, &again, &err), -1);
	assert_int_equal(cosign_unlock(&secret, "secret", 6, &again, &err), 0);
	assert_true(public_key_equal(cosign_signer_public(signer),
	                             cosign_signer_public(again)));
}

static void a_bit_changed_anywhere_is_noticed(void **state)
{
	AUTO_COSIGN_SIGNER struct cosign_signer *signer = NULL;
	struct cosign_secret secret;
	struct err err;

	(void)state;
	assert_int_equal(cosign_generate(&signer, &err), 0);
	assert_int_equal(
		cosign_lock(signer, "", 0, COSIGN_COST_OLD, &secret, &err), 0);
	cosign_signer_free(&signer);
	for (size_t i = 0; i < 4; i++) {
		struct cosign_secret changed = secret;

		if (i == 0)
			changed.salt[3] ^= 1;
		else if (i == 1)
			changed.nonce[3] ^= 1;
		else if (i == 2)
			changed.sealed[0] ^= 1;
		else
			changed.sealed[changed.sealed_len - 1] ^= 0x80;
		assert_int_equal(cosign_unlock(&changed, "", 0, &signer, &err),
		                 -1);
		assert_int_equal(err.code, ERR_USAGE);
		assert_null(signer);
	}
}

static int start(void **state)
{
	struct err err;

	(void)state;
	return crypto_init(&err) < 0 || json_read_init(&err) < 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_only_what_cosign_writes),
		cmocka_unit_test(sizes_have_a_limit),
		cmocka_unit_test(reads_one_block_of_two_types),
		cmocka_unit_test(the_last_line_feed_may_be_missing),
		cmocka_unit_test(other_texts_are_refused),
		cmocka_unit_test(a_key_of_cosign_opens),
		cmocka_unit_test(each_kind_of_key_signs_or_is_refused),
		cmocka_unit_test(only_pkcs8_to_its_end_is_a_key),
		cmocka_unit_test(halves_that_differ_are_refused),
		cmocka_unit_test(a_new_key_opens_with_its_password_only),
		cmocka_unit_test(a_bit_changed_anywhere_is_noticed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start, NULL);
}
