/* SPDX-License-Identifier: Apache-2.0 */
#include "secret_key.h"

#include <string.h>

#include "base/environment.h"
#include "files.h"
#include "password.h"

#define PEM_BEGIN "-----BEGIN "

void secret_keys_done(struct secret_keys *keys)
{
	minisign_signer_free(&keys->minisign);
	cosign_signer_free(&keys->cosign);
}

/* --- minisign ---------------------------------------------------------------
 */

static int unlock_minisign(const struct request *request,
                           const struct password_query *query,
                           struct minisign_signer **out, struct err *err)
{
	AUTO_MINISIGN_SECRET struct minisign_secret secret = { 0 };
	AUTO_PASSWORD struct password password = { .len = 0 };
	AUTO_SECRET struct buf text = BUF_LIMIT(MINISIGN_FILE_MAX);

	/* Room for all at once, so that growing leaves no copy behind. */
	if (buf_reserve(&text, MINISIGN_FILE_MAX, err) < 0 ||
	    file_read(query->key, &text, err) < 0 ||
	    minisign_parse_secret(buf_text(&text), text.len, &secret, err) < 0)
		return -1;
	if (secret.is_encrypted &&
	    password_get(request, query, &password, err) < 0)
		return -1;
	return minisign_unlock(&secret, password.text, password.len, out, err);
}

static int open_minisign(const struct request *request, const char *path,
                         const char *password_file,
                         struct minisign_signer **out, struct err *err)
{
	const struct password_query query = {
		.file = password_file,
		.credential = PASSWORD_OF_MINISIGN,
		.key = path,
		.use = PASSWORD_OLD,
	};

	if (unlock_minisign(request, &query, out, err) < 0)
		return err_wrap(err, "key '%s'", path);
	return 0;
}

/* --- cosign -----------------------------------------------------------------
 */

/* What @source says: a path, the PEM text itself, or env://NAME of either.
 * What it holds is encrypted, and so no secret. */
static int read_cosign(const struct request *request, const char *source,
                       struct buf *out, struct err *err)
{
	size_t len = strlen(COSIGN_KEY_VARIABLE);

	if (strncmp(source, COSIGN_KEY_VARIABLE, len) == 0) {
		const char *name = source + len;

		source = environment_find(request->environment, name);
		if (source == NULL || source[0] == '\0')
			return err_set(err, ERR_USAGE, 0, "$%s is not set",
			               name);
	}
	if (strncmp(source, PEM_BEGIN, strlen(PEM_BEGIN)) == 0)
		return buf_adds(out, source, err);
	return file_read(source, out, err);
}

static int unlock_cosign(const struct request *request, const char *source,
                         const struct password_query *query,
                         struct cosign_signer **out, struct err *err)
{
	AUTO_COSIGN_SECRET struct cosign_secret secret = { .cost = 0 };
	AUTO_PASSWORD struct password password = { .len = 0 };
	AUTO_BUF struct buf text = BUF_LIMIT(COSIGN_FILE_MAX);

	if (read_cosign(request, source, &text, err) < 0 ||
	    cosign_parse_secret(buf_text(&text), text.len, &secret, err) < 0 ||
	    password_get(request, query, &password, err) < 0)
		return -1;
	return cosign_unlock(&secret, password.text, password.len, out, err);
}

int secret_key_open_cosign(const struct request *request, const char *source,
                           const char *password_file,
                           struct cosign_signer **out, struct err *err)
{
	const struct password_query query = {
		.file = password_file,
		.credential = PASSWORD_OF_COSIGN,
		.variable = request->cosign_password,
		/* A key is no name for itself. */
		.key = strncmp(source, PEM_BEGIN, strlen(PEM_BEGIN)) == 0
		               ? "$COSIGN_KEY"
		               : source,
		.use = PASSWORD_OLD,
	};

	if (unlock_cosign(request, source, &query, out, err) < 0)
		return err_wrap(err, "cosign key '%s'", query.key);
	return 0;
}

/* ----------------------------------------------------------------------------
 */

int secret_keys_open(const struct request *request,
                     const struct package_settings *settings,
                     struct secret_keys *out, struct err *err)
{
	AUTO_SECRET_KEYS struct secret_keys keys = SECRET_KEYS_NONE;
	const char *password_file = settings->password_file[0] != '\0'
	                                    ? settings->password_file
	                                    : NULL;

	if (settings->key[0] != '\0' &&
	    open_minisign(request, settings->key, password_file, &keys.minisign,
	                  err) < 0)
		return -1;
	if (settings->cosign_key != NULL &&
	    secret_key_open_cosign(request, settings->cosign_key, password_file,
	                           &keys.cosign, err) < 0)
		return -1;
	*out = (struct secret_keys){ TAKE_PTR(keys.minisign),
		                     TAKE_PTR(keys.cosign) };
	return 0;
}

int secret_keys_require(const struct request *request,
                        const struct package_settings *settings,
                        const char *command, const char *path,
                        struct secret_keys *out, struct err *err)
{
	if (settings->key[0] == '\0' && settings->cosign_key == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "name the secret key: package-release %s "
		               "--key FILE %s (or --cosign-key FILE)",
		               command, path);
	return secret_keys_open(request, settings, out, err);
}
