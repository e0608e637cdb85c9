/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: an accepted text encoded again is the same text; any bytes
 * encoded are read back. */
#include "codec/base64.h"
#include "round_trip.h"

#define INPUT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[INPUT_MAX];
	static char text[BASE64_SIZE(INPUT_MAX)];
	AUTO_BUF struct buf again = BUF_NONE;
	size_t len = 0;
	struct err err;

	if (size > INPUT_MAX)
		return 0;
	base64_encode(data, size, text);
	require(base64_decode(text, strlen(text), out, &len, &err) == 0);
	require(len == size && memcmp(out, data, size) == 0);
	if (base64_decode((const char *)data, size, out, &len, &err) < 0)
		return 0;
	require(len <= BASE64_DECODED_MAX(size));
	require(base64_add(&again, out, len, &err) == 0);
	require_same(&again, (const char *)data, size);
	return 0;
}
