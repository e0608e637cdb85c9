/* SPDX-License-Identifier: Apache-2.0 */
#include "health/image_signers.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/text.h"

#include "temp_dir.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define PEM                                                                    \
	"-----BEGIN PUBLIC KEY-----\n"                                         \
	"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"       \
	"-----END PUBLIC KEY-----\n"

/* Two identities; the key is in the trust folder as "ci", and in a file. */
#define POLICY                                                                 \
	"[key ci]\nmax_sequence = 7\n"                                         \
	"[identity old]\nissuer = https://a.example\nsubject = a\n"            \
	"max_sequence = 7\n"                                                   \
	"[identity new]\nissuer = https://a.example\nsubject = a\n"
#define REVOKED_KEY "[cosign_keys]\n" /* and the id of the key */
#define REVOKED_NEW "[identities]\nnew = left\n"

/* What a signature shows: by the n-th key, and as whom of the identities. */
#define BY_KEY ((uint64_t)1)
#define AS_OLD ((uint64_t)1)
#define AS_NEW ((uint64_t)2)

static const struct signers_case {
	const char *name, *words, *revoked;
	uint64_t sequence, key, identities;
	const char *found; /* who made it; NULL: nobody */
	enum err_code code;
	const char *says; /* of the error, or of who was left out */
} cases[] = {
	{ "a key", "ci", "", 1, BY_KEY, 0, "ci", ERR_NONE, "" },
	{ "at its last sequence", "ci", "", 7, BY_KEY, 0, "ci", ERR_NONE, "" },
	{ "after its last sequence", "ci", "", 8, 0, 0, NULL, ERR_USAGE,
	  "'ci' is retired" },
	{ "a key by its path", "/key.pem", "", 1, BY_KEY, 0, "/key.pem",
	  ERR_NONE, "" },
	{ "by its path, retired by its name", "/key.pem", "", 8, 0, 0, NULL,
	  ERR_USAGE, "'/key.pem' is retired" },
	{ "by its path, revoked by its id", "/key.pem new", REVOKED_KEY, 1, 0,
	  AS_NEW, "new", ERR_NONE, "'/key.pem' is revoked" },
	{ "a revoked key", "ci", REVOKED_KEY, 1, 0, 0, NULL, ERR_USAGE,
	  "'ci' is revoked" },
	{ "a file that is not there", "/no.pem", "", 1, 0, 0, NULL, ERR_USAGE,
	  "no file '/no.pem'" },
	{ "a file that is no key", "/junk.pem", "", 1, 0, 0, NULL, ERR_FORMAT,
	  "/junk.pem" },
	{ "nobody's name", "who", "", 1, 0, 0, NULL, ERR_USAGE, "who.pem" },
	{ "an identity", "new", "", 8, 0, AS_NEW, "new", ERR_NONE, "" },
	{ "one that is not named", "old", "", 1, 0, AS_NEW, NULL, ERR_NONE,
	  "" },
	{ "at its last sequence", "old", "", 7, 0, AS_OLD, "old", ERR_NONE,
	  "" },
	{ "after its last sequence", "old", "", 8, 0, 0, NULL, ERR_USAGE,
	  "'old' is retired" },
	{ "a revoked identity", "new", REVOKED_NEW, 1, 0, 0, NULL, ERR_USAGE,
	  "'new' is revoked" },
	{ "who is revoked under another name", "old", REVOKED_NEW, 1, 0,
	  AS_OLD | AS_NEW, NULL, ERR_NONE, "" },
	{ "a key beside a revoked identity", "ci new", REVOKED_NEW, 1, BY_KEY,
	  AS_NEW, "ci", ERR_NONE, "'new' is revoked" },
};

static struct settings policy; /* large */
static struct keyring ring;

static void put_revoked(int trust, const char *text)
{
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
	char id[2 * sizeof key.id + 1];
	char revoked[256];
	bool is_key = strcmp(text, REVOKED_KEY) == 0;
	struct err err;

	assert_int_equal(public_key_from_pem(PEM, strlen(PEM), &key, &err), 0);
	text_to_hex(key.id, sizeof key.id, id);
	(void)snprintf(revoked, sizeof revoked, "%s%s%s", text,
	               is_key ? id : "", is_key ? " = lost\n" : "");
	put_file(trust, "revoked.ini", revoked);
}

static void read_policy(const struct signers_case *c)
{
	AUTO_TEMP_DIR struct temp_dir trust = temp_dir_make();
	char text[1024];
	struct err err = { .code = ERR_NONE };
	int len =
		snprintf(text, sizeof text,
	                 POLICY "[container]\nimages_signed = %s\n", c->words);

	if (settings_parse(text, (size_t)len, &policy, &err) < 0)
		fail_msg("%s: %s", c->name, err.text);
	put_file(trust.fd, "ci.pem", PEM);
	put_revoked(trust.fd, c->revoked);
	if (keyring_load(trust.fd, &ring, &err) < 0)
		fail_msg("%s: %s", c->name, err.text);
}

static void check_signers(const struct signers_case *c,
                          const struct image_signers *signers)
{
	const struct evidence_verdict verdict = {
		.kind = VERDICT_ATTESTATION,
		.cosign_keys = c->key,
		.identities = c->identities,
	};
	struct evidence_verdict refused = verdict;
	const char *found = image_signers_match(signers, &policy, &verdict);

	refused.kind = VERDICT_REFUSED;
	assert_null(image_signers_match(signers, &policy, &refused));
	if ((found == NULL) != (c->found == NULL) ||
	    (found != NULL && strcmp(found, c->found) != 0))
		fail_msg("%s: by %s", c->name, found != NULL ? found : "-");
	if (strstr(signers->dropped, c->says) == NULL)
		fail_msg("%s: left out: %s", c->name, signers->dropped);
}

static void who_may_sign_is_found(void **state)
{
	AUTO_TEMP_DIR struct temp_dir root = temp_dir_make();

	(void)state;
	put_file(root.fd, "key.pem", PEM);
	put_file(root.fd, "junk.pem", "junk\n");
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct signers_case *c = &cases[i];
		AUTO_IMAGE_SIGNERS struct image_signers signers = { .key_count =
			                                                    0 };
		struct err err = { .code = ERR_NONE };
		char text[ERR_TEXT_MAX];
		int got;

		read_policy(c);
		got = image_signers_find(root.fd, &policy, &ring, c->sequence,
		                         &signers, &err);
		if (err.code != c->code || (got < 0) != (c->code != ERR_NONE))
			fail_msg("%s: code %d: %s", c->name, (int)err.code,
			         err_format(&err, text, sizeof text));
		if (err.code == ERR_NONE)
			check_signers(c, &signers);
		else if (strstr(err_format(&err, text, sizeof text), c->says) ==
		         NULL)
			fail_msg("%s: %s", c->name, text);
		keyring_done(&ring);
	}
}

/* A word each: none of them is too many for a case. */
static void as_many_as_the_policy_takes(void **state)
{
	AUTO_TEMP_DIR struct temp_dir root = temp_dir_make();
	AUTO_IMAGE_SIGNERS struct image_signers signers = { .key_count = 0 };
	struct signers_case c = { .name = "many", .revoked = "" };
	char words[512] = "";
	struct err err;

	(void)state;
	put_file(root.fd, "k", PEM);
	for (size_t i = 0; i < SETTINGS_WORDS_MAX; i++)
		(void)snprintf(words + strlen(words),
		               sizeof words - strlen(words), "%s/k",
		               i > 0 ? " " : "");
	c.words = words;
	read_policy(&c);
	assert_int_equal(
		image_signers_find(root.fd, &policy, &ring, 1, &signers, &err),
		0);
	assert_int_equal(signers.key_count, SETTINGS_WORDS_MAX);
	keyring_done(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_may_sign_is_found),
		cmocka_unit_test(as_many_as_the_policy_takes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
