/* SPDX-License-Identifier: Apache-2.0 */
/* What "cosign sign" signs of an image, in the format that it had first: a
 * payload of its own, which names the image by the digest of its manifest.
 * Sources: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 * and containers/image, docs/containers-signature.5.md.
 *
 *     {"critical": {"identity": {"docker-reference": "ghcr.io/acme/shop"},
 *                   "image": {"docker-manifest-digest": "sha256:<hex>"},
 *                   "type": "cosign container image signature"},
 *      "optional": null or an object of anything} */
#ifndef CODEC_SIMPLE_SIGNING_H
#define CODEC_SIMPLE_SIGNING_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SIMPLE_SIGNING_MAX        ((size_t)64 * 1024) /* bytes of a payload */
#define SIMPLE_SIGNING_DIGEST_LEN 32                  /* SHA-256 */

/**
 * simple_signing_parse - read a payload.
 * @digest: out, of the image; written only on 0.
 *
 * All of critical must be understood, so that another member in it is refused;
 * what optional holds says nothing, and neither does docker-reference, which
 * must be a text: a registry may be a mirror.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the field, or ERR_SYSTEM
 * (memory).
 */
int simple_signing_parse(const char *text, size_t len,
                         uint8_t digest[SIMPLE_SIGNING_DIGEST_LEN],
                         struct err *err) MUST_CHECK;

#endif
