/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/oci_write.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "codec/json_print.h"
#include "codec/json_write.h"

#define SCHEMA_VERSION   2
#define ANNOTATION_TITLE "org.opencontainers.image.title"
#define EMPTY_BASE64     "e30="
#define ENTRY_MAX        ((size_t)1 << 20) /* bytes of one entry of an index */

const uint8_t oci_empty_digest[OCI_DIGEST_LEN] = {
	0x44, 0x13, 0x6f, 0xa3, 0x55, 0xb3, 0x67, 0x8a, 0x11, 0x46, 0xad,
	0x16, 0xf7, 0xe8, 0x64, 0x9e, 0x94, 0xfb, 0x4f, 0xc2, 0x1f, 0xe7,
	0x7e, 0x83, 0x10, 0xc0, 0x60, 0xf6, 0x1c, 0xaa, 0xff, 0x8a
};

/* --- texts -------------------------------------------------------------- */

static int check_text(const char *what, const char *text, size_t max,
                      struct err *err)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len == 0 || len > max)
		return err_set(err, len == 0 ? ERR_USAGE : ERR_LIMIT, 0,
		               "%s is %s", what,
		               len == 0 ? "empty" : "too long");
	if (!text_is_printable(text, len))
		return err_set(err, ERR_USAGE, 0,
		               "%s holds control characters, or is no UTF-8",
		               what);
	return 0;
}

/* "type/subtype", as far as it matters here. */
static int check_type(const char *what, const char *type, struct err *err)
{
	if (check_text(what, type, OCI_MEDIA_TYPE_MAX, err) < 0)
		return -1;
	if (strchr(type, '/') == NULL || strpbrk(type, " ;,\"") != NULL)
		return err_set(err, ERR_USAGE, 0, "%s '%.80s' is no media type",
		               what, type);
	return 0;
}

/* --- annotations -------------------------------------------------------- */

/* Pointers, sorted by name; a title is one of them. */
struct sorted {
	const struct oci_annotation *items[OCI_ANNOTATIONS_MAX + 1];
	size_t count;
};

static int insert(struct sorted *sorted, const struct oci_annotation *item,
                  struct err *err)
{
	size_t at = sorted->count;

	if (check_text("an annotation's name", item->name, OCI_ANNOTATION_MAX,
	               err) < 0)
		return -1;
	if (item->value[0] != '\0' &&
	    check_text(item->name, item->value, OCI_ANNOTATION_MAX, err) < 0)
		return -1;
	while (at > 0 && strcmp(sorted->items[at - 1]->name, item->name) > 0) {
		sorted->items[at] = sorted->items[at - 1];
		at--;
	}
	if (at > 0 && strcmp(sorted->items[at - 1]->name, item->name) == 0)
		return err_set(err, ERR_USAGE, 0,
		               "the annotation '%.80s' is there twice",
		               item->name);
	sorted->items[at] = item;
	sorted->count++;
	return 0;
}

static int sort(const struct oci_annotations *annotations,
                struct sorted *sorted, struct err *err)
{
	if (annotations->count > OCI_ANNOTATIONS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d annotations",
		               OCI_ANNOTATIONS_MAX);
	for (size_t i = 0; i < annotations->count; i++)
		if (insert(sorted, &annotations->items[i], err) < 0)
			return -1;
	return 0;
}

static int write_annotations(struct json_writer *writer,
                             const struct sorted *sorted, struct err *err)
{
	if (sorted->count == 0)
		return 0;
	if (json_open_object(writer, "annotations", err) < 0)
		return -1;
	for (size_t i = 0; i < sorted->count; i++)
		if (json_text(writer, sorted->items[i]->name,
		              sorted->items[i]->value, err) < 0)
			return -1;
	return json_close(writer, err);
}

/* --- descriptors -------------------------------------------------------- */

/* What oci_manifest_parse asks of a title. */
static int check_title(const char *title, struct err *err)
{
	if (check_text("a layer's title", title, OCI_TITLE_MAX, err) < 0)
		return -1;
	if (!oci_is_title(title))
		return err_set(err, ERR_USAGE, 0,
		               "a layer's title '%.80s' is no relative path "
		               "without '.', '..' and backslashes",
		               title);
	return 0;
}

static int write_head(struct json_writer *writer, const struct oci_entry *entry,
                      struct err *err)
{
	char digest[OCI_DIGEST_SIZE];

	oci_digest_text(entry->digest, digest);
	if (entry->size > OCI_BLOB_MAX)
		return err_set(err, ERR_LIMIT, 0, "a blob is too large");
	if (check_type("a media type", entry->media_type, err) < 0 ||
	    json_text(writer, "mediaType", entry->media_type, err) < 0 ||
	    json_text(writer, "digest", digest, err) < 0)
		return -1;
	return json_u64(writer, "size", entry->size, err);
}

static int write_entry(struct json_writer *writer, const char *key,
                       const struct oci_entry *entry, struct err *err)
{
	const struct oci_annotation title = { ANNOTATION_TITLE, entry->title };
	struct sorted sorted = { .count = 0 };

	if (sort(&entry->annotations, &sorted, err) < 0)
		return -1;
	if (entry->title != NULL && (check_title(entry->title, err) < 0 ||
	                             insert(&sorted, &title, err) < 0))
		return -1;
	if (json_open_object(writer, key, err) < 0 ||
	    write_head(writer, entry, err) < 0 ||
	    write_annotations(writer, &sorted, err) < 0)
		return -1;
	if (entry->artifact_type != NULL &&
	    (check_type("an artifact's type", entry->artifact_type, err) < 0 ||
	     json_text(writer, "artifactType", entry->artifact_type, err) < 0))
		return -1;
	return json_close(writer, err);
}

/* --- manifests ---------------------------------------------------------- */

/* Its bytes stand in the descriptor as well. */
static int write_empty_config(struct json_writer *writer, struct err *err)
{
	struct oci_entry empty = { .media_type = OCI_TYPE_EMPTY,
		                   .size = OCI_EMPTY_SIZE };

	memcpy(empty.digest, oci_empty_digest, OCI_DIGEST_LEN);
	if (json_open_object(writer, "config", err) < 0 ||
	    write_head(writer, &empty, err) < 0 ||
	    json_text(writer, "data", EMPTY_BASE64, err) < 0)
		return -1;
	return json_close(writer, err);
}

static int check_titles(const struct oci_new_manifest *manifest,
                        struct err *err)
{
	for (size_t i = 0; i < manifest->layer_count; i++)
		for (size_t j = 0; j < i; j++) {
			const char *a = manifest->layers[i].title;
			const char *b = manifest->layers[j].title;

			if (a != NULL && b != NULL && strcmp(a, b) == 0)
				return err_set(err, ERR_USAGE, 0,
				               "two layers are called '%.80s'",
				               a);
		}
	return 0;
}

static int write_layers(struct json_writer *writer,
                        const struct oci_new_manifest *manifest,
                        struct err *err)
{
	struct oci_entry empty = { .media_type = OCI_TYPE_EMPTY,
		                   .size = OCI_EMPTY_SIZE };

	if (manifest->layer_count > OCI_LAYERS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d layers",
		               OCI_LAYERS_MAX);
	memcpy(empty.digest, oci_empty_digest, OCI_DIGEST_LEN);
	if (check_titles(manifest, err) < 0 ||
	    json_open_array(writer, "layers", err) < 0)
		return -1;
	for (size_t i = 0; i < manifest->layer_count; i++)
		if (write_entry(writer, NULL, &manifest->layers[i], err) < 0)
			return -1;
	if (manifest->layer_count == 0 &&
	    write_entry(writer, NULL, &empty, err) < 0)
		return -1;
	return json_close(writer, err);
}

static int write_manifest(struct json_writer *writer,
                          const struct oci_new_manifest *manifest,
                          struct err *err)
{
	struct sorted sorted = { .count = 0 };

	if (check_type("the artifact's type", manifest->artifact_type, err) <
	            0 ||
	    sort(&manifest->annotations, &sorted, err) < 0 ||
	    json_open_object(writer, NULL, err) < 0 ||
	    json_u64(writer, "schemaVersion", SCHEMA_VERSION, err) < 0 ||
	    json_text(writer, "mediaType", OCI_TYPE_MANIFEST, err) < 0 ||
	    json_text(writer, "artifactType", manifest->artifact_type, err) < 0)
		return -1;
	if ((manifest->config != NULL
	             ? write_entry(writer, "config", manifest->config, err)
	             : write_empty_config(writer, err)) < 0 ||
	    write_layers(writer, manifest, err) < 0)
		return -1;
	if (manifest->subject != NULL &&
	    write_entry(writer, "subject", manifest->subject, err) < 0)
		return -1;
	if (write_annotations(writer, &sorted, err) < 0)
		return -1;
	return json_close(writer, err);
}

static int check_size(const struct buf *out, size_t start, struct err *err)
{
	if (out->len - start <= OCI_MANIFEST_MAX)
		return 0;
	return err_set(err, ERR_LIMIT, 0, "it has more than %zu bytes",
	               OCI_MANIFEST_MAX);
}

int oci_write_manifest(const struct oci_new_manifest *manifest, struct buf *out,
                       struct err *err)
{
	struct json_writer writer;
	size_t start = out->len;

	json_begin(&writer, out);
	if (write_manifest(&writer, manifest, err) < 0 ||
	    check_size(out, start, err) < 0)
		return err_wrap(err, "writing the artifact's manifest");
	return 0;
}

/* --- the index of referrers --------------------------------------------- */

#define EMPTY_INDEX                                                            \
	"{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_INDEX                 \
	"\",\"manifests\":[]}"

/* An index of ours, or of others; checked as every one that is read. */
static int read_index(struct bytes text, struct json_document *out,
                      struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest manifest = OCI_MANIFEST_NONE;
	const char *from = text.len > 0 ? (const char *)text.data : EMPTY_INDEX;
	size_t len = text.len > 0 ? text.len : sizeof EMPTY_INDEX - 1;

	if (oci_manifest_parse(from, len, &manifest, err) < 0 ||
	    manifest.kind != OCI_INDEX) {
		if (err->code == ERR_LIMIT || err->code == ERR_SYSTEM)
			return -1;
		return err_set(err, ERR_CONFLICT, 0,
		               "what is there is no index of referrers");
	}
	*out = manifest.document;
	manifest.document = JSON_DOCUMENT_NONE;
	return 0;
}

/* The element of @list for the same manifest, or NULL. */
static json_t *find_same(json_t *list, json_t *entry)
{
	const char *digest =
		json_string_value(json_object_get(entry, "digest"));

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *there = json_array_get(list, i);
		const char *text =
			json_string_value(json_object_get(there, "digest"));

		if (strcmp(text, digest) == 0)
			return there;
	}
	return NULL;
}

/* 1: the list lacked it, or some of it. */
static int add_entry(json_t *list, json_t *entry, struct err *err)
{
	json_t *there = find_same(list, entry);
	size_t before = json_object_size(there);

	if (there == NULL)
		return json_array_append(list, entry) < 0 ? err_nomem(err) : 1;
	if (json_object_update_missing(there, entry) < 0)
		return err_nomem(err);
	return json_object_size(there) > before;
}

static int merge_one(json_t *list, const struct oci_entry *entry,
                     struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(ENTRY_MAX);
	AUTO_JSON_DOCUMENT struct json_document value = JSON_DOCUMENT_NONE;
	struct json_writer writer;

	json_begin(&writer, &text);
	if (write_entry(&writer, NULL, entry, err) < 0 ||
	    json_read(text.data, text.len, ENTRY_MAX, &value, err) < 0)
		return -1;
	return add_entry(list, value.root, err);
}

/* The entry that comes behind @last by its digest; NULL: none. */
static const struct oci_entry *next_by_digest(const struct oci_entry *entries,
                                              size_t count,
                                              const struct oci_entry *last)
{
	const struct oci_entry *next = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct oci_entry *entry = &entries[i];

		if ((last == NULL ||
		     memcmp(entry->digest, last->digest, OCI_DIGEST_LEN) > 0) &&
		    (next == NULL ||
		     memcmp(entry->digest, next->digest, OCI_DIGEST_LEN) < 0))
			next = entry;
	}
	return next;
}

static int merge_ours(json_t *list, const struct oci_entry *entries,
                      size_t count, size_t *missing, struct err *err)
{
	const struct oci_entry *entry = NULL;

	while ((entry = next_by_digest(entries, count, entry)) != NULL) {
		int got = merge_one(list, entry, err);

		if (got < 0)
			return -1;
		*missing += (size_t)got;
	}
	return 0;
}

static int merge_seen(json_t *list, struct bytes seen, size_t *missing,
                      struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	json_t *others;

	if (read_index(seen, &document, err) < 0)
		return -1;
	others = json_object_get(document.root, "manifests");
	for (size_t i = 0; i < json_array_size(others); i++) {
		int got = add_entry(list, json_array_get(others, i), err);

		if (got < 0)
			return -1;
		*missing += (size_t)got;
	}
	return 0;
}

static int check_count(json_t *list, struct err *err)
{
	if (json_array_size(list) <= OCI_LAYERS_MAX)
		return 0;
	return err_set(err, ERR_LIMIT, 0,
	               "it would list more than %d referrers", OCI_LAYERS_MAX);
}

static int print(const struct json_document *document, struct buf *out,
                 struct err *err)
{
	size_t start = out->len;

	if (json_print(document->root, /* indent= */ 0, out, err) < 0)
		return -1;
	return check_size(out, start, err);
}

int oci_write_referrers(struct bytes old, struct bytes seen,
                        const struct oci_entry *entries, size_t count,
                        struct buf *out, size_t *missing, struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	size_t lacked = 0;
	json_t *list;

	if (read_index(old, &document, err) < 0)
		return err_wrap(err, "updating the list of referrers");
	list = json_object_get(document.root, "manifests");
	if (merge_seen(list, seen, &lacked, err) < 0 ||
	    merge_ours(list, entries, count, &lacked, err) < 0 ||
	    check_count(list, err) < 0 || print(&document, out, err) < 0)
		return err_wrap(err, "updating the list of referrers");
	*missing = lacked;
	return 0;
}
