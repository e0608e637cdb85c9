/* SPDX-License-Identifier: Apache-2.0 */
/* A signature of an image as "cosign sign" first laid it down in registries:
 * the manifest of the tag sha256-<hex>.sig, or one that refers to the image,
 * has a layer for each one.  The layer is the payload that was signed
 * (codec/simple_signing.h); signature, certificate and log entry are
 * annotations of it.  Source:
 * https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md.
 *
 * What the annotations say is written again as a Sigstore bundle over the
 * payload (codec/sigstore_bundle.h), so that one judge is enough.  Nothing is
 * verified here. */
#ifndef CODEC_COSIGN_LAYER_H
#define CODEC_COSIGN_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/oci_manifest.h"

#define COSIGN_LAYER_TYPE "application/vnd.dev.cosign.simplesigning.v1+json"
#define COSIGN_TAG_SUFFIX ".sig"
/* Of a manifest with such layers that refers to the image instead. */
#define COSIGN_ARTIFACT_TYPE  "application/vnd.dev.cosign.artifact.sig.v1+json"
#define COSIGN_ANNOTATION_MAX ((size_t)64 * 1024) /* bytes of any of them */

/** cosign_layer_is - whether a layer is the payload of a signature. */
bool cosign_layer_is(const struct oci_descriptor *layer);

/**
 * cosign_layer_bundle - append the bundle of a layer's signature to @out.
 * @manifest: whose layer @number it is.
 *
 * Without a certificate it is one by a key, whose log entry and timestamp are
 * left out, as they count for nothing (sigstore/verify.h).  With one it is of
 * version 0.1, with the log's promise where there is one.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the annotation, or
 * ERR_SYSTEM; then @out may hold a part.
 */
int cosign_layer_bundle(const struct oci_manifest *manifest, size_t number,
                        struct buf *out, struct err *err) MUST_CHECK;

#endif
