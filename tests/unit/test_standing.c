/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/standing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define BOTH     "[policy]\nrequire = minisign, sigstore\n"
#define TWO      "[policy]\nthreshold = 2\n"
#define BUILT    "[policy]\nrequire = minisign, provenance\n"
#define KEYLESS  "[policy]\nrequire = sigstore\naccept_keyless_alone = yes\n"

/* @signers and @revoked, by name: m, n minisign keys, c a cosign key, i an
 * identity, j another name of its owner, k another owner; R the release. */
static const struct standing_case {
	const char *name, *text, *signers, *revoked;
	int want;
} cases[] = {
	{ "nothing revoked", "", "m", "", 0 },
	{ "a later rule takes nothing away", BOTH, "m", "", 0 },
	{ "the release", "", "m", "R", -1 },
	{ "the only key", "", "m", "m", -1 },
	{ "one of two keys", "", "mn", "m", 0 },
	{ "one of two keys where two are asked", TWO, "mn", "m", -1 },
	{ "the cosign key of two kinds", BOTH, "mc", "c", -1 },
	{ "the cosign key where none is asked", "", "mc", "c", 0 },
	{ "the minisign key of two kinds", BOTH, "mc", "m", -1 },
	{ "the cosign key, with an identity left", BOTH, "mci", "c", 0 },
	{ "the identity, with a cosign key left", BOTH, "mci", "i", 0 },
	{ "the identity under another name", KEYLESS, "ij", "i", -1 },
	{ "an identity, with another owner left", KEYLESS, "ik", "i", 0 },
	{ "whoever may have given the provenance", BUILT, "mci", "i", -1 },
	{ "provenance, and nothing revoked", BUILT, "mci", "", 0 },
	{ "the only identity", KEYLESS, "i", "i", -1 },
	{ "an identity beside a key that is not asked", KEYLESS, "mi", "i",
	  -1 },
	{ "a key beside an identity that is enough", KEYLESS, "ci", "c", 0 },
};

static struct signer signer_of(char letter)
{
	struct signer signer = { .name = { letter, '\0' } };

	switch (letter) {
	case 'c':
		signer.kind = SIGNER_COSIGN;
		signer.has_key = true;
		break;
	case 'i':
	case 'j':
	case 'k':
		signer.kind = SIGNER_IDENTITY;
		signer_set_subject(&signer, letter == 'k' ? "b" : "a");
		break;
	default:
		signer.id = (uint64_t)letter;
	}
	return signer;
}

static void add_revocation(char letter, struct revocations *out)
{
	const uint8_t zero[DIGEST_LEN] = { 0 };
	struct err err;
	int added;

	if (letter == 'R')
		added = revocations_add_release(out, zero, "lost", &err);
	else if (letter == 'c')
		added = revocations_add_cosign_key(out, zero, "lost", &err);
	else if (letter == 'i')
		added = revocations_add_identity(out, "i", "lost", &err);
	else
		added = revocations_add_key(out, (uint64_t)letter, "lost",
		                            &err);
	assert_int_equal(added, 0);
}

static void only_revocation_takes_a_release_away(void **state)
{
	static struct settings settings;
	static struct receipt receipt;
	static struct keyring keyring;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct standing_case *c = &cases[i];
		struct err err = { 0 };
		int got;

		memset(&receipt, 0, sizeof receipt);
		memset(&keyring, 0, sizeof keyring);
		memcpy(receipt.version, "1.0", 4);
		assert_int_equal(settings_parse(c->text, strlen(c->text),
		                                &settings, &err),
		                 0);
		for (const char *s = c->signers; *s != '\0'; s++)
			receipt.signers[receipt.signer_count++] = signer_of(*s);
		for (const char *r = c->revoked; *r != '\0'; r++)
			add_revocation(*r, &keyring.revocations);
		got = standing_check(&receipt, &keyring, &settings, &err);
		if (got != c->want)
			fail_msg("%s: got %d: %s", c->name, got, err.text);
		if (got < 0 && (err.code != ERR_UNTRUSTED ||
		                strstr(err.text, "revoked: lost") == NULL))
			fail_msg("%s: code %d: %s", c->name, (int)err.code,
			         err.text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_revocation_takes_a_release_away),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
