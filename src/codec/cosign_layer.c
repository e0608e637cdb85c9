/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/cosign_layer.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/base64.h"
#include "codec/json_read.h"
#include "codec/json_write.h"
#include "codec/sigstore_write.h"

#define BUNDLE_TYPE            "application/vnd.dev.sigstore.bundle+json;version=0.1"
#define ANNOTATION_SIGNATURE   "dev.cosignproject.cosign/signature"
#define ANNOTATION_CERTIFICATE "dev.sigstore.cosign/certificate"
#define ANNOTATION_BUNDLE      "dev.sigstore.cosign/bundle"
#define ANNOTATION_TIMESTAMP   "dev.sigstore.cosign/rfc3161timestamp"
#define LOG_ID_LEN             ((size_t)32)
#define PEM_BEGIN              "-----BEGIN CERTIFICATE-----"
#define PEM_END                "-----END CERTIFICATE-----"

/* What a layer says; "" where it does not. */
struct annotations {
	const char *signature;
	const char *certificate;
	const char *bundle;
	const char *timestamp;
};

bool cosign_layer_is(const struct oci_descriptor *layer)
{
	return strcmp(layer->media_type, COSIGN_LAYER_TYPE) == 0;
}

/* --- reading -------------------------------------------------------------- */

static int read_annotation(const struct json_node *annotations,
                           const char *name, const char **out, struct err *err)
{
	struct json_node node = json_member(annotations, name);

	if (json_get_text(&node, out, err) < 0)
		return -1;
	if (strlen(*out) > COSIGN_ANNOTATION_MAX)
		return json_refuse(&node, ERR_LIMIT, err, "more than %zu bytes",
		                   COSIGN_ANNOTATION_MAX);
	return 0;
}

static int read_annotations(const struct oci_manifest *manifest, size_t number,
                            struct annotations *out, struct err *err)
{
	struct json_node top = json_top(&manifest->document);
	struct json_node layers = json_member(&top, "layers");
	struct json_node layer = json_element(&layers, number);
	struct json_node node = json_member(&layer, "annotations");

	if (read_annotation(&node, ANNOTATION_SIGNATURE, &out->signature, err) <
	            0 ||
	    read_annotation(&node, ANNOTATION_CERTIFICATE, &out->certificate,
	                    err) < 0 ||
	    read_annotation(&node, ANNOTATION_BUNDLE, &out->bundle, err) < 0 ||
	    read_annotation(&node, ANNOTATION_TIMESTAMP, &out->timestamp, err) <
	            0)
		return -1;
	if (out->signature[0] == '\0')
		return json_refuse(&node, ERR_FORMAT, err,
		                   "no annotation " ANNOTATION_SIGNATURE);
	return 0;
}

/* --- the log entry -------------------------------------------------------- */

/* What the annotation says; texts lead into its document. */
struct log_entry {
	const char *promise, *body;
	uint64_t integrated_time, index;
	uint8_t log_id[LOG_ID_LEN];
};

static int read_log_id(const struct json_node *payload, uint8_t out[LOG_ID_LEN],
                       struct err *err)
{
	struct json_node node = json_member(payload, "logID");
	const char *text = "";

	if (json_require_text(&node, &text, err) < 0)
		return -1;
	if (text_from_hex(text, strlen(text), out, LOG_ID_LEN, err) < 0)
		return json_refuse(&node, ERR_FORMAT, err,
		                   "not 64 lower-case hex digits");
	return 0;
}

static int read_entry(const struct json_node *top, struct log_entry *out,
                      struct err *err)
{
	struct json_node promise = json_member(top, "SignedEntryTimestamp");
	struct json_node payload = json_member(top, "Payload");
	struct json_node body = json_member(&payload, "body");
	struct json_node time = json_member(&payload, "integratedTime");
	struct json_node index = json_member(&payload, "logIndex");

	if (json_require_text(&promise, &out->promise, err) < 0 ||
	    json_require_text(&body, &out->body, err) < 0 ||
	    json_get_u64(&time, INT64_MAX, &out->integrated_time, err) < 0 ||
	    json_get_u64(&index, INT64_MAX, &out->index, err) < 0)
		return -1;
	return read_log_id(&payload, out->log_id, err);
}

/* The kind of an entry stands in its body alone. */
static int write_kind(struct json_writer *json, const char *body,
                      struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	size_t len = strlen(body);
	AUTO_FREE uint8_t *text = malloc(BASE64_DECODED_MAX(len) + 1);
	struct json_node top, kind_node, version_node;
	const char *kind = "", *version = "";

	if (text == NULL)
		return err_nomem(err);
	if (base64_decode(body, len, text, &len, err) < 0 ||
	    json_read((const char *)text, len, COSIGN_ANNOTATION_MAX, &document,
	              err) < 0)
		return err_wrap(err, "the body of its log entry");
	top = json_top(&document);
	kind_node = json_member(&top, "kind");
	version_node = json_member(&top, "apiVersion");
	if (json_require_text(&kind_node, &kind, err) < 0 ||
	    json_require_text(&version_node, &version, err) < 0 ||
	    json_open_object(json, "kindVersion", err) < 0 ||
	    json_text(json, "kind", kind, err) < 0 ||
	    json_text(json, "version", version, err) < 0)
		return -1;
	return json_close(json, err);
}

/* Base64 of bytes, as the value of a member. */
static int write_bytes(struct json_writer *json, const char *name,
                       const uint8_t *data, size_t len, struct err *err)
{
	if (json_raw(json, name, "\"", 1, err) < 0 ||
	    base64_add(json->out, data, len, err) < 0)
		return -1;
	return buf_adds(json->out, "\"", err);
}

/* An object of one text, as bundles have several. */
static int write_wrapped(struct json_writer *json, const char *name,
                         const char *member, const char *text, struct err *err)
{
	if (json_open_object(json, name, err) < 0 ||
	    json_text(json, member, text, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_log_id(struct json_writer *json,
                        const uint8_t log_id[LOG_ID_LEN], struct err *err)
{
	if (json_open_object(json, "logId", err) < 0 ||
	    write_bytes(json, "keyId", log_id, LOG_ID_LEN, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_entry(struct json_writer *json, const struct log_entry *entry,
                       struct err *err)
{
	if (json_open_object(json, NULL, err) < 0 ||
	    json_u64(json, "logIndex", entry->index, err) < 0 ||
	    write_log_id(json, entry->log_id, err) < 0 ||
	    write_kind(json, entry->body, err) < 0 ||
	    json_u64(json, "integratedTime", entry->integrated_time, err) < 0 ||
	    write_wrapped(json, "inclusionPromise", "signedEntryTimestamp",
	                  entry->promise, err) < 0 ||
	    json_text(json, "canonicalizedBody", entry->body, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_annotated_entry(struct json_writer *json,
                                 const char *annotation, struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct log_entry entry;
	struct json_node top;

	if (json_read(annotation, strlen(annotation), COSIGN_ANNOTATION_MAX,
	              &document, err) < 0)
		return -1;
	top = json_top(&document);
	if (read_entry(&top, &entry, err) < 0)
		return -1;
	return write_entry(json, &entry, err);
}

static int write_entries(struct json_writer *json,
                         const struct annotations *said, struct err *err)
{
	if (json_open_array(json, "tlogEntries", err) < 0)
		return -1;
	if (said->bundle[0] != '\0' &&
	    write_annotated_entry(json, said->bundle, err) < 0)
		return err_wrap(err, "its annotation bundle");
	return json_close(json, err);
}

/* --- the timestamp -------------------------------------------------------- */

static int read_timestamp(const struct json_document *document,
                          const char **out, struct err *err)
{
	struct json_node top = json_top(document);
	struct json_node node = json_member(&top, "SignedRFC3161Timestamp");

	return json_require_text(&node, out, err);
}

static int write_timestamp(struct json_writer *json,
                           const struct annotations *said, struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	const char *text = "";

	if (said->timestamp[0] == '\0')
		return 0;
	if (json_read(said->timestamp, strlen(said->timestamp),
	              COSIGN_ANNOTATION_MAX, &document, err) < 0 ||
	    read_timestamp(&document, &text, err) < 0)
		return err_wrap(err, "its annotation rfc3161timestamp");
	if (json_open_object(json, "timestampVerificationData", err) < 0 ||
	    json_open_array(json, "rfc3161Timestamps", err) < 0 ||
	    write_wrapped(json, NULL, "signedTimestamp", text, err) < 0 ||
	    json_close(json, err) < 0)
		return -1;
	return json_close(json, err);
}

/* --- the certificate ------------------------------------------------------ */

/* A PEM block is base64 in lines: without their ends it is what a bundle has.
 * Whether it is base64, the bundle's reader says. */
static int write_pem(struct json_writer *json, const char *pem, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(COSIGN_ANNOTATION_MAX);
	const char *at = pem;
	const char *end = strstr(pem, PEM_END);

	if (strncmp(pem, PEM_BEGIN, strlen(PEM_BEGIN)) != 0 || end == NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "its annotation certificate is no certificate "
		               "in PEM");
	for (at += strlen(PEM_BEGIN); at < end; at++)
		if (*at != '\n' && *at != '\r' &&
		    buf_add(&text, at, 1, err) < 0)
			return -1;
	return json_text_n(json, "rawBytes", buf_text(&text), text.len, err);
}

/* Of the chain only the leaf: the authorities are those of the host's root. */
static int write_certificate(struct json_writer *json, const char *pem,
                             struct err *err)
{
	if (json_open_object(json, "x509CertificateChain", err) < 0 ||
	    json_open_array(json, "certificates", err) < 0 ||
	    json_open_object(json, NULL, err) < 0 ||
	    write_pem(json, pem, err) < 0 || json_close(json, err) < 0 ||
	    json_close(json, err) < 0)
		return -1;
	return json_close(json, err);
}

/* --- both kinds of bundles ------------------------------------------------ */

static int write_message(struct json_writer *json, const char *signature,
                         const uint8_t sha256[OCI_DIGEST_LEN], struct err *err)
{
	if (json_open_object(json, "messageSignature", err) < 0 ||
	    json_open_object(json, "messageDigest", err) < 0 ||
	    json_text(json, "algorithm", "SHA2_256", err) < 0 ||
	    write_bytes(json, "digest", sha256, OCI_DIGEST_LEN, err) < 0 ||
	    json_close(json, err) < 0 ||
	    json_text(json, "signature", signature, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_by_certificate(const struct annotations *said,
                                const uint8_t sha256[OCI_DIGEST_LEN],
                                struct buf *out, struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "mediaType", BUNDLE_TYPE, err) < 0 ||
	    json_open_object(&json, "verificationMaterial", err) < 0 ||
	    write_certificate(&json, said->certificate, err) < 0 ||
	    write_entries(&json, said, err) < 0 ||
	    write_timestamp(&json, said, err) < 0 ||
	    json_close(&json, err) < 0 ||
	    write_message(&json, said->signature, sha256, err) < 0)
		return -1;
	return json_close(&json, err);
}

static int write_by_key(const struct annotations *said,
                        const uint8_t sha256[OCI_DIGEST_LEN], struct buf *out,
                        struct err *err)
{
	static const uint8_t unnamed[SIGSTORE_KEY_ID_LEN];
	size_t len = strlen(said->signature);
	AUTO_FREE uint8_t *signature = malloc(BASE64_DECODED_MAX(len) + 1);

	if (signature == NULL)
		return err_nomem(err);
	if (base64_decode(said->signature, len, signature, &len, err) < 0)
		return err_wrap(err, "its annotation signature");
	return sigstore_write_message(
		unnamed, sha256, (struct bytes){ signature, len }, out, err);
}

int cosign_layer_bundle(const struct oci_manifest *manifest, size_t number,
                        struct buf *out, struct err *err)
{
	const uint8_t *sha256 = manifest->entries[number].digest;
	struct annotations said = { .signature = "" };

	if (read_annotations(manifest, number, &said, err) < 0)
		return -1;
	return said.certificate[0] != '\0'
	               ? write_by_certificate(&said, sha256, out, err)
	               : write_by_key(&said, sha256, out, err);
}
