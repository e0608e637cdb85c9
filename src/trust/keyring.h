/* SPDX-License-Identifier: Apache-2.0 */
/* What a host trusts for one app, and what it has revoked: the folder
 * /etc/tidegate/trust/<app>.  The host's alone; nothing of a bundle gets in.
 *
 *     <name>.pub                 a minisign public key
 *     <name>.pem                 a cosign public key
 *     trusted_root.json          whom Sigstore's certificates and logs rest on
 *     <name>.trusted_root.json   further ones
 *     revoked.ini                what counts no more (codec/revocations.h)
 *
 * <name> is [A-Za-z0-9._-]{1,64}, and names one key: a .pub and a .pem of the
 * same name are refused.  Names that begin with '.' or end with '~' are left by
 * editors, and ignored.  Everything else is refused, so that a misspelt name
 * never weakens trust.
 *
 * Trusted roots stay raw: they are JSON, which only workers parse. */
#ifndef TRUST_KEYRING_H
#define TRUST_KEYRING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/minisign.h"
#include "codec/name.h"
#include "codec/revocations.h"
#include "codec/settings.h"
#include "codec/signer.h"
#include "crypto/public_key.h"

#define KEYRING_KEYS_MAX      64 /* of each kind: one bit each in a mask */
#define KEYRING_ROOTS_MAX     16
#define KEYRING_ROOT_SIZE_MAX ((size_t)1 << 20) /* bytes of a trusted root */

#define KEYRING_SUFFIX        ".pub"
#define KEYRING_PEM_SUFFIX    ".pem"
#define KEYRING_ROOT          "trusted_root.json"
#define KEYRING_ROOT_SUFFIX   "." KEYRING_ROOT
#define KEYRING_REVOKED       "revoked.ini"

struct keyring_key {
	char name[KEY_NAME_SIZE]; /* of its file, without ".pub" */
	struct minisign_public public;
};

struct keyring_cosign_key {
	char name[KEY_NAME_SIZE]; /* of its file, without ".pem" */
	struct public_key key;    /* owned */
};

struct keyring_root {
	char name[KEY_NAME_SIZE]; /* without ".trusted_root.json"; "" for
	                           * trusted_root.json itself */
	struct buf text;          /* owned; raw */
};

/* All zero is a keyring without anything. */
struct keyring {
	struct keyring_key keys[KEYRING_KEYS_MAX]; /* by name */
	size_t count;
	struct keyring_cosign_key cosign_keys[KEYRING_KEYS_MAX]; /* by name */
	size_t cosign_count;
	struct keyring_root roots[KEYRING_ROOTS_MAX]; /* by name of the file */
	size_t root_count;
	struct revocations revocations;
};

/**
 * keyring_load - read the folder.
 * @dir: open; the caller has judged its owner.
 * @out: written only on 0, whatever it held is not released; release it with
 *       keyring_done.
 *
 * Each file is judged by fs_open_trusted.  Returns 0 (also without a key), or
 * -1 with ERR_USAGE for a file that does not belong there, ERR_UNTRUSTED for
 * one that others may write, ERR_FORMAT, ERR_LIMIT or ERR_SYSTEM.
 */
int keyring_load(int dir, struct keyring *out, struct err *err) MUST_CHECK;

/** keyring_done - nothing is left. */
void keyring_done(struct keyring *keyring);

/**
 * keyring_require - that there is anything to trust: a key, or a trusted root.
 * @app: for the message; NULL where it is not known.
 * Returns 0, or -1 with ERR_UNTRUSTED and the setup line.
 */
int keyring_require(const struct keyring *keyring, const char *app,
                    struct err *err) MUST_CHECK;

/**
 * keyring_check_settings - that configuration and folder make one policy.
 *
 * Each [key NAME] and [trusted_root NAME] names a file, as a misspelt name
 * would limit nothing; what require names can be met at all; identities have a
 * trusted root to rest on; and without accept_keyless_alone some key is asked.
 * Returns 0, or -1 with ERR_USAGE that says what to change, or ERR_UNTRUSTED
 * where there is no minisign key.
 */
int keyring_check_settings(const struct keyring *keyring,
                           const struct settings *settings,
                           struct err *err) MUST_CHECK;

/** keyring_find_name - the key in NAME.pub, or NULL. */
const struct keyring_key *keyring_find_name(const struct keyring *keyring,
                                            const char *name);

/** keyring_find_cosign_name - the key in NAME.pem, or NULL. */
const struct keyring_cosign_key *
keyring_find_cosign_name(const struct keyring *keyring, const char *name);

/**
 * keyring_max_sequence - the highest sequence that a key may sign: the lowest
 * of the limits on all names under which this key is trusted, as a minisign or
 * as a cosign key.  SEQUENCE_MAX where there is none.
 */
uint64_t keyring_max_sequence(const struct keyring *keyring,
                              const struct settings *settings,
                              const struct minisign_public *key);

/** keyring_max_cosign_sequence - the same of a cosign key. */
uint64_t keyring_max_cosign_sequence(const struct keyring *keyring,
                                     const struct settings *settings,
                                     const struct public_key *key);

/**
 * keyring_find_revoked - why a key is revoked, borrowed; NULL where it is not.
 * Revoking one id revokes this key under every other id and as a cosign key,
 * too: ids are not part of what is signed.
 */
const char *keyring_find_revoked(const struct keyring *keyring,
                                 const struct minisign_public *key);

/** keyring_find_revoked_cosign - the same of a cosign key. */
const char *keyring_find_revoked_cosign(const struct keyring *keyring,
                                        const uint8_t spki_sha256[SHA256_LEN]);

/**
 * keyring_find_revoked_signer - the same of a signer of a receipt or of the
 * list of releases seen.  One that is known by its id alone is taken for the
 * key with this id in the folder.
 */
const char *keyring_find_revoked_signer(const struct keyring *keyring,
                                        const struct signer *signer);

/** keyring_counts - whether a signer of a receipt still counts for a release
 * of @sequence: named by the folder or by @settings, not retired, not revoked.
 */
bool keyring_counts(const struct keyring *keyring,
                    const struct settings *settings,
                    const struct signer *signer, uint64_t sequence);

/** keyring_is_same_key - keys are told apart by their 32 bytes alone. */
bool keyring_is_same_key(const struct minisign_public *a,
                         const struct minisign_public *b);

/** keyring_is_twin - whether a minisign key and the cosign key with this
 * SHA-256 of its SPKI are one key. */
bool keyring_is_twin(const struct minisign_public *key,
                     const uint8_t spki_sha256[SHA256_LEN]);

#endif
