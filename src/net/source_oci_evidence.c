/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence that was attached to an artifact: its own first, and then that of
 * what refers to it. */
#include <stdlib.h>
#include <string.h>

#include "codec/json_read.h"
#include "net/source_oci_own.h"

#define TYPE_SIGSTORE_PREFIX "application/vnd.dev.sigstore.bundle"
#define TYPE_IN_TOTO         "application/vnd.in-toto+json"
#define TYPE_DSSE            "application/vnd.dsse.envelope.v1+json"

/* Anybody who may push can attach something: what is read to look into it. */
#define READS_MAX      128
#define READS_SIZE_MAX ((uint64_t)16 << 20) /* bytes, in all */

static bool is_sigstore(const char *type)
{
	return strncmp(type, TYPE_SIGSTORE_PREFIX,
	               strlen(TYPE_SIGSTORE_PREFIX)) == 0;
}

static bool is_attestation(const char *type)
{
	return strcmp(type, TYPE_IN_TOTO) == 0 || strcmp(type, TYPE_DSSE) == 0;
}

static bool is_evidence(const char *artifact_type)
{
	return strcmp(artifact_type, OCI_TYPE_EVIDENCE) == 0 ||
	       is_sigstore(artifact_type) || is_attestation(artifact_type);
}

static bool is_entry_wanted(const struct oci_descriptor *entry)
{
	return is_evidence(entry->artifact_type);
}

const struct oci_piece *oci_artifact_piece(const struct oci_artifact *artifact,
                                           struct part part)
{
	for (size_t i = 0; i < artifact->piece_count; i++)
		if (part_compare(artifact->pieces[i].part, part) == 0)
			return &artifact->pieces[i];
	return NULL;
}

static bool has_blob(const struct oci_artifact *artifact,
                     const struct oci_descriptor *blob)
{
	for (size_t i = 0; i < artifact->piece_count; i++)
		if (memcmp(artifact->pieces[i].blob.digest, blob->digest,
		           OCI_DIGEST_LEN) == 0)
			return true;
	return false;
}

/* The first of a name stays; beyond the most the rest is left out. */
static void add_piece(struct oci_artifact *artifact, struct part part,
                      const struct oci_descriptor *blob)
{
	struct oci_piece *piece = &artifact->pieces[artifact->piece_count];

	if (part.kind == PART_SIGSTORE)
		part.id = artifact->sigstore_count + 1;
	if (artifact->piece_count == OCI_EVIDENCE_MAX ||
	    (part.kind == PART_SIGSTORE && part.id > PART_SIGSTORE_MAX) ||
	    blob->size > part_max_size(part.kind) || has_blob(artifact, blob) ||
	    oci_artifact_piece(artifact, part) != NULL)
		return;
	*piece = (struct oci_piece){ .part = part };
	memcpy(piece->blob.digest, blob->digest, OCI_DIGEST_LEN);
	piece->blob.size = blob->size;
	piece->blob.title = piece->blob.media_type = "";
	artifact->piece_count++;
	if (part.kind == PART_SIGSTORE)
		artifact->sigstore_count++;
}

/* Append a blob to @out.  1: it did not fit, or enough was read; it is left
 * out. */
static int read_evidence(struct oci_artifact *artifact,
                         const struct oci_descriptor *blob, struct buf *out,
                         struct err *err)
{
	if (blob->size > out->max || artifact->reads == READS_MAX ||
	    blob->size > READS_SIZE_MAX - artifact->read_size)
		return 1;
	artifact->reads++;
	artifact->read_size += blob->size;
	return oci_blob_read(&artifact->registry, blob, out, err);
}

/* One document is one line: a line feed in JSON is only space. */
static int add_line(struct oci_artifact *artifact, struct buf *text,
                    struct err *err)
{
	size_t room = artifact->attestations.max - artifact->attestations.len;

	while (text->len > 0 &&
	       strchr(" \r\n", text->data[text->len - 1]) != NULL)
		buf_cut(text, text->len - 1);
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] == '\n' || text->data[i] == '\r')
			text->data[i] = ' ';
	/* What does not fit is left out, as beyond the most of others. */
	if (text->len == 0 || text->len + 1 > room)
		return 0;
	if (buf_add(&artifact->attestations, text->data, text->len, err) < 0)
		return -1;
	return buf_adds(&artifact->attestations, "\n", err);
}

/* All lines of a file of attestations. */
static int add_lines(struct oci_artifact *artifact,
                     const struct oci_descriptor *blob, struct err *err)
{
	AUTO_BUF struct buf text =
		BUF_LIMIT((size_t)part_max_size(PART_ATTESTATION));
	struct buf *all = &artifact->attestations;
	int got = read_evidence(artifact, blob, &text, err);

	if (got != 0)
		return got < 0 ? -1 : 0;
	if (text.len > 0 && text.data[text.len - 1] != '\n' &&
	    buf_adds(&text, "\n", err) < 0)
		return -1;
	if (text.len > all->max - all->len)
		return 0;
	return buf_add(all, text.data, text.len, err);
}

/* A bundle holds a signature over release.ini, or an attestation. */
static bool is_envelope(const struct buf *text)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct json_node top, envelope;
	struct err err; /* what is no JSON is no attestation */

	if (json_read(buf_text(text), text->len, JSON_READ_MAX, &document,
	              &err) < 0)
		return false;
	top = json_top(&document);
	envelope = json_member(&top, "dsseEnvelope");
	return json_is_present(&envelope);
}

static int add_bundle(struct oci_artifact *artifact,
                      const struct oci_descriptor *blob, struct err *err)
{
	AUTO_BUF struct buf text =
		BUF_LIMIT((size_t)part_max_size(PART_SIGSTORE));
	int got = read_evidence(artifact, blob, &text, err);

	if (got != 0)
		return got < 0 ? -1 : 0;
	if (is_envelope(&text))
		return add_line(artifact, &text, err);
	add_piece(artifact, (struct part){ PART_SIGSTORE, 0 }, blob);
	return 0;
}

static int add_envelope(struct oci_artifact *artifact,
                        const struct oci_descriptor *blob, struct err *err)
{
	AUTO_BUF struct buf text =
		BUF_LIMIT((size_t)part_max_size(PART_ATTESTATION));
	int got = read_evidence(artifact, blob, &text, err);

	if (got != 0)
		return got < 0 ? -1 : 0;
	return add_line(artifact, &text, err);
}

/* A publisher may attach the artifact's own attestations, too. */
static bool is_own(const struct oci_artifact *artifact,
                   const struct oci_descriptor *blob)
{
	const struct oci_descriptor *own = oci_artifact_layer(
		artifact, (struct part){ PART_ATTESTATION, 0 });

	return own != NULL &&
	       memcmp(own->digest, blob->digest, OCI_DIGEST_LEN) == 0;
}

/* A layer of what refers to the artifact: by its title, else by its type. */
static int take_layer(struct oci_artifact *artifact,
                      const struct oci_descriptor *layer, struct err *err)
{
	struct part part;

	if (part_parse(layer->title, strlen(layer->title), &part)) {
		if (part.kind == PART_ATTESTATION)
			return is_own(artifact, layer)
			               ? 0
			               : add_lines(artifact, layer, err);
		if (part_is_minisign(part.kind) || part.kind == PART_SIGSTORE)
			add_piece(artifact, part, layer);
		return 0;
	}
	if (is_sigstore(layer->media_type))
		return add_bundle(artifact, layer, err);
	if (is_attestation(layer->media_type))
		return add_envelope(artifact, layer, err);
	return 0;
}

static int take_referrer(struct oci_artifact *artifact,
                         const struct oci_name *name, struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest manifest = OCI_MANIFEST_NONE;
	uint8_t digest[OCI_DIGEST_LEN];
	int got = oci_get_manifest(&artifact->registry, name, digest, &manifest,
	                           err);

	/* Deleted since, or of another type than it seemed. */
	if (got <= 0 || manifest.kind != OCI_MANIFEST ||
	    !is_evidence(manifest.artifact_type))
		return got < 0 ? -1 : 0;
	for (size_t i = 0; i < manifest.count; i++)
		if (take_layer(artifact, &manifest.entries[i], err) < 0)
			return -1;
	return 0;
}

/* The artifact, the index it was found by, and its release.ini. */
static int list_referrers(struct oci_artifact *artifact,
                          struct oci_referrers *out, struct err *err)
{
	const struct oci_resolved *resolved = &artifact->resolved;
	const struct oci_descriptor *release = oci_artifact_layer(
		artifact, (struct part){ PART_RELEASE_INI, 0 });
	const uint8_t *const subjects[] = { resolved->digest, resolved->pinned,
		                            release->digest };

	for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
		if (i > 0 &&
		    memcmp(subjects[i], subjects[i - 1], OCI_DIGEST_LEN) == 0)
			continue;
		if (oci_get_referrers(&artifact->registry, subjects[i],
		                      is_entry_wanted, out, err) < 0)
			return -1;
	}
	return 0;
}

static int take_referrers(struct oci_artifact *artifact, struct err *err)
{
	AUTO_FREE struct oci_referrers *referrers =
		calloc(1, sizeof *referrers);

	if (referrers == NULL)
		return err_nomem(err);
	if (list_referrers(artifact, referrers, err) < 0)
		return -1;
	for (size_t i = 0; i < referrers->count; i++)
		if (take_referrer(artifact, &referrers->names[i], err) < 0)
			return -1;
	return 0;
}

/* The artifact's own evidence comes first, in its order. */
static int take_own(struct oci_artifact *artifact, struct err *err)
{
	const struct oci_descriptor *lines = oci_artifact_layer(
		artifact, (struct part){ PART_ATTESTATION, 0 });

	for (uint64_t i = 1; i <= PART_SIGSTORE_MAX; i++) {
		const struct part part = { PART_SIGSTORE, i };
		const struct oci_descriptor *layer =
			oci_artifact_layer(artifact, part);

		if (layer != NULL)
			add_piece(artifact, part, layer);
	}
	if (lines == NULL)
		return 0;
	if (oci_artifact_check(artifact, (struct part){ PART_ATTESTATION, 0 },
	                       lines, err) < 0)
		return -1;
	return add_lines(artifact, lines, err);
}

/* What refers to the artifact is a bonus: anybody who may push can attach
 * nonsense, and a registry may fail there.  Then it is said, and the evidence
 * that there is must do. */
int oci_artifact_look(struct oci_artifact *artifact, struct err *err)
{
	struct err why;
	char text[ERR_TEXT_MAX];

	if (artifact->has_looked)
		return 0;
	artifact->has_looked = true;
	artifact->attestations =
		BUF_LIMIT((size_t)part_max_size(PART_ATTESTATION));
	if (take_own(artifact, err) < 0)
		return -1;
	if (take_referrers(artifact, &why) == 0)
		return 0;
	http_say(artifact->source.client, "going on without it: %s",
	         err_format(&why, text, sizeof text));
	return 0;
}
