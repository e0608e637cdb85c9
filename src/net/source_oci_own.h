/* SPDX-License-Identifier: Apache-2.0 */
/* An artifact in a registry, for source_oci*.c alone:
 *
 *     source_oci.c            the release: parts that are layers
 *     source_oci_evidence.c   what was attached to it later */
#ifndef NET_SOURCE_OCI_OWN_H
#define NET_SOURCE_OCI_OWN_H

#include "net/oci.h"
#include "net/source.h"

#define OCI_EVIDENCE_MAX (PART_SIGNERS_MAX + PART_SIGSTORE_MAX)

/* A piece of evidence that stands in a blob of its own. */
struct oci_piece {
	struct part part;
	struct oci_descriptor blob; /* its texts are gone: all "" */
};

struct oci_artifact {
	struct source source;
	struct oci_reference reference;
	struct oci_registry registry;
	struct oci_resolved resolved;
	const struct oci_descriptor *bundle_layer; /* borrowed from resolved */
	struct source *bundle; /* owned; NULL: parts are layers */
	bool has_looked;       /* for what follows */
	struct oci_piece pieces[OCI_EVIDENCE_MAX];
	size_t piece_count;
	uint64_t sigstore_count;
	struct buf attestations; /* lines; of the layer and of referrers */
	unsigned reads;
	uint64_t read_size;
};

/** oci_artifact_layer - the layer with a part's name, or NULL. */
const struct oci_descriptor *
oci_artifact_layer(const struct oci_artifact *artifact, struct part part);

/** oci_artifact_check - that a part is no larger than its kind may be.  0, or
 * -1 with ERR_LIMIT. */
int oci_artifact_check(const struct oci_artifact *artifact, struct part part,
                       const struct oci_descriptor *blob,
                       struct err *err) MUST_CHECK;

/**
 * oci_artifact_look - find the further evidence, once; a second call does
 * nothing.  Then there are pieces and attestations.
 *
 * Returns 0, also where nothing could be had of what refers to the artifact: a
 * line says so; -1 as oci_blob_read for its own.
 */
int oci_artifact_look(struct oci_artifact *artifact,
                      struct err *err) MUST_CHECK;

/** oci_artifact_piece - a piece that was found, or NULL. */
const struct oci_piece *oci_artifact_piece(const struct oci_artifact *artifact,
                                           struct part part);

#endif
