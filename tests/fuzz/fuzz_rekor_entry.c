/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: a body is read as one kind at most, and has then a signature and
 * a verifier. */
#include "codec/rekor_entry.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const kinds[][2] = {
		{ "hashedrekord", "0.0.1" },
		{ "dsse", "0.0.1" },
		{ "intoto", "0.0.2" },
		{ "hashedrekord", "0.0.2" },
	};
	struct bytes body = { data, size };
	int accepted = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		AUTO_REKOR_ENTRY struct rekor_entry entry = REKOR_ENTRY_NONE;
		struct err err;

		if (rekor_entry_parse(body, kinds[i][0], kinds[i][1], &entry,
		                      &err) < 0)
			continue;
		accepted++;
		require(entry.kind == (enum rekor_kind)i);
		require(entry.signature.len > 0 && entry.verifier.len > 0);
		require(entry.key_details != NULL);
	}
	require(accepted <= 1);
	return 0;
}
