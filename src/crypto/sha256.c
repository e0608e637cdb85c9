/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sha256.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <unistd.h>

#define READ_SIZE ((size_t)128 * 1024)

void sha256_done(struct sha256 *hash)
{
	EVP_MD_CTX_free(hash->context);
	hash->context = NULL;
}

int sha256_begin(struct sha256 *hash, struct err *err)
{
	if (hash->context == NULL)
		hash->context = EVP_MD_CTX_new();
	if (hash->context == NULL)
		return err_nomem(err);
	if (EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) != 1)
		return err_set(err, ERR_SYSTEM, 0,
		               "libcrypto does not offer SHA-256");
	return 0;
}

int sha256_add(struct sha256 *hash, const void *data, size_t len,
               struct err *err)
{
	if (EVP_DigestUpdate(hash->context, data, len) != 1)
		return err_set(err, ERR_INTERNAL, 0,
		               "SHA-256 used before it began");
	return 0;
}

int sha256_end(struct sha256 *hash, uint8_t out[SHA256_LEN], struct err *err)
{
	if (EVP_DigestFinal_ex(hash->context, out, NULL) != 1)
		return err_set(err, ERR_INTERNAL, 0,
		               "SHA-256 ended before it began");
	return 0;
}

int sha256_of(const void *data, size_t len, uint8_t out[SHA256_LEN],
              struct err *err)
{
	AUTO_SHA256 struct sha256 hash = SHA256_NONE;

	if (sha256_begin(&hash, err) < 0 ||
	    sha256_add(&hash, data, len, err) < 0)
		return -1;
	return sha256_end(&hash, out, err);
}

int sha256_of_fd(int fd, uint8_t out[SHA256_LEN], uint64_t *size,
                 struct err *err)
{
	AUTO_SHA256 struct sha256 hash = SHA256_NONE;
	AUTO_FREE uint8_t *piece = malloc(READ_SIZE);
	uint64_t total = 0;

	if (piece == NULL)
		return err_nomem(err);
	if (sha256_begin(&hash, err) < 0)
		return -1;
	for (;;) {
		ssize_t n = read(fd, piece, READ_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_SYSTEM, errno,
			               "reading a file to hash it");
		if (n == 0)
			break;
		if (sha256_add(&hash, piece, (size_t)n, err) < 0)
			return -1;
		total += (uint64_t)n;
	}
	if (sha256_end(&hash, out, err) < 0)
		return -1;
	if (size != NULL)
		*size = total;
	return 0;
}

bool sha256_equal(const uint8_t a[SHA256_LEN], const uint8_t b[SHA256_LEN])
{
	return CRYPTO_memcmp(a, b, SHA256_LEN) == 0;
}
