/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digests.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define READ_SIZE ((size_t)128 * 1024)

enum { IN_SHA256, IN_SHA384, IN_SHA512, ALGORITHMS };

/* The three hashes of one pass. */
struct pass {
	EVP_MD_CTX *at[ALGORITHMS]; /* owned */
};

static void pass_done(struct pass *pass)
{
	for (size_t i = 0; i < ALGORITHMS; i++)
		EVP_MD_CTX_free(pass->at[i]);
}

static int pass_begin(struct pass *pass, struct err *err)
{
	const EVP_MD *const kinds[ALGORITHMS] = { EVP_sha256(), EVP_sha384(),
		                                  EVP_sha512() };

	for (size_t i = 0; i < ALGORITHMS; i++) {
		pass->at[i] = EVP_MD_CTX_new();
		if (pass->at[i] == NULL)
			return err_nomem(err);
		if (EVP_DigestInit_ex(pass->at[i], kinds[i], NULL) != 1)
			return err_set(err, ERR_SYSTEM, 0,
			               "libcrypto does not offer SHA-2");
	}
	return 0;
}

static int pass_add(struct pass *pass, const void *data, size_t len,
                    struct err *err)
{
	for (size_t i = 0; i < ALGORITHMS; i++)
		if (EVP_DigestUpdate(pass->at[i], data, len) != 1)
			return err_set(err, ERR_SYSTEM, 0,
			               "libcrypto: hashing an artifact");
	return 0;
}

static int pass_end(struct pass *pass, struct digests *out, struct err *err)
{
	struct digests made = { .has_long = true };
	uint8_t *const to[ALGORITHMS] = { made.sha256, made.sha384,
		                          made.sha512 };

	for (size_t i = 0; i < ALGORITHMS; i++)
		if (EVP_DigestFinal_ex(pass->at[i], to[i], NULL) != 1)
			return err_set(err, ERR_SYSTEM, 0,
			               "libcrypto: hashing an artifact");
	*out = made;
	return 0;
}

int digests_of(const void *data, size_t len, struct digests *out,
               struct err *err)
{
	AUTO(pass_done) struct pass pass = { { NULL } };

	if (pass_begin(&pass, err) < 0 || pass_add(&pass, data, len, err) < 0)
		return -1;
	return pass_end(&pass, out, err);
}

static int add_all(struct pass *pass, int fd, uint8_t *piece, struct err *err)
{
	for (;;) {
		ssize_t n = read(fd, piece, READ_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_SYSTEM, errno,
			               "reading a file to hash it");
		if (n == 0)
			return 0;
		if (pass_add(pass, piece, (size_t)n, err) < 0)
			return -1;
	}
}

int digests_of_fd(int fd, struct digests *out, struct err *err)
{
	AUTO(pass_done) struct pass pass = { { NULL } };
	AUTO_FREE uint8_t *piece = malloc(READ_SIZE);

	if (piece == NULL)
		return err_nomem(err);
	if (pass_begin(&pass, err) < 0 || add_all(&pass, fd, piece, err) < 0)
		return -1;
	return pass_end(&pass, out, err);
}

void digests_named(const uint8_t sha256[SHA256_LEN], struct digests *out)
{
	*out = (struct digests){ .has_long = false };
	memcpy(out->sha256, sha256, SHA256_LEN);
}
