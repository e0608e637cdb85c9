/* SPDX-License-Identifier: Apache-2.0 */
/* The files of minisign 0.11: public keys, secret keys, signatures.  Bytes in,
 * values out; crypto/minisign.h computes.  Source: minisign(1) and
 * https://jedisct1.github.io/minisign/ ("Signature format"). */
#ifndef CODEC_MINISIGN_H
#define CODEC_MINISIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define MINISIGN_FILE_MAX     1024 /* bytes of any of the files */
#define MINISIGN_ID_LEN       8
#define MINISIGN_KEY_LEN      32
#define MINISIGN_SEED_LEN     64 /* secret key as libsodium has it */
#define MINISIGN_SIG_LEN      64
#define MINISIGN_SALT_LEN     32
#define MINISIGN_CHECKSUM_LEN 32
/* Bytes of an untrusted comment that we write. */
#define MINISIGN_UNTRUSTED_MAX 256
#define MINISIGN_COMMENT_MAX                                                   \
	512                 /* bytes of a trusted comment, with the NUL        \
	                     */
#define MINISIGN_ID_TEXT 17 /* 16 upper-case hex digits and a NUL */

struct minisign_public {
	uint64_t id; /* little-endian in the file */
	uint8_t key[MINISIGN_KEY_LEN];
};

struct minisign_signature {
	uint64_t id;
	uint8_t signature[MINISIGN_SIG_LEN];
	uint8_t global[MINISIGN_SIG_LEN]; /* over signature and trusted comment
	                                   */
	char comment[MINISIGN_COMMENT_MAX]; /* trusted comment */
};

/* As stored: in an encrypted file the last three are XORed with the stream that
 * scrypt makes of the password; in a plain one salt, limits and checksum are 0.
 * Secret in both cases: owners wipe it (crypto/minisign.h). */
struct minisign_secret {
	bool is_encrypted;
	uint8_t salt[MINISIGN_SALT_LEN];
	uint64_t opslimit, memlimit; /* of libsodium's scrypt */
	uint8_t id[MINISIGN_ID_LEN];
	uint8_t key[MINISIGN_SEED_LEN];
	uint8_t checksum[MINISIGN_CHECKSUM_LEN];
};

/** minisign_id_text - the name of a key, as minisign prints it. */
void minisign_id_text(uint64_t id, char out[MINISIGN_ID_TEXT]);

/**
 * minisign_parse_* - read a file.
 * @out: written only on 0.
 *
 * Comments hold printable UTF-8 and tabs; base64 has its one canonical
 * spelling; lines end in LF.
 * - public:    two lines with algorithm "Ed", or the second one alone (as
 * people paste it); its last LF may be missing;
 * - signature: exactly four lines, algorithm "ED" (prehashed) only;
 * - secret:    two lines, plain or encrypted with scrypt.
 *
 * Returns 0, or -1 with ERR_FORMAT, or ERR_LIMIT above MINISIGN_FILE_MAX or for
 * a trusted comment that is too long.
 */
int minisign_parse_public(const char *text, size_t len,
                          struct minisign_public *out,
                          struct err *err) MUST_CHECK;
int minisign_parse_signature(const char *text, size_t len,
                             struct minisign_signature *out,
                             struct err *err) MUST_CHECK;
int minisign_parse_secret(const char *text, size_t len,
                          struct minisign_secret *out,
                          struct err *err) MUST_CHECK;

/**
 * minisign_write_* - append the file that minisign itself would write.
 * @comment: of the untrusted line; where there is none, minisign's own.
 *
 * Returns 0; -1 with ERR_USAGE for a comment that would not be read, or as
 * buf_add; then @out may hold a part.  A secret needs a buffer whose limit is
 * at least MINISIGN_FILE_MAX; its owner wipes it.
 */
int minisign_write_public(const struct minisign_public *in, struct buf *out,
                          struct err *err) MUST_CHECK;
int minisign_write_signature(const struct minisign_signature *in,
                             const char *comment, struct buf *out,
                             struct err *err) MUST_CHECK;
int minisign_write_secret(const struct minisign_secret *in, struct buf *out,
                          struct err *err) MUST_CHECK;

#endif
