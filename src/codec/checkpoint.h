/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints of transparency logs: signed notes that name the size and the
 * root hash of a tree.  Sources: https://c2sp.org/signed-note and
 * https://c2sp.org/tlog-checkpoint.
 *
 *     <origin>
 *     <size in decimal>
 *     <root hash in base64>
 *     [further lines, none empty]
 *
 *     \xe2\x80\x94 <name> <base64 of 4 bytes of key id, and the signature>
 *     [further signatures, of other keys]
 *
 * Nothing is verified here (crypto/note.h does). */
#ifndef CODEC_CHECKPOINT_H
#define CODEC_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"

#define CHECKPOINT_MAX            ((size_t)64 * 1024) /* bytes of the note */
#define CHECKPOINT_SIGNATURES_MAX 32
#define CHECKPOINT_KEY_ID_LEN     4
#define CHECKPOINT_ROOT_LEN       32

/* One signature line. */
struct checkpoint_signature {
	struct bytes name; /* of the key; never empty; no blank, no '+' */
	uint8_t key_id[CHECKPOINT_KEY_ID_LEN];
	struct bytes signature; /* without the key id; never empty */
};

/* Texts point into the note, which must outlive it. */
struct checkpoint {
	uint8_t *memory;          /* owned: the decoded signatures */
	struct bytes signed_text; /* what the signatures cover: the note up to
	                           * and with the line feed before the empty
	                           * line */
	struct bytes origin;      /* never empty */
	uint64_t tree_size;       /* at most INT64_MAX */
	uint8_t root_hash[CHECKPOINT_ROOT_LEN];
	struct checkpoint_signature signatures[CHECKPOINT_SIGNATURES_MAX];
	size_t signature_count; /* at least 1 */
};

#define CHECKPOINT_NONE ((struct checkpoint){ .memory = NULL })
#define AUTO_CHECKPOINT AUTO(checkpoint_done)

/**
 * checkpoint_parse - read a signed note that is a checkpoint.
 * @out: written only on 0; to be released with checkpoint_done.
 *
 * Lines are printable UTF-8 and end in LF, the last one, too.  A line behind
 * the empty one that is no signature line is refused, even where another would
 * do.
 *
 * Returns 0, or -1 with ERR_FORMAT, ERR_LIMIT, or ERR_SYSTEM (memory).
 */
int checkpoint_parse(const char *text, size_t len, struct checkpoint *out,
                     struct err *err) MUST_CHECK;

/** checkpoint_done - release it. */
void checkpoint_done(struct checkpoint *checkpoint);

#endif
