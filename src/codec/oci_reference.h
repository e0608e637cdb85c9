/* SPDX-License-Identifier: Apache-2.0 */
/* Names of artifacts in registries: REGISTRY/REPOSITORY[:TAG][@DIGEST], with or
 * without "oci://" in front.  Sources: the OCI distribution specification 1.1,
 * section "Pulling manifests", and for the registry what docker takes:
 * a first component with a dot or a port in it, or "localhost".
 *
 * docker.io is a name that no registry has: it is talked to at
 * registry-1.docker.io, and its repositories of one component lie in library/.
 */
#ifndef CODEC_OCI_REFERENCE_H
#define CODEC_OCI_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define OCI_DIGEST_LEN      32  /* bytes; SHA-256 alone is supported */
#define OCI_DIGEST_SIZE     72  /* bytes of "sha256:<hex>", with the NUL */
#define OCI_NAME_MAX        255 /* bytes of registry, '/' and repository */
#define OCI_TAG_SIZE        129 /* bytes of the longest tag, with the NUL */

#define OCI_DOCKER_REGISTRY "docker.io"
#define OCI_DOCKER_HOST     "registry-1.docker.io"

struct oci_reference {
	char registry[OCI_NAME_MAX + 1]; /* as the user calls it, lower case */
	char host[OCI_NAME_MAX + 1];     /* with the port; to connect to */
	char repository[OCI_NAME_MAX + 1];
	char tag[OCI_TAG_SIZE]; /* "" where there is none */
	bool has_digest;        /* it decides; the tag is then a comment */
	uint8_t digest[OCI_DIGEST_LEN];
};

/**
 * oci_reference_parse - read a reference.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_USAGE that says what is wrong with it.
 */
int oci_reference_parse(const char *text, struct oci_reference *out,
                        struct err *err) MUST_CHECK;

/** oci_same_registry - whether two artifacts lie in the same registry, so that
 * what is shown to the one's may be shown to the other's. */
bool oci_same_registry(const struct oci_reference *a,
                       const struct oci_reference *b);

/** oci_is_tag - [A-Za-z0-9_][A-Za-z0-9._-]{0,127} */
bool oci_is_tag(const char *text, size_t len);

/** oci_is_repository - lower-case components with single separators, joined by
 * '/'. */
bool oci_is_repository(const char *text, size_t len);

/**
 * oci_digest_parse - read "sha256:" and 64 lower-case hex digits.
 * Returns true with @out written; false for any other text.
 */
bool oci_digest_parse(const char *text, size_t len,
                      uint8_t out[OCI_DIGEST_LEN]);

/** oci_digest_text - the same text of a digest. */
void oci_digest_text(const uint8_t digest[OCI_DIGEST_LEN],
                     char out[OCI_DIGEST_SIZE]);

#endif
