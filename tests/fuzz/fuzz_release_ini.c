/* SPDX-License-Identifier: Apache-2.0 */
/* Property: accepted input written again is the same bytes. */
#include "codec/release_ini.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct release_ini parsed;
	AUTO_BUF struct buf again = BUF_NONE;
	const char *text = (const char *)data;
	struct err err;

	if (release_ini_parse(text, size, &parsed, &err) < 0)
		return 0;
	require(release_ini_write(&parsed, &again, &err) == 0);
	require_same(&again, text, size);
	return 0;
}
