/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/advance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Digests are told apart by their first byte, keys by a small number. */
struct release {
	uint64_t sequence;
	const char *version;
	uint8_t digest;
	uint64_t signers[2];
};

static const struct advance_case {
	const char *name;
	struct release seen[3]; /* until version NULL */
	struct release next;
	uint64_t revoked_key;    /* 0: none */
	uint8_t revoked_release; /* 0: none */
	enum err_code code;
} cases[] = {
	{ .name = "the first", .next = { 1, "1.0.0", 1, { 1 } } },
	{ .name = "higher",
	  .seen = { { 1, "1.0.0", 1, { 1 } } },
	  .next = { 2, "1.0.1", 2, { 1 } } },
	{ .name = "the same again",
	  .seen = { { 2, "1.0.1", 2, { 1 } } },
	  .next = { 2, "1.0.1", 2, { 1 } } },
	{ .name = "lower",
	  .seen = { { 2, "1.0.1", 2, { 1 } } },
	  .next = { 1, "1.0.2", 1, { 1 } },
	  .code = ERR_UNTRUSTED },
	{ .name = "lower, and seen",
	  .seen = { { 1, "1.0.0", 1, { 1 } }, { 2, "1.0.1", 2, { 1 } } },
	  .next = { 1, "1.0.0", 1, { 1 } },
	  .code = ERR_UNTRUSTED },
	{ .name = "the same sequence, another release",
	  .seen = { { 2, "1.0.1", 2, { 1 } } },
	  .next = { 2, "1.0.2", 3, { 1 } },
	  .code = ERR_UNTRUSTED },
	{ .name = "one of two of the same sequence",
	  .seen = { { 2, "1.0.1", 2, { 1 } }, { 2, "1.0.2", 3, { 1 } } },
	  .next = { 2, "1.0.1", 2, { 1 } } },
	{ .name = "higher sequence, lower version",
	  .seen = { { 2, "1.0.10", 2, { 1 } } },
	  .next = { 3, "1.0.9", 3, { 1 } },
	  .code = ERR_UNTRUSTED },
	{ .name = "higher sequence, candidate of the same version",
	  .seen = { { 2, "v1.0.0", 2, { 1 } } },
	  .next = { 3, "1.0.0-rc.1", 3, { 1 } },
	  .code = ERR_UNTRUSTED },
	{ .name = "versions that have no order",
	  .seen = { { 2, "zulu", 2, { 1 } } },
	  .next = { 3, "alpha", 3, { 1 } } },
	{ .name = "lower, but the higher one is revoked",
	  .seen = { { 1, "1.0.0", 1, { 1 } }, { 9, "9.0.0", 9, { 1 } } },
	  .next = { 2, "1.0.1", 2, { 1 } },
	  .revoked_release = 9 },
	{ .name = "lower, but the higher one's key is revoked",
	  .seen = { { 1, "1.0.0", 1, { 1 } }, { 9, "9.0.0", 9, { 2 } } },
	  .next = { 2, "1.0.1", 2, { 1 } },
	  .revoked_key = 2 },
	{ .name = "lower, and only one of the higher one's keys is revoked",
	  .seen = { { 1, "1.0.0", 1, { 1 } }, { 9, "9.0.0", 9, { 2, 3 } } },
	  .next = { 2, "1.0.1", 2, { 1 } },
	  .revoked_key = 2,
	  .code = ERR_UNTRUSTED },
	{ .name = "lower than the highest that is not revoked",
	  .seen = { { 5, "1.0.0", 1, { 1 } }, { 9, "9.0.0", 9, { 2 } } },
	  .next = { 4, "1.0.1", 2, { 1 } },
	  .revoked_key = 2,
	  .code = ERR_UNTRUSTED },
};

static struct seen seen;
static struct keyring keyring;
static struct verification_result verified;

static void make_verified(const struct release *release)
{
	memset(&verified, 0, sizeof verified);
	(void)snprintf(verified.release.app, APP_SIZE, "web");
	(void)snprintf(verified.release.version, VERSION_SIZE, "%s",
	               release->version);
	verified.release.sequence = release->sequence;
	verified.release_sha256[0] = release->digest;
	for (size_t i = 0; i < 2 && release->signers[i] != 0; i++)
		verified.signers[verified.signer_count++].id =
			release->signers[i];
}

static void make_history(const struct advance_case *c)
{
	uint8_t digest[DIGEST_LEN] = { c->revoked_release };
	struct err err;

	memset(&seen, 0, sizeof seen);
	memset(&keyring, 0, sizeof keyring);
	for (size_t i = 0; i < 3 && c->seen[i].version != NULL; i++) {
		make_verified(&c->seen[i]);
		advance_note(&seen, &verified);
	}
	if (c->revoked_key != 0)
		assert_int_equal(revocations_add_key(&keyring.revocations,
		                                     c->revoked_key, "x", &err),
		                 0);
	if (c->revoked_release != 0)
		assert_int_equal(revocations_add_release(&keyring.revocations,
		                                         digest, "x", &err),
		                 0);
}

static void releases_only_go_forward(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct advance_case *c = &cases[i];
		struct err err = { 0 };
		int got;

		make_history(c);
		make_verified(&c->next);
		got = advance_check(&seen, &keyring, &verified,
		                    DOWNGRADE_REFUSED, &err);
		if (err.code != c->code || (got == 0) != (c->code == ERR_NONE))
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (got < 0 && strstr(err.text, "--allow-downgrade") == NULL)
			fail_msg("%s: says %s", c->name, err.text);
		if (advance_check(&seen, &keyring, &verified, DOWNGRADE_ALLOWED,
		                  &err) < 0)
			fail_msg("%s: refused though allowed", c->name);
	}
}

/* The list knows key 2 by its bytes; here they are revoked under the id 7. */
static void a_key_is_revoked_under_each_of_its_ids(void **state)
{
	static const struct release old = { 1, "1.0.0", 1, { 1 } };
	static const struct release high = { 9, "9.0.0", 9, { 2 } };
	struct err err;

	(void)state;
	memset(&seen, 0, sizeof seen);
	memset(&keyring, 0, sizeof keyring);
	make_verified(&old);
	advance_note(&seen, &verified);
	make_verified(&high);
	verified.signers[0].has_key = true;
	verified.signers[0].key[0] = 0xaa;
	advance_note(&seen, &verified);
	keyring.count = 1;
	keyring.keys[0].public.id = 7;
	keyring.keys[0].public.key[0] = 0xaa;
	assert_int_equal(advance_highest(&seen, &keyring)->sequence, 9);
	assert_int_equal(
		revocations_add_key(&keyring.revocations, 7, "x", &err), 0);
	assert_int_equal(advance_highest(&seen, &keyring)->sequence, 1);
	keyring.keys[0].public.key[0] = 0xbb;
	assert_int_equal(advance_highest(&seen, &keyring)->sequence, 9);
}

/* Signers of all kinds are noted, and each of them may be revoked. */
static void identities_and_cosign_keys_are_noted(void **state)
{
	static const struct release high = { 9, "9.0.0", 9, { 0 } };
	const uint8_t zero[DIGEST_LEN] = { 0 };
	struct err err;

	(void)state;
	memset(&seen, 0, sizeof seen);
	memset(&keyring, 0, sizeof keyring);
	make_verified(&high);
	verified.signers[0] =
		(struct signer){ .kind = SIGNER_COSIGN, .has_key = true };
	verified.signers[1] =
		(struct signer){ .kind = SIGNER_IDENTITY, .name = "ci" };
	verified.signer_count = 2;
	advance_note(&seen, &verified);
	assert_int_equal(revocations_add_cosign_key(&keyring.revocations, zero,
	                                            "x", &err),
	                 0);
	assert_non_null(advance_highest(&seen, &keyring));
	assert_int_equal(
		revocations_add_identity(&keyring.revocations, "ci", "x", &err),
		0);
	assert_null(advance_highest(&seen, &keyring));
}

static const struct {
	const char *minimum, *version;
	enum err_code code;
} minimums[] = {
	{ "", "anything", ERR_NONE },
	{ "1.2.0", "1.2.0", ERR_NONE },
	{ "1.2.0", "v1.10.0", ERR_NONE },
	{ "1.2.0", "1.1.9", ERR_UNTRUSTED },
	{ "1.2.0", "1.2.0-rc.1", ERR_UNTRUSTED },
	{ "1.2.0", "nightly", ERR_UNTRUSTED },
	{ "nightly", "1.2.0", ERR_USAGE },
};

static void the_minimum_version_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(minimums); i++) {
		struct release release = { .version = minimums[i].version };
		struct err err = { 0 };

		make_verified(&release);
		if ((advance_check_minimum(minimums[i].minimum,
		                           &verified.release, &err) == 0) !=
		            (minimums[i].code == ERR_NONE) ||
		    err.code != minimums[i].code)
			fail_msg("%s, minimum '%s': code %d",
			         minimums[i].version, minimums[i].minimum,
			         (int)err.code);
	}
}

static void a_release_of_the_day_after_tomorrow_is_ahead(void **state)
{
	struct release_ini release = { .created = 1000000 };

	(void)state;
	assert_false(advance_is_ahead(&release, 1000000 - 86400));
	assert_true(advance_is_ahead(&release, 1000000 - 86401));
	assert_false(advance_is_ahead(&release, 2000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases_only_go_forward),
		cmocka_unit_test(a_key_is_revoked_under_each_of_its_ids),
		cmocka_unit_test(identities_and_cosign_keys_are_noted),
		cmocka_unit_test(the_minimum_version_holds),
		cmocka_unit_test(a_release_of_the_day_after_tomorrow_is_ahead),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
