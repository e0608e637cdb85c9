/* SPDX-License-Identifier: Apache-2.0 */
/* package-release keygen: a key pair in the files of minisign or of cosign. */
#include <stdio.h>
#include <string.h>

#include "base/disk.h"
#include "base/text.h"
#include "crypto/cosign_key.h"
#include "crypto/minisign.h"
#include "files.h"
#include "password.h"
#include "request.h"
#include "say.h"

/* The two files, and what the pair is called. */
struct key_files {
	struct buf secret; /* wiped at the end */
	struct buf public;
	char id[SHA256_HEX_LEN + 1];
};

static void key_files_done(struct key_files *files)
{
	buf_wipe(&files->secret);
	buf_done(&files->public);
}

static int ask_password(const struct request *request, const char *credential,
                        const char *variable, struct password *out,
                        struct err *err)
{
	const struct password_query query = {
		.file = request->password_file,
		.credential = credential,
		.variable = variable,
		.key = request->output,
		.use = PASSWORD_NEW,
	};

	return password_get(request, &query, out, err);
}

/* --- minisign ---------------------------------------------------------------
 */

static int store_minisign(const struct request *request,
                          const struct minisign_signer *signer,
                          struct minisign_secret *secret, struct err *err)
{
	AUTO_PASSWORD struct password password = { .len = 0 };

	if (request->no_password) {
		minisign_store_plain(signer, secret);
		return 0;
	}
	if (ask_password(request, PASSWORD_OF_MINISIGN, NULL, &password, err) <
	    0)
		return -1;
	return minisign_lock(signer, password.text, password.len,
	                     MINISIGN_COST_SENSITIVE, secret, err);
}

static int make_minisign(const struct request *request, struct key_files *out,
                         struct err *err)
{
	AUTO_MINISIGN_SIGNER struct minisign_signer *signer = NULL;
	AUTO_MINISIGN_SECRET struct minisign_secret secret = { 0 };
	const struct minisign_public *public;

	if (minisign_generate(&signer, err) < 0 ||
	    store_minisign(request, signer, &secret, err) < 0)
		return -1;
	public = minisign_signer_public(signer);
	minisign_id_text(public->id, out->id);
	if (minisign_write_secret(&secret, &out->secret, err) < 0)
		return -1;
	return minisign_write_public(public, &out->public, err);
}

/* --- cosign -----------------------------------------------------------------
 */

/* cosign knows no plain keys: without a password the empty one opens it. */
static int store_cosign(const struct request *request,
                        const struct cosign_signer *signer,
                        struct cosign_secret *secret, struct err *err)
{
	AUTO_PASSWORD struct password password = { .len = 0 };

	if (!request->no_password &&
	    ask_password(request, PASSWORD_OF_COSIGN, request->cosign_password,
	                 &password, err) < 0)
		return -1;
	return cosign_lock(signer, password.text, password.len, COSIGN_COST,
	                   secret, err);
}

static int make_cosign(const struct request *request, struct key_files *out,
                       struct err *err)
{
	AUTO_COSIGN_SIGNER struct cosign_signer *signer = NULL;
	AUTO_COSIGN_SECRET struct cosign_secret secret = { .cost = 0 };

	if (cosign_generate(&signer, err) < 0 ||
	    store_cosign(request, signer, &secret, err) < 0)
		return -1;
	text_to_hex(cosign_signer_public(signer)->id, SHA256_LEN, out->id);
	if (cosign_write_secret(&secret, &out->secret, err) < 0)
		return -1;
	return cosign_write_public(signer, &out->public, err);
}

/* --- files ------------------------------------------------------------------
 */

static int write_key(int dir, const char *name, mode_t mode,
                     const struct buf *text, struct err *err)
{
	AUTO_CLOSE int fd = disk_create("keygen.create", dir, name, mode, err);

	if (fd < 0 ||
	    disk_write("keygen.write", fd, text->data, text->len, err) < 0)
		return -1;
	return disk_sync("keygen.sync", fd, err);
}

static void name_public(const char *name, char out[FS_NAME_MAX + 4])
{
	(void)snprintf(out, FS_NAME_MAX + 4, "%s.pub", name);
}

/* The secret half goes first: a public key alone would be handed out and then
 * nothing could sign for it. */
static int write_pair(int dir, const char *name, const struct key_files *files,
                      struct err *err)
{
	char public_name[FS_NAME_MAX + 4];

	name_public(name, public_name);
	if (write_key(dir, name, 0600, &files->secret, err) < 0 ||
	    write_key(dir, public_name, 0644, &files->public, err) < 0)
		return -1;
	return disk_sync("keygen.sync-folder", dir, err);
}

/* Existing keys are never overwritten, not even by half. */
static int require_free(int dir, const char *name, struct err *err)
{
	char public_name[FS_NAME_MAX + 4];
	int there = fs_exists(dir, name, NULL, err);

	name_public(name, public_name);
	if (there == 0)
		there = fs_exists(dir, public_name, NULL, err);
	if (there > 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "'%s' or '%s' exists; choose another name, or "
		               "move the old key away",
		               name, public_name);
	return there;
}

/* --- the command ------------------------------------------------------------
 */

struct key_type {
	const char *name;
	const char *advice; /* what hosts need besides the key */
	int (*make)(const struct request *request, struct key_files *out,
	            struct err *err);
};

static const struct key_type types[] = {
	{ "minisign", "", make_minisign },
	{ "cosign",
	  ", and with \"require = sigstore\" in /etc/tidegate/APP.ini",
	  make_cosign },
};

static const struct key_type *find_type(const char *name)
{
	if (name == NULL)
		return &types[0];
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(name, types[i].name) == 0)
			return &types[i];
	return NULL;
}

static int check_request(const struct request *request, struct err *err)
{
	if (request->output == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "name the file of the new key: package-release "
		               "keygen --output FILE");
	if (request->no_password && request->password_file != NULL)
		return err_set(err, ERR_USAGE, 0,
		               "--no-password and --password-file exclude each "
		               "other");
	if (find_type(request->type) == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "--type: '%s' is neither minisign nor cosign",
		               request->type);
	return 0;
}

int keygen_run(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO(key_files_done)
	struct key_files files = { .secret = BUF_LIMIT(COSIGN_FILE_MAX),
		                   .public = BUF_LIMIT(COSIGN_FILE_MAX) };
	AUTO_CLOSE int dir = -1;
	char name[FS_NAME_MAX];

	if (check_request(request, err) < 0)
		return -1;
	dir = file_split(request->output, name, err);
	/* All room at once: growing would leave copies of the key behind. */
	if (dir < 0 || require_free(dir, name, err) < 0 ||
	    buf_reserve(&files.secret, COSIGN_FILE_MAX, err) < 0 ||
	    find_type(request->type)->make(request, &files, err) < 0 ||
	    write_pair(dir, name, &files, err) < 0)
		return err_wrap(err, "making a key");
	say(request, "key %s: secret in %s, public in %s.pub", files.id,
	    request->output, request->output);
	say(request,
	    "hosts trust it after: sudo install-package setup --app APP --key "
	    "%s.pub%s",
	    request->output, find_type(request->type)->advice);
	return 0;
}
