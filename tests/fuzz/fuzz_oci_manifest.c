/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: what is accepted keeps the limits; each title is found, stays in
 * its folder, and an index gives one of its own entries. */
#include "codec/oci_manifest.h"
#include "round_trip.h"

static void check_entry(const struct oci_manifest *manifest,
                        const struct oci_descriptor *entry)
{
	const struct oci_descriptor *found =
		oci_manifest_find(manifest, entry->title);

	require(entry->media_type[0] != '\0' && entry->size <= OCI_BLOB_MAX);
	require(found != NULL && found <= entry);
	require(manifest->kind == OCI_INDEX || entry->title[0] == '\0' ||
	        found == entry);
	require(entry->title[0] != '/' &&
	        strncmp(entry->title, "../", 3) != 0 &&
	        strstr(entry->title, "/../") == NULL &&
	        strcmp(entry->title, "..") != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_OCI_MANIFEST struct oci_manifest manifest = OCI_MANIFEST_NONE;
	const struct oci_descriptor *chosen;
	struct err err;

	if (oci_manifest_parse((const char *)data, size, &manifest, &err) < 0)
		return 0;
	require(manifest.count <=
	        (manifest.kind == OCI_INDEX ? OCI_INDEX_MAX : OCI_LAYERS_MAX));
	for (size_t i = 0; i < manifest.count; i++)
		check_entry(&manifest, &manifest.entries[i]);
	chosen = oci_index_choose(&manifest, "linux", "amd64");
	require(chosen == NULL ||
	        (size_t)(chosen - manifest.entries) < manifest.count);
	return 0;
}
