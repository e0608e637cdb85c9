/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/keyring.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "codec/release_ini.h"

#define FOLDER_NAMES_MAX 1024 /* editors' files among them */
#define PEM_BEGIN        "-----BEGIN"

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), end = strlen(suffix);

	return len >= end && strcmp(name + len - end, suffix) == 0;
}

static bool is_left_by_editor(const char *name)
{
	return name[0] == '.' || has_suffix(name, "~");
}

static int refuse_name(const char *name, struct err *err)
{
	return err_set(err, ERR_USAGE, 0,
	               "'%s' does not belong into a trust folder, which takes "
	               "NAME.pub (minisign), NAME.pem (cosign), " KEYRING_ROOT
	               ", NAME" KEYRING_ROOT_SUFFIX " and " KEYRING_REVOKED
	               ", with A-Z, a-z, 0-9, '.', '_' and '-' in names",
	               name);
}

/* --- loading --- */

/* A file of the folder, which fs_list has just named. */
static int read_file(int dir, const char *name, struct buf *out,
                     struct err *err)
{
	int found = fs_read_trusted(dir, name, out, err);

	if (found < 0)
		return -1;
	if (found == 0) /* somebody removes keys right now */
		return err_set(err, ERR_UNTRUSTED, 0,
		               "'%s' vanished; try again", name);
	return 0;
}

static int refuse_count(const char *what, int max, struct err *err)
{
	return err_set(err, ERR_LIMIT, 0, "more than %d %s", max, what);
}

/* What stands before the suffix; the caller has checked that it is a name. */
static void copy_name(char out[KEY_NAME_SIZE], const char *file, size_t len)
{
	memcpy(out, file, len);
	out[len] = '\0';
}

static int load_key(int dir, const char *file, size_t name_len,
                    struct keyring *keyring, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(MINISIGN_FILE_MAX);
	struct keyring_key *key = &keyring->keys[keyring->count];

	if (keyring->count == KEYRING_KEYS_MAX)
		return refuse_count("keys", KEYRING_KEYS_MAX, err);
	if (read_file(dir, file, &text, err) < 0)
		return -1;
	if (strncmp(buf_text(&text), PEM_BEGIN, strlen(PEM_BEGIN)) == 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is a key in PEM, as cosign has it; rename "
		               "it to %.*s" KEYRING_PEM_SUFFIX,
		               file, (int)name_len, file);
	if (minisign_parse_public(text.data, text.len, &key->public, err) < 0)
		return err_wrap(err, "key '%s'", file);
	copy_name(key->name, file, name_len);
	keyring->count++;
	return 0;
}

static int load_cosign_key(int dir, const char *file, size_t name_len,
                           struct keyring *keyring, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(PUBLIC_KEY_PEM_MAX);
	struct keyring_cosign_key *key =
		&keyring->cosign_keys[keyring->cosign_count];

	if (keyring->cosign_count == KEYRING_KEYS_MAX)
		return refuse_count("cosign keys", KEYRING_KEYS_MAX, err);
	if (read_file(dir, file, &text, err) < 0)
		return -1;
	if (public_key_from_pem(buf_text(&text), text.len, &key->key, err) < 0)
		return err_wrap(err, "key '%s'", file);
	copy_name(key->name, file, name_len);
	keyring->cosign_count++;
	return 0;
}

static int load_root(int dir, const char *file, size_t name_len,
                     struct keyring *keyring, struct err *err)
{
	struct keyring_root *root = &keyring->roots[keyring->root_count];

	if (keyring->root_count == KEYRING_ROOTS_MAX)
		return refuse_count("trusted roots", KEYRING_ROOTS_MAX, err);
	root->text = BUF_LIMIT(KEYRING_ROOT_SIZE_MAX);
	keyring->root_count++; /* whose keyring_done releases the text */
	if (read_file(dir, file, &root->text, err) < 0)
		return err_wrap(err, "trusted root '%s'", file);
	copy_name(root->name, file, name_len);
	return 0;
}

static int load_revocations(int dir, struct keyring *keyring, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(REVOCATIONS_MAX);

	if (read_file(dir, KEYRING_REVOKED, &text, err) < 0)
		return -1;
	if (revocations_parse(buf_text(&text), text.len, &keyring->revocations,
	                      err) < 0)
		return err_wrap(err, KEYRING_REVOKED);
	return 0;
}

static int load_file(int dir, const char *name, struct keyring *keyring,
                     struct err *err)
{
	static const struct {
		const char *suffix;
		int (*load)(int dir, const char *file, size_t name_len,
		            struct keyring *keyring, struct err *err);
	} kinds[] = {
		{ KEYRING_SUFFIX, load_key },
		{ KEYRING_PEM_SUFFIX, load_cosign_key },
		{ KEYRING_ROOT_SUFFIX, load_root },
	};
	size_t len = strlen(name);

	if (is_left_by_editor(name))
		return 0;
	if (strcmp(name, KEYRING_REVOKED) == 0)
		return load_revocations(dir, keyring, err);
	if (strcmp(name, KEYRING_ROOT) == 0)
		return load_root(dir, name, /* name_len= */ 0, keyring, err);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t suffix = strlen(kinds[i].suffix);

		if (has_suffix(name, kinds[i].suffix) &&
		    name_is_key(name, len - suffix))
			return kinds[i].load(dir, name, len - suffix, keyring,
			                     err);
	}
	return refuse_name(name, err);
}

const struct keyring_key *keyring_find_name(const struct keyring *keyring,
                                            const char *name)
{
	for (size_t i = 0; i < keyring->count; i++)
		if (strcmp(keyring->keys[i].name, name) == 0)
			return &keyring->keys[i];
	return NULL;
}

const struct keyring_cosign_key *
keyring_find_cosign_name(const struct keyring *keyring, const char *name)
{
	for (size_t i = 0; i < keyring->cosign_count; i++)
		if (strcmp(keyring->cosign_keys[i].name, name) == 0)
			return &keyring->cosign_keys[i];
	return NULL;
}

/* [key NAME] must mean one key. */
static int check_names(const struct keyring *keyring, struct err *err)
{
	for (size_t i = 0; i < keyring->count; i++) {
		const char *name = keyring->keys[i].name;

		if (keyring_find_cosign_name(keyring, name) != NULL)
			return err_set(err, ERR_USAGE, 0,
			               "'%s.pub' and '%s.pem' have the same "
			               "name; rename one of them",
			               name, name);
	}
	return 0;
}

static void free_keyring(struct keyring **keyring)
{
	if (*keyring != NULL)
		keyring_done(*keyring);
	free(*keyring);
}

static int load_files(int dir, char *const *names, size_t count,
                      struct keyring *out, struct err *err)
{
	AUTO(free_keyring) struct keyring *loaded = calloc(1, sizeof *loaded);

	if (loaded == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		if (load_file(dir, names[i], loaded, err) < 0)
			return -1;
	if (check_names(loaded, err) < 0)
		return -1;
	*out = *loaded;
	memset(loaded, 0, sizeof *loaded); /* all of it is @out's now */
	return 0;
}

int keyring_load(int dir, struct keyring *out, struct err *err)
{
	char **names = NULL;
	size_t count = 0;
	int result;

	if (fs_list(dir, FOLDER_NAMES_MAX, &names, &count, err) < 0)
		return -1;
	result = load_files(dir, names, count, out, err);
	fs_list_free(names, count);
	return result;
}

void keyring_done(struct keyring *keyring)
{
	for (size_t i = 0; i < keyring->cosign_count; i++)
		public_key_done(&keyring->cosign_keys[i].key);
	for (size_t i = 0; i < keyring->root_count; i++)
		buf_done(&keyring->roots[i].text);
	memset(keyring, 0, sizeof *keyring);
}

/* --- as a policy --- */

static int refuse_no_key(const char *app, struct err *err)
{
	return err_set(err, ERR_UNTRUSTED, 0,
	               "no trusted key for %s%s; run: install-package setup "
	               "--app %s --key FILE.pub",
	               app != NULL ? "app " : "this app",
	               app != NULL ? app : "", app != NULL ? app : "NAME");
}

int keyring_require(const struct keyring *keyring, const char *app,
                    struct err *err)
{
	if (keyring->count + keyring->cosign_count + keyring->root_count > 0)
		return 0;
	return refuse_no_key(app, err);
}

static int check_key_sections(const struct keyring *keyring,
                              const struct settings *settings, struct err *err)
{
	for (size_t i = 0; i < settings->key_count; i++) {
		const char *name = settings->keys[i].name;

		if (keyring_find_name(keyring, name) != NULL ||
		    keyring_find_cosign_name(keyring, name) != NULL)
			continue;
		return err_set(err, ERR_USAGE, 0,
		               "section [key %s] of the configuration names no "
		               "key: there is no %s.pub and no %s.pem in the "
		               "trust folder; correct or remove it",
		               name, name, name);
	}
	return 0;
}

static bool has_root(const struct keyring *keyring, const char *name)
{
	for (size_t i = 0; i < keyring->root_count; i++)
		if (strcmp(keyring->roots[i].name, name) == 0)
			return true;
	return false;
}

static int check_root_sections(const struct keyring *keyring,
                               const struct settings *settings, struct err *err)
{
	for (size_t i = 0; i < settings->root_count; i++) {
		const char *name = settings->roots[i].name;
		const char *joint = name[0] != '\0' ? " " : "";
		const char *dot = name[0] != '\0' ? "." : "";

		if (!has_root(keyring, name))
			return err_set(err, ERR_USAGE, 0,
			               "section [trusted_root%s%s] of the "
			               "configuration names no file: there is "
			               "no %s%s" KEYRING_ROOT
			               " in the trust folder; correct or "
			               "remove it",
			               joint, name, name, dot);
	}
	return 0;
}

/* A missing root is never "no trust needed". */
static int check_roots(const struct keyring *keyring,
                       const struct settings *settings, struct err *err)
{
	if (settings->identity_count == 0 || keyring->root_count > 0)
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "the configuration names identities, and there is no "
	               "trusted root that their certificates could rest on; "
	               "run: install-package trust add " KEYRING_ROOT);
}

static int check_requirements(const struct keyring *keyring,
                              const struct settings *settings, struct err *err)
{
	size_t identities = settings->identity_count;

	if ((settings->require & REQUIRE_MINISIGN) != 0 && keyring->count == 0)
		return refuse_no_key(/* app= */ NULL, err);
	if ((settings->require & REQUIRE_SIGSTORE) != 0 &&
	    keyring->cosign_count + identities == 0)
		return err_set(err, ERR_USAGE, 0,
		               "require = sigstore: there is no cosign key in "
		               "the trust folder and no [identity NAME] in the "
		               "configuration; run: install-package trust add");
	if ((settings->require & REQUIRE_PROVENANCE) != 0 &&
	    keyring->count + keyring->cosign_count + identities == 0)
		return err_set(err, ERR_USAGE, 0,
		               "require = provenance: there is no key in the "
		               "trust folder and no [identity NAME] in the "
		               "configuration; run: install-package trust add");
	return 0;
}

/* What a worker says counts alone only where the host wants it so. */
static int check_keyless(const struct keyring *keyring,
                         const struct settings *settings, struct err *err)
{
	if (settings->accepts_keyless_alone ||
	    (settings->require & REQUIRE_MINISIGN) != 0 ||
	    ((settings->require & REQUIRE_SIGSTORE) != 0 &&
	     keyring->cosign_count > 0))
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "the policy asks for no signature by a key; add "
	               "minisign, or sigstore and a cosign key, to require, or "
	               "write accept_keyless_alone = yes");
}

int keyring_check_settings(const struct keyring *keyring,
                           const struct settings *settings, struct err *err)
{
	if (check_key_sections(keyring, settings, err) < 0 ||
	    check_root_sections(keyring, settings, err) < 0 ||
	    check_requirements(keyring, settings, err) < 0 ||
	    check_roots(keyring, settings, err) < 0)
		return -1;
	return check_keyless(keyring, settings, err);
}
