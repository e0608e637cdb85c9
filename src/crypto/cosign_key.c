/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cosign_key.h"

#include <errno.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/openssl_err.h"
#include "crypto/openssl_own.h"

#define SCRYPT_R 8
#define SCRYPT_P 1

struct cosign_signer {
	EVP_PKEY *key; /* owned; both halves */
	struct public_key public;
};

void cosign_signer_free(struct cosign_signer **signer)
{
	if (*signer != NULL) {
		EVP_PKEY_free((*signer)->key);
		public_key_done(&(*signer)->public);
	}
	sodium_free(*signer); /* wipes; NULL is fine */
	*signer = NULL;
}

void cosign_secret_wipe(struct cosign_secret *secret)
{
	sodium_memzero(secret, sizeof *secret);
}

/* --- key pairs --------------------------------------------------------------
 */

/* The public half, which also says whether it is a kind of key that we take. */
static int take_public(struct cosign_signer *signer, struct err *err)
{
	unsigned char *spki = NULL;
	int len = i2d_PUBKEY(signer->key, &spki);
	int result;

	if (len <= 0)
		return openssl_err_set(err, ERR_SYSTEM, "writing a public key");
	result = public_key_from_spki((struct bytes){ spki, (size_t)len },
	                              &signer->public, err);
	OPENSSL_free(spki);
	return result;
}

/* A stored public half that is not the private one's would give signatures
 * that nobody can check, and may tell the private half. */
static int check_halves(const struct cosign_signer *signer, struct err *err)
{
	AUTO_PKEY_CONTEXT EVP_PKEY_CTX *context =
		EVP_PKEY_CTX_new_from_pkey(NULL, signer->key, NULL);

	if (context == NULL)
		return openssl_err_set(err, ERR_SYSTEM, "checking a key");
	if (EVP_PKEY_pairwise_check(context) != 1)
		return openssl_err_set(err, ERR_FORMAT,
		                       "the key is damaged: its two halves do "
		                       "not belong together");
	return 0;
}

/* Takes @key over in any case. */
static int new_signer(EVP_PKEY *key, struct cosign_signer **out,
                      struct err *err)
{
	AUTO_COSIGN_SIGNER struct cosign_signer *signer =
		sodium_malloc(sizeof *signer);

	if (signer == NULL) {
		EVP_PKEY_free(key);
		return err_nomem(err);
	}
	sodium_memzero(signer, sizeof *signer);
	signer->key = key;
	if (take_public(signer, err) < 0 || check_halves(signer, err) < 0)
		return -1;
	*out = TAKE_PTR(signer);
	return 0;
}

int cosign_generate(struct cosign_signer **out, struct err *err)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	if (key == NULL)
		return openssl_err_set(err, ERR_SYSTEM, "making a P-256 key");
	return new_signer(key, out, err);
}

const struct public_key *
cosign_signer_public(const struct cosign_signer *signer)
{
	return &signer->public;
}

int cosign_write_public(const struct cosign_signer *signer, struct buf *out,
                        struct err *err)
{
	AUTO_BIO BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len;

	if (bio == NULL || PEM_write_bio_PUBKEY(bio, signer->key) != 1)
		return openssl_err_set(err, ERR_SYSTEM, "writing a public key");
	len = BIO_get_mem_data(bio, &text);
	return buf_add(out, text, (size_t)len, err);
}

/* --- the encrypted form -----------------------------------------------------
 */

/* PKCS#8 in the clear, and the key it is encrypted with. */
struct clear {
	uint8_t key[crypto_secretbox_KEYBYTES];
	uint8_t pkcs8[COSIGN_CLEAR_MAX];
	size_t len;
};

static void cleanup_clear(struct clear **clear)
{
	sodium_free(*clear); /* wipes */
}

#define AUTO_CLEAR AUTO(cleanup_clear)

static int derive_key(const struct cosign_secret *stored, const char *password,
                      size_t len, struct clear *clear, struct err *err)
{
	if (crypto_pwhash_scryptsalsa208sha256_ll(
		    (const uint8_t *)password, len, stored->salt,
		    sizeof stored->salt, stored->cost, SCRYPT_R, SCRYPT_P,
		    clear->key, sizeof clear->key) != 0)
		return err_set(err, ERR_SYSTEM, ENOMEM,
		               "a password needs %u MiB of free memory",
		               stored->cost / 1024);
	return 0;
}

/* The bytes of the key to encrypt. */
static int export_pkcs8(const struct cosign_signer *signer, struct clear *clear,
                        struct err *err)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(signer->key);
	unsigned char *bytes = NULL;
	int len = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &bytes) : -1;
	bool fits = len > 0 && len <= COSIGN_CLEAR_MAX;

	if (fits) {
		memcpy(clear->pkcs8, bytes, (size_t)len);
		clear->len = (size_t)len;
	}
	OPENSSL_clear_free(bytes, len > 0 ? (size_t)len : 0);
	PKCS8_PRIV_KEY_INFO_free(info);
	return fits ? 0
	            : openssl_err_set(err, ERR_SYSTEM, "writing a private key");
}

int cosign_lock(const struct cosign_signer *signer, const char *password,
                size_t len, uint32_t cost, struct cosign_secret *out,
                struct err *err)
{
	AUTO_CLEAR struct clear *clear = sodium_malloc(sizeof *clear);
	struct cosign_secret stored = { .cost = cost };

	if (clear == NULL)
		return err_nomem(err);
	randombytes_buf(stored.salt, sizeof stored.salt);
	randombytes_buf(stored.nonce, sizeof stored.nonce);
	if (derive_key(&stored, password, len, clear, err) < 0 ||
	    export_pkcs8(signer, clear, err) < 0)
		return -1;
	(void)crypto_secretbox_easy(stored.sealed, clear->pkcs8, clear->len,
	                            stored.nonce, clear->key);
	stored.sealed_len = COSIGN_TAG_LEN + clear->len;
	*out = stored;
	return 0;
}

static int decrypt(const struct cosign_secret *stored, const char *password,
                   size_t len, struct clear *clear, struct err *err)
{
	if (derive_key(stored, password, len, clear, err) < 0)
		return -1;
	if (crypto_secretbox_open_easy(clear->pkcs8, stored->sealed,
	                               stored->sealed_len, stored->nonce,
	                               clear->key) != 0)
		return err_set(err, ERR_USAGE, 0,
		               "wrong password, or the private key is damaged");
	clear->len = stored->sealed_len - COSIGN_TAG_LEN;
	return 0;
}

/* Not d2i_AutoPrivateKey(): that takes SEC1 and PKCS#1, too. */
static EVP_PKEY *import_pkcs8(const struct clear *clear, struct err *err)
{
	const unsigned char *at = clear->pkcs8;
	PKCS8_PRIV_KEY_INFO *info =
		d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)clear->len);
	EVP_PKEY *key = NULL;

	if (info != NULL && at == clear->pkcs8 + clear->len)
		key = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	if (key == NULL)
		(void)openssl_err_set(
			err, ERR_FORMAT,
			"what is encrypted is no PKCS#8 key that "
			"cosign would read; import it anew: cosign "
			"import-key-pair");
	return key;
}

int cosign_unlock(const struct cosign_secret *stored, const char *password,
                  size_t len, struct cosign_signer **out, struct err *err)
{
	AUTO_CLEAR struct clear *clear = sodium_malloc(sizeof *clear);
	EVP_PKEY *key;

	if (clear == NULL)
		return err_nomem(err);
	if (decrypt(stored, password, len, clear, err) < 0)
		return -1;
	key = import_pkcs8(clear, err);
	return key == NULL ? -1 : new_signer(key, out, err);
}

/* --- signatures -------------------------------------------------------------
 */

int cosign_sign(const struct cosign_signer *signer, struct bytes data,
                struct cosign_signature *out, struct err *err)
{
	AUTO_MD_CONTEXT EVP_MD_CTX *context = EVP_MD_CTX_new();
	struct cosign_signature made = { .len = sizeof made.data };
	/* Ed25519 hashes by itself. */
	const EVP_MD *hash =
		signer->public.type == PUBLIC_KEY_ED25519 ? NULL : EVP_sha256();

	if (context == NULL ||
	    EVP_DigestSignInit(context, NULL, hash, NULL, signer->key) != 1 ||
	    EVP_DigestSign(context, made.data, &made.len, data.data,
	                   data.len) != 1)
		return openssl_err_set(err, ERR_SYSTEM, "signing");
	if (public_key_verify(&signer->public, data,
	                      (struct bytes){ made.data, made.len }, err) < 0)
		return err_wrap(err, "checking a signature just made");
	*out = made;
	return 0;
}
