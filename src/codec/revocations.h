/* SPDX-License-Identifier: Apache-2.0 */
/* revoked.ini of a trust folder: keys, identities and releases that count for
 * nothing any more, each with the reason that users are told.
 *
 *     [keys]
 *     <16 lower-case hex digits of a minisign key id> = <reason>
 *     [cosign_keys]
 *     <SHA-256 of the key's SPKI> = <reason>
 *     [identities]
 *     <NAME of an [identity NAME] of the configuration> = <reason>
 *     [releases]
 *     <SHA-256 of release.ini> = <reason>
 *
 * The administrator may write it by hand: comments, any section absent, any
 * order. Written by us it is sorted. */
#ifndef CODEC_REVOCATIONS_H
#define CODEC_REVOCATIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/name.h"
#include "codec/release_ini.h"

#define REVOCATIONS_MAX        ((size_t)256 * 1024) /* bytes of the file */
#define REVOKED_KEYS_MAX       256
#define REVOKED_COSIGN_MAX     256
#define REVOKED_IDENTITIES_MAX 256
#define REVOKED_RELEASES_MAX   512
#define REVOCATION_REASON_SIZE 120 /* bytes, with the NUL */

struct revoked_key {
	uint64_t id;
	char reason[REVOCATION_REASON_SIZE];
};

/* A release, by its release.ini, or a cosign key, by its SPKI. */
struct revoked_digest {
	uint8_t sha256[DIGEST_LEN];
	char reason[REVOCATION_REASON_SIZE];
};

struct revoked_identity {
	char name[KEY_NAME_SIZE];
	char reason[REVOCATION_REASON_SIZE];
};

/* Each sorted; all zero is none. */
struct revocations {
	struct revoked_key keys[REVOKED_KEYS_MAX];
	size_t key_count;
	struct revoked_digest cosign_keys[REVOKED_COSIGN_MAX];
	size_t cosign_key_count;
	struct revoked_identity identities[REVOKED_IDENTITIES_MAX];
	size_t identity_count;
	struct revoked_digest releases[REVOKED_RELEASES_MAX];
	size_t release_count;
};

/**
 * revocations_parse - read revoked.ini.
 * @out: written only on 0.
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the line.
 */
int revocations_parse(const char *text, size_t len, struct revocations *out,
                      struct err *err) MUST_CHECK;

/** revocations_write - append the text to @out; errors as buf_add. */
int revocations_write(const struct revocations *in, struct buf *out,
                      struct err *err) MUST_CHECK;

/**
 * revocations_add_* - revoke one more; what was revoked keeps its first reason.
 * @reason: printable, without ';'.
 * Returns 0, or -1 with ERR_LIMIT or ERR_USAGE and nothing changed.
 */
int revocations_add_key(struct revocations *revocations, uint64_t id,
                        const char *reason, struct err *err) MUST_CHECK;
int revocations_add_cosign_key(struct revocations *revocations,
                               const uint8_t spki_sha256[DIGEST_LEN],
                               const char *reason, struct err *err) MUST_CHECK;
int revocations_add_identity(struct revocations *revocations, const char *name,
                             const char *reason, struct err *err) MUST_CHECK;
int revocations_add_release(struct revocations *revocations,
                            const uint8_t sha256[DIGEST_LEN],
                            const char *reason, struct err *err) MUST_CHECK;

/** revocations_find_* - the reason, borrowed, or NULL where it is not revoked.
 */
const char *revocations_find_key(const struct revocations *revocations,
                                 uint64_t id);
const char *revocations_find_cosign_key(const struct revocations *revocations,
                                        const uint8_t spki_sha256[DIGEST_LEN]);
const char *revocations_find_identity(const struct revocations *revocations,
                                      const char *name);
const char *revocations_find_release(const struct revocations *revocations,
                                     const uint8_t sha256[DIGEST_LEN]);

#endif
