/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/buf.h"
#include "crypto/openssl_err.h"
#include "crypto/openssl_own.h"
#include "crypto/pem.h"

#define RSA_BITS_MIN     2048
#define RSA_BITS_MAX     4096
#define RSA_EXPONENT_MAX 0x7fffffffUL /* as Go, hence Sigstore, takes it */
#define GROUP_NAME_SIZE  64
#define UNCOMPRESSED     0x04 /* first byte of a point (SEC 1, 2.3.3) */
#define HASHES_MAX       2

/* What a type of key is, by enum public_key_type. */
struct kind {
	const char *name;
	const char *group;  /* OpenSSL's name of the curve */
	size_t spki, point; /* bytes: of the whole, of the point at its end */
	/* The hashes that a signature may be made over, best first; none for
	 * Ed25519, which has its own. */
	const EVP_MD *(*hashes[HASHES_MAX])(void);
};

static const struct kind kinds[] = {
	[PUBLIC_KEY_P256] = { "ECDSA P-256",
	                      "prime256v1",
	                      91,
	                      65,
	                      { EVP_sha256 } },
	[PUBLIC_KEY_P384] = { "ECDSA P-384",
	                      "secp384r1",
	                      120,
	                      97,
	                      { EVP_sha384, EVP_sha256 } },
	[PUBLIC_KEY_P521] = { "ECDSA P-521",
	                      "secp521r1",
	                      158,
	                      133,
	                      { EVP_sha512, EVP_sha256 } },
	[PUBLIC_KEY_ED25519] = { "Ed25519", NULL, 44, 0, { NULL } },
	[PUBLIC_KEY_RSA] = { "RSA", NULL, 0, 0, { EVP_sha256 } },
};

void public_key_done(struct public_key *key)
{
	EVP_PKEY_free(key->key);
	*key = PUBLIC_KEY_NONE;
}

const char *public_key_type_name(enum public_key_type type)
{
	return kinds[type].name;
}

/* --- reading --- */

static int find_curve(const EVP_PKEY *pkey, enum public_key_type *out,
                      struct err *err)
{
	char group[GROUP_NAME_SIZE] = "?";

	/* Stays "?" for a curve that is given by its parameters. */
	(void)EVP_PKEY_get_group_name(pkey, group, sizeof group, NULL);
	for (size_t i = PUBLIC_KEY_P256; i <= PUBLIC_KEY_P521; i++) {
		if (strcmp(group, kinds[i].group) != 0)
			continue;
		*out = (enum public_key_type)i;
		return 0;
	}
	return openssl_err_set(err, ERR_FORMAT,
	                       "keys on the curve '%s' are not supported; "
	                       "P-256, P-384 and P-521 are",
	                       group);
}

/* An exponent of 1 would make everybody a signer. */
static int check_rsa(const EVP_PKEY *pkey, struct err *err)
{
	AUTO_BIGNUM BIGNUM *exponent = NULL;
	int bits = EVP_PKEY_get_bits(pkey);

	if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "RSA key of %d bits; %d to %d are accepted",
		               bits, RSA_BITS_MIN, RSA_BITS_MAX);
	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1)
		return openssl_err_set(err, ERR_FORMAT,
		                       "RSA key without an exponent");
	if (!BN_is_odd(exponent) || BN_is_one(exponent) ||
	    BN_get_word(exponent) > RSA_EXPONENT_MAX)
		return err_set(err, ERR_FORMAT, 0,
		               "RSA key with an unusual exponent");
	return 0;
}

static int find_type(const EVP_PKEY *pkey, enum public_key_type *out,
                     struct err *err)
{
	const char *name = EVP_PKEY_get0_type_name(pkey);

	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_EC:
		return find_curve(pkey, out, err);
	case EVP_PKEY_ED25519:
		*out = PUBLIC_KEY_ED25519;
		return 0;
	case EVP_PKEY_RSA:
		*out = PUBLIC_KEY_RSA;
		return check_rsa(pkey, err);
	default:
		return err_set(err, ERR_FORMAT, 0,
		               "keys of type '%s' are not supported; ECDSA, "
		               "Ed25519 and RSA are",
		               name != NULL ? name : "?");
	}
}

int public_key_spki(const struct public_key *key,
                    uint8_t out[PUBLIC_KEY_DER_MAX], size_t *len,
                    struct err *err)
{
	int needed = i2d_PUBKEY(key->key, NULL);
	unsigned char *at = out;

	if (needed <= 0 || needed > PUBLIC_KEY_DER_MAX ||
	    i2d_PUBKEY(key->key, &at) != needed)
		return openssl_err_set(err, ERR_SYSTEM,
		                       "public key cannot be written");
	*len = (size_t)needed;
	return 0;
}

/* OpenSSL keeps the form that a point came in; only one of them is ours.  The
 * length tells a named curve from one that is spelt out. */
static int require_uncompressed(const struct kind *kind, const uint8_t *spki,
                                size_t len, struct err *err)
{
	if (kind->spki != 0 && len != kind->spki)
		return err_set(err, ERR_FORMAT, 0,
		               "%s key is not a named curve with an "
		               "uncompressed point",
		               kind->name);
	if (kind->point != 0 && spki[len - kind->point] != UNCOMPRESSED)
		return err_set(err, ERR_FORMAT, 0, "%s key with a hybrid point",
		               kind->name);
	return 0;
}

/* Make a key of what OpenSSL read, which becomes @out's on success alone. */
static int adopt(EVP_PKEY **pkey, struct public_key *out, struct err *err)
{
	struct public_key key = { .key = *pkey };
	uint8_t spki[PUBLIC_KEY_DER_MAX];
	size_t len;

	if (find_type(*pkey, &key.type, err) < 0 ||
	    public_key_spki(&key, spki, &len, err) < 0 ||
	    require_uncompressed(&kinds[key.type], spki, len, err) < 0 ||
	    sha256_of(spki, len, key.id, err) < 0)
		return -1;
	*out = key;
	*pkey = NULL;
	return 0;
}

static int check_size(size_t len, size_t max, struct err *err)
{
	if (len > max)
		return err_set(err, ERR_LIMIT, 0,
		               "public key of %zu bytes; at most %zu", len,
		               max);
	return 0;
}

/* Minimal DER has one spelling; writing it again shows whether this is it. */
static int require_same(struct bytes der, unsigned char *again, int len,
                        struct err *err)
{
	int is_same = len > 0 && (size_t)len == der.len &&
	              memcmp(again, der.data, der.len) == 0;

	OPENSSL_free(again);
	if (!is_same)
		return openssl_err_set(err, ERR_FORMAT,
		                       "public key is not minimal DER, or "
		                       "bytes follow it");
	return 0;
}

int public_key_from_spki(struct bytes der, struct public_key *out,
                         struct err *err)
{
	AUTO_PKEY EVP_PKEY *pkey = NULL;
	const unsigned char *at = der.data;
	unsigned char *again = NULL;
	int len;

	if (check_size(der.len, PUBLIC_KEY_DER_MAX, err) < 0)
		return -1;
	pkey = d2i_PUBKEY(NULL, &at, (long)der.len);
	if (pkey == NULL)
		return openssl_err_set(err, ERR_FORMAT,
		                       "public key cannot be read");
	len = i2d_PUBKEY(pkey, &again);
	if (require_same(der, again, len, err) < 0)
		return -1;
	return adopt(&pkey, out, err);
}

int public_key_from_pkcs1(struct bytes der, struct public_key *out,
                          struct err *err)
{
	AUTO_PKEY EVP_PKEY *pkey = NULL;
	const unsigned char *at = der.data;
	unsigned char *again = NULL;
	int len;

	if (check_size(der.len, PUBLIC_KEY_DER_MAX, err) < 0)
		return -1;
	pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)der.len);
	if (pkey == NULL)
		return openssl_err_set(err, ERR_FORMAT,
		                       "RSA public key cannot be read");
	len = i2d_PublicKey(pkey, &again);
	if (require_same(der, again, len, err) < 0)
		return -1;
	return adopt(&pkey, out, err);
}

int public_key_from_pem(const char *text, size_t len, struct public_key *out,
                        struct err *err)
{
	AUTO_BUF struct buf der = BUF_LIMIT(PUBLIC_KEY_PEM_MAX);

	if (check_size(len, PUBLIC_KEY_PEM_MAX, err) < 0 ||
	    pem_read(text, len, "PUBLIC KEY", &der, err) < 0)
		return -1;
	return public_key_from_spki(
		(struct bytes){ (const uint8_t *)der.data, der.len }, out, err);
}

int public_key_copy(const struct public_key *key, struct public_key *out,
                    struct err *err)
{
	if (EVP_PKEY_up_ref(key->key) != 1)
		return openssl_err_set(err, ERR_SYSTEM,
		                       "public key cannot be shared");
	*out = *key;
	return 0;
}

bool public_key_equal(const struct public_key *a, const struct public_key *b)
{
	return sha256_equal(a->id, b->id);
}

/* --- verifying --- */

static int check_signature_size(struct bytes signature, struct err *err)
{
	if (signature.len > PUBLIC_KEY_SIGNATURE_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "signature of %zu bytes; at most %d",
		               signature.len, PUBLIC_KEY_SIGNATURE_MAX);
	return 0;
}

static int refuse(const struct public_key *key, struct err *err)
{
	return openssl_err_set(
		err, ERR_UNTRUSTED,
		"signature by the %s key does not match the data",
		kinds[key->type].name);
}

/* @hash: NULL for a key that has its own. */
static int verify_over(const struct public_key *key, const EVP_MD *hash,
                       struct bytes message, struct bytes signature,
                       struct err *err)
{
	AUTO_MD_CONTEXT EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (context == NULL ||
	    EVP_DigestVerifyInit(context, NULL, hash, NULL, key->key) != 1)
		return openssl_err_set(err, ERR_SYSTEM,
		                       "libcrypto does not verify by %s keys",
		                       kinds[key->type].name);
	if (EVP_DigestVerify(context, signature.data, signature.len,
	                     message.data, message.len) != 1)
		return refuse(key, err);
	return 0;
}

int public_key_verify(const struct public_key *key, struct bytes message,
                      struct bytes signature, struct err *err)
{
	const struct kind *kind = &kinds[key->type];
	int result = -1;

	if (check_signature_size(signature, err) < 0)
		return -1;
	if (kind->hashes[0] == NULL)
		return verify_over(key, NULL, message, signature, err);
	for (size_t i = 0; result < 0 && i < HASHES_MAX; i++)
		if (kind->hashes[i] != NULL)
			result = verify_over(key, kind->hashes[i](), message,
			                     signature, err);
	return result;
}

static int verify_sha256(const struct public_key *key,
                         const uint8_t digest[SHA256_LEN],
                         struct bytes signature, struct err *err)
{
	AUTO_PKEY_CONTEXT EVP_PKEY_CTX *context =
		EVP_PKEY_CTX_new(key->key, NULL);

	if (context == NULL || EVP_PKEY_verify_init(context) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) != 1)
		return openssl_err_set(err, ERR_SYSTEM,
		                       "libcrypto does not verify by %s keys",
		                       kinds[key->type].name);
	if (EVP_PKEY_verify(context, signature.data, signature.len, digest,
	                    SHA256_LEN) != 1)
		return refuse(key, err);
	return 0;
}

int public_key_verify_digest(const struct public_key *key,
                             const uint8_t digest[SHA256_LEN],
                             struct bytes signature, struct err *err)
{
	const struct kind *kind = &kinds[key->type];

	if (check_signature_size(signature, err) < 0)
		return -1;
	if (kind->hashes[0] == NULL)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "a signature by an %s key needs the signed data "
		               "itself, not its digest",
		               kind->name);
	if (verify_sha256(key, digest, signature, err) == 0)
		return 0;
	if (err->code == ERR_UNTRUSTED && kind->hashes[1] != NULL)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "signature by the %s key is not over this "
		               "SHA-256; over another hash it needs the signed "
		               "data itself",
		               kind->name);
	return -1;
}
