/* SPDX-License-Identifier: Apache-2.0 */
/* Property: what is accepted and written is accepted again as the same value;
 * untrusted comments are free, so bytes are compared from the second text on.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/minisign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

static void try_public(const char *text, size_t len)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct minisign_public first, second;
	struct err err;

	if (minisign_parse_public(text, len, &first, &err) < 0)
		return;
	require(minisign_write_public(&first, &out, &err) == 0);
	require(minisign_parse_public(out.data, out.len, &second, &err) == 0);
	require(first.id == second.id &&
	        memcmp(first.key, second.key, sizeof first.key) == 0);
}

/* From the second line on there is one spelling. */
static void try_signature(const char *text, size_t len)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct minisign_signature signature;
	const char *lf, *again;
	struct err err;

	if (minisign_parse_signature(text, len, &signature, &err) < 0)
		return;
	require(minisign_write_signature(&signature, "x", &out, &err) == 0);
	lf = memchr(text, '\n', len);
	again = memchr(out.data, '\n', out.len);
	require(lf != NULL && again != NULL);
	len -= (size_t)(lf - text);
	require(len == out.len - (size_t)(again - out.data) &&
	        memcmp(lf, again, len) == 0);
}

static void try_secret(const char *text, size_t len)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct minisign_secret secret;
	const char *lf, *again;
	struct err err;

	if (minisign_parse_secret(text, len, &secret, &err) < 0)
		return;
	require(minisign_write_secret(&secret, &out, &err) == 0);
	lf = memchr(text, '\n', len);
	again = memchr(out.data, '\n', out.len);
	require(lf != NULL && again != NULL);
	len -= (size_t)(lf - text);
	require(len == out.len - (size_t)(again - out.data) &&
	        memcmp(lf, again, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_public((const char *)data, size);
	try_signature((const char *)data, size);
	try_secret((const char *)data, size);
	return 0;
}
