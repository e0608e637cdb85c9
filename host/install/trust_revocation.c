/* SPDX-License-Identifier: Apache-2.0 */
#include "trust_revocation.h"

#include <string.h>

#include "base/disk.h"
#include "base/text.h"
#include "codec/key_id.h"
#include "codec/revocations.h"
#include "crypto/minisign.h"
#include "trust_target.h"

#define REVOKED_MODE  0644
#define DIGEST_PREFIX "sha256:"

static int read_digest(const char *digest, uint8_t out[SHA256_LEN],
                       struct err *err)
{
	struct err ignored; /* which digit is wrong helps nobody */

	if (text_from_hex(digest, strlen(digest), out, SHA256_LEN, &ignored) <
	    0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is no SHA-256: 64 digits of 0-9 and a-f",
		               digest);
	return 0;
}

static int add_release(struct revocations *revocations, const char *digest,
                       const char *reason, struct err *err)
{
	uint8_t bytes[SHA256_LEN];

	if (read_digest(digest, bytes, err) < 0)
		return -1;
	return revocations_add_release(revocations, bytes, reason, err);
}

static int add_cosign(struct revocations *revocations, const char *digest,
                      const char *reason, struct err *err)
{
	uint8_t bytes[SHA256_LEN];

	if (read_digest(digest, bytes, err) < 0)
		return -1;
	return revocations_add_cosign_key(revocations, bytes, reason, err);
}

/* Under each id that the key has here, as a minisign and as a cosign key: when
 * its files are gone, the ids are all that is known of it. */
static int add_key(struct keyring *keyring,
                   const uint8_t spki_sha256[SHA256_LEN], const char *reason,
                   struct err *err)
{
	struct revocations *revocations = &keyring->revocations;

	for (size_t i = 0; i < keyring->count; i++) {
		const struct minisign_public *key = &keyring->keys[i].public;

		if (keyring_is_twin(key, spki_sha256) &&
		    revocations_add_key(revocations, key->id, reason, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < keyring->cosign_count; i++) {
		const uint8_t *id = keyring->cosign_keys[i].key.id;

		if (sha256_equal(id, spki_sha256) &&
		    revocations_add_cosign_key(revocations, id, reason, err) <
		            0)
			return -1;
	}
	return 0;
}

/* As minisign prints it, or as our files have it. */
static int add_key_id(struct revocations *revocations, const char *operand,
                      const char *reason, struct err *err)
{
	char lower[KEY_ID_TEXT] = "";
	size_t len = strlen(operand);
	uint64_t id;

	for (size_t i = 0; i < len && i < KEY_ID_TEXT - 1; i++)
		lower[i] = operand[i] >= 'A' && operand[i] <= 'F'
		                   ? (char)(operand[i] - 'A' + 'a')
		                   : operand[i];
	if (key_id_parse(lower, len, &id, err) < 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is neither the name of a trusted key or "
		               "identity, nor a key id, cosign:DIGEST, "
		               "identity:NAME, or sha256:DIGEST of a "
		               "release.ini",
		               operand);
	return revocations_add_key(revocations, id, reason, err);
}

static int add_target(struct keyring *keyring,
                      const struct trust_target *target, const char *reason,
                      struct err *err)
{
	struct revocations *revocations = &keyring->revocations;
	uint8_t id[SHA256_LEN];

	if (target->key != NULL) {
		minisign_spki_id(&target->key->public, id);
		return add_key(keyring, id, reason, err);
	}
	if (target->cosign != NULL)
		return add_key(keyring, target->cosign->key.id, reason, err);
	if (target->identity != NULL)
		return revocations_add_identity(
			revocations, target->identity->name, reason, err);
	return err_set(err, ERR_USAGE, 0,
	               "a trusted root is removed, not revoked; run: "
	               "install-package trust remove");
}

/* What is not trusted here may be revoked, too. */
static int add_stranger(struct revocations *revocations, const char *operand,
                        const char *reason, struct err *err)
{
	static const struct {
		const char *prefix;
		int (*add)(struct revocations *revocations, const char *text,
		           const char *reason, struct err *err);
	} rows[] = {
		{ DIGEST_PREFIX, add_release },
		{ TARGET_COSIGN, add_cosign },
		{ TARGET_IDENTITY, revocations_add_identity },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t len = strlen(rows[i].prefix);

		if (strncmp(operand, rows[i].prefix, len) == 0)
			return rows[i].add(revocations, operand + len, reason,
			                   err);
	}
	return add_key_id(revocations, operand, reason, err);
}

static int write_revocations(int folder, const struct revocations *revocations,
                             struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (revocations_write(revocations, &text, err) < 0)
		return -1;
	return disk_replace_file("trust.revoke", folder, KEYRING_REVOKED,
	                         REVOKED_MODE, text.data, text.len, err);
}

static int add_revocation(struct host *host, const char *operand,
                          const char *reason, struct err *err)
{
	struct trust_target target;
	int found = trust_target_find(host, operand, &target, err);

	if (found < 0)
		return -1;
	if (found == 1)
		return add_target(&host->keyring, &target, reason, err);
	return add_stranger(&host->keyring.revocations, operand, reason, err);
}

int trust_revocation_add(struct host *host, int folder, const char *operand,
                         const char *reason, struct err *err)
{
	if (add_revocation(host, operand, reason, err) < 0)
		return -1;
	return write_revocations(folder, &host->keyring.revocations, err);
}
