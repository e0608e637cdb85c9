/* SPDX-License-Identifier: Apache-2.0 */
/* Two lists of referrers, a NUL between them.  Properties: what is merged is an
 * index that has all of both and ours; merged again there is nothing missing,
 * and not a byte changes. */
#include "codec/oci_write.h"
#include "round_trip.h"

static const struct oci_entry ours = { .media_type = OCI_TYPE_MANIFEST,
	                               .size = 7,
	                               .artifact_type = "a/b" };

/* Whether @whole has an entry for each digest of @text. */
static void require_all(struct bytes text, const struct oci_manifest *whole)
{
	AUTO_OCI_MANIFEST struct oci_manifest part = OCI_MANIFEST_NONE;
	struct err err;

	if (text.len == 0)
		return;
	require(oci_manifest_parse((const char *)text.data, text.len, &part,
	                           &err) == 0);
	for (size_t i = 0; i < part.count; i++) {
		bool is_there = false;

		for (size_t j = 0; j < whole->count; j++)
			is_there |= memcmp(part.entries[i].digest,
			                   whole->entries[j].digest,
			                   OCI_DIGEST_LEN) == 0;
		require(is_there);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_OCI_MANIFEST struct oci_manifest whole = OCI_MANIFEST_NONE;
	AUTO_BUF struct buf merged = BUF_NONE;
	AUTO_BUF struct buf again = BUF_NONE;
	const uint8_t *nul = size > 0 ? memchr(data, '\0', size) : NULL;
	struct bytes old = { data, nul != NULL ? (size_t)(nul - data) : size };
	struct bytes seen = BYTES_NONE;
	size_t missing = 0;
	struct err err;

	if (nul != NULL)
		seen = (struct bytes){ nul + 1, size - old.len - 1 };
	if (oci_write_referrers(old, seen, &ours, 1, &merged, &missing, &err) <
	    0)
		return 0;
	require(oci_manifest_parse(merged.data, merged.len, &whole, &err) == 0);
	require(whole.kind == OCI_INDEX && whole.count >= 1);
	require_all(old, &whole);
	require_all(seen, &whole);
	require(oci_write_referrers(buf_bytes(&merged), seen, &ours, 1, &again,
	                            &missing, &err) == 0);
	require(missing == 0);
	require(again.len == merged.len &&
	        memcmp(again.data, merged.data, merged.len) == 0);
	return 0;
}
