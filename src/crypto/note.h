/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of signed notes, the form of a log's checkpoint.  Source:
 * https://c2sp.org/signed-note and, for ECDSA and RSA, what Rekor does. */
#ifndef CRYPTO_NOTE_H
#define CRYPTO_NOTE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/public_key.h"

#define NOTE_KEY_ID_LEN 4
#define NOTE_NAME_MAX   256 /* bytes of the name on a signature line */

/* A signature line, taken apart. */
struct note_line {
	struct bytes name;
	uint8_t key_id[NOTE_KEY_ID_LEN];
	struct bytes signature; /* without the key id */
};

/**
 * note_key_id - what a signature line by @key under @name bears.
 *
 * ECDSA: the start of the SHA-256 of the SPKI, whatever the name.  Ed25519: of
 * the SHA-256 of name, LF, 0x01 and the 32 bytes of the key.  RSA: of name, LF,
 * 0xff, "PKIX-RSA-PKCS#1v1.5" and the SPKI.
 *
 * Returns 0, or -1 with ERR_LIMIT above NOTE_NAME_MAX, or ERR_SYSTEM.
 */
int note_key_id(const struct public_key *key, struct bytes name,
                uint8_t out[NOTE_KEY_ID_LEN], struct err *err) MUST_CHECK;

/**
 * note_verify - whether @line is a signature by @key over @text.
 * @text: the note up to its empty line, the LF before that included.
 *
 * Which names may speak for a log is for the caller to say.  Returns 0 when it
 * is; 1 when the line bears the id of another key and must be passed over; -1
 * with ERR_UNTRUSTED for a wrong signature, or as note_key_id.
 */
int note_verify(const struct note_line *line, struct bytes text,
                const struct public_key *key, struct err *err) MUST_CHECK;

#endif
