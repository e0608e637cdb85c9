/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/oci_manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define SCHEMA_VERSION       2
#define ANNOTATION_TITLE     "org.opencontainers.image.title"
#define ANNOTATION_PREDICATE "dev.sigstore.bundle.predicateType"

/* --- texts -------------------------------------------------------------- */

static int get_text(const struct json_node *object, const char *key, size_t max,
                    const char **out, struct err *err)
{
	struct json_node node = json_member(object, key);

	if (json_get_text(&node, out, err) < 0)
		return -1;
	return json_check_printable(&node, *out, max, err);
}

static int get_object(const struct json_node *parent, const char *key,
                      struct json_node *out, struct err *err)
{
	*out = json_member(parent, key);
	return json_is_present(out) ? json_require_object(out, NULL, err) : 0;
}

/* A file name, perhaps with folders; never a way out of the folder that it is
 * put into. */
static bool is_relative(const char *title)
{
	for (;;) {
		size_t len = strcspn(title, "/");

		if (len == 0 || text_equal(title, len, ".") ||
		    text_equal(title, len, ".."))
			return false;
		if (title[len] == '\0')
			return true;
		title += len + 1;
	}
}

bool oci_is_title(const char *title)
{
	return is_relative(title) && strchr(title, '\\') == NULL;
}

static int read_title(const struct json_node *descriptor, const char **out,
                      struct err *err)
{
	struct json_node annotations;

	if (get_object(descriptor, "annotations", &annotations, err) < 0 ||
	    get_text(&annotations, ANNOTATION_TITLE, OCI_TITLE_MAX, out, err) <
	            0)
		return -1;
	if ((*out)[0] != '\0' && !oci_is_title(*out))
		return json_refuse(descriptor, ERR_FORMAT, err,
		                   "its title '%.80s' is a path that may lead "
		                   "out of its folder",
		                   *out);
	return 0;
}

/* --- descriptors -------------------------------------------------------- */

static int read_digest(const struct json_node *descriptor,
                       uint8_t out[OCI_DIGEST_LEN], struct err *err)
{
	struct json_node node = json_member(descriptor, "digest");
	const char *text = "";

	if (json_require_text(&node, &text, err) < 0)
		return -1;
	if (!oci_digest_parse(text, strlen(text), out))
		return json_refuse(&node, ERR_FORMAT, err,
		                   "'%.80s' is not sha256: and 64 lower-case "
		                   "hex digits",
		                   text);
	return 0;
}

/* One that cannot be understood says nothing. */
static const char *find_predicate_type(const struct json_node *object)
{
	struct json_node annotations = json_member(object, "annotations");
	struct json_node node = json_member(&annotations, ANNOTATION_PREDICATE);
	const char *text = "";
	struct err ignored;

	return json_get_text(&node, &text, &ignored) == 0 ? text : "";
}

static int read_platform(const struct json_node *descriptor,
                         struct oci_descriptor *out, struct err *err)
{
	struct json_node platform;

	if (get_object(descriptor, "platform", &platform, err) < 0 ||
	    get_text(&platform, "os", OCI_TITLE_MAX, &out->os, err) < 0 ||
	    get_text(&platform, "architecture", OCI_TITLE_MAX,
	             &out->architecture, err) < 0)
		return -1;
	return get_text(&platform, "variant", OCI_TITLE_MAX, &out->variant,
	                err);
}

static int read_descriptor(const struct json_node *node,
                           struct oci_descriptor *out, struct err *err)
{
	struct json_node size = json_member(node, "size");

	if (json_require_object(node, NULL, err) < 0 ||
	    get_text(node, "mediaType", OCI_MEDIA_TYPE_MAX, &out->media_type,
	             err) < 0 ||
	    get_text(node, "artifactType", OCI_MEDIA_TYPE_MAX,
	             &out->artifact_type, err) < 0 ||
	    read_digest(node, out->digest, err) < 0 ||
	    json_get_u64(&size, OCI_BLOB_MAX, &out->size, err) < 0 ||
	    read_title(node, &out->title, err) < 0)
		return -1;
	if (out->media_type[0] == '\0')
		return json_refuse(node, ERR_FORMAT, err, "no mediaType");
	if (!json_is_present(&size))
		return json_refuse(node, ERR_FORMAT, err, "no size");
	out->predicate_type = find_predicate_type(node);
	return read_platform(node, out, err);
}

static int read_entries(const struct json_node *list, size_t max,
                        struct oci_manifest *out, struct err *err)
{
	size_t count = 0;

	if (json_get_list(list, max, &count, err) < 0)
		return -1;
	out->entries = calloc(count > 0 ? count : 1, sizeof *out->entries);
	if (out->entries == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		struct json_node node = json_element(list, i);

		if (read_descriptor(&node, &out->entries[i], err) < 0)
			return -1;
	}
	out->count = count;
	return 0;
}

/* --- documents ---------------------------------------------------------- */

/* The same title twice: which of them is the file? */
static int check_titles(const struct oci_manifest *manifest, struct err *err)
{
	for (size_t i = 0; i < manifest->count; i++) {
		const struct oci_descriptor *entry = &manifest->entries[i];

		if (entry->title[0] != '\0' &&
		    oci_manifest_find(manifest, entry->title) != entry)
			return err_set(err, ERR_FORMAT, 0,
			               "two layers are called '%s'",
			               entry->title);
	}
	return 0;
}

/* Whether mediaType, where there is one, is of the form that was found. */
static bool is_of_kind(const char *media_type, enum oci_manifest_kind kind)
{
	static const char *const names[][2] = {
		[OCI_MANIFEST] = { OCI_TYPE_MANIFEST,
		                   OCI_TYPE_DOCKER_MANIFEST },
		[OCI_INDEX] = { OCI_TYPE_INDEX, OCI_TYPE_DOCKER_INDEX },
	};

	return media_type[0] == '\0' ||
	       strcmp(media_type, names[kind][0]) == 0 ||
	       strcmp(media_type, names[kind][1]) == 0;
}

static int read_kind(const struct json_node *top, struct oci_manifest *out,
                     struct err *err)
{
	struct json_node layers = json_member(top, "layers");
	struct json_node manifests = json_member(top, "manifests");

	if (json_is_present(&layers) == json_is_present(&manifests))
		return err_set(err, ERR_FORMAT, 0,
		               "it has %s layers %s manifests",
		               json_is_present(&layers) ? "both" : "neither",
		               json_is_present(&layers) ? "and" : "nor");
	out->kind = json_is_present(&layers) ? OCI_MANIFEST : OCI_INDEX;
	if (!is_of_kind(out->media_type, out->kind))
		return err_set(
			err, ERR_FORMAT, 0,
			"its mediaType '%s' is not that of %s", out->media_type,
			out->kind == OCI_MANIFEST ? "a manifest" : "an index");
	if (out->kind == OCI_INDEX)
		return read_entries(&manifests, OCI_INDEX_MAX, out, err);
	if (read_entries(&layers, OCI_LAYERS_MAX, out, err) < 0)
		return -1;
	return check_titles(out, err);
}

/* Before version 1.1 the type of an artifact was that of its config. */
static int read_artifact_type(const struct json_node *top,
                              struct oci_manifest *out, struct err *err)
{
	struct json_node config;

	if (get_text(top, "artifactType", OCI_MEDIA_TYPE_MAX,
	             &out->artifact_type, err) < 0 ||
	    get_object(top, "config", &config, err) < 0)
		return -1;
	if (out->artifact_type[0] != '\0')
		return 0;
	return get_text(&config, "mediaType", OCI_MEDIA_TYPE_MAX,
	                &out->artifact_type, err);
}

static int read_document(struct oci_manifest *out, struct err *err)
{
	struct json_node top = json_top(&out->document);
	struct json_node version = json_member(&top, "schemaVersion");
	uint64_t number = 0;

	if (json_require_object(&top, NULL, err) < 0 ||
	    json_get_u64(&version, UINT64_MAX, &number, err) < 0)
		return -1;
	if (number != SCHEMA_VERSION)
		return json_refuse(&version, ERR_FORMAT, err,
		                   "%llu; only 2 is known",
		                   (unsigned long long)number);
	if (get_text(&top, "mediaType", OCI_MEDIA_TYPE_MAX, &out->media_type,
	             err) < 0 ||
	    read_artifact_type(&top, out, err) < 0)
		return -1;
	return read_kind(&top, out, err);
}

int oci_manifest_parse(const char *text, size_t len, struct oci_manifest *out,
                       struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest manifest = OCI_MANIFEST_NONE;

	if (json_read(text, len, OCI_MANIFEST_MAX, &manifest.document, err) <
	            0 ||
	    read_document(&manifest, err) < 0)
		return err_wrap(err, "reading the artifact's manifest");
	*out = manifest;
	manifest = OCI_MANIFEST_NONE;
	return 0;
}

void oci_manifest_done(struct oci_manifest *manifest)
{
	json_document_done(&manifest->document);
	free(manifest->entries);
	*manifest = OCI_MANIFEST_NONE;
}

const struct oci_descriptor *
oci_manifest_find(const struct oci_manifest *manifest, const char *title)
{
	for (size_t i = 0; i < manifest->count; i++)
		if (strcmp(manifest->entries[i].title, title) == 0)
			return &manifest->entries[i];
	return NULL;
}

/* --- platforms ---------------------------------------------------------- */

static const struct oci_descriptor *
only_without_platform(const struct oci_manifest *index)
{
	const struct oci_descriptor *found = NULL;

	for (size_t i = 0; i < index->count; i++) {
		const struct oci_descriptor *entry = &index->entries[i];

		if (entry->os[0] != '\0' || entry->architecture[0] != '\0')
			continue;
		if (found != NULL)
			return NULL;
		found = entry;
	}
	return found;
}

const struct oci_descriptor *oci_index_choose(const struct oci_manifest *index,
                                              const char *os,
                                              const char *architecture)
{
	const struct oci_descriptor *found = NULL;

	for (size_t i = 0; i < index->count; i++) {
		const struct oci_descriptor *entry = &index->entries[i];

		if (strcmp(entry->os, os) == 0 &&
		    strcmp(entry->architecture, architecture) == 0 &&
		    (found == NULL ||
		     strcmp(entry->variant, found->variant) < 0))
			found = entry;
	}
	return found != NULL ? found : only_without_platform(index);
}
