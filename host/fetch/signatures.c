/* SPDX-License-Identifier: Apache-2.0 */
#include "signatures.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "codec/cosign_layer.h"
#include "codec/statement.h"
#include "image.h"
#include "net/oci.h"
#include "privsep/fetch.h"

#define BUNDLE_TYPE_PREFIX   "application/vnd.dev.sigstore.bundle"
#define ANNOTATION_PREDICATE "dev.sigstore.bundle.predicateType"
#define TOO_MANY             "there are too many of them"
#define ABSENT               "the registry does not have what it names"

/* One image while it is asked for. */
struct search {
	struct oci_registry *registry;
	struct report *report;
	const struct http_client *client;
	unsigned count; /* signatures that were sent */
};

/* --- sending -------------------------------------------------------------- */

/* The monitor takes nothing but text, and foreign text may have been cut in
 * the middle of a letter. */
static int leave_out(const struct search *search, const char *why,
                     struct err *err)
{
	char text[ERR_TEXT_MAX];
	size_t len = strnlen(why, sizeof text - 1);

	memcpy(text, why, len);
	text[len] = '\0';
	for (size_t i = 0; !text_is_printable(text, len) && i < len; i++)
		if ((unsigned char)text[i] < 0x20 ||
		    (unsigned char)text[i] >= 0x7f)
			text[i] = '?';
	return report_text(search->report, FETCH_ITEM_LEFT_OUT, text, err);
}

/* Whoever may push can lay down what is none, or has no end: of that, and not
 * of the registry, @failure tells.  It hides nothing else. */
static int pass_over(const struct search *search, const struct err *failure,
                     struct err *err)
{
	char text[ERR_TEXT_MAX];

	if (http_is_overdue(search->client) ||
	    (failure->code != ERR_FORMAT && failure->code != ERR_LIMIT)) {
		*err = *failure;
		return err_wrap(err, "fetching a signature");
	}
	return leave_out(search, err_format(failure, text, sizeof text), err);
}

static int send_item(const struct search *search, uint32_t item,
                     const struct buf *bytes, struct err *err)
{
	struct ring_writer *ring = search->report->ring;

	frame_pause(ring);
	if (bytes->len > 0 &&
	    frame_put(ring, item, bytes->data, bytes->len, err) < 0)
		return -1;
	return frame_end(ring, item, err);
}

static int send_signature(struct search *search, const struct buf *payload,
                          const struct buf *bundle, struct err *err)
{
	if (send_item(search, FETCH_ITEM_PAYLOAD(search->count), payload, err) <
	            0 ||
	    send_item(search, FETCH_ITEM_SIGNATURE(search->count), bundle,
	              err) < 0)
		return -1;
	search->count++;
	return 0;
}

/* Whether one more of @size bytes may come.  1; 0: it was left out; or -1. */
static int has_room(const struct search *search, uint64_t size, size_t max,
                    struct err *err)
{
	if (search->count == FETCH_SIGNATURES_MAX)
		return leave_out(search, TOO_MANY, err);
	if (size > max)
		return leave_out(search, "it is too large", err);
	return 1;
}

/* --- those of the tag ----------------------------------------------------- */

static int take_layer(struct search *search,
                      const struct oci_manifest *manifest, size_t number,
                      struct err *err)
{
	AUTO_BUF struct buf payload = BUF_LIMIT(FETCH_PAYLOAD_MAX);
	AUTO_BUF struct buf bundle = BUF_LIMIT(FETCH_BUNDLE_MAX);
	const struct oci_descriptor *layer = &manifest->entries[number];
	struct err why;
	int got = has_room(search, layer->size, FETCH_PAYLOAD_MAX, err);

	if (got <= 0)
		return got;
	if (cosign_layer_bundle(manifest, number, &bundle, &why) < 0)
		return pass_over(search, &why, err);
	got = oci_blob_find(search->registry, layer, &payload, &why);
	if (got < 0)
		return pass_over(search, &why, err);
	if (got == 0)
		return leave_out(search, ABSENT, err);
	return send_signature(search, &payload, &bundle, err);
}

static int take_tag(struct search *search, struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest manifest = OCI_MANIFEST_NONE;
	char tag[OCI_DIGEST_SIZE + sizeof COSIGN_TAG_SUFFIX];
	const struct oci_name name = { .tag = tag };
	uint8_t digest[OCI_DIGEST_LEN];
	struct err why;
	int got;

	oci_digest_text(search->registry->reference.digest, tag);
	*strchr(tag, ':') = '-';
	memcpy(tag + strlen(tag), COSIGN_TAG_SUFFIX, sizeof COSIGN_TAG_SUFFIX);
	got = oci_get_manifest(search->registry, &name, digest, &manifest,
	                       &why);
	if (got < 0)
		return pass_over(search, &why, err);
	for (size_t i = 0; manifest.kind == OCI_MANIFEST && i < manifest.count;
	     i++)
		if (cosign_layer_is(&manifest.entries[i]) &&
		    take_layer(search, &manifest, i, err) < 0)
			return -1;
	return 0;
}

/* --- those that refer to it ----------------------------------------------- */

static bool is_bundle(const char *type)
{
	return strncmp(type, BUNDLE_TYPE_PREFIX, strlen(BUNDLE_TYPE_PREFIX)) ==
	       0;
}

/* Scans and SBOMs may be many, and are no signatures.  One that lies about
 * itself only hides what is its own. */
static bool is_other_attestation(const char *predicate_type)
{
	return predicate_type[0] != '\0' &&
	       strcmp(predicate_type, PREDICATE_COSIGN_SIGN) != 0 &&
	       strcmp(predicate_type, PREDICATE_SLSA_V1) != 0;
}

static bool may_be_signature(const struct oci_descriptor *entry)
{
	if (strcmp(entry->artifact_type, COSIGN_ARTIFACT_TYPE) == 0)
		return true;
	return is_bundle(entry->artifact_type) &&
	       !is_other_attestation(entry->predicate_type);
}

/* What the manifest says of itself, where the list did not. */
static bool holds_signature(const struct oci_manifest *manifest)
{
	struct json_node top = json_top(&manifest->document);
	struct json_node annotations = json_member(&top, "annotations");
	struct json_node node = json_member(&annotations, ANNOTATION_PREDICATE);
	const char *type = "";
	struct err ignored; /* then its bundle tells */

	return manifest->kind == OCI_MANIFEST &&
	       (json_get_text(&node, &type, &ignored) < 0 ||
	        !is_other_attestation(type));
}

static int take_bundle(struct search *search,
                       const struct oci_descriptor *layer, struct err *err)
{
	AUTO_BUF struct buf bundle = BUF_LIMIT(FETCH_BUNDLE_MAX);
	const struct buf payload = BUF_NONE;
	struct err why;
	int got = has_room(search, layer->size, FETCH_BUNDLE_MAX, err);

	if (got <= 0)
		return got;
	got = oci_blob_find(search->registry, layer, &bundle, &why);
	if (got < 0)
		return pass_over(search, &why, err);
	if (got == 0)
		return leave_out(search, ABSENT, err);
	return send_signature(search, &payload, &bundle, err);
}

/* Either form of a signature; what else lies there is none. */
static int take_entry(struct search *search,
                      const struct oci_manifest *manifest, size_t number,
                      struct err *err)
{
	const struct oci_descriptor *entry = &manifest->entries[number];

	if (cosign_layer_is(entry))
		return take_layer(search, manifest, number, err);
	if (is_bundle(entry->media_type))
		return take_bundle(search, entry, err);
	return 0;
}

static int take_referrer(struct search *search, const struct oci_name *name,
                         struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest manifest = OCI_MANIFEST_NONE;
	uint8_t digest[OCI_DIGEST_LEN];
	struct err why;
	int got = oci_get_manifest(search->registry, name, digest, &manifest,
	                           &why);

	if (got < 0)
		return pass_over(search, &why, err);
	/* Deleted since, or of another type than it seemed. */
	if (got == 0 || !holds_signature(&manifest))
		return 0;
	for (size_t i = 0; i < manifest.count; i++)
		if (take_entry(search, &manifest, i, err) < 0)
			return -1;
	return 0;
}

/* Beyond the most that is judged, nothing is asked for. */
static int take_each(struct search *search,
                     const struct oci_referrers *referrers, struct err *err)
{
	for (size_t i = 0; i < referrers->count; i++) {
		if (search->count == FETCH_SIGNATURES_MAX)
			return leave_out(search, TOO_MANY, err);
		if (take_referrer(search, &referrers->names[i], err) < 0)
			return -1;
	}
	if (referrers->is_cut)
		return leave_out(search, "more refers to the image", err);
	return 0;
}

static int take_referrers(struct search *search, struct err *err)
{
	AUTO_FREE struct oci_referrers *referrers =
		calloc(1, sizeof *referrers);
	struct err why;

	if (referrers == NULL)
		return err_nomem(err);
	if (oci_get_referrers(search->registry,
	                      search->registry->reference.digest,
	                      may_be_signature, referrers, &why) < 0)
		return pass_over(search, &why, err);
	return take_each(search, referrers, err);
}

/* --- both ----------------------------------------------------------------- */

static int take_all(struct search *search, struct err *err)
{
	int got = image_find(search->registry, search->report, err);

	/* A repository without the image is not asked for more. */
	if (got <= 0)
		return got;
	if (take_tag(search, err) < 0)
		return -1;
	return take_referrers(search, err);
}

int signatures_ask(const struct asked *asked, struct http_client *client,
                   struct report *report, struct err *err)
{
	AUTO_FREE struct oci_registry *registry = calloc(1, sizeof *registry);
	struct search search = { .registry = registry,
		                 .report = report,
		                 .client = client };
	int result;

	if (registry == NULL)
		return err_nomem(err);
	result = image_open(asked, client, registry, err);
	if (result == 0)
		result = take_all(&search, err);
	if (result < 0 && registry->has_answered)
		image_answered(report);
	oci_done(registry);
	return result;
}
