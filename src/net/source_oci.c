/* SPDX-License-Identifier: Apache-2.0 */
/* A release as an artifact in a registry (docs/bundle-format.md, "As an OCI
 * artifact"): its parts are layers, called by their titles.  Evidence that was
 * added later is found among what refers to the artifact, to the index it is
 * in, or to its release.ini: signatures and attestations of our own type, by
 * title, and the bundles that cosign and others attach.
 *
 * Further evidence is looked for once, when evidence is first asked for.
 *
 * A bundle that was pushed as it is, one file and one layer, is read through
 * source_file.c; its evidence is in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_read.h"
#include "net/oci.h"
#include "net/source.h"

#define TYPE_SIGSTORE_PREFIX "application/vnd.dev.sigstore.bundle"
#define TYPE_IN_TOTO         "application/vnd.in-toto+json"
#define TYPE_DSSE            "application/vnd.dsse.envelope.v1+json"
#define EVIDENCE_MAX         (PART_SIGNERS_MAX + PART_SIGSTORE_MAX)

/* Anybody who may push can attach something: what is read to look into it. */
#define READS_MAX      128
#define READS_SIZE_MAX ((uint64_t)16 << 20) /* bytes, in all */

/* A piece of evidence that stands in a blob of its own. */
struct piece {
	struct part part;
	struct oci_descriptor blob; /* its texts are gone: all "" */
};

struct artifact {
	struct source source;
	struct oci_reference reference;
	struct oci_registry registry;
	struct oci_resolved resolved;
	const struct oci_descriptor *bundle_layer; /* borrowed from resolved */
	struct source *bundle; /* owned; NULL: parts are layers */
	bool has_looked;       /* for what follows */
	struct piece pieces[EVIDENCE_MAX];
	size_t piece_count;
	uint64_t sigstore_count;
	struct buf attestations; /* lines; of the layer and of referrers */
	unsigned reads;
	uint64_t read_size;
};

static struct artifact *artifact_of(struct source *source)
{
	return (struct artifact *)source; /* its first member */
}

/* --- finding the release ------------------------------------------------ */

/* Of a long name the end: the digest tells most. */
static void note_origin(struct artifact *artifact)
{
	const struct oci_reference *reference = &artifact->reference;
	char *origin = artifact->source.origin;
	size_t room = sizeof artifact->source.origin - strlen("oci://") -
	              strlen("/@") - (OCI_DIGEST_SIZE - 1) - 1;
	char digest[OCI_DIGEST_SIZE];
	size_t registry = strlen(reference->registry);
	size_t repository = strlen(reference->repository);
	size_t cut = 0;

	oci_digest_text(artifact->resolved.pinned, digest);
	if (registry > room / 2)
		registry = room / 2;
	if (repository > room - registry)
		cut = repository - (room - registry);
	(void)snprintf(origin, sizeof artifact->source.origin,
	               "oci://%.*s/%s@%s", (int)registry, reference->registry,
	               reference->repository + cut, digest);
}

/* A reference without a tag means the version that is asked for. */
static int fill_tag(struct artifact *artifact, struct err *err)
{
	const char *version = artifact->source.wanted->version;
	struct oci_reference *reference = &artifact->reference;

	if (reference->tag[0] != '\0' || reference->has_digest ||
	    version[0] == '\0')
		return 0;
	return text_copy(reference->tag, sizeof reference->tag, version,
	                 strlen(version), err);
}

/* --- a bundle as one layer ---------------------------------------------- */

static bool is_bundle_name(const char *title)
{
	static const char suffix[] = ".tar.gz";
	size_t len = strlen(title), tail = sizeof suffix - 1;

	return len > tail && strcmp(title + len - tail, suffix) == 0;
}

/* The only layer that can be one; NULL where there are several, or none. */
static const struct oci_descriptor *
find_bundle(const struct oci_manifest *manifest)
{
	const struct oci_descriptor *found = NULL;

	for (size_t i = 0; i < manifest->count; i++) {
		if (!is_bundle_name(manifest->entries[i].title))
			continue;
		if (found != NULL)
			return NULL;
		found = &manifest->entries[i];
	}
	return found;
}

static int read_bundle(void *context, const struct http_range *ranges,
                       size_t count, enum http_wholly wholly,
                       const struct http_sink *sink, uint64_t *size,
                       struct err *err)
{
	struct artifact *artifact = context;

	if (oci_blob_ranges(&artifact->registry, artifact->bundle_layer, ranges,
	                    count, wholly, sink, err) < 0)
		return -1;
	if (size != NULL)
		*size = artifact->bundle_layer->size;
	return 0;
}

static int open_bundle(struct artifact *artifact, struct err *err)
{
	const struct source_reader reader = { read_bundle, artifact };
	const struct oci_manifest *manifest = &artifact->resolved.manifest;
	const struct oci_descriptor *layer = find_bundle(manifest);

	if (layer == NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "%s is no release: none of its %zu layers is "
		               "called release.ini, and no single one "
		               "*.tar.gz; its type is '%.80s'",
		               artifact->source.origin, manifest->count,
		               manifest->artifact_type);
	artifact->bundle_layer = layer;
	if (source_file_new_read(artifact->source.client,
	                         artifact->source.wanted,
	                         artifact->source.origin, layer->size, &reader,
	                         &artifact->bundle, err) < 0)
		return -1;
	return artifact->bundle->ops->open(artifact->bundle, err);
}

/* --- opening ------------------------------------------------------------ */

static int artifact_open(struct source *source, struct err *err)
{
	struct artifact *artifact = artifact_of(source);
	const struct source_wanted *wanted = source->wanted;

	if (fill_tag(artifact, err) < 0 ||
	    oci_open(&artifact->registry, source->client, wanted,
	             &artifact->reference, err) < 0 ||
	    oci_resolve(&artifact->registry, wanted->os, wanted->architecture,
	                &artifact->resolved, err) < 0)
		return -1;
	note_origin(artifact);
	if (oci_manifest_find(&artifact->resolved.manifest, "release.ini") !=
	    NULL)
		return 0;
	return open_bundle(artifact, err);
}

static const struct oci_descriptor *find_layer(const struct artifact *artifact,
                                               struct part part)
{
	char name[PART_NAME_SIZE];

	part_name(part, name);
	return oci_manifest_find(&artifact->resolved.manifest, name);
}

/* --- further evidence --------------------------------------------------- */

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

static const struct piece *find_piece(const struct artifact *artifact,
                                      struct part part)
{
	for (size_t i = 0; i < artifact->piece_count; i++)
		if (part_compare(artifact->pieces[i].part, part) == 0)
			return &artifact->pieces[i];
	return NULL;
}

static bool has_blob(const struct artifact *artifact,
                     const struct oci_descriptor *blob)
{
	for (size_t i = 0; i < artifact->piece_count; i++)
		if (memcmp(artifact->pieces[i].blob.digest, blob->digest,
		           OCI_DIGEST_LEN) == 0)
			return true;
	return false;
}

/* The first of a name stays; beyond the most the rest is left out. */
static void add_piece(struct artifact *artifact, struct part part,
                      const struct oci_descriptor *blob)
{
	struct piece *piece = &artifact->pieces[artifact->piece_count];

	if (part.kind == PART_SIGSTORE)
		part.id = artifact->sigstore_count + 1;
	if (artifact->piece_count == EVIDENCE_MAX ||
	    (part.kind == PART_SIGSTORE && part.id > PART_SIGSTORE_MAX) ||
	    blob->size > part_max_size(part.kind) || has_blob(artifact, blob) ||
	    find_piece(artifact, part) != NULL)
		return;
	*piece = (struct piece){ .part = part };
	memcpy(piece->blob.digest, blob->digest, OCI_DIGEST_LEN);
	piece->blob.size = blob->size;
	piece->blob.title = piece->blob.media_type = "";
	artifact->piece_count++;
	if (part.kind == PART_SIGSTORE)
		artifact->sigstore_count++;
}

/* Append a blob to @out.  1: it did not fit, or enough was read; it is left
 * out. */
static int read_evidence(struct artifact *artifact,
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
static int add_line(struct artifact *artifact, struct buf *text,
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
static int add_lines(struct artifact *artifact,
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

static int add_bundle(struct artifact *artifact,
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

static int add_envelope(struct artifact *artifact,
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
static bool is_own(const struct artifact *artifact,
                   const struct oci_descriptor *blob)
{
	const struct oci_descriptor *own =
		find_layer(artifact, (struct part){ PART_ATTESTATION, 0 });

	return own != NULL &&
	       memcmp(own->digest, blob->digest, OCI_DIGEST_LEN) == 0;
}

/* A layer of what refers to the artifact: by its title, else by its type. */
static int take_layer(struct artifact *artifact,
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

static int take_referrer(struct artifact *artifact, const struct oci_name *name,
                         struct err *err)
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
static int list_referrers(struct artifact *artifact, struct oci_referrers *out,
                          struct err *err)
{
	const struct oci_resolved *resolved = &artifact->resolved;
	const struct oci_descriptor *release =
		find_layer(artifact, (struct part){ PART_RELEASE_INI, 0 });
	const uint8_t *const subjects[] = { resolved->digest, resolved->pinned,
		                            release->digest };

	for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
		if (i > 0 &&
		    memcmp(subjects[i], subjects[i - 1], OCI_DIGEST_LEN) == 0)
			continue;
		if (oci_get_referrers(&artifact->registry, subjects[i],
		                      is_evidence, out, err) < 0)
			return -1;
	}
	return 0;
}

static int take_referrers(struct artifact *artifact, struct err *err)
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

static int require_size(const struct artifact *artifact, struct part part,
                        const struct oci_descriptor *blob, struct err *err)
{
	char name[PART_NAME_SIZE];

	if (blob->size <= part_max_size(part.kind))
		return 0;
	part_name(part, name);
	return err_set(err, ERR_LIMIT, 0,
	               "'%s' of %s has %llu bytes; at most %llu", name,
	               artifact->source.origin, (unsigned long long)blob->size,
	               (unsigned long long)part_max_size(part.kind));
}

/* The artifact's own evidence comes first, in its order. */
static int take_own(struct artifact *artifact, struct err *err)
{
	const struct oci_descriptor *lines =
		find_layer(artifact, (struct part){ PART_ATTESTATION, 0 });

	for (uint64_t i = 1; i <= PART_SIGSTORE_MAX; i++) {
		const struct part part = { PART_SIGSTORE, i };
		const struct oci_descriptor *layer = find_layer(artifact, part);

		if (layer != NULL)
			add_piece(artifact, part, layer);
	}
	if (lines == NULL)
		return 0;
	if (require_size(artifact, (struct part){ PART_ATTESTATION, 0 }, lines,
	                 err) < 0)
		return -1;
	return add_lines(artifact, lines, err);
}

/* What refers to the artifact is a bonus: anybody who may push can attach
 * nonsense, and a registry may fail there.  Then it is said, and the evidence
 * that there is must do. */
static int look_for_evidence(struct artifact *artifact, struct err *err)
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

/* --- parts -------------------------------------------------------------- */

static int give_blob(struct artifact *artifact, struct part part,
                     const struct oci_descriptor *blob,
                     const struct http_sink *sink, struct err *err)
{
	char name[PART_NAME_SIZE];

	if (blob == NULL)
		return 0;
	part_name(part, name);
	if (require_size(artifact, part, blob, err) < 0)
		return -1;
	if (oci_blob(&artifact->registry, blob, sink, err) < 0)
		return err_wrap(err, "fetching '%s'", name);
	return 1;
}

static int give_attestations(struct artifact *artifact,
                             const struct http_sink *sink, struct err *err)
{
	const struct buf *all = &artifact->attestations;

	if (all->len == 0)
		return 0;
	if (sink->take(sink->context, 0, all->data, all->len, err) < 0)
		return -1;
	return 1;
}

static int artifact_part(struct source *source, struct part part,
                         const struct http_sink *sink, struct err *err)
{
	struct artifact *artifact = artifact_of(source);
	const struct oci_descriptor *layer = find_layer(artifact, part);
	const struct piece *piece;

	if (artifact->bundle != NULL)
		return artifact->bundle->ops->part(artifact->bundle, part, sink,
		                                   err);
	if (part_is_pinned(part.kind) || part.kind == PART_RELEASE_INI ||
	    (part_is_minisign(part.kind) && layer != NULL))
		return give_blob(artifact, part, layer, sink, err);
	if (look_for_evidence(artifact, err) < 0)
		return -1;
	if (part.kind == PART_ATTESTATION)
		return give_attestations(artifact, sink, err);
	piece = find_piece(artifact, part);
	return give_blob(artifact, part, piece != NULL ? &piece->blob : NULL,
	                 sink, err);
}

static int artifact_payload(struct source *source, uint64_t size,
                            const struct http_range *ranges, size_t count,
                            const struct http_sink *sink, struct err *err)
{
	struct artifact *artifact = artifact_of(source);
	const struct part part = { PART_PAYLOAD, 0 };
	const struct oci_descriptor *layer = find_layer(artifact, part);

	if (artifact->bundle != NULL)
		return artifact->bundle->ops->payload(artifact->bundle, size,
		                                      ranges, count, sink, err);
	if (layer == NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "%s has no layer called payload.tar.gz",
		               source->origin);
	if (layer->size != size)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.tar.gz of %s has %llu bytes, and its "
		               "release.ini says %llu",
		               source->origin, (unsigned long long)layer->size,
		               (unsigned long long)size);
	if (oci_blob_ranges(&artifact->registry, layer, ranges, count,
	                    HTTP_OR_WHOLE, sink, err) < 0)
		return err_wrap(err, "fetching payload.tar.gz");
	return 0;
}

static void artifact_done(struct source *source)
{
	struct artifact *artifact = artifact_of(source);

	source_free(&artifact->bundle);
	oci_done(&artifact->registry);
	oci_manifest_done(&artifact->resolved.manifest);
	buf_done(&artifact->attestations);
	free(artifact);
}

static const struct source_ops artifact_ops = {
	.open = artifact_open,
	.part = artifact_part,
	.payload = artifact_payload,
	.done = artifact_done,
};

int source_oci_new(struct http_client *client,
                   const struct source_wanted *wanted, const char *reference,
                   struct source **out, struct err *err)
{
	AUTO_FREE struct artifact *artifact = calloc(1, sizeof *artifact);

	if (artifact == NULL)
		return err_nomem(err);
	if (oci_reference_parse(reference, &artifact->reference, err) < 0)
		return -1;
	artifact->source = (struct source){ .ops = &artifact_ops,
		                            .client = client,
		                            .wanted = wanted };
	artifact->resolved = OCI_RESOLVED_NONE;
	*out = &TAKE_PTR(artifact)->source;
	return 0;
}
