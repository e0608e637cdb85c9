/* SPDX-License-Identifier: Apache-2.0 */
/* package-release keygen: a key pair in minisign's own files. */
#include <stdio.h>
#include <string.h>

#include "base/disk.h"
#include "crypto/minisign.h"
#include "files.h"
#include "password.h"
#include "request.h"
#include "say.h"

static int write_key(int dir, const char *name, mode_t mode,
                     const struct buf *text, struct err *err)
{
	AUTO_CLOSE int fd = disk_create("keygen.create", dir, name, mode, err);

	if (fd < 0 ||
	    disk_write("keygen.write", fd, text->data, text->len, err) < 0)
		return -1;
	return disk_sync("keygen.sync", fd, err);
}

/* The secret half goes first: a public key alone would be handed out and then
 * nothing could sign for it. */
static int write_pair(int dir, const char *name,
                      const struct minisign_secret *secret,
                      const struct minisign_public *public, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(MINISIGN_FILE_MAX);
	char public_name[FS_NAME_MAX + 4];
	int result;

	(void)snprintf(public_name, sizeof public_name, "%s.pub", name);
	if (buf_reserve(&text, MINISIGN_FILE_MAX, err) < 0 ||
	    minisign_write_secret(secret, &text, err) < 0)
		return -1;
	result = write_key(dir, name, 0600, &text, err);
	explicit_bzero(text.data, text.cap);
	text.len = 0;
	if (result < 0 || minisign_write_public(public, &text, err) < 0 ||
	    write_key(dir, public_name, 0644, &text, err) < 0)
		return -1;
	return disk_sync("keygen.sync-folder", dir, err);
}

/* Existing keys are never overwritten, not even by half. */
static int require_free(int dir, const char *name, struct err *err)
{
	char public_name[FS_NAME_MAX + 4];
	int there = fs_exists(dir, name, NULL, err);

	(void)snprintf(public_name, sizeof public_name, "%s.pub", name);
	if (there == 0)
		there = fs_exists(dir, public_name, NULL, err);
	if (there > 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "'%s' or '%s' exists; choose another name, or "
		               "move the old key away",
		               name, public_name);
	return there;
}

static int store(const struct request *request,
                 const struct minisign_signer *signer,
                 struct minisign_secret *secret, struct err *err)
{
	AUTO_PASSWORD struct password password = { .len = 0 };

	if (request->no_password) {
		minisign_store_plain(signer, secret);
		return 0;
	}
	if (password_get(request, request->password_file, request->output,
	                 PASSWORD_NEW, &password, err) < 0)
		return -1;
	return minisign_lock(signer, password.text, password.len,
	                     MINISIGN_COST_SENSITIVE, secret, err);
}

int keygen_run(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_MINISIGN_SIGNER struct minisign_signer *signer = NULL;
	AUTO_MINISIGN_SECRET struct minisign_secret secret = { 0 };
	AUTO_CLOSE int dir = -1;
	char name[FS_NAME_MAX];
	char id[MINISIGN_ID_TEXT];

	if (request->output == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "name the file of the new key: package-release "
		               "keygen --output FILE");
	if (request->no_password && request->password_file != NULL)
		return err_set(err, ERR_USAGE, 0,
		               "--no-password and --password-file exclude each "
		               "other");
	dir = file_split(request->output, name, err);
	if (dir < 0 || require_free(dir, name, err) < 0 ||
	    minisign_generate(&signer, err) < 0 ||
	    store(request, signer, &secret, err) < 0 ||
	    write_pair(dir, name, &secret, minisign_signer_public(signer),
	               err) < 0)
		return err_wrap(err, "making a key");
	minisign_id_text(minisign_signer_public(signer)->id, id);
	say(request, "key %s: secret in %s, public in %s.pub", id,
	    request->output, request->output);
	say(request,
	    "hosts trust it after: sudo install-package setup --app APP --key "
	    "%s.pub",
	    request->output);
	return 0;
}
