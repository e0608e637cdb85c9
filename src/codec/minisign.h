/* SPDX-License-Identifier: Apache-2.0 */
/* The files of minisign 0.11: public keys, secret keys, signatures.  Bytes in,
 * values out; crypto/minisign.h computes.  Source: minisign(1) and
 * https://jedisct1.github.io/minisign/ ("Signature format"). */
#ifndef CODEC_MINISIGN_H
#define CODEC_MINISIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define MINISIGN_FILE_MAX     1024 /* bytes of any of the files */
#define MINISIGN_KEY_LEN      32
#define MINISIGN_SEED_LEN     64 /* secret key as libsodium has it */
#define MINISIGN_SIG_LEN      64
#define MINISIGN_SALT_LEN     32
#define MINISIGN_CHECKSUM_LEN 32
#define MINISIGN_COMMENT_MAX  512 /* bytes of a comment, with the NUL */
#define MINISIGN_ID_TEXT      17  /* 16 upper-case hex digits and a NUL */

struct minisign_public {
	uint64_t id; /* little-endian in the file */
	uint8_t key[MINISIGN_KEY_LEN];
};

struct minisign_signature {
	uint64_t id;
	uint8_t signature[MINISIGN_SIG_LEN];
	uint8_t global[MINISIGN_SIG_LEN]; /* over signature and trusted comment */
	char comment[MINISIGN_COMMENT_MAX]; /* trusted comment */
};

/* As stored: the last three are XORed with the scrypt stream unless
 * is_encrypted is false. */
struct minisign_secret {
	int is_encrypted;
	uint8_t salt[MINISIGN_SALT_LEN];
	uint64_t opslimit, memlimit;
	uint8_t id[8];
	uint8_t key[MINISIGN_SEED_LEN];
	uint8_t checksum[MINISIGN_CHECKSUM_LEN];
};

/** minisign_id_text - "RWxx" keys are named by this, as minisign prints it. */
void minisign_id_text(uint64_t id, char out[MINISIGN_ID_TEXT]);

/* Each parse: @out written only on 0; -1 with ERR_FORMAT, or ERR_LIMIT above
 * MINISIGN_FILE_MAX.  A signature has exactly four lines and algorithm "ED"; a
 * public key is the two lines of a .pub file, or its second line alone; "Ed". */
int minisign_parse_public(const char *text, size_t len,
                          struct minisign_public *out,
                          struct err *err) MUST_CHECK;
int minisign_parse_signature(const char *text, size_t len,
                             struct minisign_signature *out,
                             struct err *err) MUST_CHECK;
int minisign_parse_secret(const char *text, size_t len,
                          struct minisign_secret *out,
                          struct err *err) MUST_CHECK;

int minisign_write_public(const struct minisign_public *in, struct buf *out,
                          struct err *err) MUST_CHECK;
int minisign_write_signature(const struct minisign_signature *in,
                             const char *untrusted_comment, struct buf *out,
                             struct err *err) MUST_CHECK;
int minisign_write_secret(const struct minisign_secret *in, struct buf *out,
                          struct err *err) MUST_CHECK;

#endif
