/* SPDX-License-Identifier: Apache-2.0 */
/* From files to manifests: docs/bundle-format.md, "As an OCI artifact". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/part.h"
#include "publication.h"

#define NOTE(name) "org.opencontainers.image." name

static void note(struct publication *publication, const char *name,
                 const char *value)
{
	if (value[0] == '\0')
		return;
	publication->notes[publication->note_count++] =
		(struct oci_annotation){ name, value };
}

static void describe(struct publication *publication)
{
	const struct publication_source *source = &publication->source;

	publication->note_count = 0;
	if (source->created >= 0)
		clock_format(source->created, publication->created);
	note(publication, NOTE("created"), publication->created);
	note(publication, NOTE("revision"), source->revision);
	note(publication, NOTE("source"), source->url);
	note(publication, NOTE("title"), publication->name);
	note(publication, NOTE("version"), publication->version);
	publication->date_note =
		(struct oci_annotation){ NOTE("created"),
		                         publication->created };
}

struct oci_annotations
publication_referrer_notes(const struct publication *publication)
{
	return (struct oci_annotations){ &publication->date_note,
		                         publication->created[0] != '\0' ? 1
		                                                         : 0 };
}

static void layer_of(const struct publication_file *file,
                     struct oci_entry *layer)
{
	*layer = (struct oci_entry){ .media_type = file->media_type,
		                     .size = file->size,
		                     .title = file->title };
	memcpy(layer->digest, file->sha256, OCI_DIGEST_LEN);
}

static int write_main(struct publication *publication, struct err *err)
{
	size_t count = publication->file_count;
	AUTO_FREE struct oci_entry *layers = calloc(count, sizeof *layers);
	const struct oci_new_manifest manifest = {
		.artifact_type = publication->media_type,
		.layers = layers,
		.layer_count = count,
		.annotations = { publication->notes, publication->note_count },
	};

	if (layers == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		layer_of(&publication->files[i], &layers[i]);
	if (oci_write_manifest(&manifest, &publication->manifest, err) < 0)
		return -1;
	return sha256_of(publication->manifest.data, publication->manifest.len,
	                 publication->digest, err);
}

/* One manifest that refers to the package, with these layers. */
static int write_referrer(const struct publication *publication,
                          const struct oci_entry *layers, size_t count,
                          struct publication_referrer *referrer,
                          struct err *err)
{
	struct oci_entry subject = { .media_type = OCI_TYPE_MANIFEST,
		                     .size = publication->manifest.len };
	const struct oci_new_manifest manifest = {
		.artifact_type = referrer->artifact_type,
		.layers = layers,
		.layer_count = count,
		.subject = &subject,
		.annotations = publication_referrer_notes(publication),
	};

	buf_cut(&referrer->manifest, 0);
	memcpy(subject.digest, publication->digest, OCI_DIGEST_LEN);
	if (oci_write_manifest(&manifest, &referrer->manifest, err) < 0)
		return -1;
	return sha256_of(referrer->manifest.data, referrer->manifest.len,
	                 referrer->digest, err);
}

static int add_referrer(struct publication *publication, const char *type,
                        const struct oci_entry *layers, size_t count,
                        struct err *err)
{
	struct publication_referrer *referrer;

	if (publication->referrer_count == PUBLICATION_REFERRERS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d referrers",
		               PUBLICATION_REFERRERS_MAX);
	referrer = &publication->referrers[publication->referrer_count++];
	*referrer = (struct publication_referrer){
		.artifact_type = type, .manifest = BUF_LIMIT(OCI_MANIFEST_MAX)
	};
	return write_referrer(publication, layers, count, referrer, err);
}

static bool parse(const struct publication_file *file, struct part *part)
{
	return part_parse(file->title, strlen(file->title), part);
}

/* All minisign signatures in one: readers go by titles. */
static int refer_minisign(struct publication *publication, struct err *err)
{
	struct oci_entry layers[PART_SIGNERS_MAX + 1];
	size_t count = 0;

	for (size_t i = 0; i < publication->file_count; i++) {
		struct part part;

		if (parse(&publication->files[i], &part) &&
		    part_is_minisign(part.kind) &&
		    count < sizeof layers / sizeof layers[0])
			layer_of(&publication->files[i], &layers[count++]);
	}
	if (count == 0)
		return 0;
	return add_referrer(publication, OCI_TYPE_EVIDENCE, layers, count, err);
}

/* What it refers with; NULL for a part that is no evidence or description. */
static const char *referrer_type(const struct publication_file *file)
{
	struct part part;

	if (!parse(file, &part))
		return NULL;
	switch (part.kind) {
	case PART_SIGSTORE:
	case PART_SBOM:
		return file->media_type;
	case PART_ATTESTATION:
		return "application/vnd.in-toto+json";
	case PART_RELEASE_INI:
	case PART_MINISIG:
	case PART_MINISIG_FURTHER:
	case PART_PROFILE_ENV:
	case PART_MTREE:
	case PART_INDEX:
	case PART_SHA256:
	case PART_PACKED:
	case PART_PAYLOAD:
	case PART_PATCH:
	case PART_KINDS:
		break;
	}
	return NULL;
}

static int write_referrers(struct publication *publication, struct err *err)
{
	if (refer_minisign(publication, err) < 0)
		return -1;
	for (size_t i = 0; i < publication->file_count; i++) {
		const struct publication_file *file = &publication->files[i];
		const char *type = referrer_type(file);
		struct oci_entry layer;

		if (type == NULL)
			continue;
		layer_of(file, &layer);
		if (add_referrer(publication, type, &layer, 1, err) < 0)
			return -1;
	}
	return 0;
}

static bool has_signature(const struct publication *publication,
                          const struct buf *text)
{
	for (size_t i = 0; i < publication->signature_count; i++) {
		const struct buf *held = &publication->signatures[i].data;

		if (held->len == text->len &&
		    memcmp(held->data, text->data, text->len) == 0)
			return true;
	}
	return false;
}

int publication_add_signature(struct publication *publication, struct buf *text,
                              struct err *err)
{
	struct publication_file *file;
	struct oci_entry layer;

	if (has_signature(publication, text))
		return 0;
	file = publication_add_signature_file(publication, err);
	if (file == NULL)
		return -1;
	file->data = *text;
	*text = BUF_NONE;
	(void)snprintf(file->title, sizeof file->title,
	               "manifest.sigstore.json");
	file->media_type = OCI_TYPE_SIGSTORE;
	if (publication_file_hash(file, err) < 0)
		return -1;
	layer_of(file, &layer);
	return add_referrer(publication, OCI_TYPE_SIGSTORE, &layer, 1, err);
}

int publication_replace_signature(struct publication *publication,
                                  size_t number, struct buf *text,
                                  struct err *err)
{
	struct publication_file *file = &publication->signatures[number];
	/* Signatures refer last, and in their order. */
	struct publication_referrer *referrer =
		&publication->referrers[publication->referrer_count -
	                                publication->signature_count + number];
	struct oci_entry layer;

	buf_done(&file->data);
	file->data = *text;
	*text = BUF_NONE;
	if (publication_file_hash(file, err) < 0)
		return -1;
	layer_of(file, &layer);
	return write_referrer(publication, &layer, 1, referrer, err);
}

int publication_seal(struct publication *publication, struct err *err)
{
	describe(publication);
	if (write_main(publication, err) < 0)
		return -1;
	if (publication->kind == PUBLICATION_PACK)
		return 0;
	return write_referrers(publication, err);
}
