/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/keyring.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "codec/release_ini.h"

#define FOLDER_NAMES_MAX 1024 /* editors' files among them */

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
	if (has_suffix(name, ".pem") || strcmp(name, "trusted_root.json") == 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is not supported by this version: only "
		               "minisign keys (NAME.pub) are; remove it",
		               name);
	return err_set(err, ERR_USAGE, 0,
	               "'%s' does not belong into a trust folder; keys are "
	               "called NAME.pub, with A-Z, a-z, 0-9, '.', '_' and '-'",
	               name);
}

static int load_key(int dir, const char *file, size_t name_len,
                    struct keyring *keyring, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(MINISIGN_FILE_MAX);
	struct keyring_key *key = &keyring->keys[keyring->count];
	int found;

	if (keyring->count == KEYRING_KEYS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d keys",
		               KEYRING_KEYS_MAX);
	found = fs_read_trusted(dir, file, &text, err);
	if (found < 0)
		return -1;
	if (found == 0) /* it was listed: somebody removes keys right now */
		return err_set(err, ERR_UNTRUSTED, 0,
		               "key '%s' vanished; try again", file);
	if (minisign_parse_public(text.data, text.len, &key->public, err) < 0)
		return err_wrap(err, "key '%s'", file);
	memcpy(key->name, file, name_len); /* name_is_key: it fits */
	key->name[name_len] = '\0';
	keyring->count++;
	return 0;
}

static int load_revocations(int dir, struct keyring *keyring, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(REVOCATIONS_MAX);
	int found = fs_read_trusted(dir, KEYRING_REVOKED, &text, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "'" KEYRING_REVOKED "' vanished; try again");
	if (revocations_parse(buf_text(&text), text.len, &keyring->revocations,
	                      err) < 0)
		return err_wrap(err, KEYRING_REVOKED);
	return 0;
}

static int load_file(int dir, const char *name, struct keyring *keyring,
                     struct err *err)
{
	size_t len = strlen(name), suffix = strlen(KEYRING_SUFFIX);

	if (is_left_by_editor(name))
		return 0;
	if (strcmp(name, KEYRING_REVOKED) == 0)
		return load_revocations(dir, keyring, err);
	if (!has_suffix(name, KEYRING_SUFFIX) ||
	    !name_is_key(name, len - suffix))
		return refuse_name(name, err);
	return load_key(dir, name, len - suffix, keyring, err);
}

static int load_files(int dir, char *const *names, size_t count,
                      struct keyring *out, struct err *err)
{
	AUTO_FREE struct keyring *loaded = calloc(1, sizeof *loaded);

	if (loaded == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		if (load_file(dir, names[i], loaded, err) < 0)
			return -1;
	*out = *loaded;
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
	memset(keyring, 0, sizeof *keyring);
}

int keyring_require(const struct keyring *keyring, const char *app,
                    struct err *err)
{
	if (keyring->count > 0)
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "no trusted key for %s%s; run: install-package setup "
	               "--app %s --key FILE.pub",
	               app != NULL ? "app " : "this app",
	               app != NULL ? app : "", app != NULL ? app : "NAME");
}

static const struct keyring_key *find_name(const struct keyring *keyring,
                                           const char *name)
{
	for (size_t i = 0; i < keyring->count; i++)
		if (strcmp(keyring->keys[i].name, name) == 0)
			return &keyring->keys[i];
	return NULL;
}

int keyring_check_settings(const struct keyring *keyring,
                           const struct settings *settings, struct err *err)
{
	for (size_t i = 0; i < settings->key_count; i++)
		if (find_name(keyring, settings->keys[i].name) == NULL)
			return err_set(err, ERR_USAGE, 0,
			               "section [key %s] of the configuration "
			               "names no key: there is no %s.pub in "
			               "the trust folder; correct or remove it",
			               settings->keys[i].name,
			               settings->keys[i].name);
	return 0;
}

uint64_t keyring_max_sequence(const struct keyring *keyring,
                              const struct settings *settings,
                              const struct minisign_public *key)
{
	uint64_t lowest = SEQUENCE_MAX;

	for (size_t i = 0; i < settings->key_count; i++) {
		const struct settings_key *limit = &settings->keys[i];
		const struct keyring_key *named =
			find_name(keyring, limit->name);

		if (named != NULL && keyring_is_same_key(&named->public, key) &&
		    limit->max_sequence < lowest)
			lowest = limit->max_sequence;
	}
	return lowest;
}

const char *keyring_find_revoked(const struct keyring *keyring,
                                 const struct minisign_public *key)
{
	for (size_t i = 0; i < keyring->count; i++) {
		const struct minisign_public *other = &keyring->keys[i].public;
		const char *reason;

		if (!keyring_is_same_key(other, key))
			continue;
		reason = revocations_find_key(&keyring->revocations, other->id);
		if (reason != NULL)
			return reason;
	}
	return NULL;
}

bool keyring_is_same_key(const struct minisign_public *a,
                         const struct minisign_public *b)
{
	return memcmp(a->key, b->key, sizeof a->key) == 0;
}
