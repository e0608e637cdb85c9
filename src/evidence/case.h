/* SPDX-License-Identifier: Apache-2.0 */
/* A release before it is judged by Sigstore evidence: its release.ini, the
 * evidence on it, and what the host judges by.  Or an image of containers, of
 * which only the digest is known.  Everything is borrowed.
 *
 * Whoever has a keyring builds one, and gets verdicts for it (codec/verdict.h)
 * from evidence_ask, in verify-worker, or from evidence_judge, in this process.
 * Verdicts come in one order, one for each place that evidence_next gives. */
#ifndef EVIDENCE_CASE_H
#define EVIDENCE_CASE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "codec/minisign.h"
#include "codec/part.h"
#include "codec/settings.h"
#include "codec/verdict.h"
#include "crypto/public_key.h"
#include "trust/keyring.h"

#define EVIDENCE_KEYS_MAX   KEYRING_KEYS_MAX
#define EVIDENCE_ROOTS_MAX  KEYRING_ROOTS_MAX
#define EVIDENCE_PIECES_MAX (PART_SIGSTORE_MAX + 1)

/* A trusted_root.json of the host. */
struct evidence_root {
	const char *name; /* of [trusted_root NAME]; "" for the nameless one */
	struct bytes text;
};

/* A part of a bundle as it came; of an image, a bundle of its registry. */
struct evidence_piece {
	enum part_kind kind; /* PART_SIGSTORE or PART_ATTESTATION */
	struct bytes bytes;
	/* Of an image: the message that was signed (codec/simple_signing.h);
	 * empty for an envelope. */
	struct bytes payload;
};

struct evidence_case {
	/* The host's. */
	const struct settings *settings; /* identities, what roots demand */
	struct bytes settings_text;      /* what it was parsed from */
	const struct public_key *cosign_keys[EVIDENCE_KEYS_MAX];
	size_t cosign_key_count;
	const struct minisign_public *minisign_keys[EVIDENCE_KEYS_MAX];
	size_t minisign_key_count;
	struct evidence_root roots[EVIDENCE_ROOTS_MAX];
	size_t root_count;

	/* What is judged: an image, by the SHA-256 of its manifest (SHA256_LEN
	 * bytes), or with NULL the release. */
	const uint8_t *image;

	/* A stranger's. */
	struct bytes release_ini; /* empty for an image */
	struct evidence_piece pieces[EVIDENCE_PIECES_MAX]; /* by kind */
	size_t piece_count;
};

/**
 * evidence_begin - a case with what the host has, and nothing to judge yet:
 * release_ini or image is to be set, and pieces to be added.
 * @keyring: whose keys and trusted roots count, in its order.
 * All of it is borrowed.
 */
void evidence_begin(struct evidence_case *out, const struct settings *settings,
                    struct bytes settings_text, const struct keyring *keyring);

/**
 * evidence_add - one more part.  Sigstore bundles come in the order of their
 * numbers, and before attestations; a part of any other kind is passed over.
 *
 * Returns 0, or -1 with ERR_LIMIT, or ERR_INTERNAL out of that order.
 */
int evidence_add(struct evidence_case *given, enum part_kind kind,
                 struct bytes bytes, struct err *err) MUST_CHECK;

/** evidence_add_image - one more signature of an image: its bundle, and the
 * message that it signs.  Returns as evidence_add. */
int evidence_add_image(struct evidence_case *given, struct bytes payload,
                       struct bytes bundle, struct err *err) MUST_CHECK;

/* Where a walk over all evidence stands. */
struct evidence_cursor {
	size_t piece;
	uint32_t line; /* of an attestation part; lines before it are done */
	size_t offset; /* of that line */
};

/**
 * evidence_next - the next piece that gets a verdict: a Sigstore bundle, or a
 * line of the attestations (the last one may lack its newline).
 * @place: out, VERDICT_REFUSED with the place of the piece and nothing else.
 * @text:  out, the piece; without the newline of a line.
 *
 * Returns 1, 0 at the end, or -1 with ERR_LIMIT above VERDICT_ATTESTATIONS_MAX
 * lines.
 */
int evidence_next(const struct evidence_case *given,
                  struct evidence_cursor *cursor,
                  struct evidence_verdict *place, struct bytes *text,
                  struct err *err) MUST_CHECK;

#endif
