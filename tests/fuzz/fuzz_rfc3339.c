/* SPDX-License-Identifier: Apache-2.0 */
/* Property: an accepted time written again is the same text, but for zeros at
 * the end of its fraction. */
#include "base/clock.h"
#include "codec/rfc3339.h"
#include "round_trip.h"

#define WHOLE_LEN ((size_t)CLOCK_TEXT_SIZE - 2) /* without the "Z" */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf fraction = BUF_NONE;
	const char *text = (const char *)data;
	char whole[CLOCK_TEXT_SIZE];
	struct instant read;
	struct err err;

	if (rfc3339_parse(text, size, &read, &err) < 0)
		return 0;
	require(read.nanoseconds < INSTANT_NANOSECONDS);
	clock_format(read.seconds, whole);
	require(memcmp(text, whole, WHOLE_LEN) == 0);
	require(text[size - 1] == 'Z');
	require(buf_printf(&fraction, &err, ".%09u", read.nanoseconds) == 0);
	require(memcmp(text + WHOLE_LEN, fraction.data, size - WHOLE_LEN - 1) ==
	        0);
	return 0;
}
