/* SPDX-License-Identifier: Apache-2.0 */
/* The releases that a host has once made current, so that it never goes back
 * unnoticed (trust/advance.h).  Kept as a text of one line a release,
 *
 *     <sequence> <version> <digest of release.ini> <signer>[,<signer>...]
 *
 * ascending by sequence, then by digest.  Signers ascend (codec/signer.h):
 *
 *     <key id>[:<64 hex digits of the minisign key>]
 *     cosign:<SHA-256 of the key's SPKI>
 *     identity:<name of the host's identity>
 *
 * Texts of older versions know key ids alone. */
#ifndef TRUST_SEEN_H
#define TRUST_SEEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/name.h"
#include "codec/release_ini.h"
#include "codec/signer.h"

#define SEEN_TEXT_MAX    ((size_t)2 << 20) /* bytes */
#define SEEN_LINES_MAX   256
#define SEEN_PER_SIGNERS 64 /* lines kept of the same set of signers */
#define SEEN_SIGNERS_MAX 48

struct seen_line {
	uint64_t sequence;
	char version[VERSION_SIZE];
	uint8_t sha256[DIGEST_LEN]; /* of release.ini */
	/* Sorted.  Only identities have a name, and nobody a subject. */
	struct signer signers[SEEN_SIGNERS_MAX];
	size_t signer_count; /* at least 1 */
};

/* Large (about 3 MiB); all zero is empty. */
struct seen {
	struct seen_line lines[SEEN_LINES_MAX];
	size_t count;
};

/**
 * seen_parse - read the text; an empty one is an empty list.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT naming the line for anything that
 * seen_format would not write, ERR_LIMIT, or ERR_SYSTEM without memory.
 */
int seen_parse(const char *text, size_t len, struct seen *out,
               struct err *err) MUST_CHECK;

/** seen_format - append the text to @out; -1 as buf_add. */
int seen_format(const struct seen *seen, struct buf *out,
                struct err *err) MUST_CHECK;

/**
 * seen_add - remember a release.
 * @line: signers in any order, each once.
 *
 * A release that is there (same sequence and digest) keeps its signers and
 * gains the new ones and the keys of those it knew by id alone, as far as there
 * is room.  Where there are too many lines,
 * of these signers or in all, the one with the lowest sequence goes.
 */
void seen_add(struct seen *seen, const struct seen_line *line);

#endif
