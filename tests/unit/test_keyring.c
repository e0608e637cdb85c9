/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/keyring.h"

#include "temp_dir.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define KEY_LINE "RWTewkxRFB77gVwUgJQSD1wuC+7ECrCe7oqgNfrlsBpB4FJs74Bmoask\n"
#define KEY      "untrusted comment: minisign public key 81FB1E14514CC2DE\n" KEY_LINE
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
	{ "a cosign key", "cosign.pem", "", ERR_USAGE, 0 },
	{ "a trusted root", "trusted_root.json", "", ERR_USAGE, 0 },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_only_what_belongs_there),
		cmocka_unit_test(keys_come_by_name_with_their_revocations),
		cmocka_unit_test(what_others_may_write_is_no_key),
		cmocka_unit_test(a_key_file_has_at_most_1024_bytes),
		cmocka_unit_test(a_folder_has_at_most_64_keys),
		cmocka_unit_test(the_lowest_limit_of_all_names_counts),
		cmocka_unit_test(without_a_key_the_setup_line_is_named),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
