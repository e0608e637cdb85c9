/* SPDX-License-Identifier: Apache-2.0 */
/* package-release sign, and how evidence that is added gets to a bundle file,
 * or to a folder of parts and the bundle file that lies in it. */
#include "signing.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/text.h"
#include "codec/sigstore_bundle.h"
#include "codec/sigstore_write.h"
#include "files.h"
#include "pack/evidence.h"
#include "package_settings.h"
#include "say.h"

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

struct bytes release_bytes(const struct sealed_bundle *bundle)
{
	return buf_bytes(&bundle->release_text);
}

int write_message(const struct sealed_bundle *bundle,
                  const struct public_key *key, struct bytes signature,
                  struct buf *out, struct err *err)
{
	uint8_t sha256[SHA256_LEN];

	if (sha256_of(bundle->release_text.data, bundle->release_text.len,
	              sha256, err) < 0)
		return -1;
	return sigstore_write_message(key->id, sha256, signature, out, err);
}

/* Whether @part is a signature of release.ini by @key.  ECDSA signatures of the
 * same bytes differ, so that only checking can tell.  What cannot be read is
 * no signature by anybody. */
static int is_signed_by(const struct sealed_bundle *bundle,
                        const struct sealed_part *part,
                        const struct public_key *key, struct err *err)
{
	AUTO_SIGSTORE struct sigstore_bundle sigstore = SIGSTORE_BUNDLE_NONE;
	AUTO_BUF struct buf text = BUF_LIMIT(SIGSTORE_BUNDLE_MAX);
	struct err ignored;

	if (sealed_part_load(bundle, part, &text, err) < 0)
		return -1;
	if (sigstore_bundle_parse(buf_text(&text), text.len, &sigstore,
	                          &ignored) < 0)
		return 0;
	return sigstore.material == SIGSTORE_PUBLIC_KEY &&
	       sigstore.content == SIGSTORE_MESSAGE &&
	       public_key_verify(key, release_bytes(bundle), sigstore.signature,
	                         &ignored) == 0;
}

static int was_signed_by(const struct sealed_bundle *bundle,
                         const struct public_key *key, struct err *err)
{
	int found = 0;

	for (size_t i = 0; i < bundle->count && found == 0; i++)
		if (bundle->parts[i].part.kind == PART_SIGSTORE)
			found = is_signed_by(bundle, &bundle->parts[i], key,
			                     err);
	return found;
}

static int add_cosign(const struct cosign_signer *signer,
                      struct sealed_bundle *bundle, struct err *err)
{
	const struct public_key *key = cosign_signer_public(signer);
	AUTO_BUF struct buf text = BUF_LIMIT(SIGSTORE_BUNDLE_MAX);
	struct cosign_signature signature;
	int was_signed = was_signed_by(bundle, key, err);

	if (was_signed != 0)
		return was_signed < 0 ? -1 : 0;
	if (cosign_sign(signer, release_bytes(bundle), &signature, err) < 0 ||
	    write_message(bundle, key,
	                  (struct bytes){ signature.data, signature.len },
	                  &text, err) < 0)
		return -1;
	return evidence_add_sigstore(bundle, buf_text(&text), text.len, err);
}

void name_signers(const struct secret_keys *keys, struct signer_names *out)
{
	*out = (struct signer_names){ .minisign = "" };
	if (keys->minisign != NULL)
		minisign_id_text(minisign_signer_public(keys->minisign)->id,
		                 out->minisign);
	if (keys->cosign != NULL)
		text_to_hex(cosign_signer_public(keys->cosign)->id, SHA256_LEN,
		            out->cosign);
}

int sign_bundle(const struct secret_keys *keys, struct sealed_bundle *bundle,
                struct err *err)
{
	int added = 0;
	int added_cosign = 0;

	if (keys->minisign != NULL)
		added = add_signature(keys->minisign, bundle, err);
	if (added >= 0 && keys->cosign != NULL)
		added_cosign = add_cosign(keys->cosign, bundle, err);
	if (added < 0 || added_cosign < 0)
		return err_wrap(err, "signing");
	return added + added_cosign;
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

/* --- where it goes ----------------------------------------------------------
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

int store_added(struct sealed_bundle *bundle, const char *path, struct err *err)
{
	return bundle->file >= 0 ? store_file(bundle, path, err)
	                         : store_folder(bundle, path, err);
}

void say_signers(const struct request *request,
                 const struct sealed_bundle *bundle,
                 const struct signer_names *names, const char *what)
{
	const struct release_ini *release = &bundle->release;

	if (names->minisign[0] != '\0')
		say(request, "%s %s %s by key %s", release->app,
		    release->version, what, names->minisign);
	if (names->cosign[0] != '\0')
		say(request, "%s %s %s by cosign key %s", release->app,
		    release->version, what, names->cosign);
}

int sign_run(void *context, struct err *err)
{
	const struct request *request = context;
	const char *path = request->operands[0];
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;
	AUTO_FREE struct package_settings *settings = NULL;
	AUTO_SECRET_KEYS struct secret_keys keys = SECRET_KEYS_NONE;
	struct signer_names names;
	int added;

	if (package_settings_load(request, &settings, err) < 0 ||
	    sealed_bundle_open(path, &bundle, err) < 0 ||
	    secret_keys_require(request, settings, "sign", path, &keys, err) <
	            0)
		return -1;
	added = sign_bundle(&keys, &bundle, err);
	if (added < 0 || (added > 0 && store_added(&bundle, path, err) < 0))
		return -1;
	name_signers(&keys, &names);
	say_signers(request, &bundle, &names,
	            added > 0 ? "is signed" : "was signed before");
	return 0;
}
