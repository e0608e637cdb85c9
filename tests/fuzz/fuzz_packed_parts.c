/* SPDX-License-Identifier: Apache-2.0 */
/* Input: parts.tar.xz as it came ('x' before it), or the tar that is to be
 * packed into one.  Property: what is accepted is the parts that release.ini
 * pins, byte for byte; and so is a part that has ended. */
#include <lzma.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/bundle_frame.h"
#include "crypto/sha256.h"
#include "net/packed_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char body[] = "#mtree\n/set type=file\n";

static void require(int holds)
{
	if (!holds)
		abort();
}

struct given {
	char bytes[sizeof body - 1];
	size_t len;
	int ends;
};

/* What comes before the end may be anything, but not too much of it. */
static int take(void *context, enum part_kind kind, const void *data,
                size_t len, struct err *err)
{
	struct given *given = context;

	(void)err;
	require(kind == PART_MTREE && given->ends == 0);
	require(len <= sizeof given->bytes - given->len);
	if (len > 0)
		memcpy(given->bytes + given->len, data, len);
	given->len += len;
	if (len > 0)
		return 0;
	given->ends++;
	require(given->len == sizeof given->bytes);
	require(memcmp(given->bytes, body, sizeof given->bytes) == 0);
	return 0;
}

static size_t pack(const uint8_t *data, size_t size, uint8_t *out, size_t room)
{
	size_t len = 0;

	if (lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, data, size, out,
	                            &len, room) != LZMA_OK)
		return 0;
	return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct release_ini release; /* it is large */
	static uint8_t packed[1 << 16];
	struct part_pin *pin = &release.parts[PART_MTREE];
	struct bytes input = { data, size };
	struct given given = { .len = 0 };
	const struct packed_sink sink = { take, &given };
	struct err err;

	if (size == 0 || size > sizeof packed / 2)
		return 0;
	*pin = (struct part_pin){ .is_present = true, .size = sizeof body - 1 };
	require(sha256_of(body, sizeof body - 1, pin->sha256, &err) == 0);
	if (data[0] == 'x')
		input = (struct bytes){ data + 1, size - 1 };
	else
		input = (struct bytes){ packed, pack(data, size, packed,
			                             sizeof packed) };
	pin = &release.parts[PART_PACKED];
	*pin = (struct part_pin){ .is_present = true, .size = input.len };
	require(sha256_of(input.data, input.len, pin->sha256, &err) == 0);
	if (packed_parts_read(input, &release, &sink, &err) == 0)
		require(given.ends == 1);
	return 0;
}
