/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pem.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/openssl_err.h"
#include "crypto/openssl_own.h"

static const char begin[] = "-----BEGIN ";

/* A block as OpenSSL takes it apart. */
struct block {
	char *label, *header;
	unsigned char *data;
	long len;
};

static void free_block(struct block *block)
{
	OPENSSL_free(block->label);
	OPENSSL_free(block->header);
	OPENSSL_clear_free(block->data, (size_t)block->len);
}

static size_t skip_blanks(const char *text, size_t len)
{
	static const char blanks[] = { ' ', '\t', '\r', '\n' };
	size_t at = 0;

	while (at < len && memchr(blanks, text[at], sizeof blanks) != NULL)
		at++;
	return at;
}

/* OpenSSL passes over all that stands before the first block it likes; so the
 * text must begin with one, and hold no other. */
static int require_one_block(const char *text, size_t len, struct err *err)
{
	size_t at = skip_blanks(text, len);
	size_t word = sizeof begin - 1;

	if (len - at < word || memcmp(text + at, begin, word) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "text does not begin with a PEM block");
	at += word;
	if (memmem(text + at, len - at, begin, word) != NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "text holds more than one PEM block");
	return 0;
}

static int require_label(const struct block *block, const char *label,
                         struct err *err)
{
	if (strcmp(block->label, label) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "PEM block is '%s', not '%s'", block->label,
		               label);
	if (block->header[0] != '\0')
		return err_set(err, ERR_FORMAT, 0,
		               "PEM block '%s' has header lines", label);
	return 0;
}

/* @bio stands behind the block. */
static int require_blank_rest(BIO *bio, struct err *err)
{
	char *rest;
	long len = BIO_get_mem_data(bio, &rest);

	if (len > 0 && skip_blanks(rest, (size_t)len) < (size_t)len)
		return err_set(err, ERR_FORMAT, 0,
		               "text goes on behind its PEM block");
	return 0;
}

int pem_read(const char *text, size_t len, const char *label, struct buf *out,
             struct err *err)
{
	AUTO_BIO BIO *bio = NULL;
	AUTO(free_block) struct block block = { NULL, NULL, NULL, 0 };

	if (len > INT_MAX)
		return err_set(err, ERR_LIMIT, 0, "PEM text is too long");
	if (require_one_block(text, len, err) < 0)
		return -1;
	bio = BIO_new_mem_buf(text, (int)len);
	if (bio == NULL)
		return err_nomem(err);
	if (PEM_read_bio(bio, &block.label, &block.header, &block.data,
	                 &block.len) != 1)
		return openssl_err_set(err, ERR_FORMAT,
		                       "PEM block cannot be read");
	if (require_label(&block, label, err) < 0 ||
	    require_blank_rest(bio, err) < 0)
		return -1;
	return buf_add(out, block.data, (size_t)block.len, err);
}
