/* SPDX-License-Identifier: Apache-2.0 */
/* What is pushed to a registry before any tag names it: blobs, manifests by
 * their digests, and the lists of those that refer to others. */
#include <stdlib.h>
#include <string.h>

#include "publish_oci_own.h"

/* --- upload ------------------------------------------------------------- */

struct blobs {
	struct oci_push_blob *at; /* owned */
	size_t count;
};

static void blobs_done(struct blobs *blobs)
{
	free(blobs->at);
}

static void add_file(const struct oci_target *target, size_t number,
                     const struct publication_file *file, struct blobs *out)
{
	struct oci_push_blob *blob = &out->at[out->count++];

	blob->to = &target->repositories[number];
	memcpy(blob->digest, file->sha256, OCI_DIGEST_LEN);
	blob->size = file->size;
	blob->data = publication_file_data(file);
	blob->path = file->path;
	blob->fd = file->fd;
	blob->offset = file->offset;
}

/* The config of every manifest. */
static void add_empty(const struct oci_target *target, size_t number,
                      struct blobs *out)
{
	struct oci_push_blob *blob = &out->at[out->count++];

	blob->to = &target->repositories[number];
	memcpy(blob->digest, oci_empty_digest, OCI_DIGEST_LEN);
	blob->size = OCI_EMPTY_SIZE;
	blob->data = OCI_EMPTY_TEXT;
	blob->fd = -1;
}

/* A signature of the manifest may be new where all else is there. */
static void add_item(const struct oci_target *target, size_t number,
                     struct blobs *out)
{
	const struct publication *publication =
		target->base.items[number].publication;

	for (size_t k = 0; k < publication->signature_count; k++)
		add_file(target, number, &publication->signatures[k], out);
	if (target->places[number].is_tagged)
		return;
	for (size_t k = 0; k < publication->file_count; k++)
		add_file(target, number, &publication->files[k], out);
	add_empty(target, number, out);
}

/* An item's files, its signatures, and the empty one. */
static size_t count_blobs(const struct oci_target *target)
{
	size_t count = 0;

	for (size_t i = 0; i < target->base.count; i++) {
		const struct publication *publication =
			target->base.items[i].publication;

		count += publication->file_count +
		         publication->signature_count + 1;
	}
	return count;
}

int publish_oci_upload(struct publish_target *base, struct err *err)
{
	struct oci_target *target = oci_target_of(base);
	AUTO(blobs_done)
	struct blobs blobs = {
		.at = calloc(count_blobs(target), sizeof *blobs.at),
	};
	int got;

	if (blobs.at == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < base->count; i++)
		if (oci_item_waits(target, i))
			add_item(target, i, &blobs);
	got = oci_push_blobs(&target->push, blobs.at, blobs.count, err);
	for (size_t i = 0; got < 0 && i < blobs.count; i++)
		oci_item_settle(target, blobs.at[i].to, &blobs.at[i].result,
		                err);
	return oci_conclude(target, got, err);
}

/* --- describe: manifests ------------------------------------------------ */

struct oci_push_manifest oci_item_manifest(const struct oci_target *target,
                                           size_t number,
                                           const struct buf *text,
                                           const uint8_t *digest)
{
	struct oci_push_manifest manifest = {
		.to = &target->repositories[number],
		.media_type = OCI_TYPE_MANIFEST,
		.text = buf_bytes(text),
	};

	memcpy(manifest.digest, digest, OCI_DIGEST_LEN);
	return manifest;
}

int oci_push_all(struct oci_target *target, struct oci_push_manifest *manifests,
                 size_t count, struct err *err)
{
	int got = oci_push_manifests(&target->push, manifests, count, err);

	for (size_t i = 0; got < 0 && i < count; i++)
		oci_item_settle(target, manifests[i].to, &manifests[i].result,
		                err);
	return oci_conclude(target, got, err);
}

static int push_subjects(struct oci_target *target, struct err *err)
{
	AUTO_FREE struct oci_push_manifest *manifests =
		calloc(target->base.count, sizeof *manifests);
	size_t count = 0;

	if (manifests == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < target->base.count; i++) {
		const struct publication *publication =
			target->base.items[i].publication;

		if (!oci_item_waits(target, i) || target->places[i].is_tagged)
			continue;
		manifests[count++] = oci_item_manifest(
			target, i, &publication->manifest, publication->digest);
	}
	return oci_push_all(target, manifests, count, err);
}

static size_t count_referrers(const struct oci_target *target)
{
	size_t count = 0;

	for (size_t i = 0; i < target->base.count; i++)
		count += target->base.items[i].publication->referrer_count;
	return count;
}

static int push_referrers(struct oci_target *target, struct err *err)
{
	AUTO_FREE struct oci_push_manifest *manifests =
		calloc(count_referrers(target) + 1, sizeof *manifests);
	size_t count = 0;

	if (manifests == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < target->base.count; i++) {
		const struct publication *publication =
			target->base.items[i].publication;

		if (!oci_item_waits(target, i))
			continue;
		for (size_t k = 0; k < publication->referrer_count; k++)
			manifests[count++] = oci_item_manifest(
				target, i, &publication->referrers[k].manifest,
				publication->referrers[k].digest);
	}
	return oci_push_all(target, manifests, count, err);
}

/* --- describe: their lists ---------------------------------------------- */

/* Subjects, and all their referrers, one after the other. */
struct lists {
	struct oci_push_subject *subjects; /* owned, as the next two */
	struct oci_entry *entries;
	struct bytes *texts; /* borrow from the publications */
	size_t subject_count;
	size_t entry_count;
};

static void lists_done(struct lists *lists)
{
	free(lists->subjects);
	free(lists->entries);
	free(lists->texts);
}

static void add_referrer(const struct publication *publication,
                         const struct publication_referrer *referrer,
                         struct lists *out)
{
	struct oci_entry *entry = &out->entries[out->entry_count];

	*entry = (struct oci_entry){
		.media_type = OCI_TYPE_MANIFEST,
		.size = referrer->manifest.len,
		.artifact_type = referrer->artifact_type,
		.annotations = publication_referrer_notes(publication),
	};
	memcpy(entry->digest, referrer->digest, OCI_DIGEST_LEN);
	out->texts[out->entry_count++] = buf_bytes(&referrer->manifest);
}

static void add_subject(const struct oci_target *target, size_t number,
                        struct lists *out)
{
	const struct publication *publication =
		target->base.items[number].publication;
	struct oci_push_subject *subject = &out->subjects[out->subject_count++];

	subject->to = &target->repositories[number];
	subject->referrers = &out->entries[out->entry_count];
	subject->texts = &out->texts[out->entry_count];
	subject->count = publication->referrer_count;
	memcpy(subject->digest, publication->digest, OCI_DIGEST_LEN);
	for (size_t k = 0; k < publication->referrer_count; k++)
		add_referrer(publication, &publication->referrers[k], out);
}

static int list_referrers(struct oci_target *target, struct err *err)
{
	size_t most = count_referrers(target) + 1;
	AUTO(lists_done)
	struct lists lists = {
		.subjects = calloc(target->base.count, sizeof *lists.subjects),
		.entries = calloc(most, sizeof *lists.entries),
		.texts = calloc(most, sizeof *lists.texts),
	};
	int got;

	if (lists.subjects == NULL || lists.entries == NULL ||
	    lists.texts == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < target->base.count; i++)
		if (oci_item_waits(target, i) &&
		    target->base.items[i].publication->referrer_count > 0)
			add_subject(target, i, &lists);
	got = oci_push_referrers(&target->push, lists.subjects,
	                         lists.subject_count, err);
	for (size_t i = 0; got < 0 && i < lists.subject_count; i++)
		oci_item_settle(target, lists.subjects[i].to,
		                &lists.subjects[i].result, err);
	return oci_conclude(target, got, err);
}

int publish_oci_describe(struct publish_target *base, struct err *err)
{
	struct oci_target *target = oci_target_of(base);

	if (push_subjects(target, err) < 0 || push_referrers(target, err) < 0)
		return -1;
	return list_referrers(target, err);
}
