/* SPDX-License-Identifier: Apache-2.0 */
/* Writing OCI manifests, and the index that lists a subject's referrers.
 * Source: the OCI image specification 1.1, manifest.md, image-index.md and
 * descriptor.md; the distribution specification 1.1, "Referrers Tag Schema".
 *
 * The bytes come from the arguments alone: the fields in the order that Go's
 * types give them (so that oras makes the same bytes of the same things),
 * annotations sorted by name, no blanks and no newline.  So the digest of what
 * will be pushed is known before anything is. */
#ifndef CODEC_OCI_WRITE_H
#define CODEC_OCI_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "codec/oci_manifest.h"

#define OCI_ANNOTATIONS_MAX 64 /* of a manifest or a descriptor */
#define OCI_ANNOTATION_MAX  ((size_t)16 << 10) /* bytes of a name or value */

/* The blob "{}", which stands for a config that there is none of. */
#define OCI_EMPTY_TEXT "{}"
#define OCI_EMPTY_SIZE 2
extern const uint8_t oci_empty_digest[OCI_DIGEST_LEN];

struct oci_annotation {
	const char *name, *value;
};

struct oci_annotations {
	const struct oci_annotation *items; /* in any order, each name once */
	size_t count;
};

/* What will stand for one blob or manifest; texts are borrowed. */
struct oci_entry {
	const char *media_type;
	uint8_t digest[OCI_DIGEST_LEN];
	uint64_t size;
	const char *title; /* a relative path; NULL: none.  A shorthand for the
	                    * annotation org.opencontainers.image.title */
	struct oci_annotations annotations;
	const char *artifact_type; /* of an entry of an index; NULL: none */
};

struct oci_new_manifest {
	const char *artifact_type;      /* required */
	const struct oci_entry *config; /* NULL: the empty one */
	const struct oci_entry *layers; /* none: the empty blob as the one
	                                 * layer, as the specification wants */
	size_t layer_count;
	const struct oci_entry *subject; /* what it refers to; NULL: nothing */
	struct oci_annotations annotations;
};

/**
 * oci_write_manifest - append the manifest to @out.
 *
 * Refused are: no artifact type or media type, more than OCI_LAYERS_MAX layers
 * or OCI_ANNOTATIONS_MAX annotations, an annotation that stands twice, a title
 * that is no relative path or stands twice, texts that are too long or no
 * UTF-8, and a manifest above OCI_MANIFEST_MAX: oci_manifest_parse accepts what
 * is written.
 *
 * Returns 0, or -1 with ERR_USAGE, ERR_LIMIT or ERR_SYSTEM; @out may then have
 * grown.
 */
int oci_write_manifest(const struct oci_new_manifest *manifest, struct buf *out,
                       struct err *err) MUST_CHECK;

/**
 * oci_write_referrers - append the index @old with @entries merged into it.
 * @old:     what is there; empty: a new index.
 * @seen:    an index that was there before, whose entries are merged as well;
 *           empty: none.  Who finds that another writer threw some away puts
 *           them back.
 * @missing: out, how many entries @old lacked; with 0 there is nothing to push.
 *           Written only on 0.
 *
 * What is there stays, in its order and with all its members, those that we do
 * not know among them; an entry of ours that is there with fewer members gets
 * the others.  New ones follow, ours in the order of their digests.
 *
 * Returns 0; -1 with ERR_CONFLICT where @old or @seen is something else than an
 * index, ERR_LIMIT above OCI_LAYERS_MAX entries or OCI_MANIFEST_MAX bytes,
 * ERR_USAGE as oci_write_manifest, ERR_SYSTEM.
 */
int oci_write_referrers(struct bytes old, struct bytes seen,
                        const struct oci_entry *entries, size_t count,
                        struct buf *out, size_t *missing,
                        struct err *err) MUST_CHECK;

#endif
