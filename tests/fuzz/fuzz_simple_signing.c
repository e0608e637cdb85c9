/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: an accepted payload holds the digest that is given, and names no
 * other one as the digest of its image. */
#include "base/text.h"
#include "codec/json_read.h"
#include "codec/simple_signing.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	uint8_t digest[SIMPLE_SIGNING_DIGEST_LEN];
	char want[7 + 2 * sizeof digest + 1] = "sha256:";
	struct json_node top, critical, image, node;
	const char *text = "";
	struct err err;

	if (simple_signing_parse((const char *)data, size, digest, &err) < 0)
		return 0;
	require(size <= SIMPLE_SIGNING_MAX);
	require(json_read((const char *)data, size, SIMPLE_SIGNING_MAX,
	                  &document, &err) == 0);
	top = json_top(&document);
	critical = json_member(&top, "critical");
	image = json_member(&critical, "image");
	node = json_member(&image, "docker-manifest-digest");
	require(json_get_text(&node, &text, &err) == 0);
	text_to_hex(digest, sizeof digest, want + 7);
	require(strcmp(text, want) == 0);
	return 0;
}
