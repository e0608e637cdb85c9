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
#include "net/source_oci_own.h"

static struct oci_artifact *artifact_of(struct source *source)
{
	return (struct oci_artifact *)source; /* its first member */
}

/* --- finding the release ------------------------------------------------ */

/* Of a long name the end: the digest tells most. */
static void note_origin(struct oci_artifact *artifact)
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
static int fill_tag(struct oci_artifact *artifact, struct err *err)
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
	struct oci_artifact *artifact = context;

	if (oci_blob_ranges(&artifact->registry, artifact->bundle_layer, ranges,
	                    count, wholly, sink, err) < 0)
		return -1;
	if (size != NULL)
		*size = artifact->bundle_layer->size;
	return 0;
}

static int open_bundle(struct oci_artifact *artifact, struct err *err)
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
	struct oci_artifact *artifact = artifact_of(source);
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

const struct oci_descriptor *
oci_artifact_layer(const struct oci_artifact *artifact, struct part part)
{
	char name[PART_NAME_SIZE];

	part_name(part, name);
	return oci_manifest_find(&artifact->resolved.manifest, name);
}

int oci_artifact_check(const struct oci_artifact *artifact, struct part part,
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

/* --- parts -------------------------------------------------------------- */

static int give_blob(struct oci_artifact *artifact, struct part part,
                     const struct oci_descriptor *blob,
                     const struct http_sink *sink, struct err *err)
{
	char name[PART_NAME_SIZE];

	if (blob == NULL)
		return 0;
	part_name(part, name);
	if (oci_artifact_check(artifact, part, blob, err) < 0)
		return -1;
	if (oci_blob(&artifact->registry, blob, sink, err) < 0)
		return err_wrap(err, "fetching '%s'", name);
	return 1;
}

static int give_attestations(struct oci_artifact *artifact,
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
	struct oci_artifact *artifact = artifact_of(source);
	const struct oci_descriptor *layer = oci_artifact_layer(artifact, part);
	const struct oci_piece *piece;

	if (artifact->bundle != NULL)
		return artifact->bundle->ops->part(artifact->bundle, part, sink,
		                                   err);
	if (part_is_pinned(part.kind) || part.kind == PART_RELEASE_INI ||
	    (part_is_minisign(part.kind) && layer != NULL))
		return give_blob(artifact, part, layer, sink, err);
	if (oci_artifact_look(artifact, err) < 0)
		return -1;
	if (part.kind == PART_ATTESTATION)
		return give_attestations(artifact, sink, err);
	piece = oci_artifact_piece(artifact, part);
	return give_blob(artifact, part, piece != NULL ? &piece->blob : NULL,
	                 sink, err);
}

static int artifact_payload(struct source *source, uint64_t size,
                            const struct http_range *ranges, size_t count,
                            const struct http_sink *sink, struct err *err)
{
	struct oci_artifact *artifact = artifact_of(source);
	const struct part part = { PART_PAYLOAD, 0 };
	const struct oci_descriptor *layer = oci_artifact_layer(artifact, part);

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

/* A patch is a layer, be it beside a bundle. */
static const struct oci_descriptor *
find_patch(const struct oci_artifact *artifact,
           const struct source_patch *patch)
{
	const struct oci_descriptor *layer =
		oci_artifact_layer(artifact, patch->part);

	return layer != NULL && layer->size == patch->size ? layer : NULL;
}

static int artifact_has_patch(struct source *source,
                              const struct source_patch *patch, struct err *err)
{
	(void)err; /* the manifest tells */
	return find_patch(artifact_of(source), patch) != NULL;
}

static int artifact_patch(struct source *source,
                          const struct source_patch *patch,
                          const struct http_sink *sink, struct err *err)
{
	struct oci_artifact *artifact = artifact_of(source);
	const struct oci_descriptor *layer = find_patch(artifact, patch);
	const struct http_range rest = source_patch_rest(patch);

	if (layer == NULL)
		return 0;
	if (oci_blob_ranges(&artifact->registry, layer, &rest, 1, HTTP_OR_WHOLE,
	                    sink, err) < 0)
		return -1;
	return 1;
}

static void artifact_done(struct source *source)
{
	struct oci_artifact *artifact = artifact_of(source);

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
	.has_patch = artifact_has_patch,
	.patch = artifact_patch,
	.done = artifact_done,
};

int source_oci_new(struct http_client *client,
                   const struct source_wanted *wanted, const char *reference,
                   struct source **out, struct err *err)
{
	AUTO_FREE struct oci_artifact *artifact = calloc(1, sizeof *artifact);

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
