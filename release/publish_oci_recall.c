/* SPDX-License-Identifier: Apache-2.0 */
/* What refers to a package in a registry already, and may be a signature. */
#include <string.h>

#include "codec/sigstore_bundle.h"
#include "publish_oci_own.h"

static bool is_sigstore(const struct oci_descriptor *entry)
{
	return strcmp(entry->artifact_type, OCI_TYPE_SIGSTORE) == 0;
}

/* What a stranger made in another form is nothing to us; that a registry does
 * not answer is. */
static int pass_over(const struct err *err)
{
	return err->code == ERR_FORMAT ? 0 : -1;
}

/* 1 with a bundle's text in @out, or 0 where @name is nothing of the kind. */
static int read_bundle(struct oci_registry *repository,
                       const struct oci_name *name, struct buf *out,
                       struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest manifest = OCI_MANIFEST_NONE;
	uint8_t digest[OCI_DIGEST_LEN];
	int got = oci_get_manifest(repository, name, digest, &manifest, err);

	if (got <= 0)
		return got < 0 ? pass_over(err) : 0;
	if (manifest.kind != OCI_MANIFEST ||
	    strcmp(manifest.artifact_type, OCI_TYPE_SIGSTORE) != 0 ||
	    manifest.count != 1 ||
	    manifest.entries[0].size > SIGSTORE_BUNDLE_MAX)
		return 0;
	got = oci_blob_find(repository, &manifest.entries[0], out, err);
	return got < 0 ? pass_over(err) : got;
}

/* Whether the manifest is there: it may be also where no tag names it, by a run
 * that came no further. */
static int has_manifest(struct oci_registry *repository,
                        const struct publication *publication, struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest manifest = OCI_MANIFEST_NONE;
	struct oci_name name = { .tag = NULL };
	uint8_t digest[OCI_DIGEST_LEN];

	memcpy(name.digest, publication->digest, sizeof name.digest);
	return oci_get_manifest(repository, &name, digest, &manifest, err);
}

int publish_oci_recall(struct publish_target *base, size_t number,
                       publish_look_fn *look, void *context, struct err *err)
{
	struct oci_target *target = oci_target_of(base);
	struct oci_registry *repository = &target->repositories[number];
	const struct publication *publication = base->items[number].publication;
	struct oci_referrers referrers = { .count = 0 };
	int there = 1;

	if (!target->places[number].is_tagged)
		there = has_manifest(repository, publication, err);
	if (there <= 0)
		return there;
	if (oci_get_referrers(repository, publication->digest, is_sigstore,
	                      &referrers, err) < 0)
		return pass_over(err);
	for (size_t i = 0; i < referrers.count; i++) {
		AUTO_BUF struct buf text = BUF_LIMIT(SIGSTORE_BUNDLE_MAX);
		int got = read_bundle(repository, &referrers.names[i], &text,
		                      err);

		if (got < 0 || (got == 1 && look(context, &text, err) < 0))
			return -1;
	}
	return 0;
}
