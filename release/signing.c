/* SPDX-License-Identifier: Apache-2.0 */
/* package-release sign and attach: evidence that is added to a bundle file, or
 * to a folder of parts and the bundle file that lies in it. */
#include "signing.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "crypto/minisign.h"
#include "files.h"
#include "pack/evidence.h"
#include "package_settings.h"
#include "password.h"
#include "say.h"

static int unlock(const struct request *request, const char *key,
                  const char *password_file, struct minisign_signer **out,
                  struct err *err)
{
	AUTO_MINISIGN_SECRET struct minisign_secret secret = { 0 };
	AUTO_PASSWORD struct password password = { .len = 0 };
	AUTO_BUF struct buf text = BUF_LIMIT(MINISIGN_FILE_MAX);
	int result = -1;

	/* Room for all at once, so that growing leaves no copy behind. */
	if (buf_reserve(&text, MINISIGN_FILE_MAX, err) == 0 &&
	    file_read(key, &text, err) == 0)
		result = minisign_parse_secret(buf_text(&text), text.len,
		                               &secret, err);
	if (text.data != NULL)
		explicit_bzero(text.data, text.cap);
	if (result < 0)
		return -1;
	if (secret.is_encrypted &&
	    password_get(request, password_file, key, PASSWORD_OLD, &password,
	                 err) < 0)
		return -1;
	return minisign_unlock(&secret, password.text, password.len, out, err);
}

/* Ed25519 is deterministic, so an equal signature tells that this very key
 * signed before. */
static int add_signature(const struct minisign_signer *signer,
                         struct sealed_bundle *bundle, struct err *err)
{
	struct minisign_signature signature;
	char comment[RELEASE_COMMENT_SIZE];
	char untrusted[64];
	char id[MINISIGN_ID_TEXT];
	AUTO_BUF struct buf text = BUF_LIMIT(MINISIGN_FILE_MAX);

	release_ini_comment(&bundle->release, comment);
	minisign_id_text(minisign_signer_public(signer)->id, id);
	(void)snprintf(untrusted, sizeof untrusted, "signature by key %s", id);
	if (minisign_sign(signer, buf_text(&bundle->release_text),
	                  bundle->release_text.len, comment, &signature,
	                  err) < 0 ||
	    minisign_write_signature(&signature, untrusted, &text, err) < 0)
		return -1;
	return evidence_add_minisign(bundle, buf_text(&text), text.len, err);
}

int sign_bundle(const struct request *request, const char *key,
                const char *password_file, struct sealed_bundle *bundle,
                char *id, struct err *err)
{
	AUTO_MINISIGN_SIGNER struct minisign_signer *signer = NULL;
	int added;

	if (unlock(request, key, password_file, &signer, err) < 0)
		return err_wrap(err, "key '%s'", key);
	added = add_signature(signer, bundle, err);
	if (added < 0)
		return err_wrap(err, "signing");
	minisign_id_text(minisign_signer_public(signer)->id, id);
	return added;
}

static bool is_evidence(enum part_kind kind)
{
	return kind != PART_RELEASE_INI && !part_is_pinned(kind);
}

int store_evidence(const struct sealed_bundle *bundle, int dir, struct err *err)
{
	for (size_t i = 0; i < bundle->count; i++) {
		const struct sealed_part *part = &bundle->parts[i];
		AUTO_BUF struct buf text = BUF_NONE;
		char name[PART_NAME_SIZE];

		if (!is_evidence(part->part.kind) || part->fd >= 0)
			continue;
		part_name(part->part, name);
		if (sealed_part_load(bundle, part, &text, err) < 0 ||
		    disk_replace_file("sign.evidence", dir, name, 0644,
		                      text.data, text.len, err) < 0)
			return -1;
	}
	return 0;
}

int store_bundle(const struct sealed_bundle *bundle, int dir, const char *name,
                 struct err *err)
{
	char temporary[BUNDLE_NAME_SIZE + FS_NAME_MAX];

	(void)snprintf(temporary, sizeof temporary, ".%s.new", name);
	if (disk_unlink("sign.clear", dir, temporary, err) < 0 ||
	    sealed_bundle_write(bundle, dir, temporary, err) < 0)
		return -1;
	return disk_rename("sign.rename", dir, temporary, dir, name, err);
}

int adopt_from(const char *path, struct sealed_bundle *bundle, struct err *err)
{
	AUTO_SEALED struct sealed_bundle old = SEALED_BUNDLE_NONE;
	struct err ignored;

	if (sealed_bundle_open(path, &old, &ignored) < 0 ||
	    old.release_text.len != bundle->release_text.len ||
	    memcmp(buf_text(&old.release_text), buf_text(&bundle->release_text),
	           old.release_text.len) != 0)
		return 0;
	return evidence_adopt(bundle, &old, err) < 0 ? -1 : 0;
}

/* --- the two commands --------------------------------------------------------
 */

/* A folder of parts, and the bundle file that lies in it: each may have been
 * signed alone before, and afterwards both have all. */
static int store_folder(struct sealed_bundle *bundle, const char *path,
                        struct err *err)
{
	AUTO_CLOSE int dir = fs_open_anchor(path, err);
	char name[BUNDLE_NAME_SIZE];
	char beside[FS_PATH_MAX + BUNDLE_NAME_SIZE];
	int there;

	if (dir < 0)
		return -1;
	sealed_bundle_name(&bundle->release, name);
	(void)snprintf(beside, sizeof beside, "%s/%s", path, name);
	there = fs_exists(dir, name, NULL, err);
	if (there < 0 || (there == 1 && adopt_from(beside, bundle, err) < 0) ||
	    store_evidence(bundle, dir, err) < 0)
		return -1;
	return there == 1 ? store_bundle(bundle, dir, name, err) : 0;
}

/* Whether the parts of this very release lie in @dir too. */
static int has_parts(const struct sealed_bundle *bundle, int dir,
                     struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(RELEASE_INI_MAX);
	AUTO_CLOSE int fd = -1;
	int there = fs_exists(dir, "release.ini", NULL, err);

	if (there <= 0)
		return there;
	fd = fs_open_file(dir, "release.ini", err);
	if (fd < 0 || fs_read_fd(fd, &text, err) < 0)
		return -1;
	return text.len == bundle->release_text.len &&
	       memcmp(buf_text(&text), buf_text(&bundle->release_text),
	              text.len) == 0;
}

static int store_file(struct sealed_bundle *bundle, const char *path,
                      struct err *err)
{
	char name[FS_NAME_MAX];
	char folder[FS_PATH_MAX];
	AUTO_CLOSE int dir = file_split(path, name, err);
	int has;

	if (dir < 0 || file_beside(path, ".", folder, err) < 0)
		return -1;
	has = has_parts(bundle, dir, err);
	if (has < 0 || (has == 1 && (adopt_from(folder, bundle, err) < 0 ||
	                             store_evidence(bundle, dir, err) < 0)))
		return -1;
	return store_bundle(bundle, dir, name, err);
}

/* Write what was added back to where @path was opened from. */
static int store(struct sealed_bundle *bundle, const char *path,
                 struct err *err)
{
	return bundle->file >= 0 ? store_file(bundle, path, err)
	                         : store_folder(bundle, path, err);
}

int sign_run(void *context, struct err *err)
{
	const struct request *request = context;
	const char *path = request->operands[0];
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;
	AUTO_FREE struct package_settings *settings = NULL;
	const char *password;
	char id[MINISIGN_ID_TEXT];
	int added;

	if (package_settings_load(request, &settings, err) < 0)
		return -1;
	if (settings->key[0] == '\0')
		return err_set(err, ERR_USAGE, 0,
		               "name the secret key: package-release sign "
		               "--key FILE %s",
		               path);
	password = settings->password_file[0] != '\0' ? settings->password_file
	                                              : NULL;
	if (sealed_bundle_open(path, &bundle, err) < 0)
		return -1;
	added = sign_bundle(request, settings->key, password, &bundle, id, err);
	if (added < 0 || (added > 0 && store(&bundle, path, err) < 0))
		return -1;
	say(request, "%s %s %s by key %s", bundle.release.app,
	    bundle.release.version,
	    added > 0 ? "is signed" : "was signed before", id);
	return 0;
}

static int attach_file(struct sealed_bundle *bundle, const char *path,
                       int (*add)(struct sealed_bundle *bundle,
                                  const char *text, size_t len,
                                  struct err *err),
                       struct err *err)
{
	AUTO_BUF struct buf text =
		BUF_LIMIT((size_t)part_max_size(PART_ATTESTATION));
	int added;

	if (file_read(path, &text, err) < 0)
		return -1;
	added = add(bundle, buf_text(&text), text.len, err);
	return added < 0 ? err_wrap(err, "'%s'", path) : added;
}

/* Sigstore's are JSON, minisign's begin with a comment. */
static int add_any_signature(struct sealed_bundle *bundle, const char *text,
                             size_t len, struct err *err)
{
	if (len > 0 && text[0] == '{')
		return evidence_add_sigstore(bundle, text, len, err);
	return evidence_add_minisign(bundle, text, len, err);
}

int attach_run(void *context, struct err *err)
{
	const struct request *request = context;
	const char *path = request->operands[0];
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;
	int signatures = 0;
	int attestations = 0;

	if (request->signature == NULL && request->attestation == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "name what to attach: --signature FILE or "
		               "--attestation FILE");
	if (sealed_bundle_open(path, &bundle, err) < 0)
		return -1;
	if (request->signature != NULL)
		signatures = attach_file(&bundle, request->signature,
		                         add_any_signature, err);
	if (signatures >= 0 && request->attestation != NULL)
		attestations = attach_file(&bundle, request->attestation,
		                           evidence_add_attestations, err);
	if (signatures < 0 || attestations < 0)
		return -1;
	if (signatures + attestations > 0 && store(&bundle, path, err) < 0)
		return -1;
	say(request,
	    signatures + attestations > 0 ? "attached to %s"
	                                  : "%s has it already",
	    path);
	return 0;
}
