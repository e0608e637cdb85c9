/* SPDX-License-Identifier: Apache-2.0 */
#include "trusted.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "files.h"

#define PEM_START "-----BEGIN"

/* "path/release.key.pub" is the key "release.key". */
static void name_key(const char *path, const char *suffix,
                     char out[KEY_NAME_SIZE])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t len = strlen(name);
	size_t end = strlen(suffix);

	if (len > end && strcmp(name + len - end, suffix) == 0)
		len -= end;
	/* For messages, so that a cut is no harm. */
	(void)snprintf(out, KEY_NAME_SIZE, "%.*s", (int)len, name);
}

static int add_minisign(struct trusted *trusted, const char *path,
                        const struct buf *text, struct err *err)
{
	struct keyring *keyring = &trusted->keyring;
	struct keyring_key *key = &keyring->keys[keyring->count];

	if (keyring->count == KEYRING_KEYS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d keys",
		               KEYRING_KEYS_MAX);
	if (minisign_parse_public(buf_text(text), text->len, &key->public,
	                          err) < 0)
		return -1;
	name_key(path, KEYRING_SUFFIX, key->name);
	keyring->count++;
	trusted->settings.require |= REQUIRE_MINISIGN;
	return 0;
}

static int add_cosign(struct trusted *trusted, const char *path,
                      const struct buf *text, struct err *err)
{
	struct keyring *keyring = &trusted->keyring;
	struct keyring_cosign_key *key =
		&keyring->cosign_keys[keyring->cosign_count];

	if (keyring->cosign_count == KEYRING_KEYS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d keys",
		               KEYRING_KEYS_MAX);
	if (public_key_from_pem(buf_text(text), text->len, &key->key, err) < 0)
		return -1;
	name_key(path, KEYRING_PEM_SUFFIX, key->name);
	keyring->cosign_count++;
	trusted->settings.require |= REQUIRE_SIGSTORE;
	return 0;
}

static int add_key(struct trusted *trusted, const char *path, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(PUBLIC_KEY_PEM_MAX);
	bool is_pem;
	int added;

	if (file_read(path, &text, err) < 0)
		return -1;
	is_pem = strncmp(buf_text(&text), PEM_START, strlen(PEM_START)) == 0;
	added = is_pem ? add_cosign(trusted, path, &text, err)
	               : add_minisign(trusted, path, &text, err);
	return added < 0 ? err_wrap(err, "public key '%s'", path) : 0;
}

static int add_keys(const struct request *request, struct trusted *trusted,
                    struct err *err)
{
	trusted->settings.require = 0;
	for (size_t i = 0; i < request->keys.count; i++)
		if (add_key(trusted, request->keys.at[i], err) < 0)
			return -1;
	return 0;
}

static int load_folder(const char *path, struct keyring *out, struct err *err)
{
	AUTO_CLOSE int dir = fs_open_anchor(path, err);

	if (dir < 0 || fs_check_owner(dir, path, err) < 0 ||
	    keyring_load(dir, out, err) < 0 ||
	    keyring_require(out, NULL, err) < 0)
		return err_wrap(err, "trust folder '%s'", path);
	return 0;
}

static int load_settings(const char *path, struct trusted *trusted,
                         struct err *err)
{
	struct buf *text = &trusted->settings_text;

	if (file_read(path, text, err) < 0)
		return -1;
	if (settings_parse(buf_text(text), text->len, &trusted->settings, err) <
	    0)
		return err_wrap(err, "configuration '%s'", path);
	return 0;
}

static int load(const struct request *request, struct trusted *trusted,
                struct err *err)
{
	settings_defaults(&trusted->settings);
	if (request->keys.count > 0)
		return add_keys(request, trusted, err);
	if (load_folder(request->trust, &trusted->keyring, err) < 0)
		return -1;
	return request->config != NULL
	               ? load_settings(request->config, trusted, err)
	               : 0;
}

static int check_request(const struct request *request, struct err *err)
{
	if (request->keys.count > 0 && request->trust != NULL)
		return err_set(err, ERR_USAGE, 0,
		               "--key and --trust exclude each other");
	if (request->config != NULL && request->trust == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "--config says how a host judges, and --trust "
		               "whom it trusts: name both");
	return 0;
}

/* Nobody yet; NULL without memory. */
static struct trusted *nobody(struct err *err)
{
	struct trusted *trusted = calloc(1, sizeof *trusted);

	if (trusted == NULL) {
		(void)err_nomem(err);
		return NULL;
	}
	trusted->settings_text = BUF_LIMIT(SETTINGS_MAX);
	return trusted;
}

int trusted_new(const struct request *request, struct trusted **out,
                struct err *err)
{
	AUTO_TRUSTED struct trusted *trusted = NULL;

	if (check_request(request, err) < 0)
		return -1;
	if (request->keys.count == 0 && request->trust == NULL)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "name whom you trust: --key PUB or --trust DIR");
	trusted = nobody(err);
	if (trusted == NULL || load(request, trusted, err) < 0)
		return -1;
	*out = TAKE_PTR(trusted);
	return 0;
}

/* --- for attach -------------------------------------------------------------
 */

int trusted_root_read(const char *path, struct buf *out, struct err *err)
{
	AUTO_CLOSE int top = fs_open_anchor("/", err);
	int result;

	if (top < 0)
		return -1;
	result = fs_read_trusted(top, path + 1, out, err);
	if (result < 0)
		return err_wrap(err, "trusted root '%s'", path);
	if (result == 0)
		return err_set(err, ERR_USAGE, 0,
		               "no trusted root: put the instance's "
		               "trusted_root.json at %s, or name one with "
		               "--trusted-root",
		               path);
	return 0;
}

static int add_root(const struct request *request, struct keyring *keyring,
                    struct err *err)
{
	struct keyring_root *root = &keyring->roots[keyring->root_count];

	if (request->trusted_root == NULL && keyring->root_count > 0)
		return 0; /* those of the trust folder */
	if (keyring->root_count == KEYRING_ROOTS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d trusted roots",
		               KEYRING_ROOTS_MAX);
	(void)snprintf(root->name, sizeof root->name, "command-line");
	root->text = BUF_LIMIT(KEYRING_ROOT_SIZE_MAX);
	keyring->root_count++;
	return request->trusted_root != NULL
	               ? file_read(request->trusted_root, &root->text, err)
	               : trusted_root_read(TRUSTED_ROOT_DEFAULT, &root->text,
	                                   err);
}

static int check_signers(const struct request *request, struct err *err)
{
	bool has_owner = request->identity != NULL || request->issuer != NULL;

	if (has_owner && (request->identity == NULL || request->issuer == NULL))
		return err_set(err, ERR_USAGE, 0,
		               "--certificate-identity and "
		               "--certificate-oidc-issuer need each other");
	if (!has_owner && request->keys.count == 0 && request->trust == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "what is attached is verified first: name who "
		               "signed it with --key PUB, --trust DIR, or "
		               "--certificate-identity ID "
		               "--certificate-oidc-issuer URL");
	if (request->trusted_root != NULL && !has_owner &&
	    request->trust == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "--trusted-root is for certificates: add "
		               "--certificate-identity ID "
		               "--certificate-oidc-issuer URL");
	return check_request(request, err);
}

/* Whoever is trusted may have signed what is attached, whether the host asks
 * for it or not: one good piece is enough to hold release.ini against the
 * limits on its signers. */
static void ask_for_anything(struct settings *settings)
{
	settings->require =
		REQUIRE_MINISIGN | REQUIRE_SIGSTORE | REQUIRE_PROVENANCE;
	settings->accepts_keyless_alone = true;
}

int trusted_signers_new(const struct request *request, struct trusted **out,
                        struct err *err)
{
	AUTO_TRUSTED struct trusted *trusted = NULL;

	if (check_signers(request, err) < 0)
		return -1;
	trusted = nobody(err);
	if (trusted == NULL)
		return -1;
	settings_defaults(&trusted->settings);
	if ((request->keys.count > 0 || request->trust != NULL) &&
	    load(request, trusted, err) < 0)
		return -1;
	if ((request->identity != NULL || request->trusted_root != NULL) &&
	    add_root(request, &trusted->keyring, err) < 0)
		return -1;
	ask_for_anything(&trusted->settings);
	*out = TAKE_PTR(trusted);
	return 0;
}

void trusted_free(struct trusted *trusted)
{
	if (trusted == NULL)
		return;
	keyring_done(&trusted->keyring);
	buf_done(&trusted->settings_text);
	free(trusted);
}
