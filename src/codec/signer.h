/* SPDX-License-Identifier: Apache-2.0 */
/* Who vouched for a release, as receipts, the list of releases seen and
 * verification results record it: a minisign key, a cosign key, or an identity
 * of the host's configuration.  A list of them is sorted, each signer once. */
#ifndef CODEC_SIGNER_H
#define CODEC_SIGNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/name.h"

#define SIGNER_KEY_LEN      32
#define SIGNER_SUBJECT_SIZE 128 /* bytes, with the NUL; a longer one is cut */
#define SIGNER_TEXT_SIZE    80  /* bytes of signer_text, with the NUL */
#define SIGNERS_MAX         192 /* what a host can name: 64 of each kind */

enum signer_kind { SIGNER_MINISIGN, SIGNER_COSIGN, SIGNER_IDENTITY };

/* What a kind does not have is zero. */
struct signer {
	enum signer_kind kind;
	uint64_t id; /* MINISIGN: the key id */
	/* MINISIGN: the public key itself, as ids are not part of what is
	 * signed; records of older versions lack it.  COSIGN: the SHA-256 of
	 * its SPKI. */
	bool has_key;
	uint8_t key[SIGNER_KEY_LEN];
	char name[KEY_NAME_SIZE];          /* what the host calls it */
	char subject[SIGNER_SUBJECT_SIZE]; /* IDENTITY: whom the certificate
	                                    * named; for people */
};

/** signer_compare - their order: by kind; minisign keys by id, cosign keys by
 * digest, identities by name.  0 for the same signer. */
int signer_compare(const struct signer *a, const struct signer *b);

/**
 * signers_add - insert a signer in its place.
 * @list, @count: sorted, with room for @max.
 *
 * One that is there stays, and learns its key where it had none.  Returns false
 * where there is no room; nothing is changed then.
 */
bool signers_add(struct signer *list, size_t *count, size_t max,
                 const struct signer *signer);

/** signer_set_subject - from a text of any length and bytes: what a line of INI
 * cannot hold becomes '?', and it is cut to what fits. */
void signer_set_subject(struct signer *signer, const char *text);

/** signer_text - "F00DCAFE00000001", "cosign:<64 hex>" or "identity:NAME". */
void signer_text(const struct signer *signer, char out[SIGNER_TEXT_SIZE]);

#endif
