/* SPDX-License-Identifier: Apache-2.0 */
/* The half of packs_lock.h that writes. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_print.h"
#include "codec/packs_lock.h"

#define AUTO_VALUE AUTO(drop_value)

static const char *const our_members[] = {
	"schema",   "version", "generated_at", "git_sha", "dirty", "dry_run",
	"registry", "org",     "repo",         "packs",   NULL
};

/* With the two names that older shapes had for oci_ref and created_at. */
static const char *const pack_members[] = { "name",
	                                    "version",
	                                    "file",
	                                    "size",
	                                    "sha256",
	                                    "release_sha256",
	                                    "media_type",
	                                    "artifact_type",
	                                    "oci_ref",
	                                    "digest",
	                                    "expected_digest",
	                                    "manifest_size",
	                                    "created_at",
	                                    "locations",
	                                    "tags",
	                                    "referrers",
	                                    "ref",
	                                    "built_at",
	                                    NULL };

static void drop_value(json_t **value)
{
	json_decref(*value);
}

/* --- members ------------------------------------------------------------ */

/* @value is handed over; NULL where there was no memory for it. */
static int put(json_t *object, const char *key, json_t *value, struct err *err)
{
	if (json_object_set_new(object, key, value) < 0)
		return err_nomem(err);
	return 0;
}

static int put_text(json_t *object, const char *key, const char *text,
                    struct err *err)
{
	if (!text_is_printable(text, strlen(text)))
		return err_set(err, ERR_FORMAT, 0, "%s is not printable", key);
	return put(object, key, json_string(text), err);
}

/* Left out where nothing is said. */
static int put_said(json_t *object, const char *key, const char *text,
                    struct err *err)
{
	return text[0] != '\0' ? put_text(object, key, text, err) : 0;
}

static int put_number(json_t *object, const char *key, uint64_t value,
                      struct err *err)
{
	if (value > PACKS_LOCK_SIZE_MAX)
		return err_set(err, ERR_LIMIT, 0, "%s is above 2^53 - 1", key);
	if (value == 0)
		return 0;
	return put(object, key, json_integer((json_int_t)value), err);
}

static int put_hex(json_t *object, const char *key,
                   const struct packs_lock_digest *digest, struct err *err)
{
	char text[2 * PACKS_LOCK_SHA256_LEN + 1];

	if (!digest->is_set)
		return 0;
	text_to_hex(digest->sha256, sizeof digest->sha256, text);
	return put(object, key, json_string(text), err);
}

static int put_digest(json_t *object, const char *key,
                      const uint8_t digest[OCI_DIGEST_LEN], struct err *err)
{
	char text[OCI_DIGEST_SIZE];

	oci_digest_text(digest, text);
	return put(object, key, json_string(text), err);
}

static int put_state(json_t *object, const struct packs_lock_pack *pack,
                     struct err *err)
{
	switch (pack->state) {
	case PACKS_LOCK_UNKNOWN:
		return put_text(object, "digest", "", err);
	case PACKS_LOCK_DRY_RUN:
		return put_text(object, "digest", "DRY_RUN", err);
	case PACKS_LOCK_PINNED:
		break;
	}
	return put_digest(object, "digest", pack->digest, err);
}

static int put_expected(json_t *object, const struct packs_lock_pack *pack,
                        struct err *err)
{
	if (!pack->expected.is_set)
		return 0;
	return put_digest(object, "expected_digest", pack->expected.sha256,
	                  err);
}

/* --- lists -------------------------------------------------------------- */

static int put_texts(json_t *object, const char *key, const char *const *texts,
                     size_t count, struct err *err)
{
	json_t *list;

	if (count == 0)
		return 0;
	list = json_array();
	if (put(object, key, list, err) < 0) /* it is the object's from here */
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (!text_is_printable(texts[i], strlen(texts[i])))
			return err_set(err, ERR_FORMAT, 0,
			               "%s[%zu] is not printable", key, i);
		if (json_array_append_new(list, json_string(texts[i])) < 0)
			return err_nomem(err);
	}
	return 0;
}

static int put_referrers(json_t *object, const struct packs_lock_pack *pack,
                         struct err *err)
{
	json_t *list;

	if (pack->referrer_count == 0)
		return 0;
	list = json_array();
	if (put(object, "referrers", list, err) < 0)
		return -1;
	for (size_t i = 0; i < pack->referrer_count; i++) {
		const struct packs_lock_referrer *referrer =
			&pack->referrers[i];
		json_t *entry = json_object();

		if (json_array_append_new(list, entry) < 0)
			return err_nomem(err);
		if (put_said(entry, "artifact_type", referrer->artifact_type,
		             err) < 0 ||
		    put_digest(entry, "digest", referrer->digest, err) < 0)
			return -1;
	}
	return 0;
}

/* --- what is not ours --------------------------------------------------- */

static bool is_known(const char *const *names, const char *key)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, key) == 0)
			return true;
	return false;
}

/* In the order in which they stood. */
static int keep_members(json_t *object, json_t *before,
                        const char *const *known, struct err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach(before, key,
	                    value) if (!is_known(known, key) &&
	                               put(object, key, json_incref(value),
	                                   err) < 0) return -1;
	return 0;
}

/* The entry of that name in what was read; NULL for none. */
static json_t *find_entry(const struct packs_lock *before, const char *name)
{
	json_t *packs;
	json_t *entry;
	size_t i;

	if (before == NULL)
		return NULL;
	packs = json_object_get(before->document.root, "packs");
	json_array_foreach(packs, i, entry)
	{
		const char *text =
			json_string_value(json_object_get(entry, "name"));

		if (text != NULL && strcmp(text, name) == 0)
			return entry;
	}
	return NULL;
}

/* --- the whole ---------------------------------------------------------- */

static int put_pack(json_t *object, const struct packs_lock_pack *pack,
                    struct err *err)
{
	if (put_text(object, "name", pack->name, err) < 0 ||
	    put_said(object, "version", pack->version, err) < 0 ||
	    put_text(object, "file", pack->file, err) < 0 ||
	    put_number(object, "size", pack->size, err) < 0 ||
	    put_hex(object, "sha256", &pack->sha256, err) < 0 ||
	    put_hex(object, "release_sha256", &pack->release, err) < 0 ||
	    put_said(object, "media_type", pack->media_type, err) < 0 ||
	    put_said(object, "artifact_type", pack->artifact_type, err) < 0 ||
	    put_text(object, "oci_ref", pack->oci_ref, err) < 0 ||
	    put_state(object, pack, err) < 0 ||
	    put_expected(object, pack, err) < 0 ||
	    put_number(object, "manifest_size", pack->manifest_size, err) < 0 ||
	    put_said(object, "created_at", pack->created_at, err) < 0 ||
	    put_texts(object, "locations", pack->locations,
	              pack->location_count, err) < 0 ||
	    put_texts(object, "tags", pack->tags, pack->tag_count, err) < 0)
		return -1;
	return put_referrers(object, pack, err);
}

static int compare_names(const void *a, const void *b)
{
	const struct packs_lock_pack *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int put_packs(json_t *list, const struct packs_lock_pack **sorted,
                     size_t count, const struct packs_lock *before,
                     struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		json_t *entry = json_object();

		if (json_array_append_new(list, entry) < 0)
			return err_nomem(err);
		if (put_pack(entry, sorted[i], err) < 0 ||
		    keep_members(entry, find_entry(before, sorted[i]->name),
		                 pack_members, err) < 0)
			return err_wrap(err, "packs[%zu]", i);
	}
	return 0;
}

static int put_sorted(json_t *top, const struct packs_lock *lock,
                      const struct packs_lock *before, struct err *err)
{
	AUTO_FREE const struct packs_lock_pack **sorted = calloc(
		lock->pack_count + 1, sizeof(const struct packs_lock_pack *));
	json_t *list = json_array();

	if (put(top, "packs", list, err) < 0)
		return -1;
	if (sorted == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < lock->pack_count; i++)
		sorted[i] = &lock->packs[i];
	qsort(sorted, lock->pack_count, sizeof(const struct packs_lock_pack *),
	      compare_names);
	return put_packs(list, sorted, lock->pack_count, before, err);
}

static int put_all(json_t *top, const struct packs_lock *lock,
                   const struct packs_lock *before, struct err *err)
{
	if (put_text(top, "schema", PACKS_LOCK_SCHEMA, err) < 0 ||
	    put_text(top, "version", lock->version, err) < 0 ||
	    put_text(top, "generated_at", lock->generated_at, err) < 0 ||
	    put_text(top, "git_sha", lock->git_sha, err) < 0 ||
	    put(top, "dirty", json_boolean(lock->is_dirty), err) < 0 ||
	    put(top, "dry_run", json_boolean(lock->is_dry_run), err) < 0 ||
	    put_text(top, "registry", lock->registry, err) < 0 ||
	    put_text(top, "org", lock->org, err) < 0 ||
	    put_text(top, "repo", lock->repo, err) < 0 ||
	    put_sorted(top, lock, before, err) < 0)
		return -1;
	return before != NULL ? keep_members(top, before->document.root,
	                                     our_members, err)
	                      : 0;
}

static int print(const json_t *top, struct buf *out, struct err *err)
{
	if (json_print(top, /* indent= */ 2, out, err) < 0)
		return -1;
	return buf_adds(out, "\n", err);
}

int packs_lock_write(const struct packs_lock *lock,
                     const struct packs_lock *before, struct buf *out,
                     struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(PACKS_LOCK_MAX);
	AUTO_PACKS_LOCK struct packs_lock check = PACKS_LOCK_NONE;
	AUTO_VALUE json_t *top = json_object();

	if (top == NULL)
		return err_nomem(err);
	/* Whoever reads it has the same rules: they are not told twice. */
	if (put_all(top, lock, before, err) < 0 || print(top, &text, err) < 0 ||
	    packs_lock_read(buf_text(&text), text.len, &check, err) < 0)
		return err_wrap(err, "making the lockfile");
	return buf_add(out, buf_text(&text), text.len, err);
}
