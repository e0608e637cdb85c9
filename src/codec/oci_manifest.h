/* SPDX-License-Identifier: Apache-2.0 */
/* What a registry says of an artifact: a manifest (its layers) or an index (one
 * manifest a platform, or the referrers of something).  Sources: the OCI image
 * specification 1.1, manifest.md, image-index.md and descriptor.md; Docker's
 * manifests of schema 2 are of the same form.
 *
 * All of it is of strangers: nothing here is authenticated but by the digest
 * that the reader of the bytes compared. */
#ifndef CODEC_OCI_MANIFEST_H
#define CODEC_OCI_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/json_read.h"
#include "codec/oci_reference.h"

#define OCI_MANIFEST_MAX ((size_t)4 << 20) /* bytes */
#define OCI_LAYERS_MAX   256
#define OCI_INDEX_MAX                                                          \
	4096              /* manifests of an index: a list of referrers grows */
#define OCI_TITLE_MAX 255 /* bytes */
#define OCI_MEDIA_TYPE_MAX                                                     \
	255 /* bytes; RFC 6838, section 4.2, with its '/'                      \
	     */
#define OCI_BLOB_MAX      (((uint64_t)1 << 53) - 1) /* bytes of a blob */

#define OCI_TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define OCI_TYPE_INDEX    "application/vnd.oci.image.index.v1+json"
#define OCI_TYPE_DOCKER_MANIFEST                                               \
	"application/vnd.docker.distribution.manifest.v2+json"
#define OCI_TYPE_DOCKER_INDEX                                                  \
	"application/vnd.docker.distribution.manifest.list.v2+json"
#define OCI_TYPE_EMPTY "application/vnd.oci.empty.v1+json"

/* A bundle as an artifact: docs/bundle-format.md. */
#define OCI_TYPE_BUNDLE   "application/vnd.tidegate.bundle.v1"
#define OCI_TYPE_EVIDENCE "application/vnd.tidegate.evidence.v1"
#define OCI_TYPE_SIGSTORE "application/vnd.dev.sigstore.bundle.v0.3+json"

/* What stands for one blob or manifest; texts lead into the document and are
 * "" where absent. */
struct oci_descriptor {
	const char *media_type; /* never "" */
	uint8_t digest[OCI_DIGEST_LEN];
	uint64_t size;
	const char *artifact_type;
	const char *title; /* org.opencontainers.image.title; a relative path
	                    * without ".", ".." and empty components */
	/* Of the statement in a Sigstore bundle, as who pushed it says:
	 * dev.sigstore.bundle.predicateType; "" where it is no text, too. */
	const char *predicate_type;
	/* Of the platform, in an index. */
	const char *os, *architecture, *variant;
};

enum oci_manifest_kind { OCI_MANIFEST, OCI_INDEX };

struct oci_manifest {
	struct json_document document; /* owned */
	enum oci_manifest_kind kind;
	const char *media_type;    /* "" where it does not say */
	const char *artifact_type; /* its own, or its config's media type */
	struct oci_descriptor *entries; /* owned; layers, or manifests */
	size_t count;
};

#define OCI_MANIFEST_NONE                                                      \
	((struct oci_manifest){ .document = JSON_DOCUMENT_NONE })
#define AUTO_OCI_MANIFEST AUTO(oci_manifest_done)

/**
 * oci_manifest_parse - read a manifest or an index, of at most OCI_MANIFEST_MAX
 * bytes.
 * @out: written only on 0; to be released with oci_manifest_done.
 *
 * Members that it does not know are allowed.  A document that has layers and
 * manifests both, or whose mediaType says something else than what it has, is
 * refused (CVE-2021-41190); so are digests that are no SHA-256, more than
 * OCI_LAYERS_MAX layers and more than OCI_INDEX_MAX manifests.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the field.
 */
int oci_manifest_parse(const char *text, size_t len, struct oci_manifest *out,
                       struct err *err) MUST_CHECK;

/** oci_manifest_done - release it. */
void oci_manifest_done(struct oci_manifest *manifest);

/** oci_manifest_find - the entry with this title, or NULL. */
const struct oci_descriptor *
oci_manifest_find(const struct oci_manifest *manifest, const char *title);

/** oci_is_title - whether it may be the title of a layer: a relative path
 * without ".", "..", empty components and backslashes. */
bool oci_is_title(const char *title);

/**
 * oci_index_choose - the entry of an index for a platform, or NULL.
 *
 * Of several for os and architecture the one without a variant, else the one
 * whose variant sorts first: the later ones ask for more of the machine.  Where
 * none fits, the only one that names no platform.
 */
const struct oci_descriptor *oci_index_choose(const struct oci_manifest *index,
                                              const char *os,
                                              const char *architecture);

#endif
