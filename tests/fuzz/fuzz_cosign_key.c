/* SPDX-License-Identifier: Apache-2.0 */
/* Property: a key file that is read and written is read again as the same
 * value.  The input is tried as a whole file, and as the JSON inside of one,
 * which mutations of base64 would hardly ever reach. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/base64.h"
#include "codec/cosign_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

static void try_file(const char *text, size_t len)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct cosign_secret first = { .cost = 0 };
	struct cosign_secret second = { .cost = 0 };
	struct err err;

	if (cosign_parse_secret(text, len, &first, &err) < 0)
		return;
	require(first.sealed_len > COSIGN_TAG_LEN &&
	        first.sealed_len <= sizeof first.sealed);
	require(cosign_write_secret(&first, &out, &err) == 0);
	require(cosign_parse_secret(out.data, out.len, &second, &err) == 0);
	require(memcmp(&first, &second, sizeof first) == 0);
}

static void try_json(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf text = BUF_LIMIT(2 * COSIGN_FILE_MAX);
	struct err err;

	if (buf_adds(&text, "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n",
	             &err) == 0 &&
	    base64_add(&text, data, size, &err) == 0 &&
	    buf_adds(&text, "\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n",
	             &err) == 0)
		try_file(text.data, text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_file((const char *)data, size);
	try_json(data, size);
	return 0;
}
