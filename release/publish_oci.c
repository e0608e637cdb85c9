/* SPDX-License-Identifier: Apache-2.0 */
/* A registry as a target: each package is an artifact in a repository.
 *
 *     inspect    what do the tags name?
 *     upload     blobs
 *     describe   the manifest by digest, those that refer to it, their list
 *     reveal     the tags
 *
 * A package whose tags are right already was revealed, and so has all its blobs
 * and its manifest; who refers to it is looked at again, since the list of a
 * registry without the referrers API can be lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "net/oci_push.h"
#include "publish_journal.h"
#include "publish_target.h"

#define SCHEME "oci://"
#define TAGS   PUBLICATION_TAGS_MAX

/* One item's repository. */
struct place {
	struct oci_reference reference;
	struct oci_registry repository; /* owned, where is_open */
	bool is_open;
	bool is_tagged; /* all tags name it already */
	bool moves_tag; /* the version's names something else: */
	uint8_t was[OCI_DIGEST_LEN];
};

struct target {
	struct publish_target target;
	struct place *places; /* owned; one for each item */
	struct publish_credential credential;
	struct source_wanted wanted;
	struct oci_push push;
	bool is_open;
};

static struct target *target_of(struct publish_target *target)
{
	return (struct target *)target; /* its first member */
}

/* --- making it ---------------------------------------------------------- */

static int name_place(struct target *target, size_t number, const char *base,
                      bool is_below, struct err *err)
{
	struct publish_item *item = &target->target.items[number];
	const struct publication *publication = item->publication;
	struct place *place = &target->places[number];
	AUTO_BUF struct buf text = BUF_NONE;

	if (buf_printf(&text, err, "%s%s%s", base, is_below ? "/" : "",
	               is_below ? publication->name : "") < 0 ||
	    oci_reference_parse(buf_text(&text), &place->reference, err) < 0)
		return err_wrap(err, "target '%.200s'", target->target.name);
	if (place->reference.tag[0] != '\0' || place->reference.has_digest)
		return err_set(err, ERR_USAGE, 0,
		               "target '%.200s': name the repository alone; "
		               "the tag is the version",
		               target->target.name);
	(void)snprintf(item->place, sizeof item->place, "%s%s/%s:%s", SCHEME,
	               place->reference.registry, place->reference.repository,
	               publication->version);
	return 0;
}

static int name_places(struct target *target, const char *address,
                       const struct publications *publications, struct err *err)
{
	size_t len = strlen(address);
	bool is_below = publications->is_family;
	char base[PUBLISH_PLACE_SIZE];

	while (len > 0 && address[len - 1] == '/') {
		is_below = true;
		len--;
	}
	if (text_copy(base, sizeof base, address, len, err) < 0)
		return err_wrap(err, "target '%.200s'", address);
	for (size_t i = 0; i < target->target.count; i++)
		if (name_place(target, i, base, is_below, err) < 0)
			return -1;
	return 0;
}

static void target_done(struct publish_target *base)
{
	struct target *target = target_of(base);

	for (size_t i = 0; i < base->count; i++)
		if (target->places[i].is_open)
			oci_done(&target->places[i].repository);
	oci_push_done(&target->push);
	publish_credential_done(&target->credential);
	free(target->places);
	publish_target_done(base);
	free(target);
}

static const struct publish_target_ops target_ops;

int publish_oci_new(const struct publish_context *context, const char *address,
                    const struct publications *publications,
                    struct publish_target **out, struct err *err)
{
	struct target *made = calloc(1, sizeof *made);
	size_t count = publications->count;

	if (made == NULL)
		return err_nomem(err);
	made->push = OCI_PUSH_NONE;
	made->credential = PUBLISH_CREDENTIAL_NONE;
	made->places = calloc(count > 0 ? count : 1, sizeof *made->places);
	if (made->places == NULL) {
		free(made);
		return err_nomem(err);
	}
	if (publish_target_init(&made->target, &target_ops, context, address,
	                        publications, err) < 0) {
		free(made->places);
		free(made);
		return -1;
	}
	if (name_places(made, address + strlen(SCHEME), publications, err) <
	    0) {
		target_done(&made->target);
		return -1;
	}
	*out = &made->target;
	return 0;
}

static void tell_progress(void *context, uint64_t bytes)
{
	const struct publish_context *run = context;

	run->progress(run->progress_context, bytes);
}

static int open_places(struct target *target, struct err *err)
{
	for (size_t i = 0; i < target->target.count; i++) {
		struct place *place = &target->places[i];

		place->is_open = true;
		if (oci_push_repository(&target->push, &target->wanted,
		                        &place->reference, &place->repository,
		                        err) < 0)
			return -1;
	}
	return 0;
}

static int open_target(struct target *target, struct err *err)
{
	const struct publish_context *context = target->target.context;

	if (target->is_open)
		return 0;
	target->is_open = true;
	if (publish_credentials_registry(context->credentials,
	                                 &target->places[0].reference,
	                                 &target->credential, err) < 0 ||
	    oci_push_open(&target->push, &context->http, err) < 0)
		return -1;
	target->wanted = (struct source_wanted){
		.app = "", .version = "", .os = "", .architecture = ""
	};
	publish_credential_fill(&target->credential, &target->wanted);
	target->push.on_failure = context->keep_going ? OCI_GO_ON : OCI_STOP;
	target->push.chunk_size = context->chunk_size;
	target->push.progress = tell_progress;
	target->push.context = (void *)(uintptr_t)context;
	return open_places(target, err);
}

/* --- results ------------------------------------------------------------ */

/* An item one of whose things did not get where it should goes no further.
 * @whole: why the call ended, where it came to no end with the thing (the
 * deadline, most likely).  0 to go on with the other items. */
static int settle(struct target *target, size_t number,
                  const struct oci_result *result, const struct err *whole)
{
	struct publish_item *item = &target->target.items[number];
	struct err why = *whole;

	if (item->state == PUBLISH_FAILED)
		return 0;
	switch (result->outcome) {
	case OCI_WAS_THERE:
	case OCI_PUSHED:
		return 0;
	case OCI_FAILED:
		why = result->err;
		break;
	case OCI_UNTOUCHED:
		break;
	}
	return publish_item_fail(&target->target, item, &why);
}

/* After a call that said @got, and of which each thing was settled: without
 * --keep-going its failure is that of all. */
static int conclude(const struct target *target, int got, struct err *err)
{
	if (got == 0 || target->target.context->keep_going)
		return 0;
	return err_wrap(err, "publishing to %.200s", target->target.name);
}

static bool is_waiting(const struct target *target, size_t number)
{
	return target->target.items[number].state == PUBLISH_WAITING;
}

/* --- inspect ------------------------------------------------------------ */

static int conflict(const struct target *target, size_t number,
                    const struct oci_push_tag *tag, struct err *err)
{
	const struct publish_item *item = &target->target.items[number];
	char there[OCI_DIGEST_SIZE];
	char ours[OCI_DIGEST_SIZE];

	oci_digest_text(tag->digest, there);
	oci_digest_text(item->publication->digest, ours);
	return err_set(err, ERR_CONFLICT, 0,
	               "the tag %s names %s there, and this is %s; what is "
	               "published stays: choose another version, or move the "
	               "tag with --move-tag",
	               tag->tag, there, ours);
}

/* Only the version's tag stays; "latest" is there to move. */
static int judge_tag(struct target *target, size_t number,
                     const struct oci_push_tag *tag, bool is_version,
                     struct err *err)
{
	struct publish_item *item = &target->target.items[number];
	struct place *place = &target->places[number];

	if (!tag->is_there ||
	    memcmp(tag->digest, item->publication->digest, OCI_DIGEST_LEN) != 0)
		place->is_tagged = false;
	else
		return 0;
	if (!tag->is_there)
		return 0;
	if (is_version && !target->target.context->may_move_tags) {
		(void)conflict(target, number, tag, err);
		return publish_item_fail(&target->target, item, err);
	}
	if (is_version) {
		place->moves_tag = true;
		memcpy(place->was, tag->digest, OCI_DIGEST_LEN);
	}
	return 0;
}

static int judge_tags(struct target *target, const struct oci_push_tag *tags,
                      const size_t *owners, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct publish_item *item =
			&target->target.items[owners[i]];

		if (item->state == PUBLISH_WAITING &&
		    judge_tag(target, owners[i], &tags[i],
		              tags[i].tag == item->publication->tags[0],
		              err) < 0)
			return -1;
	}
	return 0;
}

static int inspect(struct publish_target *base, struct err *err)
{
	struct target *target = target_of(base);
	AUTO_FREE struct oci_push_tag *tags =
		calloc(base->count * TAGS, sizeof *tags);
	AUTO_FREE size_t *owners = calloc(base->count * TAGS, sizeof *owners);
	size_t count = 0;
	int got;

	if (tags == NULL || owners == NULL)
		return err_nomem(err);
	if (open_target(target, err) < 0)
		return err_wrap(err, "target '%.200s'", base->name);
	for (size_t i = 0; i < base->count; i++) {
		target->places[i].is_tagged = true;
		for (size_t k = 0; k < base->items[i].publication->tag_count;
		     k++) {
			tags[count].to = &target->places[i].repository;
			tags[count].tag = base->items[i].publication->tags[k];
			owners[count++] = i;
		}
	}
	got = oci_read_tags(&target->push, tags, count, err);
	for (size_t i = 0; got < 0 && i < count; i++)
		(void)settle(target, owners[i], &tags[i].result, err);
	if (conclude(target, got, err) < 0)
		return -1;
	return judge_tags(target, tags, owners, count, err);
}

/* --- upload ------------------------------------------------------------- */

static void blob_of(const struct publication_file *file,
                    struct oci_push_blob *blob)
{
	memcpy(blob->digest, file->sha256, OCI_DIGEST_LEN);
	blob->size = file->size;
	blob->path = file->path;
	blob->fd = file->fd;
	blob->offset = file->offset;
	if (file->path == NULL && file->fd < 0)
		blob->data = file->data.len > 0 ? file->data.data : "";
}

/* The blobs to push, and whose each is. */
struct blobs {
	struct oci_push_blob *at; /* owned, as the next */
	size_t *owners;
	size_t count;
};

static void blobs_done(struct blobs *blobs)
{
	free(blobs->at);
	free(blobs->owners);
}

static void add_file(struct target *target, size_t number,
                     const struct publication_file *file, struct blobs *out)
{
	out->at[out->count].to = &target->places[number].repository;
	blob_of(file, &out->at[out->count]);
	out->owners[out->count++] = number;
}

/* The config of every manifest. */
static void add_empty(struct target *target, size_t number, struct blobs *out)
{
	struct oci_push_blob *blob = &out->at[out->count];

	*blob = (struct oci_push_blob){
		.to = &target->places[number].repository,
		.size = OCI_EMPTY_SIZE,
		.data = OCI_EMPTY_TEXT,
		.fd = -1
	};
	memcpy(blob->digest, oci_empty_digest, OCI_DIGEST_LEN);
	out->owners[out->count++] = number;
}

/* A signature of the manifest may be new where all else is there. */
static void fill_blobs(struct target *target, struct blobs *out)
{
	for (size_t i = 0; i < target->target.count; i++) {
		const struct publication *publication =
			target->target.items[i].publication;

		if (!is_waiting(target, i))
			continue;
		for (size_t k = 0; k < publication->signature_count; k++)
			add_file(target, i, &publication->signatures[k], out);
		if (target->places[i].is_tagged)
			continue;
		for (size_t k = 0; k < publication->file_count; k++)
			add_file(target, i, &publication->files[k], out);
		add_empty(target, i, out);
	}
}

static int upload(struct publish_target *base, struct err *err)
{
	struct target *target = target_of(base);
	AUTO(blobs_done) struct blobs blobs = { .count = 0 };
	size_t most = 0;
	int got;

	for (size_t i = 0; i < base->count; i++)
		most += base->items[i].publication->file_count +
		        base->items[i].publication->signature_count + 1;
	blobs.at = calloc(most + 1, sizeof *blobs.at);
	blobs.owners = calloc(most + 1, sizeof *blobs.owners);
	if (blobs.at == NULL || blobs.owners == NULL)
		return err_nomem(err);
	fill_blobs(target, &blobs);
	got = oci_push_blobs(&target->push, blobs.at, blobs.count, err);
	for (size_t i = 0; got < 0 && i < blobs.count; i++)
		(void)settle(target, blobs.owners[i], &blobs.at[i].result, err);
	return conclude(target, got, err);
}

/* --- describe ----------------------------------------------------------- */

static struct oci_push_manifest
manifest_of(struct place *place, const struct buf *text, const uint8_t *digest)
{
	struct oci_push_manifest manifest = { .to = &place->repository,
		                              .media_type = OCI_TYPE_MANIFEST,
		                              .text = buf_bytes(text) };

	memcpy(manifest.digest, digest, OCI_DIGEST_LEN);
	return manifest;
}

/* Push @count of them, and settle with their owners. */
static int push_manifests(struct target *target,
                          struct oci_push_manifest *manifests,
                          const size_t *owners, size_t count, struct err *err)
{
	int got = oci_push_manifests(&target->push, manifests, count, err);

	for (size_t i = 0; got < 0 && i < count; i++)
		(void)settle(target, owners[i], &manifests[i].result, err);
	return conclude(target, got, err);
}

static size_t count_referrers(const struct publish_target *target)
{
	size_t count = 0;

	for (size_t i = 0; i < target->count; i++)
		count += target->items[i].publication->referrer_count;
	return count;
}

static int push_subjects(struct target *target, struct err *err)
{
	size_t count = target->target.count;
	AUTO_FREE struct oci_push_manifest *manifests =
		calloc(count, sizeof *manifests);
	AUTO_FREE size_t *owners = calloc(count, sizeof *owners);
	size_t used = 0;

	if (manifests == NULL || owners == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const struct publication *publication =
			target->target.items[i].publication;

		if (!is_waiting(target, i) || target->places[i].is_tagged)
			continue;
		manifests[used] =
			manifest_of(&target->places[i], &publication->manifest,
		                    publication->digest);
		owners[used++] = i;
	}
	return push_manifests(target, manifests, owners, used, err);
}

static int push_referrers(struct target *target, struct err *err)
{
	size_t count = count_referrers(&target->target);
	AUTO_FREE struct oci_push_manifest *manifests =
		calloc(count + 1, sizeof *manifests);
	AUTO_FREE size_t *owners = calloc(count + 1, sizeof *owners);
	size_t used = 0;

	if (manifests == NULL || owners == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < target->target.count; i++) {
		const struct publication *publication =
			target->target.items[i].publication;

		if (!is_waiting(target, i))
			continue;
		for (size_t k = 0; k < publication->referrer_count; k++) {
			manifests[used] =
				manifest_of(&target->places[i],
			                    &publication->referrers[k].manifest,
			                    publication->referrers[k].digest);
			owners[used++] = i;
		}
	}
	return push_manifests(target, manifests, owners, used, err);
}

/* All subjects' referrers, one after the other. */
struct referrers {
	struct oci_entry *entries; /* owned */
	struct bytes *texts;       /* owned; borrows from the publications */
	size_t count;
};

#define AUTO_REFERRERS AUTO(referrers_done)

static void referrers_done(struct referrers *referrers)
{
	free(referrers->entries);
	free(referrers->texts);
}

static void add_referrer(const struct publication *publication, size_t number,
                         struct referrers *out)
{
	struct oci_entry *entry = &out->entries[out->count];
	const struct publication_referrer *referrer =
		&publication->referrers[number];

	*entry = (struct oci_entry){ .media_type = OCI_TYPE_MANIFEST,
		                     .size = referrer->manifest.len,
		                     .artifact_type = referrer->artifact_type,
		                     .annotations = publication_referrer_notes(
					     publication) };
	memcpy(entry->digest, referrer->digest, OCI_DIGEST_LEN);
	out->texts[out->count++] = buf_bytes(&referrer->manifest);
}

static int list_referrers(struct target *target, struct err *err)
{
	size_t count = target->target.count;
	AUTO_FREE struct oci_push_subject *subjects =
		calloc(count, sizeof *subjects);
	AUTO_FREE size_t *owners = calloc(count, sizeof *owners);
	size_t most = count_referrers(&target->target) + 1;
	AUTO_REFERRERS struct referrers all = {
		.entries = calloc(most, sizeof *all.entries),
		.texts = calloc(most, sizeof *all.texts),
	};
	size_t used = 0;
	int got;

	if (subjects == NULL || owners == NULL || all.entries == NULL ||
	    all.texts == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const struct publication *publication =
			target->target.items[i].publication;

		if (!is_waiting(target, i) || publication->referrer_count == 0)
			continue;
		subjects[used].to = &target->places[i].repository;
		subjects[used].referrers = &all.entries[all.count];
		subjects[used].texts = &all.texts[all.count];
		subjects[used].count = publication->referrer_count;
		memcpy(subjects[used].digest, publication->digest,
		       OCI_DIGEST_LEN);
		for (size_t k = 0; k < publication->referrer_count; k++)
			add_referrer(publication, k, &all);
		owners[used++] = i;
	}
	got = oci_push_referrers(&target->push, subjects, used, err);
	for (size_t i = 0; got < 0 && i < used; i++)
		(void)settle(target, owners[i], &subjects[i].result, err);
	return conclude(target, got, err);
}

static int describe(struct publish_target *base, struct err *err)
{
	struct target *target = target_of(base);

	if (push_subjects(target, err) < 0 || push_referrers(target, err) < 0)
		return -1;
	return list_referrers(target, err);
}

/* --- reveal ------------------------------------------------------------- */

/* The tag of that number, of each package that waits and has one. */
static int set_tags(struct target *target, size_t tag, struct err *err)
{
	size_t count = target->target.count;
	bool may_move = target->target.context->may_move_tags;
	AUTO_FREE struct oci_push_manifest *manifests =
		calloc(count, sizeof *manifests);
	AUTO_FREE size_t *owners = calloc(count, sizeof *owners);
	size_t used = 0;

	if (manifests == NULL || owners == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const struct publication *publication =
			target->target.items[i].publication;

		if (!is_waiting(target, i) || target->places[i].is_tagged ||
		    tag >= publication->tag_count)
			continue;
		manifests[used] =
			manifest_of(&target->places[i], &publication->manifest,
		                    publication->digest);
		manifests[used].tag = publication->tags[tag];
		manifests[used].rule =
			tag > 0 || may_move ? OCI_TAG_MOVE : OCI_TAG_KEEP;
		owners[used++] = i;
	}
	return push_manifests(target, manifests, owners, used, err);
}

/* Said before it is done: then it can be found again. */
static int note_moves(const struct target *target, struct err *err)
{
	for (size_t i = 0; i < target->target.count; i++) {
		const struct place *place = &target->places[i];

		if (is_waiting(target, i) && place->moves_tag &&
		    publish_journal_moved(target->target.context->journal,
		                          target->target.items[i].place,
		                          place->was, err) < 0)
			return -1;
	}
	return 0;
}

static void note_results(struct target *target)
{
	for (size_t i = 0; i < target->target.count; i++) {
		struct publish_item *item = &target->target.items[i];
		const struct place *place = &target->places[i];

		if (!is_waiting(target, i))
			continue;
		item->state =
			place->is_tagged ? PUBLISH_WAS_THERE : PUBLISH_DONE;
		item->has_moved = place->moves_tag;
	}
}

/* The versions first: "latest" never names what has no version yet. */
static int reveal(struct publish_target *base, struct err *err)
{
	struct target *target = target_of(base);

	if (note_moves(target, err) < 0)
		return -1;
	for (size_t tag = 0; tag < PUBLICATION_TAGS_MAX; tag++)
		if (set_tags(target, tag, err) < 0)
			return -1;
	note_results(target);
	return 0;
}

static const struct publish_target_ops target_ops = { .inspect = inspect,
	                                              .upload = upload,
	                                              .describe = describe,
	                                              .reveal = reveal,
	                                              .done = target_done };
