/* SPDX-License-Identifier: Apache-2.0 */
#include "secret_key.h"

#include <stdbool.h>
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

/* Where a key is said to be. */
struct key_source {
	const char *text; /* a path, or the PEM text itself */
	const char *name; /* of it in messages */
	/* Of a variable: not to be shown, for what was put there by mistake may
	 * be any secret. */
	bool is_hidden;
};

static bool is_pem(const char *text)
{
	return strncmp(text, PEM_BEGIN, strlen(PEM_BEGIN)) == 0;
}

static int find_source(const struct request *request, const char *source,
                       struct key_source *out, struct err *err)
{
	size_t len = strlen(COSIGN_KEY_VARIABLE);

	*out = (struct key_source){ .text = source, .name = source };
	if (strncmp(source, COSIGN_KEY_VARIABLE, len) == 0) {
		out->is_hidden = true;
		out->text =
			environment_find(request->environment, source + len);
		if (out->text == NULL || out->text[0] == '\0')
			return err_set(err, ERR_USAGE, 0, "$%s is not set",
			               source + len);
	} else if (source == request->cosign_key_text || is_pem(source)) {
		out->is_hidden = true;
		out->name = "$COSIGN_KEY";
	}
	/* As CI systems fold what is pasted. */
	if (out->is_hidden && is_pem(out->text + strspn(out->text, " \r\n\t")))
		out->text += strspn(out->text, " \r\n\t");
	return 0;
}

static int read_cosign(const struct key_source *source, struct buf *out,
                       struct err *err)
{
	if (is_pem(source->text))
		return buf_adds(out, source->text, err);
	if (file_read(source->text, out, err) == 0)
		return 0;
	if (!source->is_hidden)
		return -1;
	return err_set(err, ERR_USAGE, err->sys,
	               "it holds neither a key's text (%s...) nor the path of "
	               "a file that can be read",
	               PEM_BEGIN);
}

static int unlock_cosign(const struct request *request,
                         const struct key_source *source,
                         const struct password_query *query,
                         struct cosign_signer **out, struct err *err)
{
	AUTO_COSIGN_SECRET struct cosign_secret secret = { .cost = 0 };
	AUTO_PASSWORD struct password password = { .len = 0 };
	/* Encrypted, but for one of another kind that is refused. */
	AUTO_SECRET struct buf text = BUF_LIMIT(COSIGN_FILE_MAX);

	/* Room for all at once, so that growing leaves no copy behind. */
	if (buf_reserve(&text, COSIGN_FILE_MAX, err) < 0 ||
	    read_cosign(source, &text, err) < 0 ||
	    cosign_parse_secret(buf_text(&text), text.len, &secret, err) < 0 ||
	    password_get(request, query, &password, err) < 0)
		return -1;
	return cosign_unlock(&secret, password.text, password.len, out, err);
}

int secret_key_open_cosign(const struct request *request, const char *source,
                           const char *password_file,
                           struct cosign_signer **out, struct err *err)
{
	struct key_source found;
	struct password_query query = {
		.file = password_file,
		.credential = PASSWORD_OF_COSIGN,
		.variable = request->cosign_password,
		.use = PASSWORD_OLD,
	};

	if (find_source(request, source, &found, err) < 0)
		return err_wrap(err, "cosign key '%s'", source);
	query.key = found.name;
	if (unlock_cosign(request, &found, &query, out, err) < 0)
		return err_wrap(err, "cosign key '%s'", found.name);
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
