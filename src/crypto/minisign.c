/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/minisign.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define OPSLIMIT_MAX crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE
#define MEMLIMIT_MAX crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE
#define PREHASH_LEN  64
#define GLOBAL_MAX   (MINISIGN_SIG_LEN + MINISIGN_COMMENT_MAX)

/* What is encrypted: one behind the other in the file, too. */
struct clear_key {
	uint8_t id[MINISIGN_ID_LEN];
	uint8_t key[MINISIGN_SEED_LEN];
	uint8_t checksum[MINISIGN_CHECKSUM_LEN];
};

struct minisign_signer {
	struct clear_key clear;
	struct minisign_public public;
};

static void prehash(const void *data, size_t len, uint8_t out[PREHASH_LEN])
{
	(void)crypto_generichash(out, PREHASH_LEN, data, len, NULL, 0);
}

/* The bytes of the second signature; returns their number. */
static size_t global_text(const struct minisign_signature *signature,
                          uint8_t out[GLOBAL_MAX])
{
	size_t len = strlen(signature->comment);

	memcpy(out, signature->signature, MINISIGN_SIG_LEN);
	memcpy(out + MINISIGN_SIG_LEN, signature->comment, len);
	return MINISIGN_SIG_LEN + len;
}

int minisign_verify(const struct minisign_public *key,
                    const struct minisign_signature *signature,
                    const void *data, size_t len, struct err *err)
{
	uint8_t hash[PREHASH_LEN], global[GLOBAL_MAX];
	size_t global_len = global_text(signature, global);
	char made_by[MINISIGN_ID_TEXT], wanted[MINISIGN_ID_TEXT];

	minisign_id_text(signature->id, made_by);
	minisign_id_text(key->id, wanted);
	if (signature->id != key->id)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "signature is by key %s, not by %s", made_by,
		               wanted);
	prehash(data, len, hash);
	if (crypto_sign_verify_detached(signature->signature, hash, sizeof hash,
	                                key->key) != 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "signature by key %s does not match the data",
		               wanted);
	if (crypto_sign_verify_detached(signature->global, global, global_len,
	                                key->key) != 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "trusted comment of the signature by key %s was "
		               "changed",
		               wanted);
	return 0;
}

void minisign_spki_id(const struct minisign_public *key,
                      uint8_t out[SHA256_LEN])
{
	static const uint8_t head[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
		                        0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
	uint8_t spki[sizeof head + MINISIGN_KEY_LEN];

	memcpy(spki, head, sizeof head);
	memcpy(spki + sizeof head, key->key, MINISIGN_KEY_LEN);
	(void)crypto_hash_sha256(out, spki, sizeof spki); /* always 0 */
}

void minisign_signer_free(struct minisign_signer **signer)
{
	sodium_free(*signer); /* wipes; NULL is fine */
	*signer = NULL;
}

void minisign_secret_wipe(struct minisign_secret *secret)
{
	sodium_memzero(secret, sizeof *secret);
}

static void wipe_clear(struct clear_key *clear)
{
	sodium_memzero(clear, sizeof *clear);
}

/* All zero, in memory that is locked where the limits allow it. */
static struct minisign_signer *new_signer(struct err *err)
{
	struct minisign_signer *signer = sodium_malloc(sizeof *signer);

	if (signer == NULL)
		(void)err_nomem(err);
	else
		sodium_memzero(signer, sizeof *signer);
	return signer;
}

static uint64_t id_number(const uint8_t id[MINISIGN_ID_LEN])
{
	uint64_t number = 0;

	for (size_t i = MINISIGN_ID_LEN; i-- > 0;)
		number = number << 8 | id[i];
	return number;
}

static void checksum_of(const struct clear_key *clear,
                        uint8_t out[MINISIGN_CHECKSUM_LEN])
{
	crypto_generichash_state state;

	(void)crypto_generichash_init(&state, NULL, 0, MINISIGN_CHECKSUM_LEN);
	(void)crypto_generichash_update(&state, (const uint8_t *)"Ed", 2);
	(void)crypto_generichash_update(&state, clear->id, sizeof clear->id);
	(void)crypto_generichash_update(&state, clear->key, sizeof clear->key);
	(void)crypto_generichash_final(&state, out, MINISIGN_CHECKSUM_LEN);
	sodium_memzero(&state, sizeof state);
}

int minisign_generate(struct minisign_signer **out, struct err *err)
{
	AUTO_MINISIGN_SIGNER struct minisign_signer *signer = new_signer(err);

	if (signer == NULL)
		return -1;
	randombytes_buf(signer->clear.id, sizeof signer->clear.id);
	(void)crypto_sign_keypair(signer->public.key, signer->clear.key);
	checksum_of(&signer->clear, signer->clear.checksum);
	signer->public.id = id_number(signer->clear.id);
	*out = TAKE_PTR(signer);
	return 0;
}

const struct minisign_public *
minisign_signer_public(const struct minisign_signer *signer)
{
	return &signer->public;
}

/* Encrypting and decrypting are the same: XOR with what scrypt makes. */
static int xor_with_password(struct clear_key *clear,
                             const struct minisign_secret *stored,
                             const char *password, size_t len, struct err *err)
{
	uint8_t stream[sizeof *clear];
	uint8_t *bytes = (uint8_t *)clear;
	int result = crypto_pwhash_scryptsalsa208sha256(
		stream, sizeof stream, password, len, stored->salt,
		stored->opslimit, (size_t)stored->memlimit);

	if (result != 0)
		return err_set(err, ERR_SYSTEM, ENOMEM,
		               "a password needs %llu MiB of free memory",
		               (unsigned long long)(stored->memlimit >> 20));
	for (size_t i = 0; i < sizeof stream; i++)
		bytes[i] ^= stream[i];
	sodium_memzero(stream, sizeof stream);
	return 0;
}

static void store_key(const struct clear_key *clear,
                      struct minisign_secret *out)
{
	memcpy(out->id, clear->id, sizeof out->id);
	memcpy(out->key, clear->key, sizeof out->key);
	memcpy(out->checksum, clear->checksum, sizeof out->checksum);
}

int minisign_lock(const struct minisign_signer *signer, const char *password,
                  size_t len, enum minisign_cost cost,
                  struct minisign_secret *out, struct err *err)
{
	struct minisign_secret stored = { .is_encrypted = true };
	AUTO(wipe_clear) struct clear_key clear = signer->clear;

	if (len == 0)
		return err_set(err, ERR_USAGE, 0, "the password is empty");
	stored.opslimit = OPSLIMIT_MAX;
	stored.memlimit = MEMLIMIT_MAX;
	if (cost == MINISIGN_COST_LEAST) {
		stored.opslimit =
			crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_MIN;
		stored.memlimit =
			crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_MIN;
	}
	randombytes_buf(stored.salt, sizeof stored.salt);
	if (xor_with_password(&clear, &stored, password, len, err) < 0)
		return -1;
	store_key(&clear, &stored);
	*out = stored;
	return 0;
}

void minisign_store_plain(const struct minisign_signer *signer,
                          struct minisign_secret *out)
{
	memset(out, 0, sizeof *out);
	store_key(&signer->clear, out);
	/* minisign writes no checksum for a plain key. */
	memset(out->checksum, 0, sizeof out->checksum);
}

static int decrypt(const struct minisign_secret *stored, const char *password,
                   size_t len, struct clear_key *clear, struct err *err)
{
	uint8_t checksum[MINISIGN_CHECKSUM_LEN];

	if (stored->opslimit > OPSLIMIT_MAX || stored->memlimit > MEMLIMIT_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "secret key asks for more work or memory than "
		               "minisign ever does");
	if (xor_with_password(clear, stored, password, len, err) < 0)
		return -1;
	checksum_of(clear, checksum);
	if (sodium_memcmp(checksum, clear->checksum, sizeof checksum) != 0)
		return err_set(err, ERR_USAGE, 0,
		               "wrong password, or the secret key is damaged");
	return 0;
}

/* The stored public half is only a copy of what the seed gives; a signature
 * made with a wrong one would leak the secret (fault attacks on Ed25519). */
static int derive_public(const struct clear_key *clear,
                         struct minisign_public *out, struct err *err)
{
	uint8_t secret[MINISIGN_SEED_LEN];
	bool is_same;

	(void)crypto_sign_seed_keypair(out->key, secret, clear->key);
	is_same = sodium_memcmp(secret, clear->key, sizeof secret) == 0;
	sodium_memzero(secret, sizeof secret);
	if (!is_same)
		return err_set(err, ERR_FORMAT, 0,
		               "secret key is damaged: its two halves do not "
		               "belong together");
	out->id = id_number(clear->id);
	return 0;
}

int minisign_unlock(const struct minisign_secret *stored, const char *password,
                    size_t len, struct minisign_signer **out, struct err *err)
{
	AUTO_MINISIGN_SIGNER struct minisign_signer *signer = new_signer(err);

	if (signer == NULL)
		return -1;
	memcpy(signer->clear.id, stored->id, sizeof stored->id);
	memcpy(signer->clear.key, stored->key, sizeof stored->key);
	memcpy(signer->clear.checksum, stored->checksum,
	       sizeof stored->checksum);
	if (stored->is_encrypted &&
	    decrypt(stored, password, len, &signer->clear, err) < 0)
		return -1;
	if (derive_public(&signer->clear, &signer->public, err) < 0)
		return -1;
	/* A plain file may come without a checksum. */
	checksum_of(&signer->clear, signer->clear.checksum);
	*out = TAKE_PTR(signer);
	return 0;
}

int minisign_sign(const struct minisign_signer *signer, const void *data,
                  size_t len, const char *comment,
                  struct minisign_signature *out, struct err *err)
{
	struct minisign_signature made = { .id = signer->public.id };
	uint8_t hash[PREHASH_LEN], global[GLOBAL_MAX];
	size_t global_len;

	if (!text_is_printable(comment, strlen(comment)) ||
	    text_copy(made.comment, sizeof made.comment, comment,
	              strlen(comment), err) < 0)
		return err_set(err, ERR_USAGE, 0,
		               "trusted comment is not printable UTF-8 of less "
		               "than %d bytes",
		               MINISIGN_COMMENT_MAX);
	prehash(data, len, hash);
	(void)crypto_sign_detached(made.signature, NULL, hash, sizeof hash,
	                           signer->clear.key);
	global_len = global_text(&made, global);
	(void)crypto_sign_detached(made.global, NULL, global, global_len,
	                           signer->clear.key);
	*out = made;
	return 0;
}

/* --- DSSE -------------------------------------------------------------------
 */

static bool is_pae(struct bytes pae)
{
	static const char begin[] = "DSSEv1 ";

	return pae.len >= sizeof begin - 1 &&
	       memcmp(pae.data, begin, sizeof begin - 1) == 0;
}

int minisign_sign_envelope(const struct minisign_signer *signer,
                           struct bytes pae, uint8_t out[MINISIGN_SIG_LEN],
                           struct err *err)
{
	if (!is_pae(pae))
		return err_set(err, ERR_INTERNAL, 0,
		               "what is to be signed is no PAE");
	(void)crypto_sign_detached(out, NULL, pae.data, pae.len,
	                           signer->clear.key);
	return 0;
}

int minisign_verify_envelope(const struct minisign_public *key,
                             struct bytes pae, struct bytes signature,
                             struct err *err)
{
	char id[MINISIGN_ID_TEXT];

	if (is_pae(pae) && signature.len == MINISIGN_SIG_LEN &&
	    crypto_sign_verify_detached(signature.data, pae.data, pae.len,
	                                key->key) == 0)
		return 0;
	minisign_id_text(key->id, id);
	return err_set(err, ERR_UNTRUSTED, 0,
	               "the envelope was not signed by key %s", id);
}
