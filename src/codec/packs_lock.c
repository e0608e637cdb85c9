/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/packs_lock.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define DRY_RUN_DIGEST "DRY_RUN"

/* Lists of all packs together. */
struct room {
	size_t packs, texts, referrers;
};

/* What is being read, and where its lists go. */
struct reading {
	struct packs_lock *lock;
	struct packs_lock_pack *packs;
	struct packs_lock_referrer *referrers; /* the next free one */
	const char **texts;                    /* the same */
};

/* --- values ------------------------------------------------------------- */

static int read_text(const struct json_node *object, const char *key,
                     const char **out, struct err *err)
{
	struct json_node node = json_member(object, key);
	const char *text;

	if (json_get_text(&node, &text, err) < 0 ||
	    json_check_printable(&node, text, PACKS_LOCK_TEXT_MAX, err) < 0)
		return -1;
	*out = text;
	return 0;
}

static int read_number(const struct json_node *object, const char *key,
                       uint64_t *out, struct err *err)
{
	struct json_node node = json_member(object, key);

	return json_get_u64(&node, PACKS_LOCK_SIZE_MAX, out, err);
}

static int read_flag(const struct json_node *object, const char *key, bool *out,
                     struct err *err)
{
	struct json_node node = json_member(object, key);

	return json_get_bool(&node, out, err);
}

/* 64 hex digits, with or without "sha256:" in front; absent is fine. */
static int read_digest(const struct json_node *object, const char *key,
                       struct packs_lock_digest *out, struct err *err)
{
	struct json_node node = json_member(object, key);
	const char *text;
	struct err why;

	if (json_get_text(&node, &text, err) < 0)
		return -1;
	if (text[0] == '\0')
		return 0;
	if (!oci_digest_parse(text, strlen(text), out->sha256) &&
	    text_from_hex(text, strlen(text), out->sha256, sizeof out->sha256,
	                  &why) < 0)
		return json_refuse(&node, ERR_FORMAT, err,
		                   "'%.80s' is no SHA-256", text);
	out->is_set = true;
	return 0;
}

/* --- one package -------------------------------------------------------- */

static int read_state(const struct json_node *entry,
                      struct packs_lock_pack *pack, struct err *err)
{
	struct json_node node = json_member(entry, "digest");
	const char *text;

	if (json_get_text(&node, &text, err) < 0)
		return -1;
	if (text[0] == '\0')
		return 0;
	if (strcmp(text, DRY_RUN_DIGEST) == 0) {
		pack->state = PACKS_LOCK_DRY_RUN;
		return 0;
	}
	if (!oci_digest_parse(text, strlen(text), pack->digest))
		return json_refuse(&node, ERR_FORMAT, err,
		                   "'%.80s' is no SHA-256 digest, nor "
		                   "'" DRY_RUN_DIGEST "'",
		                   text);
	pack->state = PACKS_LOCK_PINNED;
	return 0;
}

/* "...@sha256:..." says what digest would. */
static int read_pin(const struct json_node *entry, struct packs_lock_pack *pack,
                    struct err *err)
{
	const char *at = strrchr(pack->oci_ref, '@');
	uint8_t digest[OCI_DIGEST_LEN];

	if (at == NULL)
		return 0;
	if (!oci_digest_parse(at + 1, strlen(at + 1), digest))
		return json_refuse(entry, ERR_FORMAT, err,
		                   "'%.80s' is no SHA-256 digest", at + 1);
	if (pack->state == PACKS_LOCK_PINNED &&
	    memcmp(digest, pack->digest, sizeof digest) != 0)
		return json_refuse(entry, ERR_FORMAT, err,
		                   "digest and reference name two artifacts");
	if (pack->state == PACKS_LOCK_UNKNOWN) {
		memcpy(pack->digest, digest, sizeof digest);
		pack->state = PACKS_LOCK_PINNED;
	}
	return 0;
}

static int read_reference(const struct json_node *entry, bool is_ours,
                          struct packs_lock_pack *pack, struct err *err)
{
	struct oci_reference reference;

	if (read_text(entry, "oci_ref", &pack->oci_ref, err) < 0)
		return -1;
	if (pack->oci_ref[0] == '\0' &&
	    read_text(entry, "ref", &pack->oci_ref, err) < 0)
		return -1;
	if (is_ours && pack->oci_ref[0] != '\0' &&
	    oci_reference_parse(pack->oci_ref, &reference, err) < 0) {
		err->code = ERR_FORMAT; /* here it is no word of a user's */
		return err_wrap(err, "oci_ref of '%s'", pack->name);
	}
	return read_pin(entry, pack, err);
}

static int read_texts(struct reading *reading, const struct json_node *list,
                      size_t max, const char *const **out, size_t *count,
                      struct err *err)
{
	const char **texts = reading->texts;

	if (json_get_list(list, max, count, err) < 0)
		return -1;
	for (size_t i = 0; i < *count; i++) {
		struct json_node node = json_element(list, i);

		if (json_require_text(&node, &texts[i], err) < 0 ||
		    json_check_printable(&node, texts[i], PACKS_LOCK_TEXT_MAX,
		                         err) < 0)
			return -1;
	}
	reading->texts += *count;
	*out = texts;
	return 0;
}

static int read_referrers(struct reading *reading, const struct json_node *list,
                          struct packs_lock_pack *pack, struct err *err)
{
	struct packs_lock_referrer *referrers = reading->referrers;

	if (json_get_list(list, PACKS_LOCK_REFERRERS_MAX, &pack->referrer_count,
	                  err) < 0)
		return -1;
	for (size_t i = 0; i < pack->referrer_count; i++) {
		struct json_node node = json_element(list, i);
		struct packs_lock_digest digest = { .is_set = false };

		if (json_require_object(&node, NULL, err) < 0 ||
		    read_text(&node, "artifact_type",
		              &referrers[i].artifact_type, err) < 0 ||
		    read_digest(&node, "digest", &digest, err) < 0)
			return -1;
		if (!digest.is_set)
			return json_refuse(&node, ERR_FORMAT, err,
			                   "has no digest");
		memcpy(referrers[i].digest, digest.sha256,
		       sizeof digest.sha256);
	}
	reading->referrers += pack->referrer_count;
	pack->referrers = referrers;
	return 0;
}

static int read_lists(struct reading *reading, const struct json_node *entry,
                      struct packs_lock_pack *pack, struct err *err)
{
	struct json_node locations = json_member(entry, "locations");
	struct json_node tags = json_member(entry, "tags");
	struct json_node referrers = json_member(entry, "referrers");

	if (read_texts(reading, &locations, PACKS_LOCK_LOCATIONS_MAX,
	               &pack->locations, &pack->location_count, err) < 0 ||
	    read_texts(reading, &tags, PACKS_LOCK_TAGS_MAX, &pack->tags,
	               &pack->tag_count, err) < 0)
		return -1;
	return read_referrers(reading, &referrers, pack, err);
}

static int read_name(const struct json_node *entry,
                     struct packs_lock_pack *pack, struct err *err)
{
	if (json_require_object(entry, NULL, err) < 0 ||
	    read_text(entry, "name", &pack->name, err) < 0)
		return -1;
	if (pack->name[0] == '\0')
		return json_refuse(entry, ERR_FORMAT, err, "has no name");
	return 0;
}

static int read_dates(const struct json_node *entry, bool is_ours,
                      struct packs_lock_pack *pack, struct err *err)
{
	const char *text = "";
	int64_t ignored;

	if (read_text(entry, "created_at", &text, err) < 0)
		return -1;
	if (text[0] == '\0' && read_text(entry, "built_at", &text, err) < 0)
		return -1;
	if (is_ours && text[0] != '\0' &&
	    clock_parse(text, strlen(text), &ignored, err) < 0)
		return err_wrap(err, "created_at of '%s'", pack->name);
	pack->created_at = text;
	return 0;
}

static int read_pack(struct reading *reading, const struct json_node *entry,
                     struct packs_lock_pack *out, struct err *err)
{
	const bool is_ours = reading->lock->shape == PACKS_LOCK_OURS;
	struct packs_lock_pack pack = PACKS_LOCK_PACK_NONE;

	if (read_name(entry, &pack, err) < 0 ||
	    read_text(entry, "version", &pack.version, err) < 0 ||
	    read_text(entry, "file", &pack.file, err) < 0 ||
	    read_number(entry, "size", &pack.size, err) < 0 ||
	    read_digest(entry, "sha256", &pack.sha256, err) < 0 ||
	    read_digest(entry, "release_sha256", &pack.release, err) < 0 ||
	    read_text(entry, "media_type", &pack.media_type, err) < 0 ||
	    read_text(entry, "artifact_type", &pack.artifact_type, err) < 0 ||
	    read_state(entry, &pack, err) < 0 ||
	    read_reference(entry, is_ours, &pack, err) < 0 ||
	    read_digest(entry, "expected_digest", &pack.expected, err) < 0 ||
	    read_number(entry, "manifest_size", &pack.manifest_size, err) < 0 ||
	    read_dates(entry, is_ours, &pack, err) < 0 ||
	    read_lists(reading, entry, &pack, err) < 0)
		return -1;
	*out = pack;
	return 0;
}

/* --- all of them -------------------------------------------------------- */

/* How much the lists of one entry hold. */
static int measure_pack(const struct json_node *entry, struct room *room,
                        struct err *err)
{
	struct json_node locations = json_member(entry, "locations");
	struct json_node tags = json_member(entry, "tags");
	struct json_node referrers = json_member(entry, "referrers");
	size_t count[3];

	if (json_get_list(&locations, PACKS_LOCK_LOCATIONS_MAX, &count[0],
	                  err) < 0 ||
	    json_get_list(&tags, PACKS_LOCK_TAGS_MAX, &count[1], err) < 0 ||
	    json_get_list(&referrers, PACKS_LOCK_REFERRERS_MAX, &count[2],
	                  err) < 0)
		return -1;
	room->texts += count[0] + count[1];
	room->referrers += count[2];
	return 0;
}

static int measure(const struct json_node *packs, struct room *out,
                   struct err *err)
{
	struct room room = { 0, 0, 0 };

	if (!json_is_present(packs))
		return json_refuse(packs, ERR_FORMAT, err,
		                   "is missing: this is no lockfile");
	if (json_get_list(packs, PACKS_LOCK_PACKS_MAX, &room.packs, err) < 0)
		return -1;
	for (size_t i = 0; i < room.packs; i++) {
		struct json_node entry = json_element(packs, i);

		if (measure_pack(&entry, &room, err) < 0)
			return -1;
	}
	*out = room;
	return 0;
}

/* One block for all: the sizes are bounded by the document's. */
static int make_room(const struct room *room, struct reading *out,
                     struct err *err)
{
	size_t packs = room->packs * sizeof *out->packs;
	size_t referrers = room->referrers * sizeof *out->referrers;
	size_t texts = room->texts * sizeof *out->texts;
	char *memory = calloc(1, packs + referrers + texts + 1);

	if (memory == NULL)
		return err_nomem(err);
	out->lock->memory = memory;
	out->packs = (struct packs_lock_pack *)(void *)memory;
	out->referrers = (struct packs_lock_referrer *)(void *)(memory + packs);
	out->texts = (const char **)(void *)(memory + packs + referrers);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	const struct packs_lock_pack *const x = a, *const y = b;

	return strcmp(x->name, y->name);
}

static int sort_packs(struct reading *reading, size_t count, struct err *err)
{
	if (count > 0)
		qsort(reading->packs, count, sizeof *reading->packs,
		      compare_names);
	for (size_t i = 1; i < count; i++)
		if (compare_names(&reading->packs[i - 1], &reading->packs[i]) ==
		    0)
			return err_set(err, ERR_FORMAT, 0, "'%s' stands twice",
			               reading->packs[i].name);
	return 0;
}

static int read_packs(const struct json_node *packs, struct packs_lock *lock,
                      struct err *err)
{
	struct reading reading = { .lock = lock };
	struct room room = { 0, 0, 0 };

	if (measure(packs, &room, err) < 0 ||
	    make_room(&room, &reading, err) < 0)
		return -1;
	lock->packs = reading.packs;
	for (size_t i = 0; i < room.packs; i++) {
		struct json_node entry = json_element(packs, i);

		if (read_pack(&reading, &entry, &reading.packs[i], err) < 0)
			return -1;
	}
	lock->pack_count = room.packs;
	return sort_packs(&reading, room.packs, err);
}

/* --- the whole ---------------------------------------------------------- */

static int read_shape(const struct json_node *top, struct packs_lock *lock,
                      struct err *err)
{
	struct json_node oldest = json_member(top, "registry");
	const char *schema;

	if (json_require_object(top, NULL, err) < 0 ||
	    read_text(top, "schema", &schema, err) < 0)
		return -1;
	lock->shape =
		json_is_present(&oldest) ? PACKS_LOCK_SEED : PACKS_LOCK_SCRIPT;
	if (schema[0] == '\0')
		return 0;
	if (strcmp(schema, PACKS_LOCK_SCHEMA) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "its schema is '%.80s', and " PACKS_LOCK_SCHEMA
		               " is known here: a newer tidegate may read it",
		               schema);
	lock->shape = PACKS_LOCK_OURS;
	return 0;
}

static int read_head(const struct json_node *top, struct packs_lock *lock,
                     struct err *err)
{
	int64_t ignored;

	if (read_text(top, "version", &lock->version, err) < 0 ||
	    read_text(top, "generated_at", &lock->generated_at, err) < 0 ||
	    read_text(top, "git_sha", &lock->git_sha, err) < 0 ||
	    read_text(top, "registry", &lock->registry, err) < 0 ||
	    read_text(top, "org", &lock->org, err) < 0 ||
	    read_text(top, "repo", &lock->repo, err) < 0 ||
	    read_flag(top, "dirty", &lock->is_dirty, err) < 0 ||
	    read_flag(top, "dry_run", &lock->is_dry_run, err) < 0)
		return -1;
	if (lock->shape == PACKS_LOCK_OURS && lock->generated_at[0] != '\0' &&
	    clock_parse(lock->generated_at, strlen(lock->generated_at),
	                &ignored, err) < 0)
		return err_wrap(err, "generated_at");
	return 0;
}

/* Of our own, none is of a dry run, or one at least; in the old ones the packs
 * tell. */
static int check_dry_run(struct packs_lock *lock, struct err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < lock->pack_count; i++)
		count += lock->packs[i].state == PACKS_LOCK_DRY_RUN;
	if (lock->shape != PACKS_LOCK_OURS) {
		lock->is_dry_run = count > 0;
		return 0;
	}
	if (lock->is_dry_run ? count > 0 || lock->pack_count == 0 : count == 0)
		return 0;
	return err_set(err, ERR_FORMAT, 0,
	               "dry_run is %s, and the digests of %zu of %zu packs are "
	               "'" DRY_RUN_DIGEST "'",
	               lock->is_dry_run ? "true" : "false", count,
	               lock->pack_count);
}

static int read_document(struct packs_lock *lock, struct err *err)
{
	struct json_node top = json_top(&lock->document);
	struct json_node packs = json_member(&top, "packs");

	if (read_shape(&top, lock, err) < 0 || read_head(&top, lock, err) < 0 ||
	    read_packs(&packs, lock, err) < 0)
		return -1;
	return check_dry_run(lock, err);
}

int packs_lock_read(const char *text, size_t len, struct packs_lock *out,
                    struct err *err)
{
	AUTO_PACKS_LOCK struct packs_lock lock = PACKS_LOCK_NONE;

	if (json_read(text, len, PACKS_LOCK_MAX, &lock.document, err) < 0 ||
	    read_document(&lock, err) < 0)
		return -1;
	*out = lock;
	lock = PACKS_LOCK_NONE;
	return 0;
}

const struct packs_lock_pack *packs_lock_find(const struct packs_lock *lock,
                                              const char *name)
{
	for (size_t i = 0; i < lock->pack_count; i++)
		if (strcmp(lock->packs[i].name, name) == 0)
			return &lock->packs[i];
	return NULL;
}

void packs_lock_done(struct packs_lock *lock)
{
	json_document_done(&lock->document);
	free(lock->memory);
	*lock = PACKS_LOCK_NONE;
}
