/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: what the annotations of a layer become is JSON, and where it is a
 * bundle, then one of a message with the digest of the layer and at most one
 * log entry and timestamp. */
#include "codec/cosign_layer.h"
#include "codec/sigstore_bundle.h"
#include "round_trip.h"

static void check_layer(const struct oci_manifest *manifest, size_t number)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct err err;

	if (cosign_layer_bundle(manifest, number, &text, &err) < 0)
		return;
	require(json_read(buf_text(&text), text.len, JSON_READ_MAX, &document,
	                  &err) == 0);
	if (sigstore_bundle_parse(buf_text(&text), text.len, &bundle, &err) < 0)
		return;
	require(bundle.content == SIGSTORE_MESSAGE && bundle.has_digest);
	require(bundle.entry_count <= 1 && bundle.timestamp_count <= 1);
	require(memcmp(bundle.digest.data, manifest->entries[number].digest,
	               OCI_DIGEST_LEN) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_OCI_MANIFEST struct oci_manifest manifest = OCI_MANIFEST_NONE;
	struct err err;

	if (oci_manifest_parse((const char *)data, size, &manifest, &err) < 0)
		return 0;
	for (size_t i = 0; manifest.kind == OCI_MANIFEST && i < manifest.count;
	     i++)
		check_layer(&manifest, i);
	return 0;
}
