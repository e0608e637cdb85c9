/* SPDX-License-Identifier: Apache-2.0 */
/* Input: parts.tar.xz as it came ('x' before it), or the tar that is to be
 * packed into one.  Property: what is accepted is the parts that release.ini
 * pins, byte for byte. */
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

static int take(void *context, enum part_kind kind, const void *data,
                size_t len, struct err *err)
{
	size_t *given = context;

	(void)err;
	require(kind == PART_MTREE);
	require(len <= sizeof body - 1 - *given);
	require(len == 0 || memcmp(body + *given, data, len) == 0);
	*given += len;
	return 0;
}

/* The tar, put right where it is long enough, so that more is reached. */
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
	size_t given = 0;
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
	if (packed_parts_read(input, &release, &sink, &err) == 0)
		require(given == sizeof body - 1);
	return 0;
}
