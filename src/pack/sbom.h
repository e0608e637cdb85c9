/* SPDX-License-Identifier: Apache-2.0 */
/* The software bill of materials of a release: made from the tree, or checked
 * against it where somebody else made it. */
#ifndef PACK_SBOM_H
#define PACK_SBOM_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/release_ini.h"
#include "pack/source_tree.h"

#define SBOM_GIVEN_MAX ((size_t)256 << 20) /* bytes of a given one */

/**
 * sbom_generate - write "sbom.json" (CycloneDX 1.6) to @dir: each file with
 * its SHA-256.  Same inputs give the same bytes: the serial number is made
 * from the release, and the time is its date.
 * @release: app, version, created and tar_sha256 are used.
 * @tree:    packed already, so that each file has its digest.
 * @pin:     written only on 0.
 */
int sbom_generate(const struct release_ini *release,
                  const struct source_tree *tree, int dir, struct part_pin *pin,
                  struct err *err) MUST_CHECK;

/**
 * sbom_check - hold a given SBOM against the tree.
 *
 * CycloneDX 1.4 to 1.7 (components of type "file") and SPDX 2.3 ("files") in
 * JSON.  A file that it names by its path in the payload, with "./" or "/"
 * before it or not, must have the SHA-256 that it says; what it does not name
 * passes.
 *
 * Returns 0, or -1 with ERR_FORMAT naming the file, or saying what the
 * document is not; ERR_LIMIT.
 */
int sbom_check(const char *text, size_t len, const struct source_tree *tree,
               struct err *err) MUST_CHECK;

#endif
