/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/init.h"
#include "crypto/minisign.h"
#include "crypto/sha256.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define D        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define RELEASE                                                                \
	"format = 1\n"                                                         \
	"\n[release]\n"                                                        \
	"app = web\n"                                                          \
	"version = 1.4.2\n"                                                    \
	"sequence = 100\n"                                                     \
	"created = 2026-01-02T03:04:05Z\n"                                     \
	"\n[payload]\n"                                                        \
	"entries = 3\n"                                                        \
	"bytes = 0\n"                                                          \
	"tar_size = 2560\n"                                                    \
	"tar_sha256 = " D "\n"                                                 \
	"encoder = libdeflate 1.14 level 6 cut 1\n"                            \
	"\n[parts]\n"                                                          \
	"payload.mtree = 10 " D "\n"                                           \
	"payload.index = 11 " D "\n"                                           \
	"payload.sha256 = 80 " D "\n"                                          \
	"payload.tar.gz = 10 " D "\n"
#define COMMENT "web 1.4.2 sequence 100"

/* The keys 'a' to 'd', made once. */
#define KEYS 4
static struct minisign_signer *signers[KEYS];

static struct minisign_signer *signer_of(char letter)
{
	return signers[letter - 'a'];
}

static uint64_t id_of(char letter)
{
	return minisign_signer_public(signer_of(letter))->id;
}

enum change {
	NO_CHANGE,
	BYTE_OF_RELEASE,  /* one byte of release.ini is another */
	BYTE_BEHIND,      /* release.ini is longer */
	FIRST_IS_LEGACY,  /* its algorithm is Ed */
	FIRST_IS_COMMENT, /* its trusted comment was changed, unsigned */
	FIRST_IS_OTHER,   /* it signs another trusted comment */
	FIRST_IS_LONG,    /* it has 1,025 bytes */
	FIRST_FITS        /* it has 1,024 bytes */
};

/* In @trusted a letter is a key under its own name, an upper-case letter the
 * same key under a second name; in @revoked a letter is a key, 'R' the
 * release; in @retired a letter is a name whose limit is @limit. */
struct judge_case {
	const char *name;
	const char *trusted, *signed_by;
	unsigned threshold;
	enum change change;
	const char *revoked, *retired;
	uint64_t limit;
	const char *app, *version;
	enum err_code code;
	const char *counted; /* the keys that count; or a part of the text */
};

static const struct judge_case cases[] = {
	{ .name = "one key",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .counted = "a" },
	{ .name = "one of several keys",
	  .trusted = "abc",
	  .signed_by = "b",
	  .threshold = 1,
	  .counted = "b" },
	{ .name = "named as it is",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .app = "web",
	  .version = "1.4.2",
	  .counted = "a" },
	{ .name = "2 of 3",
	  .trusted = "abc",
	  .signed_by = "ac",
	  .threshold = 2,
	  .counted = "ac" },
	{ .name = "all 3 where 2 suffice",
	  .trusted = "abc",
	  .signed_by = "abc",
	  .threshold = 2,
	  .counted = "abc" },
	{ .name = "a stranger besides",
	  .trusted = "ab",
	  .signed_by = "dab",
	  .threshold = 2,
	  .counted = "ab" },
	{ .name = "a threshold of 0 still needs one",
	  .trusted = "a",
	  .signed_by = "b",
	  .threshold = 0,
	  .code = ERR_UNTRUSTED,
	  .counted = "not in the trust folder" },
	{ .name = "1 of 2",
	  .trusted = "abc",
	  .signed_by = "b",
	  .threshold = 2,
	  .code = ERR_UNTRUSTED,
	  .counted = "only 1 of 2 required" },
	{ .name = "1 of 2 and a stranger",
	  .trusted = "abc",
	  .signed_by = "bd",
	  .threshold = 2,
	  .code = ERR_UNTRUSTED,
	  .counted = "only 1 of 2 required" },
	{ .name = "the same key twice",
	  .trusted = "ab",
	  .signed_by = "aa",
	  .threshold = 2,
	  .code = ERR_UNTRUSTED,
	  .counted = "counts only once" },
	{ .name = "the same key under two names",
	  .trusted = "aAb",
	  .signed_by = "aa",
	  .threshold = 2,
	  .code = ERR_UNTRUSTED,
	  .counted = "counts only once" },
	{ .name = "no key",
	  .trusted = "",
	  .signed_by = "a",
	  .threshold = 1,
	  .app = "web",
	  .code = ERR_UNTRUSTED,
	  .counted = "run: install-package setup --app web --key" },
	{ .name = "no signature",
	  .trusted = "a",
	  .signed_by = "",
	  .threshold = 1,
	  .code = ERR_UNTRUSTED,
	  .counted = "not signed" },
	{ .name = "a stranger's signature",
	  .trusted = "a",
	  .signed_by = "b",
	  .threshold = 1,
	  .code = ERR_UNTRUSTED,
	  .counted = "is not in the trust folder" },
	{ .name = "a changed byte",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .change = BYTE_OF_RELEASE,
	  .code = ERR_UNTRUSTED,
	  .counted = "was changed" },
	{ .name = "a byte more",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .change = BYTE_BEHIND,
	  .code = ERR_UNTRUSTED,
	  .counted = "was changed" },
	{ .name = "a legacy signature",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .change = FIRST_IS_LEGACY,
	  .code = ERR_UNTRUSTED,
	  .counted = "legacy signature" },
	{ .name = "a legacy signature and a good one",
	  .trusted = "ab",
	  .signed_by = "ab",
	  .threshold = 1,
	  .change = FIRST_IS_LEGACY,
	  .counted = "b" },
	{ .name = "a changed comment",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .change = FIRST_IS_COMMENT,
	  .code = ERR_UNTRUSTED,
	  .counted = "does not match" },
	{ .name = "a comment on something else",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .change = FIRST_IS_OTHER,
	  .code = ERR_UNTRUSTED,
	  .counted = "does not name this release" },
	{ .name = "a signature of 1,024 bytes",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .change = FIRST_FITS,
	  .counted = "a" },
	{ .name = "a signature of 1,025 bytes",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .change = FIRST_IS_LONG,
	  .code = ERR_UNTRUSTED,
	  .counted = "1025 bytes" },
	{ .name = "a revoked key",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .revoked = "a",
	  .code = ERR_UNTRUSTED,
	  .counted = "is revoked: laptop lost" },
	{ .name = "a revoked key under a second name and id",
	  .trusted = "aA",
	  .signed_by = "A",
	  .threshold = 1,
	  .revoked = "a",
	  .code = ERR_UNTRUSTED,
	  .counted = "is revoked: laptop lost" },
	{ .name = "a revoked key and a good one",
	  .trusted = "ab",
	  .signed_by = "ab",
	  .threshold = 1,
	  .revoked = "a",
	  .counted = "b" },
	{ .name = "2 of 3, one of them revoked",
	  .trusted = "abc",
	  .signed_by = "ab",
	  .threshold = 2,
	  .revoked = "a",
	  .code = ERR_UNTRUSTED,
	  .counted = "only 1 of 2 required" },
	{ .name = "a revoked release",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .revoked = "R",
	  .code = ERR_UNTRUSTED,
	  .counted = "release web 1.4.2 is revoked: laptop lost" },
	{ .name = "a key at its last sequence",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .retired = "a",
	  .limit = 100,
	  .counted = "a" },
	{ .name = "a retired key",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .retired = "a",
	  .limit = 99,
	  .code = ERR_UNTRUSTED,
	  .counted = "is retired" },
	{ .name = "a key retired under its second name",
	  .trusted = "aA",
	  .signed_by = "a",
	  .threshold = 1,
	  .retired = "A",
	  .limit = 99,
	  .code = ERR_UNTRUSTED,
	  .counted = "is retired" },
	{ .name = "a retired key and a good one",
	  .trusted = "ab",
	  .signed_by = "ab",
	  .threshold = 1,
	  .retired = "a",
	  .limit = 99,
	  .counted = "b" },
	{ .name = "a limit on a key that is not there",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .retired = "b",
	  .limit = 99,
	  .code = ERR_USAGE,
	  .counted = "[key b]" },
	{ .name = "another app",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .app = "db",
	  .code = ERR_UNTRUSTED,
	  .counted = "app 'web', not 'db'" },
	{ .name = "another version",
	  .trusted = "a",
	  .signed_by = "a",
	  .threshold = 1,
	  .app = "web",
	  .version = "v1.4.2",
	  .code = ERR_UNTRUSTED,
	  .counted = "version '1.4.2', not 'v1.4.2'" },
};

/* --- the world of a case --- */

struct world {
	char release[sizeof RELEASE + 1];
	char text[8][2048]; /* of the signatures */
	struct judge_signature signatures[8];
	struct keyring keyring;
	struct settings settings;
	struct judge_request request;
};

static char lower(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a')
	                                      : letter;
}

/* The second name comes with an id of its own. */
static struct minisign_public public_of(char letter)
{
	struct minisign_public key =
		*minisign_signer_public(signer_of(lower(letter)));

	if (letter != lower(letter))
		key.id ^= 1;
	return key;
}

static void trust(struct world *world, const char *letters)
{
	for (const char *c = letters; *c != '\0'; c++) {
		struct keyring_key *key =
			&world->keyring.keys[world->keyring.count++];

		key->name[0] = *c;
		key->public = public_of(*c);
	}
}

static size_t write_signature(const struct minisign_signature *signature,
                              enum change change, char out[2048])
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_BUF struct buf padded = BUF_NONE;
	size_t size = change == FIRST_FITS ? 1024 : 1025, fill;
	struct err err;

	assert_int_equal(minisign_write_signature(signature, "x", &text, &err),
	                 0);
	if (change == FIRST_IS_LEGACY) /* base64 of "ED" begins with RU */
		text.data[strlen("untrusted comment: x\nR")] = 'W';
	if (change != FIRST_FITS && change != FIRST_IS_LONG) {
		memcpy(out, text.data, text.len);
		return text.len;
	}
	fill = size - text.len;
	assert_int_equal(buf_printf(&padded, &err, "untrusted comment: %0*d%s",
	                            (int)fill, 0,
	                            text.data + strlen("untrusted comment: ")),
	                 0);
	assert_int_equal(padded.len, size);
	memcpy(out, padded.data, padded.len);
	return padded.len;
}

static void sign_one(struct world *world, char letter, enum change change)
{
	size_t at = world->request.signature_count++;
	struct minisign_signature signature;
	struct err err;

	assert_int_equal(minisign_sign(signer_of(lower(letter)), RELEASE,
	                               strlen(RELEASE),
	                               change == FIRST_IS_OTHER
	                                       ? "web 1.4.3 sequence 100"
	                                       : COMMENT,
	                               &signature, &err),
	                 0);
	if (change == FIRST_IS_COMMENT)
		signature.comment[0] = 'W';
	signature.id = public_of(letter).id;
	world->signatures[at] = (struct judge_signature){
		.data = world->text[at],
		.len = write_signature(&signature, change, world->text[at])
	};
}

static void add_revocations(struct world *world, const char *what)
{
	struct revocations *revocations = &world->keyring.revocations;
	uint8_t sha256[DIGEST_LEN];
	struct err err;

	for (const char *c = what; *c != '\0'; c++) {
		if (*c != 'R') {
			assert_int_equal(
				revocations_add_key(revocations, id_of(*c),
			                            "laptop lost", &err),
				0);
			continue;
		}
		assert_int_equal(
			sha256_of(RELEASE, strlen(RELEASE), sha256, &err), 0);
		assert_int_equal(revocations_add_release(revocations, sha256,
		                                         "laptop lost", &err),
		                 0);
	}
}

static void make_world(const struct judge_case *c, struct world *world)
{
	memset(world, 0, sizeof *world);
	memcpy(world->release, RELEASE, sizeof RELEASE);
	world->request = (struct judge_request){
		.release_ini = world->release,
		.release_ini_len = strlen(RELEASE),
		.signatures = world->signatures,
		.keyring = &world->keyring,
		.settings = &world->settings,
		.app = c->app,
		.version = c->version,
	};
	settings_defaults(&world->settings);
	world->settings.threshold = c->threshold;
	trust(world, c->trusted);
	for (size_t i = 0; c->signed_by[i] != '\0'; i++)
		sign_one(world, c->signed_by[i],
		         i == 0 ? c->change : NO_CHANGE);
	if (c->change == BYTE_OF_RELEASE)
		world->release[strlen("format = ")] = '2';
	if (c->change == BYTE_BEHIND)
		world->release[world->request.release_ini_len++] = '\n';
	if (c->revoked != NULL)
		add_revocations(world, c->revoked);
	if (c->retired != NULL) {
		world->settings.keys[0].name[0] = c->retired[0];
		world->settings.keys[0].max_sequence = c->limit;
		world->settings.key_count = 1;
	}
}

/* --- the tests --- */

static void check_signers(const struct judge_case *c,
                          const struct verification_result *result)
{
	if (result->signer_count != strlen(c->counted))
		fail_msg("%s: %zu signers", c->name, result->signer_count);
	for (size_t i = 0; i < result->signer_count; i++) {
		const struct signer *signer = &result->signers[i];

		if (strchr(c->counted, signer->name[0]) == NULL)
			fail_msg("%s: %s counts", c->name, signer->name);
		if (signer->id != id_of(signer->name[0]))
			fail_msg("%s: another id", c->name);
		if (i > 0 && signer[-1].id >= signer->id)
			fail_msg("%s: ids do not ascend", c->name);
	}
}

static void judges_releases(void **state)
{
	static struct world world;
	static struct verification_result result;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct judge_case *c = &cases[i];
		struct err err = { 0 };
		char text[2 * ERR_TEXT_MAX];
		int got;

		make_world(c, &world);
		memset(&result, 0, sizeof result);
		result.signer_count = 77;
		got = judge_release(&world.request, &result, &err);
		(void)err_format(&err, text, sizeof text);
		if (err.code != c->code || (got == 0) != (c->code == ERR_NONE))
			fail_msg("%s: got %d, code %d: %s", c->name, got,
			         (int)err.code, text);
		if (got == 0) {
			check_signers(c, &result);
			continue;
		}
		if (strstr(text, c->counted) == NULL)
			fail_msg("%s: says %s", c->name, text);
		if (result.signer_count != 77)
			fail_msg("%s: output touched", c->name);
	}
}

static void the_result_holds_what_was_signed(void **state)
{
	static struct world world;
	static struct verification_result result;
	uint8_t sha256[SHA256_LEN];
	struct err err;

	(void)state;
	make_world(&cases[0], &world);
	assert_int_equal(judge_release(&world.request, &result, &err), 0);
	assert_string_equal(result.release.app, "web");
	assert_int_equal(result.release.sequence, 100);
	assert_int_equal(sha256_of(RELEASE, strlen(RELEASE), sha256, &err), 0);
	assert_memory_equal(result.release_sha256, sha256, sizeof sha256);
	assert_memory_equal(result.signers[0].key,
	                    minisign_signer_public(signer_of('a'))->key,
	                    MINISIGN_KEY_LEN);
}

static void what_a_trusted_key_signed_must_still_be_legal(void **state)
{
	static struct world world;
	static struct verification_result result;
	const char *text = "format = 2\n";
	struct minisign_signature signature;
	struct err err;

	(void)state;
	make_world(&cases[0], &world);
	assert_int_equal(minisign_sign(signer_of('a'), text, strlen(text),
	                               COMMENT, &signature, &err),
	                 0);
	world.signatures[0].len =
		write_signature(&signature, NO_CHANGE, world.text[0]);
	world.request.release_ini = text;
	world.request.release_ini_len = strlen(text);
	assert_int_equal(judge_release(&world.request, &result, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
}

static void at_most_33_signatures_are_judged(void **state)
{
	static struct world world;
	static struct verification_result result;
	static struct judge_explanation why;
	static struct judge_signature many[JUDGE_SIGNATURES_MAX + 1];
	struct err err;

	(void)state;
	make_world(&cases[0], &world);
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = world.signatures[0];
	world.request.signatures = many;
	world.request.signature_count = JUDGE_SIGNATURES_MAX;
	assert_int_equal(judge_release(&world.request, &result, &err), 0);
	world.request.signature_count++;
	assert_int_equal(judge_release(&world.request, &result, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(judge_explain(&world.request, &why, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static const struct {
	struct judge_case world;
	const enum judge_verdict_kind want[4];
} explained[] = {
	{ { .name = "stranger, good, repeated, good",
	    .trusted = "ab",
	    .signed_by = "daab",
	    .threshold = 1 },
	  { JUDGED_UNKNOWN, JUDGED_GOOD, JUDGED_REPEATED, JUDGED_GOOD } },
	{ { .name = "damaged, revoked, retired",
	    .trusted = "abc",
	    .signed_by = "abc",
	    .threshold = 1,
	    .change = FIRST_IS_LEGACY,
	    .revoked = "b",
	    .retired = "c",
	    .limit = 1 },
	  { JUDGED_DAMAGED, JUDGED_REVOKED, JUDGED_RETIRED } },
	{ { .name = "another comment, good",
	    .trusted = "ab",
	    .signed_by = "ab",
	    .threshold = 1,
	    .change = FIRST_IS_OTHER },
	  { JUDGED_COMMENT, JUDGED_GOOD } },
	{ { .name = "changed bytes",
	    .trusted = "ab",
	    .signed_by = "ab",
	    .threshold = 1,
	    .change = BYTE_OF_RELEASE },
	  { JUDGED_WRONG, JUDGED_WRONG } },
};

static void explains_each_signature(void **state)
{
	static struct world world;
	static struct judge_explanation why;

	(void)state;
	for (size_t i = 0; i < COUNT(explained); i++) {
		const struct judge_case *c = &explained[i].world;
		struct err err;

		make_world(c, &world);
		assert_int_equal(judge_explain(&world.request, &why, &err), 0);
		for (size_t k = 0; c->signed_by[k] != '\0'; k++)
			if (why.items[k].kind != explained[i].want[k])
				fail_msg("%s: %zu is %s", c->name, k,
				         judge_verdict_name(why.items[k].kind));
	}
}

static int make_keys(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		if (minisign_generate(&signers[i], &err) < 0)
			return -1;
	return 0;
}

static int free_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		minisign_signer_free(&signers[i]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_releases),
		cmocka_unit_test(the_result_holds_what_was_signed),
		cmocka_unit_test(what_a_trusted_key_signed_must_still_be_legal),
		cmocka_unit_test(at_most_33_signatures_are_judged),
		cmocka_unit_test(explains_each_signature),
	};
	struct err err;

	if (crypto_init(&err) < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
