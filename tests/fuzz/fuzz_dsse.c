/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: an accepted envelope has what its header promises, and the bytes
 * that are signed give type and payload back. */
#include "codec/dsse.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_DSSE struct dsse_file file = DSSE_FILE_NONE;
	AUTO_BUF struct buf pae = BUF_NONE, want = BUF_NONE;
	const struct dsse_envelope *envelope = &file.envelope;
	struct err err;

	if (dsse_parse((const char *)data, size, &file, &err) < 0)
		return 0;
	require(envelope->payload.len > 0);
	require(strlen(envelope->payload_type) <= DSSE_TYPE_MAX);
	require(envelope->signature_count >= 1 &&
	        envelope->signature_count <= DSSE_SIGNATURES_MAX);
	for (size_t i = 0; i < envelope->signature_count; i++) {
		require(envelope->signatures[i].signature.len > 0);
		require(envelope->signatures[i].key_id != NULL);
	}
	require(dsse_pae(envelope->payload_type, envelope->payload, &pae,
	                 &err) == 0);
	require(buf_printf(&want, &err, "DSSEv1 %zu %s %zu ",
	                   strlen(envelope->payload_type),
	                   envelope->payload_type, envelope->payload.len) == 0);
	require(pae.len == want.len + envelope->payload.len);
	require(memcmp(pae.data, want.data, want.len) == 0);
	require(memcmp(pae.data + want.len, envelope->payload.data,
	               envelope->payload.len) == 0);
	return 0;
}
