/* SPDX-License-Identifier: Apache-2.0 */
/* For this room alone: one piece of evidence -> what it proves. */
#ifndef EVIDENCE_JUDGING_H
#define EVIDENCE_JUDGING_H

#include "base/bytes.h"
#include "base/err.h"
#include "codec/verdict.h"
#include "crypto/sha256.h"
#include "crypto/sha512.h"
#include "evidence/case.h"
#include "evidence/roots.h"
#include "sigstore/verify.h"

/* A case, and what is made of it once for all pieces. */
struct judging {
	const struct evidence_case *given; /* borrowed */
	uint8_t sha256[SHA256_LEN];        /* of release.ini, or the image */
	uint8_t sha512[SHA512_LEN];        /* of release.ini */
	struct evidence_roots roots;       /* owned */
};

/**
 * judging_bundle - a Sigstore bundle.
 * @out: holds its place; the rest is of use only on 0.
 * Returns 0, or -1 with the reason why it proves nothing, or ERR_SYSTEM.
 */
int judging_bundle(const struct judging *judging, struct bytes text,
                   struct evidence_verdict *out, struct err *err) MUST_CHECK;

/** judging_image - a signature of an image: a bundle over the payload that
 * names it, or an envelope that does itself. */
int judging_image(const struct judging *judging,
                  const struct evidence_piece *piece,
                  struct evidence_verdict *out, struct err *err) MUST_CHECK;

/** judging_note_owner - put into @out whose certificate it is, by the host's
 * identities, and when it was seen.  0, or -1 with ERR_UNTRUSTED. */
int judging_note_owner(const struct judging *judging,
                       const struct sigstore_result *result,
                       struct evidence_verdict *out,
                       struct err *err) MUST_CHECK;

/** judging_envelope - the same of a plain DSSE envelope. */
int judging_envelope(const struct judging *judging, struct bytes text,
                     struct evidence_verdict *out, struct err *err) MUST_CHECK;

#endif
