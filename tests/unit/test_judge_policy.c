/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of [policy] over evidence of all kinds; test_judge.c has what
 * minisign signatures alone can be. */
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

#include "crypto/init.h"
#include "crypto/minisign.h"
#include "crypto/sha256.h"
#include "trust/judge.h"

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

/* Made once: two minisign keys; the cosign keys c, d, e, of which e is the
 * minisign key m in another spelling, and a stranger's. */
#define KEYS        2
#define COSIGN_KEYS 4
#define TWIN        2
#define STRANGER    3
static struct minisign_signer *minisign_signers[KEYS];
static struct minisign_secret twin; /* of m */
static EVP_PKEY *cosign_signers[COSIGN_KEYS];

#define SIGSTORE   "[policy]\nrequire = sigstore\n"
#define KEYLESS    "[policy]\nrequire = sigstore\naccept_keyless_alone = yes\n"
#define BOTH       "[policy]\nrequire = minisign, sigstore\n"
#define PROVENANCE "[policy]\nrequire = minisign, provenance\n"
#define IDENTITY   "[identity i]\nissuer = x\nsubject = y\n"
#define OTHER      "[identity j]\nissuer = x\nsubject = *\n"

/* @trusted, by name: m, n minisign keys, c, d, e cosign keys, t a trusted root.
 * @evidence: the letter of a key is a signature by it; x a cosign signature by
 *   a stranger; E one by e over the hash, as cosign 3 makes it;
 *   i a message by the identity i, b one by i and j, I one by a stranger;
 *   a an attestation by i, p a provenance by i, P one by a stranger;
 *   q a provenance by the key c, r one by the key m;
 *   f what the worker refused; e the empty message.
 * @revoked: the letters of keys, i the identity, R the release. */
struct policy_case {
	const char *name, *trusted, *text, *evidence, *revoked;
	enum err_code code;
	const char *says; /* the error; or, where trusted, the signers */
};

static const struct policy_case cases[] = {
	{ "minisign beside what is not asked", "mt", IDENTITY, "mip", "",
	  ERR_NONE, "mi" },
	{ "not asked evidence alone", "mct", IDENTITY, "cip", "", ERR_UNTRUSTED,
	  "no good signature by a trusted key" },
	{ "a cosign key", "c", SIGSTORE, "c", "", ERR_NONE, "c" },
	{ "a cosign key and a stranger", "c", SIGSTORE, "xc", "", ERR_NONE,
	  "c" },
	{ "a stranger's cosign key", "c", SIGSTORE, "x", "", ERR_UNTRUSTED,
	  "release.ini.1.sigstore.json: no cosign key in the trust folder" },
	{ "minisign instead of cosign", "mc", SIGSTORE, "m", "", ERR_UNTRUSTED,
	  "require = sigstore is not met" },
	{ "a revoked cosign key", "c", SIGSTORE, "c", "c", ERR_UNTRUSTED,
	  "c is revoked: lost" },
	{ "a revoked cosign key and another", "cd", SIGSTORE, "cd", "c",
	  ERR_NONE, "d" },
	{ "two cosign keys of two", "cd",
	  "[policy]\nrequire = sigstore\nthreshold = 2\n", "cd", "", ERR_NONE,
	  "cd" },
	{ "one cosign key twice", "cd",
	  "[policy]\nrequire = sigstore\nthreshold = 2\n", "cc", "",
	  ERR_UNTRUSTED, "only 1 of 2 required" },
	{ "identities do not count for the threshold", "ct",
	  "[policy]\nrequire = sigstore\nthreshold = 2\n" IDENTITY, "cip", "",
	  ERR_UNTRUSTED, "only 1 of 2 required" },
	{ "one key of each kind for a threshold of two", "mc",
	  "[policy]\nrequire = minisign, sigstore\nthreshold = 2\n", "mc", "",
	  ERR_NONE, "mc" },
	{ "kinds that are not asked do not count", "mnc",
	  "[policy]\nrequire = minisign\nthreshold = 2\n", "mc", "",
	  ERR_UNTRUSTED, "only 1 of 2 required" },
	{ "a retired cosign key", "c", SIGSTORE "[key c]\nmax_sequence = 99\n",
	  "c", "", ERR_UNTRUSTED, "c is retired" },
	{ "a cosign key at its last sequence", "c",
	  SIGSTORE "[key c]\nmax_sequence = 100\n", "c", "", ERR_NONE, "c" },

	{ "an Ed25519 key", "e", SIGSTORE, "e", "", ERR_NONE, "e" },
	{ "an Ed25519 key over the hash", "e", SIGSTORE, "E", "", ERR_NONE,
	  "e" },
	{ "one key in two spellings is one key", "me",
	  "[policy]\nrequire = minisign, sigstore\nthreshold = 2\n", "me", "",
	  ERR_UNTRUSTED, "require = sigstore is not met" },
	{ "one key in two spellings, and only one of them is asked for", "me",
	  SIGSTORE, "me", "", ERR_NONE, "me" },
	{ "a cosign key that is revoked as a minisign key", "me", SIGSTORE, "e",
	  "m", ERR_UNTRUSTED, "e is revoked: lost" },
	{ "a minisign key that is revoked as a cosign key", "me", "", "m", "e",
	  ERR_UNTRUSTED, "(m) is revoked: lost" },
	{ "a cosign key that is retired as a minisign key", "me",
	  SIGSTORE "[key m]\nmax_sequence = 99\n", "e", "", ERR_UNTRUSTED,
	  "e is retired" },
	{ "a minisign key that is retired as a cosign key", "me",
	  "[key e]\nmax_sequence = 99\n", "m", "", ERR_UNTRUSTED,
	  "(m) is retired" },
	{ "both", "mc", BOTH, "mc", "", ERR_NONE, "mc" },
	{ "minisign alone of both", "mc", BOTH, "m", "", ERR_UNTRUSTED,
	  "require = sigstore is not met" },
	{ "cosign alone of both", "mc", BOTH, "c", "", ERR_UNTRUSTED,
	  "require = minisign is not met" },
	{ "minisign and an identity", "mt", BOTH IDENTITY, "mi", "", ERR_NONE,
	  "mi" },
	{ "minisign and an attestation", "mt", BOTH IDENTITY, "ma", "",
	  ERR_NONE, "mi" },
	{ "minisign and a stranger", "mt", BOTH IDENTITY, "mI", "",
	  ERR_UNTRUSTED, "matches no [identity NAME]" },
	{ "whoever attests what is not asked for has not signed", "mncd", BOTH,
	  "ncqr", "", ERR_NONE, "nc" },
	{ "minisign and a provenance by a key", "mc", BOTH, "mq", "",
	  ERR_UNTRUSTED, "require = sigstore is not met" },
	{ "minisign and what is refused", "mt", BOTH IDENTITY, "mf", "",
	  ERR_UNTRUSTED, "sigstore.json: the log lies" },
	{ "minisign and a revoked identity", "mt", BOTH IDENTITY, "mi", "i",
	  ERR_UNTRUSTED, "i is revoked: lost" },
	{ "minisign and an identity that another name shares", "mt",
	  BOTH IDENTITY OTHER, "mb", "", ERR_NONE, "mij" },
	{ "minisign and an identity that is revoked by another name", "mt",
	  BOTH IDENTITY OTHER, "mb", "i", ERR_UNTRUSTED, "i is revoked: lost" },
	{ "minisign and a retired identity", "mt",
	  BOTH IDENTITY "max_sequence = 99\n", "mi", "", ERR_UNTRUSTED,
	  "i is retired" },

	{ "an identity alone", "ct", SIGSTORE IDENTITY, "i", "", ERR_UNTRUSTED,
	  "accept_keyless_alone = yes" },
	{ "keyless alone", "t", KEYLESS IDENTITY, "i", "", ERR_NONE, "i" },
	{ "keyless alone by attestation", "t", KEYLESS IDENTITY, "a", "",
	  ERR_NONE, "i" },
	{ "keyless alone by a stranger", "t", KEYLESS IDENTITY, "I", "",
	  ERR_UNTRUSTED, "require = sigstore is not met" },
	{ "keyless alone, revoked", "t", KEYLESS IDENTITY, "i", "i",
	  ERR_UNTRUSTED, "i is revoked" },
	{ "keyless alone, retired", "t", KEYLESS IDENTITY "max_sequence = 99\n",
	  "i", "", ERR_UNTRUSTED, "require = sigstore is not met" },
	{ "keyless alone and a threshold", "ct",
	  KEYLESS "threshold = 2\n" IDENTITY, "ci", "", ERR_UNTRUSTED,
	  "only 1 of 2 required" },

	{ "provenance", "mt", PROVENANCE IDENTITY, "mp", "", ERR_NONE, "mi" },
	{ "an attestation of something else", "mt", PROVENANCE IDENTITY, "ma",
	  "", ERR_UNTRUSTED, "require = provenance is not met" },
	{ "a message is no provenance", "mt", PROVENANCE IDENTITY, "mi", "",
	  ERR_UNTRUSTED, "require = provenance is not met" },
	{ "provenance of a stranger", "mt", PROVENANCE IDENTITY, "mP", "",
	  ERR_UNTRUSTED, "require = provenance is not met" },
	{ "provenance by a minisign key", "m", PROVENANCE, "mr", "", ERR_NONE,
	  "m" },
	{ "provenance by a cosign key", "mc", PROVENANCE, "mq", "", ERR_NONE,
	  "mc" },
	{ "provenance by a revoked cosign key", "mc", PROVENANCE, "mq", "c",
	  ERR_UNTRUSTED, "c is revoked: lost" },
	{ "provenance by a retired cosign key", "mc",
	  PROVENANCE "[key c]\nmax_sequence = 99\n", "mq", "", ERR_UNTRUSTED,
	  "require = provenance is not met" },
	{ "provenance without a signature", "mt", PROVENANCE IDENTITY, "p", "",
	  ERR_UNTRUSTED, "no good signature by a trusted key" },

	{ "nothing", "c", SIGSTORE, "", "", ERR_UNTRUSTED, "is not signed" },
	{ "a revoked release", "c", SIGSTORE, "c", "R", ERR_UNTRUSTED,
	  "release web 1.4.2 is revoked: lost" },
	{ "no policy", "c", SIGSTORE IDENTITY, "c", "", ERR_USAGE,
	  "no trusted root" },
};

/* --- the world of a case --- */

#define EVIDENCE 4

struct world {
	char text[EVIDENCE][2048];
	struct judge_signature signatures[EVIDENCE];
	struct evidence_verdict verdicts[EVIDENCE];
	struct keyring keyring;
	struct settings settings;
	struct judge_request request;
};

static void trust_cosign(struct keyring *keyring, char letter)
{
	struct keyring_cosign_key *key =
		&keyring->cosign_keys[keyring->cosign_count++];
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(cosign_signers[letter - 'c'], &der);
	struct err err;

	assert_true(len > 0);
	assert_int_equal(
		public_key_from_spki((struct bytes){ der, (size_t)len },
	                             &key->key, &err),
		0);
	OPENSSL_free(der);
	key->name[0] = letter;
}

static void trust(struct keyring *keyring, const char *letters)
{
	for (const char *c = letters; *c != '\0'; c++) {
		if (*c == 'm' || *c == 'n') {
			struct keyring_key *key =
				&keyring->keys[keyring->count++];

			key->name[0] = *c;
			key->public = *minisign_signer_public(
				minisign_signers[*c - 'm']);
		} else if (*c == 't') {
			keyring->roots[keyring->root_count++].text = BUF_NONE;
		} else {
			trust_cosign(keyring, *c);
		}
	}
}

static void add_minisign(struct world *world, char letter)
{
	size_t at = world->request.signature_count++;
	AUTO_BUF struct buf text = BUF_NONE;
	struct minisign_signature signature;
	struct err err;

	assert_int_equal(minisign_sign(minisign_signers[letter - 'm'], RELEASE,
	                               strlen(RELEASE), COMMENT, &signature,
	                               &err),
	                 0);
	assert_int_equal(minisign_write_signature(&signature, "x", &text, &err),
	                 0);
	memcpy(world->text[at], text.data, text.len);
	world->signatures[at] =
		(struct judge_signature){ .data = world->text[at],
		                          .len = text.len,
		                          .name = "release.ini.minisig" };
}

/* Ed25519ph (RFC 8032, 5.1). */
static void sign_hashed(struct evidence_verdict *verdict)
{
	crypto_sign_ed25519ph_state hash;

	crypto_sign_ed25519ph_init(&hash);
	crypto_sign_ed25519ph_update(&hash, (const unsigned char *)RELEASE,
	                             strlen(RELEASE));
	assert_int_equal(crypto_sign_ed25519ph_final_create(
				 &hash, verdict->signature, NULL, twin.key),
	                 0);
	verdict->signature_len = crypto_sign_BYTES;
}

static void sign_cosign(EVP_PKEY *key, struct evidence_verdict *verdict)
{
	bool is_ed25519 = EVP_PKEY_is_a(key, "ED25519") == 1;
	size_t len = sizeof verdict->signature;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	assert_int_equal(EVP_DigestSignInit(ctx, NULL,
	                                    is_ed25519 ? NULL : EVP_sha256(),
	                                    NULL, key),
	                 1);
	assert_int_equal(EVP_DigestSign(ctx, verdict->signature, &len,
	                                (const unsigned char *)RELEASE,
	                                strlen(RELEASE)),
	                 1);
	EVP_MD_CTX_free(ctx);
	verdict->signature_len = (uint32_t)len;
}

static void add_verdict(struct world *world, char letter)
{
	size_t at = world->request.verdict_count++;
	struct evidence_verdict *verdict = &world->verdicts[at];

	*verdict = (struct evidence_verdict){ .kind = VERDICT_MESSAGE,
		                              .part_kind = PART_SIGSTORE,
		                              .ordinal = (uint32_t)at + 1 };
	if (strchr("cdexE", letter) != NULL)
		verdict->kind = VERDICT_SIGNATURE;
	if (letter == 'E') {
		sign_hashed(verdict);
		return;
	}
	if (verdict->kind == VERDICT_SIGNATURE) {
		sign_cosign(
			cosign_signers[letter == 'x' ? STRANGER : letter - 'c'],
			verdict);
		return;
	}
	if (letter == 'f') {
		verdict->kind = VERDICT_REFUSED;
		memcpy(verdict->reason, "the log lies", 13);
		return;
	}
	if (strchr("apPqr", letter) != NULL) {
		verdict->kind = VERDICT_ATTESTATION;
		verdict->part_kind = PART_ATTESTATION;
		verdict->ordinal = 0;
		verdict->line = (uint32_t)at + 1;
		verdict->is_provenance = letter != 'a';
	}
	verdict->cosign_keys = letter == 'q';
	verdict->minisign_keys = letter == 'r';
	verdict->identities = strchr("iapb", letter) != NULL;
	verdict->identities |= letter == 'b' ? 2 : 0;
	/* Bits that name nobody must not count. */
	verdict->identities |= (uint64_t)1 << 63;
	if (strchr("qr", letter) == NULL)
		memcpy(verdict->subject, "somebody", 9);
	verdict->has_time = 1;
	verdict->time = 1767323045;
}

static const uint8_t *find_cosign_id(const struct world *world, char letter)
{
	size_t at = 0;

	while (world->keyring.cosign_keys[at].name[0] != letter)
		at++;
	return world->keyring.cosign_keys[at].key.id;
}

static void add_revocations(struct world *world, const char *letters)
{
	struct revocations *revocations = &world->keyring.revocations;
	uint8_t sha256[DIGEST_LEN];
	struct err err;
	int added = 0;

	for (const char *c = letters; *c != '\0'; c++) {
		if (*c == 'R') {
			assert_int_equal(sha256_of(RELEASE, strlen(RELEASE),
			                           sha256, &err),
			                 0);
			added = revocations_add_release(revocations, sha256,
			                                "lost", &err);
		} else if (*c == 'i') {
			added = revocations_add_identity(revocations, "i",
			                                 "lost", &err);
		} else if (*c == 'm') {
			added = revocations_add_key(
				revocations, world->keyring.keys[0].public.id,
				"lost", &err);
		} else {
			added = revocations_add_cosign_key(
				revocations, find_cosign_id(world, *c), "lost",
				&err);
		}
		assert_int_equal(added, 0);
	}
}

static void make_world(const struct policy_case *c, struct world *world)
{
	struct err err;

	memset(world, 0, sizeof *world);
	world->request = (struct judge_request){
		.release_ini = RELEASE,
		.release_ini_len = strlen(RELEASE),
		.signatures = world->signatures,
		.verdicts = world->verdicts,
		.keyring = &world->keyring,
		.settings = &world->settings,
		.app = "web",
	};
	if (settings_parse(c->text, strlen(c->text), &world->settings, &err) <
	    0)
		fail_msg("%s: %s", c->name, err.text);
	trust(&world->keyring, c->trusted);
	for (const char *e = c->evidence; *e != '\0'; e++)
		if (*e == 'm' || *e == 'n')
			add_minisign(world, *e);
		else
			add_verdict(world, *e);
	add_revocations(world, c->revoked);
}

/* --- the tests --- */

static void check_signers(const struct policy_case *c,
                          const struct verification_result *result)
{
	if (result->signer_count != strlen(c->says))
		fail_msg("%s: %zu signers", c->name, result->signer_count);
	for (size_t i = 0; i < result->signer_count; i++)
		if (strchr(c->says, result->signers[i].name[0]) == NULL)
			fail_msg("%s: %s counts", c->name,
			         result->signers[i].name);
}

/* The explanation finds the same unmet rule, and no other before it. */
static void check_explanation(const struct policy_case *c,
                              const struct judge_request *request,
                              const char *says)
{
	static struct judge_explanation why;
	const struct judge_rule *unmet = NULL;
	struct err err;

	assert_int_equal(judge_explain(request, &why, &err), 0);
	for (size_t i = 0; i < why.rule_count && unmet == NULL; i++)
		if (why.rules[i].state == RULE_UNMET)
			unmet = &why.rules[i];
	if ((unmet == NULL) != (says == NULL))
		fail_msg("%s: unmet %s", c->name,
		         unmet != NULL ? unmet->name : "nothing");
	if (unmet != NULL && strcmp(unmet->text, says) != 0)
		fail_msg("%s: '%s' explained as '%s'", c->name, says,
		         unmet->text);
	assert_int_equal(why.item_count, strlen(c->evidence));
}

static void the_policy_decides(void **state)
{
	static struct world world;
	static struct verification_result result;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct policy_case *c = &cases[i];
		struct err err = { 0 };
		char text[ERR_TEXT_MAX];
		int got;

		make_world(c, &world);
		memset(&result, 0, sizeof result);
		result.signer_count = 77;
		got = judge_release(&world.request, &result, &err);
		(void)err_format(&err, text, sizeof text);
		if (got != (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: got %d, code %d: %s", c->name, got,
			         (int)err.code, text);
		check_explanation(c, &world.request, got < 0 ? text : NULL);
		if (got == 0)
			check_signers(c, &result);
		else if (strstr(text, c->says) == NULL)
			fail_msg("%s: says %s", c->name, text);
		else if (result.signer_count != 77)
			fail_msg("%s: output touched", c->name);
		keyring_done(&world.keyring);
	}
}

static void the_result_tells_what_was_seen(void **state)
{
	static const struct policy_case c = { "all",  "mct", BOTH IDENTITY,
		                              "mcip", "",    ERR_NONE,
		                              "" };
	static struct world world;
	static struct verification_result result;
	struct err err;

	(void)state;
	make_world(&c, &world);
	world.verdicts[2].has_log = 1;
	world.verdicts[2].log_index = 17;
	assert_int_equal(judge_release(&world.request, &result, &err), 0);
	assert_int_equal(result.signer_count, 3);
	assert_string_equal(result.signers[2].subject, "somebody");
	assert_int_equal(result.evidence_count, 3);
	assert_string_equal(result.evidence[0].name,
	                    "release.ini.1.sigstore.json");
	assert_false(result.evidence[0].has_time);
	assert_string_equal(result.evidence[2].name,
	                    "attestation.intoto.jsonl.3");
	assert_int_equal(result.evidence[2].time, 1767323045);
	assert_int_equal(result.evidence[2].log_index, 17);
	keyring_done(&world.keyring);
}

/* What a worker may not say at all. */
static void a_verdict_that_is_none_ends_it(void **state)
{
	static const struct policy_case c = { "x", "m", "", "mf", "", 0, "" };
	static struct world world;
	static struct verification_result result;
	static struct judge_explanation why;
	struct err err;

	(void)state;
	make_world(&c, &world);
	world.verdicts[0].kind = VERDICT_KINDS;
	assert_int_equal(judge_release(&world.request, &result, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(judge_explain(&world.request, &why, &err), -1);
	world.verdicts[0].kind = VERDICT_REFUSED;
	world.request.verdict_count = VERDICTS_MAX + 1;
	assert_int_equal(judge_release(&world.request, &result, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	keyring_done(&world.keyring);
}

static void release_ini_is_read_by_nobody_before_a_good_signature(void **state)
{
	static const struct policy_case c = { "x", "mt", PROVENANCE IDENTITY,
		                              "p", "",   0,
		                              "" };
	static struct world world;
	static struct judge_explanation why;
	struct err err;

	(void)state;
	make_world(&c, &world);
	assert_int_equal(judge_explain(&world.request, &why, &err), 0);
	assert_string_equal(why.rules[1].name, "evidence");
	assert_int_equal(why.rules[1].state, RULE_UNMET);
	for (size_t i = 2; i < why.rule_count; i++)
		if (why.rules[i].state != RULE_NOT_REACHED &&
		    why.rules[i].state != RULE_NOT_ASKED)
			fail_msg("%s was asked", why.rules[i].name);
	assert_int_equal(why.items[0].kind, JUDGED_GOOD);
	assert_string_equal(why.items[0].signer, "i");
	assert_string_equal(why.items[0].id, "identity:i");
	keyring_done(&world.keyring);
}

static int make_keys(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		if (minisign_generate(&minisign_signers[i], &err) < 0)
			return -1;
	minisign_store_plain(minisign_signers[0], &twin);
	for (size_t i = 0; i < COSIGN_KEYS; i++) {
		cosign_signers[i] =
			i == TWIN ? EVP_PKEY_new_raw_private_key(
					    EVP_PKEY_ED25519, NULL, twin.key,
					    crypto_sign_SEEDBYTES)
				  : EVP_EC_gen("P-256");
		if (cosign_signers[i] == NULL)
			return -1;
	}
	return 0;
}

static int free_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		minisign_signer_free(&minisign_signers[i]);
	for (size_t i = 0; i < COSIGN_KEYS; i++)
		EVP_PKEY_free(cosign_signers[i]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_policy_decides),
		cmocka_unit_test(the_result_tells_what_was_seen),
		cmocka_unit_test(a_verdict_that_is_none_ends_it),
		cmocka_unit_test(
			release_ini_is_read_by_nobody_before_a_good_signature),
	};
	struct err err;

	if (crypto_init(&err) < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
