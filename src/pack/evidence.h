/* SPDX-License-Identifier: Apache-2.0 */
/* Adding what proves itself against release.ini: signatures and attestations.
 * Nothing is ever replaced, and no pinned part changes. */
#ifndef PACK_EVIDENCE_H
#define PACK_EVIDENCE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/minisign.h"
#include "codec/verdict.h"
#include "pack/sealed_bundle.h"

/* Attestations of a release; hosts judge no more. */
#define EVIDENCE_LINES_MAX VERDICT_ATTESTATIONS_MAX

/** evidence_signature - the signature that a minisign part holds.
 * @out: written only on 0.  0, or -1 as sealed_part_load and
 * minisign_parse_signature, naming the part. */
int evidence_signature(const struct sealed_bundle *bundle,
                       const struct sealed_part *part,
                       struct minisign_signature *out,
                       struct err *err) MUST_CHECK;

/* The functions that add return 1 when they did, 0 when the bundle has it
 * already, or -1 with ERR_FORMAT or ERR_LIMIT; the bundle is then unchanged. */

/**
 * evidence_add_minisign - add a minisign signature file.  Its trusted comment
 * must be that of this release; who made it is judged elsewhere.  A second
 * signature by the same key id counts as being there already when it is equal,
 * and is ERR_CONFLICT when it is not.
 */
int evidence_add_minisign(struct sealed_bundle *bundle, const char *text,
                          size_t len, struct err *err) MUST_CHECK;

/** evidence_add_sigstore - add a Sigstore bundle (JSON). */
int evidence_add_sigstore(struct sealed_bundle *bundle, const char *text,
                          size_t len, struct err *err) MUST_CHECK;

/**
 * evidence_add_attestations - add the attestations of a file, one a line or a
 * single JSON document.  Each must be a Sigstore bundle or a signed DSSE
 * envelope: an unsigned statement counts for nothing.
 */
int evidence_add_attestations(struct sealed_bundle *bundle, const char *text,
                              size_t len, struct err *err) MUST_CHECK;

/**
 * evidence_lines - append the attestations of such a file to @out, each in one
 * line, as evidence_add_attestations would, without those that @out has.
 * Returns 0, or -1 with ERR_FORMAT, ERR_LIMIT above EVIDENCE_LINES_MAX lines
 * or @out's limit, or ERR_SYSTEM.
 */
int evidence_lines(const char *text, size_t len, struct buf *out,
                   struct err *err) MUST_CHECK;

/**
 * evidence_adopt - add all that @from has and @bundle lacks.
 * @from: a bundle with the same release.ini.
 * Returns how many parts were added, or -1.
 */
int evidence_adopt(struct sealed_bundle *bundle,
                   const struct sealed_bundle *from,
                   struct err *err) MUST_CHECK;

#endif
