/* SPDX-License-Identifier: Apache-2.0 */
/* Keys are made at the start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/init.h"
#include "crypto/note.h"
#include "make_key.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const uint8_t checkpoint[] =
	"log.example\n4\n1bBkHuDkGBDEUp8+Ni2ApRqvuJDKYj27+SAsTX1pb0I=\n";
static const struct bytes text = { checkpoint, sizeof checkpoint - 1 };
static const uint8_t name_bytes[] = "log.example";
static const struct bytes name = { name_bytes, sizeof name_bytes - 1 };
static const uint8_t other_bytes[] = "log.example2";
static const struct bytes other_name = { other_bytes, sizeof other_bytes - 1 };

static const char *const kinds[] = { "P-256", "P-384", "ED25519", "RSA" };

static EVP_PKEY *pairs[COUNT(kinds)];
static struct public_key keys[COUNT(kinds)];

static const EVP_MD *hash_for(size_t kind)
{
	return keys[kind].type == PUBLIC_KEY_ED25519 ? NULL : EVP_sha256();
}

/* The text of the specification, put together by hand. */
static void expected_id(size_t kind, uint8_t out[SHA256_LEN])
{
	uint8_t spki[PUBLIC_KEY_DER_MAX], whole[2 * PUBLIC_KEY_DER_MAX];
	static const char marks[][24] = { "\x01", "\xffPKIX-RSA-PKCS#1v1.5" };
	bool is_rsa = keys[kind].type == PUBLIC_KEY_RSA;
	size_t len, skip, at;
	struct err err;

	assert_int_equal(public_key_spki(&keys[kind], spki, &len, &err), 0);
	if (!is_rsa && keys[kind].type != PUBLIC_KEY_ED25519) {
		assert_int_equal(sha256_of(spki, len, out, &err), 0);
		return;
	}
	skip = is_rsa ? 0 : len - 32;
	at = (size_t)snprintf((char *)whole, sizeof whole, "log.example\n%s",
	                      marks[is_rsa]);
	memcpy(whole + at, spki + skip, len - skip);
	assert_int_equal(sha256_of(whole, at + len - skip, out, &err), 0);
}

static void makes_the_id_of_each_kind_of_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		uint8_t want[SHA256_LEN], id[NOTE_KEY_ID_LEN],
			other[NOTE_KEY_ID_LEN];
		bool has_name = i >= 2;
		struct err err;

		expected_id(i, want);
		assert_int_equal(note_key_id(&keys[i], name, id, &err), 0);
		assert_memory_equal(id, want, sizeof id);
		assert_int_equal(note_key_id(&keys[i], other_name, other, &err),
		                 0);
		if ((memcmp(id, other, sizeof id) != 0) != has_name)
			fail_msg("%s: the name %s", kinds[i],
			         has_name ? "does not count" : "counts");
	}
}

static void expect(const char *what, int got, int want, const struct err *err)
{
	if (got != want || (got < 0 && err->code != ERR_UNTRUSTED))
		fail_msg("%s: got %d, code %d: %s", what, got, (int)err->code,
		         err->text);
}

static void verifies_a_line_by_each_kind_of_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		uint8_t signature[SIGNATURE_SPACE];
		struct note_line line = { name, { 0 }, { signature, 0 } };
		struct bytes shorter = { text.data, text.len - 1 };
		struct err err = { 0 };

		assert_int_equal(note_key_id(&keys[i], name, line.key_id, &err),
		                 0);
		line.signature.len =
			make_signature(pairs[i], hash_for(i), text, signature);
		expect(kinds[i], note_verify(&line, text, &keys[i], &err), 0,
		       &err);
		expect("without the last LF",
		       note_verify(&line, shorter, &keys[i], &err), -1, &err);
		expect("another key",
		       note_verify(&line, text, &keys[(i + 1) % COUNT(kinds)],
		                   &err),
		       1, &err);
		signature[9] ^= 1;
		expect("a changed signature",
		       note_verify(&line, text, &keys[i], &err), -1, &err);
		signature[9] ^= 1;
		line.key_id[3] ^= 1;
		expect("a changed key id",
		       note_verify(&line, text, &keys[i], &err), 1, &err);
		line.key_id[3] ^= 1;
		line.name = other_name;
		expect("another name", note_verify(&line, text, &keys[i], &err),
		       i >= 2 ? 1 : 0, &err);
	}
}

static void limits_the_name(void **state)
{
	uint8_t large[NOTE_NAME_MAX + 1], id[NOTE_KEY_ID_LEN];
	struct bytes long_name = { large, NOTE_NAME_MAX };
	struct err err;

	(void)state;
	memset(large, 'a', sizeof large);
	assert_int_equal(note_key_id(&keys[0], long_name, id, &err), 0);
	long_name.len++;
	assert_int_equal(note_key_id(&keys[0], long_name, id, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static int make_keys(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		pairs[i] = make_key(kinds[i]);
		if (pairs[i] == NULL || make_public(pairs[i], &keys[i], &err))
			return -1;
	}
	return 0;
}

static int free_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		EVP_PKEY_free(pairs[i]);
		public_key_done(&keys[i]);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_the_id_of_each_kind_of_key),
		cmocka_unit_test(verifies_a_line_by_each_kind_of_key),
		cmocka_unit_test(limits_the_name),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (crypto_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
