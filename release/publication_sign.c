/* SPDX-License-Identifier: Apache-2.0 */
#include "publication_sign.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/text.h"
#include "codec/dsse.h"
#include "codec/sigstore_bundle.h"
#include "codec/sigstore_write.h"
#include "codec/statement.h"
#include "codec/statement_write.h"
#include "files.h"
#include "secret_key.h"

#define ATTESTATIONS  "attestation.intoto.jsonl"
#define SIGNATURE_MAX (2 * JSON_READ_MAX) /* bytes: a statement in base64 */

#define KEY_HEX       16 /* characters that tell keys apart in file names */

void publication_signer_wipe(struct publication_signer *signer)
{
	cosign_signer_free(&signer->secret);
}

void publication_signer_done(struct publication_signer *signer)
{
	publication_signer_wipe(signer);
	public_key_done(&signer->key);
	cleanup_close(&signer->dir);
}

int publication_signer_open(const struct publish_settings *settings,
                            struct publication_signer *out, struct err *err)
{
	const struct request *request = settings->request;
	const char *folder = publish_word(settings, PUBLISH_OUT_DIR);

	if (secret_key_open_cosign(request, request->cosign_key,
	                           request->password_file, &out->secret,
	                           err) < 0 ||
	    public_key_copy(cosign_signer_public(out->secret), &out->key, err) <
	            0 ||
	    make_folders(folder, err) < 0)
		return -1;
	out->dir = fs_open_anchor(folder, err);
	return out->dir < 0 ? -1 : 0;
}

/* What is signed: the statement, and its pre-authentication encoding. */
struct content {
	struct buf statement;
	struct buf pae;
};

#define CONTENT_NONE                                                           \
	((struct content){ .statement = BUF_LIMIT(JSON_READ_MAX),              \
	                   .pae = BUF_LIMIT(JSON_READ_MAX + 1024) })

static void content_done(struct content *content)
{
	buf_done(&content->statement);
	buf_done(&content->pae);
}

static struct attested manifest_of(const struct publication *publication)
{
	struct attested manifest = { .count = 1 };

	manifest.parts[0].name = publication->name;
	memcpy(manifest.parts[0].sha256, publication->digest, DIGEST_LEN);
	return manifest;
}

/* --- the one of an earlier run ------------------------------------------ */

static int file_name(const struct content *content,
                     const struct public_key *key, char out[FS_NAME_MAX],
                     struct err *err)
{
	uint8_t digest[SHA256_LEN];
	char hex[SHA256_HEX_LEN + 1];
	char id[SHA256_HEX_LEN + 1];

	if (sha256_of(content->statement.data, content->statement.len, digest,
	              err) < 0)
		return -1;
	text_to_hex(digest, sizeof digest, hex);
	text_to_hex(key->id, sizeof key->id, id);
	(void)snprintf(out, FS_NAME_MAX, "%s.%.*s.sigstore.json", hex, KEY_HEX,
	               id);
	return 0;
}

/* Whether @text is what @signature makes of this content, and nothing else: who
 * writes to the folder does not say what is published in the key's name. */
static bool is_bare(const struct buf *text, const struct content *content,
                    const struct public_key *key, struct bytes signature)
{
	AUTO_BUF struct buf own = BUF_LIMIT(SIGNATURE_MAX);
	struct err ignored; /* then it is made anew */

	return sigstore_write_envelope(key->id, DSSE_TYPE_INTOTO,
	                               buf_bytes(&content->statement),
	                               signature, &own, &ignored) == 0 &&
	       own.len == text->len &&
	       memcmp(own.data, text->data, own.len) == 0;
}

/* Whether @text is this content, signed by @key. */
static bool is_signature(const struct buf *text, const struct content *content,
                         const struct public_key *key)
{
	AUTO_SIGSTORE struct sigstore_bundle held = SIGSTORE_BUNDLE_NONE;
	struct err ignored; /* the same */

	return sigstore_bundle_parse(buf_text(text), text->len, &held,
	                             &ignored) == 0 &&
	       held.material == SIGSTORE_PUBLIC_KEY &&
	       held.content == SIGSTORE_ENVELOPE &&
	       is_bare(text, content, key, held.signature) &&
	       public_key_verify(key, buf_bytes(&content->pae), held.signature,
	                         &ignored) == 0;
}

static bool find_signature(int dir, const char *name,
                           const struct content *content,
                           const struct public_key *key, struct buf *out)
{
	struct err ignored; /* the same */
	AUTO_CLOSE int fd = fs_open_file(dir, name, &ignored);

	if (fd >= 0 && fs_read_fd(fd, out, &ignored) == 0 &&
	    is_signature(out, content, key))
		return true;
	buf_cut(out, 0);
	return false;
}

/* --- one of this run ---------------------------------------------------- */

static int make_signature(const struct cosign_signer *signer,
                          const struct content *content, struct buf *out,
                          struct err *err)
{
	struct cosign_signature signature;

	if (cosign_sign(signer, buf_bytes(&content->pae), &signature, err) < 0)
		return -1;
	return sigstore_write_envelope(
		cosign_signer_public(signer)->id, DSSE_TYPE_INTOTO,
		buf_bytes(&content->statement),
		(struct bytes){ signature.data, signature.len }, out, err);
}

static int keep(const struct publication_signer *signer, const char *name,
                const struct buf *text, struct err *err)
{
	return disk_replace_file("publish.signature", signer->dir, name, 0644,
	                         text->data, text->len, err);
}

/* content->statement is complete. */
static int sign(const struct publication_signer *signer,
                struct content *content, struct publication *publication,
                struct err *err)
{
	size_t count = publication->signature_count;
	AUTO_BUF struct buf text = BUF_LIMIT(SIGNATURE_MAX);
	char name[FS_NAME_MAX];
	bool is_new;

	if (dsse_pae(DSSE_TYPE_INTOTO, buf_bytes(&content->statement),
	             &content->pae, err) < 0 ||
	    file_name(content, &signer->key, name, err) < 0)
		return -1;
	is_new = !find_signature(signer->dir, name, content, &signer->key,
	                         &text);
	if (is_new &&
	    (make_signature(signer->secret, content, &text, err) < 0 ||
	     keep(signer, name, &text, err) < 0))
		return -1;
	if (publication_add_signature(publication, &text, err) < 0)
		return -1;
	if (publication->signature_count > count)
		publication->signatures[count].is_new = is_new;
	return 0;
}

static int sign_manifest(const struct publication_signer *signer,
                         struct publication *publication, struct err *err)
{
	const struct attested manifest = manifest_of(publication);
	AUTO(content_done) struct content content = CONTENT_NONE;

	if (statement_write_predicate(&manifest, PREDICATE_COSIGN_SIGN, "{}", 2,
	                              &content.statement, err) < 0)
		return -1;
	return sign(signer, &content, publication, err);
}

/* --- attestations ------------------------------------------------------- */

static bool is_about(const struct statement *statement,
                     const uint8_t sha256[SHA256_LEN])
{
	for (size_t i = 0; i < statement->subject_count; i++)
		if (statement->subjects[i].has_sha256 &&
		    sha256_equal(statement->subjects[i].sha256, sha256))
			return true;
	return false;
}

/* Whether a line of the bundle's attestations is the key's own word on
 * release.ini. */
static bool is_own(const struct sigstore_bundle *held,
                   const struct public_key *key,
                   const struct publication *publication)
{
	AUTO_STATEMENT struct statement statement = STATEMENT_NONE;
	AUTO_BUF struct buf pae = BUF_NONE;
	struct err ignored; /* another's, then */

	return held->material == SIGSTORE_PUBLIC_KEY &&
	       held->content == SIGSTORE_ENVELOPE &&
	       dsse_pae(DSSE_TYPE_INTOTO, held->envelope.payload, &pae,
	                &ignored) == 0 &&
	       public_key_verify(key, buf_bytes(&pae), held->signature,
	                         &ignored) == 0 &&
	       statement_parse((const char *)held->envelope.payload.data,
	                       held->envelope.payload.len, &statement,
	                       &ignored) == 0 &&
	       is_about(&statement, publication->release_sha256);
}

static int restate_line(const struct publication_signer *signer,
                        const char *line, size_t len,
                        struct publication *publication, struct err *err)
{
	AUTO_SIGSTORE struct sigstore_bundle held = SIGSTORE_BUNDLE_NONE;
	AUTO(content_done) struct content content = CONTENT_NONE;
	const struct attested manifest = manifest_of(publication);
	struct err ignored; /* the same */

	if (sigstore_bundle_parse(line, len, &held, &ignored) < 0 ||
	    !is_own(&held, &signer->key, publication))
		return 0;
	if (statement_restate(&manifest, held.envelope.payload,
	                      &content.statement, err) < 0)
		return -1;
	return sign(signer, &content, publication, err);
}

/* What the key says of release.ini it says of the manifest, too. */
static int restate_all(const struct publication_signer *signer,
                       const struct publication_file *file,
                       struct publication *publication, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;
	const char *at;

	if (buf_reserve(&text, (size_t)file->size + 1, err) < 0 ||
	    publication_file_read(file, 0, text.data, (size_t)file->size, err) <
	            0)
		return -1;
	text.len = (size_t)file->size;
	text.data[text.len] = '\0';
	for (at = buf_text(&text); *at != '\0'; at += strspn(at, "\n")) {
		size_t len = strcspn(at, "\n");

		if (restate_line(signer, at, len, publication, err) < 0)
			return -1;
		at += len;
	}
	return 0;
}

/* --- all ---------------------------------------------------------------- */

int publication_sign(const struct publication_signer *signer,
                     struct publication *publication, struct err *err)
{
	if (sign_manifest(signer, publication, err) < 0)
		return -1;
	for (size_t i = 0; i < publication->file_count; i++)
		if (publication->kind == PUBLICATION_BUNDLE &&
		    strcmp(publication->files[i].title, ATTESTATIONS) == 0)
			return restate_all(signer, &publication->files[i],
			                   publication, err);
	return 0;
}

/* What one of ours says, signed or not. */
static int content_of(const struct publication_file *file, struct content *out,
                      struct err *err)
{
	AUTO_SIGSTORE struct sigstore_bundle held = SIGSTORE_BUNDLE_NONE;

	if (sigstore_bundle_parse(buf_text(&file->data), file->data.len, &held,
	                          err) < 0 ||
	    buf_add(&out->statement, held.envelope.payload.data,
	            held.envelope.payload.len, err) < 0)
		return -1;
	return dsse_pae(DSSE_TYPE_INTOTO, held.envelope.payload, &out->pae,
	                err);
}

static int recall(const struct publication_signer *signer,
                  struct publication *publication, size_t number,
                  const struct buf *text, struct err *err)
{
	struct publication_file *file = &publication->signatures[number];
	AUTO(content_done) struct content content = CONTENT_NONE;
	AUTO_BUF struct buf copy = BUF_LIMIT(SIGNATURE_MAX);
	uint8_t digest[SHA256_LEN];
	char name[FS_NAME_MAX];

	if (!file->is_new)
		return 0;
	if (content_of(file, &content, err) < 0)
		return -1;
	if (!is_signature(text, &content, &signer->key))
		return 0;
	if (sha256_of(text->data, text->len, digest, err) < 0)
		return -1;
	if (file->is_recalled && memcmp(digest, file->sha256, SHA256_LEN) >= 0)
		return 0;
	if (buf_add(&copy, text->data, text->len, err) < 0 ||
	    file_name(&content, &signer->key, name, err) < 0 ||
	    keep(signer, name, text, err) < 0)
		return -1;
	file->is_recalled = true;
	return publication_replace_signature(publication, number, &copy, err);
}

int publication_sign_recall(const struct publication_signer *signer,
                            struct publication *publication,
                            const struct buf *text, struct err *err)
{
	for (size_t i = 0; i < publication->signature_count; i++)
		if (recall(signer, publication, i, text, err) < 0)
			return -1;
	return 0;
}
