/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and signatures below were made by minisign 0.11. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codec/minisign.h"
#include "crypto/init.h"
#include "crypto/minisign.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define PUB_LINE "RWTewkxRFB77gVwUgJQSD1wuC+7ECrCe7oqgNfrlsBpB4FJs74Bmoask"
#define PUB                                                                    \
	"untrusted comment: minisign public key 81FB1E14514CC2DE\n" PUB_LINE   \
	"\n"
#define PLAIN                                                                  \
	"untrusted comment: minisign encrypted secret key\n"                   \
	"RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAA3sJMURQe+4FMusuJIxubBMyHE7cvnt3raCY+Q/9JmIeCs7bu0/zpfVwUgJQSD1wu" \
	"C+7ECrCe7oqgNfrlsBpB4FJs74BmoaskAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAA=\n"
/* Password "pw pw"; a test that opens it would need 1 GiB and seconds. */
#define LOCKED                                                                 \
	"untrusted comment: minisign encrypted secret key\n"                   \
	"RWRTY0Iyxicu9X39HENs4Jemmwdt2bqZmGJlC4wo+TEvChtLaUwAAAACAAAAAAAAAEAA" \
	"AAAA62BODhsBvhMO4LGpzFHGQTVnaixM40ITLwz9LhZqwkdm3JtY4hrBUGaEn9SHhBTy" \
	"68GHLis32ZY/xGQBYguVu0OWJ0e0P5r3jU1EKQHG3qFrwRv5Bm0hNFIY4+xOUiqZMnzg" \
	"dskIOdk=\n"
#define SIG_1 "untrusted comment: signature from minisign secret key\n"
#define SIG_2                                                                  \
	"RUTewkxRFB77geurfQfqFKmyZ44lwphDY92G2AV6F2ZuS9wa+Cx4bQCjB6ZKQvpQ6MyI" \
	"EgLz8hC/EYL0X7vVJgtVKl0aHmtaQAA=\n"
#define SIG_3 "trusted comment: app 1.0 sequence 7\n"
#define SIG_4                                                                  \
	"4FbmbcATvHPEJeSLBZfSq/TqRPAA9WD5Wq/Us3rQSqx9PiBN+bzv5o5VEIXwMU8TooZ8" \
	"DmE3Ob70YQ8q8AyIBg==\n"
#define SIG SIG_1 SIG_2 SIG_3 SIG_4
#define LEGACY                                                                 \
	SIG_1                                                                  \
	"RWTewkxRFB77gVdUZx73Tbiqnh2j3M84HkpDdCu/Nn4yqVjcVH/JNkHXgjg4NpMO8OQH" \
	"dEekbbrCh+L/tRXRH3Xp1cnFCBLIXAY=\n"                                   \
	"trusted comment: timestamp:1795236417\tfile:h\n"                      \
	"KF8IoRXliarYulbkfWIoz8LWOW4q/8uz7t4gvZy3SJvDCkNlyTI/3xGrCnq3dltLCWrG" \
	"BC0sqo8fUI3/OMx/AQ==\n"

struct text_case {
	const char *name, *text;
	int want;
	enum err_code code;
};

static const struct text_case public_cases[] = {
	{ "a key file", PUB, 0, ERR_NONE },
	{ "its second line alone", PUB_LINE "\n", 0, ERR_NONE },
	{ "a pasted line", PUB_LINE, 0, ERR_NONE },
	{ "nothing", "", -1, ERR_FORMAT },
	{ "a comment alone", "untrusted comment: x\n", -1, ERR_FORMAT },
	{ "another first line", "comment: x\n" PUB_LINE "\n", -1, ERR_FORMAT },
	{ "a third line", PUB "\n", -1, ERR_FORMAT },
	{ "CR LF", "untrusted comment: x\r\n" PUB_LINE "\r\n", -1, ERR_FORMAT },
	{ "a blank behind", PUB_LINE " \n", -1, ERR_FORMAT },
	{ "algorithm EE",
	  "RUXewkxRFB77gVwUgJQSD1wuC+7ECrCe7oqgNfrlsBpB4FJs74Bmoask\n", -1,
	  ERR_FORMAT },
	{ "a byte too few",
	  "RWTewkxRFB77gVwUgJQSD1wuC+7ECrCe7oqgNfrlsBpB4FJs74Bmoas=\n", -1,
	  ERR_FORMAT },
	{ "a byte too many",
	  "RWTewkxRFB77gVwUgJQSD1wuC+7ECrCe7oqgNfrlsBpB4FJs74BmoaskAA==\n", -1,
	  ERR_FORMAT },
	{ "url-safe base64",
	  "RWTewkxRFB77gVwUgJQSD1wuC-7ECrCe7oqgNfrlsBpB4FJs74Bmoask\n", -1,
	  ERR_FORMAT },
	{ "an escape in the comment",
	  "untrusted comment: \033[2J\n" PUB_LINE "\n", -1, ERR_FORMAT },
};

static void reads_public_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(public_cases); i++) {
		const struct text_case *c = &public_cases[i];
		struct minisign_public key = { .id = 77 };
		struct err err = { 0 };
		int got = minisign_parse_public(c->text, strlen(c->text), &key,
		                                &err);

		if (got != c->want || err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (key.id != (got == 0 ? 0x81FB1E14514CC2DEU : 77U))
			fail_msg("%s: id %llx", c->name,
			         (unsigned long long)key.id);
	}
}

static const struct text_case signature_cases[] = {
	{ "by minisign", SIG, 0, ERR_NONE },
	{ "tabs in the comment",
	  SIG_1 SIG_2 "trusted comment: timestamp:1\tfile:h\n" SIG_4, 0,
	  ERR_NONE },
	{ "an empty comment", SIG_1 SIG_2 "trusted comment: \n" SIG_4, 0,
	  ERR_NONE },
	{ "legacy Ed", LEGACY, -1, ERR_FORMAT },
	{ "nothing", "", -1, ERR_FORMAT },
	{ "three lines", SIG_1 SIG_2 SIG_3, -1, ERR_FORMAT },
	{ "five lines", SIG "\n", -1, ERR_FORMAT },
	{ "comments exchanged",
	  "trusted comment: x\n" SIG_2 "untrusted comment: x\n" SIG_4, -1,
	  ERR_FORMAT },
	{ "signatures exchanged", SIG_1 SIG_4 SIG_3 SIG_2, -1, ERR_FORMAT },
	{ "no padding",
	  SIG_1 SIG_2 SIG_3
	  "4FbmbcATvHPEJeSLBZfSq/TqRPAA9WD5Wq/Us3rQSqx9PiBN+bzv5o5VEIXwMU8Too"
	  "Z8DmE3Ob70YQ8q8AyIBg\n",
	  -1, ERR_FORMAT },
	{ "bits behind the last byte",
	  SIG_1 SIG_2 SIG_3
	  "4FbmbcATvHPEJeSLBZfSq/TqRPAA9WD5Wq/Us3rQSqx9PiBN+bzv5o5VEIXwMU8Too"
	  "Z8DmE3Ob70YQ8q8AyIBh==\n",
	  -1, ERR_FORMAT },
	{ "invalid UTF-8", SIG_1 SIG_2 "trusted comment: \xff\n" SIG_4, -1,
	  ERR_FORMAT },
};

static void reads_signatures(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(signature_cases); i++) {
		const struct text_case *c = &signature_cases[i];
		struct minisign_signature sig = { .comment = "untouched" };
		struct err err = { 0 };
		int got = minisign_parse_signature(c->text, strlen(c->text),
		                                   &sig, &err);

		if (got != c->want || err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (got < 0 && strcmp(sig.comment, "untouched") != 0)
			fail_msg("%s: output touched", c->name);
	}
}

/* A signature file of @size bytes, filled up in the untrusted comment. */
static size_t pad_signature(size_t size, char *out)
{
	size_t rest = strlen("\n" SIG_2 SIG_3 SIG_4);
	int n = snprintf(out, 2048, "untrusted comment: %0*d\n%s",
	                 (int)(size - 19 - rest), 0, SIG_2 SIG_3 SIG_4);

	return (size_t)n;
}

static void a_file_of_1024_bytes_is_read_and_of_1025_is_not(void **state)
{
	struct minisign_signature sig;
	struct err err = { 0 };
	char text[2048];

	(void)state;
	assert_int_equal(pad_signature(MINISIGN_FILE_MAX, text), 1024);
	assert_int_equal(minisign_parse_signature(text, 1024, &sig, &err), 0);
	assert_int_equal(pad_signature(MINISIGN_FILE_MAX + 1, text), 1025);
	assert_int_equal(minisign_parse_signature(text, 1025, &sig, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void a_trusted_comment_has_at_most_511_bytes(void **state)
{
	struct minisign_signature sig;
	struct err err = { 0 };
	char text[2048];

	(void)state;
	for (int extra = 0; extra < 2; extra++) {
		int n = snprintf(text, sizeof text,
		                 "%s%strusted comment: %0*d\n%s", SIG_1, SIG_2,
		                 MINISIGN_COMMENT_MAX - 1 + extra, 0, SIG_4);
		int got = minisign_parse_signature(text, (size_t)n, &sig, &err);

		assert_int_equal(got, extra == 0 ? 0 : -1);
	}
	assert_int_equal(err.code, ERR_LIMIT);
}

static void writes_what_minisign_wrote(void **state)
{
	AUTO_BUF struct buf out = BUF_LIMIT(4096);
	struct minisign_public key;
	struct minisign_signature sig;
	struct minisign_secret secret;
	struct err err;

	(void)state;
	assert_int_equal(minisign_parse_public(PUB, strlen(PUB), &key, &err),
	                 0);
	assert_int_equal(minisign_write_public(&key, &out, &err), 0);
	assert_string_equal(buf_text(&out), PUB);
	out.len = 0;
	assert_int_equal(minisign_parse_signature(SIG, strlen(SIG), &sig, &err),
	                 0);
	assert_int_equal(
		minisign_write_signature(
			&sig, "signature from minisign secret key", &out, &err),
		0);
	assert_string_equal(buf_text(&out), SIG);
	out.len = 0;
	assert_int_equal(
		minisign_parse_secret(PLAIN, strlen(PLAIN), &secret, &err), 0);
	assert_false(secret.is_encrypted);
	assert_int_equal(minisign_write_secret(&secret, &out, &err), 0);
	assert_string_equal(buf_text(&out), PLAIN);
	out.len = 0;
	assert_int_equal(
		minisign_parse_secret(LOCKED, strlen(LOCKED), &secret, &err),
		0);
	assert_true(secret.is_encrypted);
	assert_int_equal(secret.opslimit, 33554432);
	assert_int_equal(secret.memlimit, 1073741824);
	assert_int_equal(minisign_write_secret(&secret, &out, &err), 0);
	assert_string_equal(buf_text(&out), LOCKED);
}

static void unwritable_comments_are_refused(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	char comment[MINISIGN_UNTRUSTED_MAX + 2];
	struct minisign_signature sig = { .comment = "fine" };
	struct err err = { 0 };

	(void)state;
	memset(comment, 'x', sizeof comment);
	comment[MINISIGN_UNTRUSTED_MAX] = '\0';
	assert_int_equal(minisign_write_signature(&sig, comment, &out, &err),
	                 0);
	comment[MINISIGN_UNTRUSTED_MAX] = 'x';
	comment[MINISIGN_UNTRUSTED_MAX + 1] = '\0';
	assert_int_equal(minisign_write_signature(&sig, comment, &out, &err),
	                 -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(minisign_write_signature(&sig, "a\nb", &out, &err),
	                 -1);
	assert_int_equal(err.code, ERR_USAGE);
}

static void load(struct minisign_public *key, struct minisign_signature *sig)
{
	struct err err;

	assert_int_equal(minisign_parse_public(PUB, strlen(PUB), key, &err), 0);
	assert_int_equal(minisign_parse_signature(SIG, strlen(SIG), sig, &err),
	                 0);
}

static void a_signature_by_minisign_is_good(void **state)
{
	struct minisign_public key;
	struct minisign_signature sig;
	struct err err;

	(void)state;
	load(&key, &sig);
	assert_int_equal(minisign_verify(&key, &sig, "hello", 5, &err), 0);
}

static void check_refused(const char *name, const struct minisign_public *key,
                          const struct minisign_signature *sig,
                          const char *data)
{
	struct err err = { 0 };

	if (minisign_verify(key, sig, data, strlen(data), &err) == 0)
		fail_msg("%s: accepted", name);
	if (err.code != ERR_UNTRUSTED)
		fail_msg("%s: code %d", name, (int)err.code);
}

static void every_changed_byte_is_refused(void **state)
{
	struct minisign_public key;
	struct minisign_signature sig;

	(void)state;
	load(&key, &sig);
	check_refused("changed data", &key, &sig, "hellp");
	check_refused("longer data", &key, &sig, "hello ");
	check_refused("no data", &key, &sig, "");
	for (size_t i = 0; i < MINISIGN_SIG_LEN; i++) {
		sig.signature[i] ^= 1;
		check_refused("changed signature", &key, &sig, "hello");
		sig.signature[i] ^= 1;
		sig.global[i] ^= 1;
		check_refused("changed second signature", &key, &sig, "hello");
		sig.global[i] ^= 1;
	}
	sig.comment[0] = 'b';
	check_refused("changed comment", &key, &sig, "hello");
	load(&key, &sig);
	sig.id ^= 1;
	check_refused("another key id", &key, &sig, "hello");
	key.id ^= 1;
	assert_int_equal(
		minisign_verify(&key, &sig, "hello", 5, &(struct err){ 0 }),
		0); /* the id is only a name */
	key.key[0] ^= 1;
	check_refused("another key", &key, &sig, "hello");
}

static void a_plain_key_of_minisign_signs_the_same_bytes(void **state)
{
	AUTO_MINISIGN_SIGNER struct minisign_signer *signer = NULL;
	AUTO_BUF struct buf out = BUF_NONE;
	struct minisign_secret secret;
	struct minisign_signature sig;
	struct err err;

	(void)state;
	assert_int_equal(
		minisign_parse_secret(PLAIN, strlen(PLAIN), &secret, &err), 0);
	assert_int_equal(minisign_unlock(&secret, NULL, 0, &signer, &err), 0);
	assert_int_equal(minisign_sign(signer, "hello", 5, "app 1.0 sequence 7",
	                               &sig, &err),
	                 0);
	assert_int_equal(
		minisign_write_signature(
			&sig, "signature from minisign secret key", &out, &err),
		0);
	assert_string_equal(buf_text(&out), SIG); /* Ed25519 is deterministic */
}

static void a_new_key_signs_and_comes_back_from_its_file(void **state)
{
	AUTO_MINISIGN_SIGNER struct minisign_signer *made = NULL;
	AUTO_MINISIGN_SIGNER struct minisign_signer *plain = NULL;
	AUTO_MINISIGN_SIGNER struct minisign_signer *unlocked = NULL;
	struct minisign_secret stored;
	struct minisign_signature sig;
	struct err err;

	(void)state;
	assert_int_equal(minisign_generate(&made, &err), 0);
	minisign_store_plain(made, &stored);
	assert_int_equal(minisign_unlock(&stored, NULL, 0, &plain, &err), 0);
	assert_int_equal(minisign_sign(plain, "x", 1, "c", &sig, &err), 0);
	assert_int_equal(minisign_verify(minisign_signer_public(made), &sig,
	                                 "x", 1, &err),
	                 0);
	/* Locking what came from a plain file needs its own checksum. */
	assert_int_equal(minisign_lock(plain, "word", 4, MINISIGN_COST_LEAST,
	                               &stored, &err),
	                 0);
	assert_int_equal(minisign_unlock(&stored, "word", 4, &unlocked, &err),
	                 0);
	assert_memory_equal(minisign_signer_public(unlocked)->key,
	                    minisign_signer_public(made)->key,
	                    MINISIGN_KEY_LEN);
	assert_true(minisign_signer_public(unlocked)->id ==
	            minisign_signer_public(made)->id);
}

static void bad_secret_keys_are_refused(void **state)
{
	AUTO_MINISIGN_SIGNER struct minisign_signer *made = NULL;
	struct minisign_signer *none = NULL;
	struct minisign_secret stored, changed;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(minisign_generate(&made, &err), 0);
	assert_int_equal(
		minisign_lock(made, "", 0, MINISIGN_COST_LEAST, &stored, &err),
		-1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(minisign_lock(made, "word", 4, MINISIGN_COST_LEAST,
	                               &stored, &err),
	                 0);
	assert_int_equal(minisign_unlock(&stored, "Word", 4, &none, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	changed = stored;
	changed.memlimit = 1073741825;
	assert_int_equal(minisign_unlock(&changed, "word", 4, &none, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	changed = stored;
	changed.opslimit = 33554433;
	assert_int_equal(minisign_unlock(&changed, "word", 4, &none, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	minisign_store_plain(made, &changed);
	changed.key[MINISIGN_SEED_LEN - 1] ^= 1;
	assert_int_equal(minisign_unlock(&changed, NULL, 0, &none, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_null(none);
}

static const struct text_case secret_cases[] = {
	{ "nothing", "", -1, ERR_FORMAT },
	{ "a public key", PUB, -1, ERR_FORMAT },
	{ "no last line feed",
	  "untrusted comment: minisign encrypted secret key\nRWQ", -1,
	  ERR_FORMAT },
	{ "a third line", PLAIN "x\n", -1, ERR_FORMAT },
};

static void other_texts_are_no_secret_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(secret_cases); i++) {
		const struct text_case *c = &secret_cases[i];
		struct minisign_secret secret = { .opslimit = 77 };
		struct err err = { 0 };
		int got = minisign_parse_secret(c->text, strlen(c->text),
		                                &secret, &err);

		if (got != c->want || err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (secret.opslimit != 77)
			fail_msg("%s: output touched", c->name);
	}
}

static void unsignable_comments_are_refused(void **state)
{
	AUTO_MINISIGN_SIGNER struct minisign_signer *signer = NULL;
	struct minisign_signature sig = { .id = 77 };
	char comment[MINISIGN_COMMENT_MAX + 1];
	struct err err = { 0 };

	(void)state;
	memset(comment, 'x', sizeof comment);
	comment[MINISIGN_COMMENT_MAX] = '\0';
	assert_int_equal(minisign_generate(&signer, &err), 0);
	assert_int_equal(minisign_sign(signer, "x", 1, comment, &sig, &err),
	                 -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(minisign_sign(signer, "x", 1, "a\nb", &sig, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(sig.id, 77);
	comment[MINISIGN_COMMENT_MAX - 1] = '\0';
	assert_int_equal(minisign_sign(signer, "x", 1, comment, &sig, &err), 0);
}

static void an_envelope_is_signed_apart_from_files(void **state)
{
	static const struct bytes pae = { (const uint8_t *)"DSSEv1 1 t 2 {}",
		                          15 };
	static const struct bytes other = { (const uint8_t *)"DSSEv1 1 t 2 []",
		                            15 };
	static const struct bytes file = { (const uint8_t *)"x", 1 };
	AUTO_MINISIGN_SIGNER struct minisign_signer *signer = NULL;
	const struct minisign_public *public;
	struct minisign_signature sig;
	uint8_t made[MINISIGN_SIG_LEN] = { 7 };
	struct err err;

	(void)state;
	assert_int_equal(minisign_generate(&signer, &err), 0);
	public = minisign_signer_public(signer);
	assert_int_equal(minisign_sign_envelope(signer, file, made, &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
	assert_int_equal(made[0], 7);
	assert_int_equal(minisign_sign_envelope(signer, pae, made, &err), 0);
	assert_int_equal(
		minisign_verify_envelope(
			public, pae, (struct bytes){ made, sizeof made }, &err),
		0);
	assert_int_equal(minisign_verify_envelope(
				 public, other,
				 (struct bytes){ made, sizeof made }, &err),
	                 -1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
	assert_int_equal(minisign_verify_envelope(
				 public, pae,
				 (struct bytes){ made, sizeof made - 1 }, &err),
	                 -1);
	/* What signs a file is no signature of an envelope. */
	assert_int_equal(
		minisign_sign(signer, pae.data, pae.len, "c", &sig, &err), 0);
	assert_int_equal(
		minisign_verify_envelope(
			public, pae,
			(struct bytes){ sig.signature, sizeof sig.signature },
			&err),
		-1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_public_keys),
		cmocka_unit_test(reads_signatures),
		cmocka_unit_test(
			a_file_of_1024_bytes_is_read_and_of_1025_is_not),
		cmocka_unit_test(a_trusted_comment_has_at_most_511_bytes),
		cmocka_unit_test(writes_what_minisign_wrote),
		cmocka_unit_test(unwritable_comments_are_refused),
		cmocka_unit_test(other_texts_are_no_secret_keys),
		cmocka_unit_test(a_signature_by_minisign_is_good),
		cmocka_unit_test(every_changed_byte_is_refused),
		cmocka_unit_test(a_plain_key_of_minisign_signs_the_same_bytes),
		cmocka_unit_test(a_new_key_signs_and_comes_back_from_its_file),
		cmocka_unit_test(bad_secret_keys_are_refused),
		cmocka_unit_test(unsignable_comments_are_refused),
		cmocka_unit_test(an_envelope_is_signed_apart_from_files),
	};
	struct err err;

	if (crypto_init(&err) < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
