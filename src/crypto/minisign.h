/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures as minisign 0.11 makes and checks them: Ed25519 over the
 * BLAKE2b-512 of the data, and once more over signature and trusted comment.
 * crypto_init() comes first. */
#ifndef CRYPTO_MINISIGN_H
#define CRYPTO_MINISIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/minisign.h"
#include "crypto/sha256.h"

/**
 * minisign_verify - check a signature and its trusted comment.
 *
 * Returns 0 when @key made @signature over @data and over the comment; else
 * -1 with ERR_UNTRUSTED, which says which of the two is wrong.
 */
int minisign_verify(const struct minisign_public *key,
                    const struct minisign_signature *signature,
                    const void *data, size_t len, struct err *err) MUST_CHECK;

/** minisign_spki_id - the SHA-256 of this key as a SubjectPublicKeyInfo (RFC
 * 8410, 4): the id that it has where it serves as a cosign key. */
void minisign_spki_id(const struct minisign_public *key,
                      uint8_t out[SHA256_LEN]);

/* A key pair in the clear, in locked memory that is wiped when it is freed. */
struct minisign_signer;

#define AUTO_MINISIGN_SIGNER AUTO(minisign_signer_free)
#define AUTO_MINISIGN_SECRET AUTO(minisign_secret_wipe)

/** minisign_signer_free - wipe and free; *@signer is NULL afterwards. */
void minisign_signer_free(struct minisign_signer **signer);

/** minisign_secret_wipe - for a stored key that may be a plain one. */
void minisign_secret_wipe(struct minisign_secret *secret);

/** minisign_generate - make a key pair from the kernel's random numbers.
 * Returns 0 with *@out owned by the caller, or -1 with ERR_SYSTEM. */
int minisign_generate(struct minisign_signer **out, struct err *err) MUST_CHECK;

/** minisign_signer_public - the half to give away, borrowed. */
const struct minisign_public *
minisign_signer_public(const struct minisign_signer *signer);

/* What a password costs those who guess it: minisign's own choice (1 GiB of
 * memory, seconds), or the least that scrypt has, for tests. */
enum minisign_cost { MINISIGN_COST_SENSITIVE, MINISIGN_COST_LEAST };

/**
 * minisign_lock - the form to store, encrypted with a password.
 * @password, @len: not empty.
 * @out:            written only on 0.
 *
 * Returns 0, or -1 with ERR_USAGE for an empty password, or ERR_SYSTEM (ENOMEM)
 * where the memory cannot be had; it never falls back to a cheaper cost.
 */
int minisign_lock(const struct minisign_signer *signer, const char *password,
                  size_t len, enum minisign_cost cost,
                  struct minisign_secret *out, struct err *err) MUST_CHECK;

/** minisign_store_plain - the form to store without a password, as
 * "minisign -G -W" does. */
void minisign_store_plain(const struct minisign_signer *signer,
                          struct minisign_secret *out);

/**
 * minisign_unlock - make a stored key usable.
 * @password, @len: ignored for a plain key.
 *
 * Refuses costs above minisign's own, so that a foreign file cannot exhaust the
 * machine, and a key whose two halves do not belong together.
 *
 * Returns 0 with *@out owned by the caller; -1 with ERR_USAGE for a wrong
 * password (or a damaged file: the two cannot be told apart), ERR_LIMIT,
 * ERR_FORMAT, or ERR_SYSTEM.
 */
int minisign_unlock(const struct minisign_secret *stored, const char *password,
                    size_t len, struct minisign_signer **out,
                    struct err *err) MUST_CHECK;

/**
 * minisign_sign - sign @data with a trusted comment.
 * @comment: printable UTF-8, less than MINISIGN_COMMENT_MAX bytes.
 * @out:     written only on 0.
 *
 * Returns 0, or -1 with ERR_USAGE for such a comment.
 */
int minisign_sign(const struct minisign_signer *signer, const void *data,
                  size_t len, const char *comment,
                  struct minisign_signature *out, struct err *err) MUST_CHECK;

/**
 * minisign_sign_envelope - sign the PAE of a DSSE envelope with the same key:
 * pure Ed25519 (RFC 8032) over @pae.
 * @pae: as dsse_pae makes it, and nothing else: its first bytes keep these
 *       signatures apart from those of minisign's two kinds of files.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_INTERNAL for bytes that are no PAE.
 */
int minisign_sign_envelope(const struct minisign_signer *signer,
                           struct bytes pae, uint8_t out[MINISIGN_SIG_LEN],
                           struct err *err) MUST_CHECK;

/**
 * minisign_verify_envelope - whether @key made such a signature.
 * Returns 0, or -1 with ERR_UNTRUSTED.
 */
int minisign_verify_envelope(const struct minisign_public *key,
                             struct bytes pae, struct bytes signature,
                             struct err *err) MUST_CHECK;

#endif
