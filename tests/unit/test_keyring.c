/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/keyring.h"

#include "base/cleanup.h"
#include "codec/release_ini.h"
#include "crypto/minisign.h"

#include "temp_dir.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define KEY_LINE "RWTewkxRFB77gVwUgJQSD1wuC+7ECrCe7oqgNfrlsBpB4FJs74Bmoask\n"
#define KEY      "untrusted comment: minisign public key 81FB1E14514CC2DE\n" KEY_LINE
#define PEM                                                                    \
	"-----BEGIN PUBLIC KEY-----\n"                                         \
	"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"       \
	"-----END PUBLIC KEY-----\n"
#define IDENTITY "[identity ci]\nissuer = https://gitlab.com\nsubject = a\n"
#define NAME_64                                                                \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct file_case {
	const char *name, *file, *text;
	enum err_code code;
	size_t keys;
} cases[] = {
	{ "a key", "ci.pub", KEY, ERR_NONE, 1 },
	{ "a key as pasted", "ci.pub", KEY_LINE, ERR_NONE, 1 },
	{ "a name of 64 bytes", NAME_64 ".pub", KEY, ERR_NONE, 1 },
	{ "a name of 65 bytes", NAME_64 "x.pub", KEY, ERR_USAGE, 0 },
	{ "no name", ".pub", KEY, ERR_NONE, 0 }, /* a hidden file */
	{ "a blank in a name", "my key.pub", KEY, ERR_USAGE, 0 },
	{ "an editor's backup", "ci.pub~", "junk", ERR_NONE, 0 },
	{ "an editor's lock", ".#ci.pub", "junk", ERR_NONE, 0 },
	{ "a misspelt suffix", "ci.pbu", KEY, ERR_USAGE, 0 },
	{ "upper case", "ci.PUB", KEY, ERR_USAGE, 0 },
	{ "misspelt revocations", "revoke.ini", "", ERR_USAGE, 0 },
	{ "a README", "README", "", ERR_USAGE, 0 },
	{ "a cosign key", "cosign.pem", PEM, ERR_NONE, 0 },
	{ "a cosign key under minisign's suffix", "cosign.pub", PEM, ERR_USAGE,
	  0 },
	{ "an empty cosign key", "cosign.pem", "", ERR_FORMAT, 0 },
	{ "a cosign key of two blocks", "cosign.pem", PEM PEM, ERR_FORMAT, 0 },
	{ "a trusted root", "trusted_root.json", "{}", ERR_NONE, 0 },
	{ "a further root", "github.trusted_root.json", "{}", ERR_NONE, 0 },
	{ "a misspelt root", "trusted-root.json", "{}", ERR_USAGE, 0 },
	{ "another JSON", "x.json", "{}", ERR_USAGE, 0 },
	{ "junk in a key", "ci.pub", "junk\n", ERR_FORMAT, 0 },
	{ "a secret key", "ci.pub", "untrusted comment: x\nRWRTY0Iy\n",
	  ERR_FORMAT, 0 },
	{ "an empty key", "ci.pub", "", ERR_FORMAT, 0 },
	{ "no revocations", "revoked.ini", "", ERR_NONE, 0 },
	{ "a revoked key", "revoked.ini", "[keys]\n81fb1e14514cc2de = lost\n",
	  ERR_NONE, 0 },
	{ "junk in revocations", "revoked.ini", "junk\n", ERR_FORMAT, 0 },
};

static struct keyring ring; /* large */

static void reads_only_what_belongs_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct file_case *c = &cases[i];
		AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
		struct err err = { 0 };

		put_file(dir.fd, c->file, c->text);
		memset(&ring, 0, sizeof ring);
		ring.count = 77;
		if (keyring_load(dir.fd, &ring, &err) !=
		            (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: code %d", c->name, (int)err.code);
		if (ring.count != (c->code == ERR_NONE ? c->keys : 77))
			fail_msg("%s: %zu keys", c->name, ring.count);
		if (c->code == ERR_NONE)
			keyring_done(&ring);
	}
}

static void load(int dir)
{
	char text[2 * ERR_TEXT_MAX];
	struct err err;

	if (keyring_load(dir, &ring, &err) < 0)
		fail_msg("%s", err_format(&err, text, sizeof text));
}

static void keys_come_by_name_with_their_revocations(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();

	(void)state;
	put_file(dir.fd, "b.pub", KEY);
	put_file(dir.fd, "a.pub", KEY);
	put_file(dir.fd, "revoked.ini", "[keys]\n81fb1e14514cc2de = lost\n");
	load(dir.fd);
	assert_int_equal(ring.count, 2);
	assert_string_equal(ring.keys[0].name, "a");
	assert_string_equal(ring.keys[1].name, "b");
	assert_true(ring.keys[0].public.id == 0x81FB1E14514CC2DEU);
	assert_string_equal(keyring_find_revoked(&ring, &ring.keys[0].public),
	                    "lost");
	keyring_done(&ring);
	assert_int_equal(ring.count, 0);
}

static void what_others_may_write_is_no_key(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	put_file(dir.fd, "ci.pub", KEY);
	assert_int_equal(fchmodat(dir.fd, "ci.pub", 0664, 0), 0);
	assert_int_equal(keyring_load(dir.fd, &ring, &err), -1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
	assert_int_equal(fchmodat(dir.fd, "ci.pub", 0644, 0), 0);
	put_link(dir.fd, "other.pub", "ci.pub");
	assert_int_equal(keyring_load(dir.fd, &ring, &err), -1);
	assert_int_equal(err.code, ERR_SYSTEM);
}

static void a_key_file_has_at_most_1024_bytes(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	char text[2048];
	struct err err;

	(void)state;
	(void)snprintf(text, sizeof text, "untrusted comment: %0*d\n%s",
	               (int)(1024 - 20 - strlen(KEY_LINE)), 0, KEY_LINE);
	put_file(dir.fd, "ci.pub", text);
	load(dir.fd);
	(void)snprintf(text, sizeof text, "untrusted comment: %0*d\n%s",
	               (int)(1025 - 20 - strlen(KEY_LINE)), 0, KEY_LINE);
	put_file(dir.fd, "ci.pub", text);
	assert_int_equal(keyring_load(dir.fd, &ring, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void a_folder_has_at_most_64_keys(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	for (int i = 0; i < KEYRING_KEYS_MAX; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "k%d.pub", i);
		put_file(dir.fd, name, KEY);
	}
	load(dir.fd);
	assert_int_equal(ring.count, KEYRING_KEYS_MAX);
	put_file(dir.fd, "one-more.pub", KEY);
	assert_int_equal(keyring_load(dir.fd, &ring, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void the_lowest_limit_of_all_names_counts(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct settings settings;
	struct err err;

	(void)state;
	put_file(dir.fd, "a.pub", KEY);
	put_file(dir.fd, "b.pub", KEY);
	load(dir.fd);
	settings_defaults(&settings);
	assert_true(keyring_max_sequence(&ring, &settings,
	                                 &ring.keys[0].public) == SEQUENCE_MAX);
	settings.keys[0] = (struct settings_key){ "b", 9 };
	settings.keys[1] = (struct settings_key){ "a", 12 };
	settings.key_count = 2;
	assert_int_equal(keyring_check_settings(&ring, &settings, &err), 0);
	assert_int_equal(
		keyring_max_sequence(&ring, &settings, &ring.keys[0].public),
		9);
	settings.keys[1].name[0] = 'c';
	assert_int_equal(keyring_check_settings(&ring, &settings, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
}

static void a_signer_counts_while_he_is_trusted(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct signer signer = { .kind = SIGNER_MINISIGN, .has_key = true };
	struct signer twin = { .kind = SIGNER_COSIGN, .has_key = true };
	struct signer owner = { .kind = SIGNER_IDENTITY, .name = "ci" };
	struct settings settings;
	struct err err;

	(void)state;
	put_file(dir.fd, "a.pub", KEY);
	load(dir.fd);
	settings_defaults(&settings);
	signer.id = ring.keys[0].public.id;
	memcpy(signer.key, ring.keys[0].public.key, sizeof signer.key);
	minisign_spki_id(&ring.keys[0].public, twin.key);
	assert_true(keyring_counts(&ring, &settings, &signer, 9));
	assert_false(keyring_counts(&ring, &settings, &twin, 9));
	assert_false(keyring_counts(&ring, &settings, &owner, 9));
	settings.keys[0] = (struct settings_key){ "a", 9 };
	settings.key_count = 1;
	assert_true(keyring_counts(&ring, &settings, &signer, 9));
	assert_false(keyring_counts(&ring, &settings, &signer, 10));
	settings.identities[0].max_sequence = 9;
	memcpy(settings.identities[0].name, "ci", 3);
	settings.identity_count = 1;
	assert_true(keyring_counts(&ring, &settings, &owner, 9));
	assert_false(keyring_counts(&ring, &settings, &owner, 10));
	assert_int_equal(
		revocations_add_identity(&ring.revocations, "ci", "x", &err),
		0);
	assert_false(keyring_counts(&ring, &settings, &owner, 9));
	signer.key[0] ^= 1;
	assert_false(keyring_counts(&ring, &settings, &signer, 9));
	signer.has_key = false;
	assert_true(keyring_counts(&ring, &settings, &signer, 9));
	/* Revoked as a cosign key. */
	assert_int_equal(revocations_add_cosign_key(&ring.revocations, twin.key,
	                                            "x", &err),
	                 0);
	assert_false(keyring_counts(&ring, &settings, &signer, 9));
}

static void without_a_key_the_setup_line_is_named(void **state)
{
	struct err err;

	(void)state;
	memset(&ring, 0, sizeof ring);
	assert_int_equal(keyring_require(&ring, "web", &err), -1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
	assert_non_null(strstr(err.text, "setup --app web --key FILE.pub"));
	assert_int_equal(keyring_require(&ring, NULL, &err), -1);
	assert_non_null(strstr(err.text, "setup --app NAME --key FILE.pub"));
	ring.count = 1;
	assert_int_equal(keyring_require(&ring, "web", &err), 0);
}

static void roots_and_cosign_keys_come_by_name(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();

	(void)state;
	put_file(dir.fd, "c.pem", PEM);
	put_file(dir.fd, "a.pem", PEM);
	put_file(dir.fd, "trusted_root.json", "{ 1");
	put_file(dir.fd, "github.trusted_root.json", "{ 2");
	load(dir.fd);
	assert_int_equal(ring.cosign_count, 2);
	assert_string_equal(ring.cosign_keys[0].name, "a");
	assert_string_equal(ring.cosign_keys[1].name, "c");
	assert_true(public_key_equal(&ring.cosign_keys[0].key,
	                             &ring.cosign_keys[1].key));
	assert_int_equal(ring.root_count, 2);
	assert_string_equal(ring.roots[0].name, "github");
	assert_string_equal(buf_text(&ring.roots[0].text), "{ 2");
	assert_string_equal(ring.roots[1].name, "");
	keyring_done(&ring);
	assert_int_equal(ring.cosign_count + ring.root_count, 0);
}

static void a_name_is_one_key(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	put_file(dir.fd, "a.pem", PEM);
	put_file(dir.fd, "a.pub", KEY);
	assert_int_equal(keyring_load(dir.fd, &ring, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
}

static void a_root_has_at_most_a_mebibyte(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_FREE char *text = calloc(1, KEYRING_ROOT_SIZE_MAX + 2);
	struct err err;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', KEYRING_ROOT_SIZE_MAX);
	put_file(dir.fd, "trusted_root.json", text);
	load(dir.fd);
	keyring_done(&ring);
	text[KEYRING_ROOT_SIZE_MAX] = ' ';
	put_file(dir.fd, "trusted_root.json", text);
	assert_int_equal(keyring_load(dir.fd, &ring, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static const struct policy_case {
	const char *name, *files; /* k: .pub, c: .pem, r: trusted root */
	const char *text;         /* of <app>.ini */
	enum err_code code;
	const char *says;
} policies[] = {
	{ "minisign", "k", "", ERR_NONE, "" },
	{ "minisign without a key", "c", "", ERR_UNTRUSTED, "--key FILE.pub" },
	{ "sigstore without anything", "k", "[policy]\nrequire = sigstore\n",
	  ERR_USAGE, "no cosign key in the trust folder and no [identity" },
	{ "sigstore with a key", "c", "[policy]\nrequire = sigstore\n",
	  ERR_NONE, "" },
	{ "sigstore with identities alone", "r",
	  "[policy]\nrequire = sigstore\n" IDENTITY, ERR_USAGE,
	  "accept_keyless_alone = yes" },
	{ "minisign trusted, yet not required", "kr",
	  "[policy]\nrequire = sigstore\n" IDENTITY, ERR_USAGE,
	  "accept_keyless_alone = yes" },
	{ "keyless alone", "r",
	  "[policy]\nrequire = sigstore\naccept_keyless_alone = yes\n" IDENTITY,
	  ERR_NONE, "" },
	{ "identities without a root", "k", IDENTITY, ERR_USAGE,
	  "no trusted root" },
	{ "keyless alone without a root", "k",
	  "[policy]\nrequire = sigstore\naccept_keyless_alone = yes\n" IDENTITY,
	  ERR_USAGE, "no trusted root" },
	{ "provenance of nobody", "r",
	  "[policy]\nrequire = provenance\naccept_keyless_alone = yes\n",
	  ERR_USAGE, "require = provenance" },
	{ "provenance beside minisign", "kr",
	  "[policy]\nrequire = minisign, provenance\n" IDENTITY, ERR_NONE, "" },
	{ "provenance alone", "kr", "[policy]\nrequire = provenance\n" IDENTITY,
	  ERR_USAGE, "accept_keyless_alone = yes" },
	{ "a limit on a cosign key", "kc", "[key c]\nmax_sequence = 1\n",
	  ERR_NONE, "" },
	{ "a limit on nobody", "k", "[key x]\nmax_sequence = 1\n", ERR_USAGE,
	  "[key x]" },
	{ "demands of a root", "kr", "[trusted_root]\nrequire = log\n",
	  ERR_NONE, "" },
	{ "demands of no root", "k", "[trusted_root]\nrequire = log\n",
	  ERR_USAGE, "[trusted_root]" },
	{ "demands of another root", "kr", "[trusted_root x]\nrequire = log\n",
	  ERR_USAGE, "x.trusted_root.json" },
};

static void what_makes_no_policy_is_refused(void **state)
{
	static struct settings settings;

	(void)state;
	for (size_t i = 0; i < COUNT(policies); i++) {
		const struct policy_case *c = &policies[i];
		AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
		struct err err = { 0 };
		char text[2 * ERR_TEXT_MAX];

		if (strchr(c->files, 'k') != NULL)
			put_file(dir.fd, "k.pub", KEY);
		if (strchr(c->files, 'c') != NULL)
			put_file(dir.fd, "c.pem", PEM);
		if (strchr(c->files, 'r') != NULL)
			put_file(dir.fd, "trusted_root.json", "{}");
		load(dir.fd);
		if (settings_parse(c->text, strlen(c->text), &settings, &err) <
		    0)
			fail_msg("%s: %s", c->name, err.text);
		if (keyring_check_settings(&ring, &settings, &err) !=
		            (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: code %d", c->name, (int)err.code);
		if (strstr(err_format(&err, text, sizeof text), c->says) ==
		    NULL)
			fail_msg("%s: says %s", c->name, text);
		keyring_done(&ring);
	}
}

static void a_revoked_key_is_revoked_under_each_id(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct signer signer = { .id = 7, .has_key = true };
	struct signer old = { .id = 8 };

	(void)state;
	put_file(dir.fd, "a.pub", KEY);
	put_file(dir.fd, "revoked.ini",
	         "[keys]\n81fb1e14514cc2de = lost\n[identities]\nci = moved\n");
	load(dir.fd);
	memcpy(signer.key, ring.keys[0].public.key, sizeof signer.key);
	assert_string_equal(keyring_find_revoked_signer(&ring, &signer),
	                    "lost");
	signer.key[0] ^= 1;
	assert_null(keyring_find_revoked_signer(&ring, &signer));
	/* An old record: the id alone, which a twin of the key has here. */
	assert_null(keyring_find_revoked_signer(&ring, &old));
	ring.keys[1] = ring.keys[0];
	ring.keys[1].public.id = 8;
	ring.count = 2;
	assert_string_equal(keyring_find_revoked_signer(&ring, &old), "lost");
	signer = (struct signer){ .kind = SIGNER_IDENTITY, .name = "ci" };
	assert_string_equal(keyring_find_revoked_signer(&ring, &signer),
	                    "moved");
	keyring_done(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_only_what_belongs_there),
		cmocka_unit_test(keys_come_by_name_with_their_revocations),
		cmocka_unit_test(what_others_may_write_is_no_key),
		cmocka_unit_test(a_key_file_has_at_most_1024_bytes),
		cmocka_unit_test(a_folder_has_at_most_64_keys),
		cmocka_unit_test(the_lowest_limit_of_all_names_counts),
		cmocka_unit_test(a_signer_counts_while_he_is_trusted),
		cmocka_unit_test(without_a_key_the_setup_line_is_named),
		cmocka_unit_test(roots_and_cosign_keys_come_by_name),
		cmocka_unit_test(a_name_is_one_key),
		cmocka_unit_test(a_root_has_at_most_a_mebibyte),
		cmocka_unit_test(what_makes_no_policy_is_refused),
		cmocka_unit_test(a_revoked_key_is_revoked_under_each_id),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
