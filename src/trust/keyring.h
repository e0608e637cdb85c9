/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that a host trusts for one app, and what it has revoked: the folder
 * /etc/tidegate/trust/<app>.  The host's alone; nothing of a bundle gets in.
 *
 *     <name>.pub     a minisign public key, [A-Za-z0-9._-]{1,64}
 *     revoked.ini    revoked keys and releases (codec/revocations.h)
 *
 * Names that begin with '.' or end with '~' are left by editors, and ignored.
 * Everything else is refused, so that a misspelt name never weakens trust. */
#ifndef TRUST_KEYRING_H
#define TRUST_KEYRING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "codec/minisign.h"
#include "codec/name.h"
#include "codec/revocations.h"
#include "codec/settings.h"

#define KEYRING_KEYS_MAX 64
#define KEYRING_SUFFIX   ".pub"
#define KEYRING_REVOKED  "revoked.ini"

struct keyring_key {
	char name[KEY_NAME_SIZE]; /* of its file, without ".pub" */
	struct minisign_public public;
};

/* All zero is a keyring without keys. */
struct keyring {
	struct keyring_key keys[KEYRING_KEYS_MAX]; /* by name */
	size_t count;
	struct revocations revocations;
};

/**
 * keyring_load - read the folder.
 * @dir: open; the caller has judged its owner.
 * @out: written only on 0; release it with keyring_done.
 *
 * Each file is judged by fs_open_trusted.  Returns 0 (also without a key), or
 * -1 with ERR_USAGE for a file that does not belong there, ERR_UNTRUSTED for
 * one that others may write, ERR_FORMAT, ERR_LIMIT or ERR_SYSTEM.
 */
int keyring_load(int dir, struct keyring *out, struct err *err) MUST_CHECK;

/** keyring_done - no key is left. */
void keyring_done(struct keyring *keyring);

/**
 * keyring_require - that there is a key at all.
 * @app: for the message; NULL where it is not known.
 * Returns 0, or -1 with ERR_UNTRUSTED and the setup line.
 */
int keyring_require(const struct keyring *keyring, const char *app,
                    struct err *err) MUST_CHECK;

/**
 * keyring_check_settings - that each [key NAME] of the configuration names a
 * key: a misspelt name would retire nothing.
 * Returns 0, or -1 with ERR_USAGE.
 */
int keyring_check_settings(const struct keyring *keyring,
                           const struct settings *settings,
                           struct err *err) MUST_CHECK;

/**
 * keyring_max_sequence - the highest sequence that a key may sign: the lowest
 * of the limits on all names under which these key bytes are trusted.
 * SEQUENCE_MAX where there is none.
 */
uint64_t keyring_max_sequence(const struct keyring *keyring,
                              const struct settings *settings,
                              const struct minisign_public *key);

/**
 * keyring_find_revoked - why a key is revoked, borrowed; NULL where it is not.
 * Revoking one id revokes these key bytes under every other id, too: ids are
 * not part of what is signed.
 */
const char *keyring_find_revoked(const struct keyring *keyring,
                                 const struct minisign_public *key);

/** keyring_is_same_key - keys are told apart by their 32 bytes alone. */
bool keyring_is_same_key(const struct minisign_public *a,
                         const struct minisign_public *b);

#endif
