/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/sigstore_bundle.h"

#include <string.h>

static int read_version(const struct json_node *top, enum sigstore_version *out,
                        struct err *err)
{
	static const struct {
		const char *name;
		enum sigstore_version version;
	} types[] = {
		{ "application/vnd.dev.sigstore.bundle+json;version=0.1",
		  SIGSTORE_V0_1 },
		{ "application/vnd.dev.sigstore.bundle+json;version=0.2",
		  SIGSTORE_V0_2 },
		{ "application/vnd.dev.sigstore.bundle+json;version=0.3",
		  SIGSTORE_V0_3 },
		{ "application/vnd.dev.sigstore.bundle.v0.3+json",
		  SIGSTORE_V0_3 },
	};
	struct json_node node = json_member(top, "mediaType");
	const char *name = "";

	if (json_require_text(&node, &name, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(name, types[i].name) == 0) {
			*out = types[i].version;
			return 0;
		}
	return json_refuse(&node, ERR_FORMAT, err,
	                   "'%.80s' is no Sigstore bundle of version 0.1, 0.2 "
	                   "or 0.3",
	                   name);
}

/* --- key material ------------------------------------------------------- */

static int read_certificate(struct json_document *document,
                            const struct json_node *node, struct bytes *out,
                            struct err *err)
{
	static const char *const known[] = { "rawBytes", NULL };
	struct json_node raw = json_member(node, "rawBytes");

	if (json_require_object(node, known, err) < 0)
		return -1;
	return json_require_bytes(document, &raw, out, err);
}

static int read_chain(const struct json_node *node, struct sigstore_bundle *out,
                      struct err *err)
{
	static const char *const known[] = { "certificates", NULL };
	struct json_node list = json_member(node, "certificates");

	if (json_require_object(node, known, err) < 0 ||
	    json_get_list(&list, SIGSTORE_CERTIFICATES_MAX,
	                  &out->certificate_count, err) < 0)
		return -1;
	if (out->certificate_count == 0)
		return json_refuse(&list, ERR_FORMAT, err, "no certificate");
	for (size_t i = 0; i < out->certificate_count; i++) {
		struct json_node each = json_element(&list, i);

		if (read_certificate(&out->document, &each,
		                     &out->certificates[i], err) < 0)
			return -1;
	}
	return 0;
}

static int read_public_key(const struct json_node *node,
                           struct sigstore_bundle *out, struct err *err)
{
	static const char *const known[] = { "hint", NULL };
	struct json_node hint = json_member(node, "hint");

	if (json_require_object(node, known, err) < 0)
		return -1;
	out->material = SIGSTORE_PUBLIC_KEY;
	return json_get_text(&hint, &out->hint, err);
}

static int read_key_material(const struct json_node *material,
                             struct sigstore_bundle *out, struct err *err)
{
	struct json_node key = json_member(material, "publicKey");
	struct json_node leaf = json_member(material, "certificate");
	struct json_node chain = json_member(material, "x509CertificateChain");
	bool has_chain = json_is_present(&chain);
	bool has_leaf = json_is_present(&leaf);

	if (json_is_present(&key) + has_chain + has_leaf != 1)
		return json_refuse(material, ERR_FORMAT, err,
		                   "not exactly one of publicKey, certificate "
		                   "and x509CertificateChain");
	if (has_chain && out->version == SIGSTORE_V0_3)
		return json_refuse(&chain, ERR_FORMAT, err,
		                   "not allowed in a bundle of version 0.3");
	if (has_leaf && out->version != SIGSTORE_V0_3)
		return json_refuse(&leaf, ERR_FORMAT, err,
		                   "not allowed before version 0.3");
	if (has_chain)
		return read_chain(&chain, out, err);
	if (!has_leaf)
		return read_public_key(&key, out, err);
	out->certificate_count = 1;
	return read_certificate(&out->document, &leaf, &out->certificates[0],
	                        err);
}

/* --- log entries -------------------------------------------------------- */

static int read_index(const struct json_node *object, const char *key,
                      uint64_t *out, struct err *err)
{
	struct json_node node = json_member(object, key);

	return json_get_u64(&node, INT64_MAX, out, err);
}

/* Decoded one behind the other, so that they lie side by side. */
static int read_hashes(struct json_document *document,
                       const struct json_node *list, struct sigstore_proof *out,
                       struct err *err)
{
	void *first = document->bytes + document->used;

	if (json_get_list(list, SIGSTORE_HASHES_MAX, &out->hash_count, err) < 0)
		return -1;
	for (size_t i = 0; i < out->hash_count; i++) {
		struct json_node node = json_element(list, i);
		struct bytes hash = BYTES_NONE;

		if (json_get_bytes(document, &node, &hash, err) < 0)
			return -1;
		if (hash.len != SIGSTORE_HASH_LEN)
			return json_refuse(&node, ERR_FORMAT, err,
			                   "%zu bytes; a hash has %d", hash.len,
			                   SIGSTORE_HASH_LEN);
	}
	out->hashes = out->hash_count > 0 ? first : NULL;
	return 0;
}

static int read_checkpoint(const struct json_node *node, const char **out,
                           struct err *err)
{
	static const char *const known[] = { "envelope", NULL };
	struct json_node envelope = json_member(node, "envelope");

	if (!json_is_present(node)) {
		*out = "";
		return 0;
	}
	if (json_require_object(node, known, err) < 0)
		return -1;
	return json_require_text(&envelope, out, err);
}

static int read_proof(struct json_document *document,
                      const struct json_node *node, struct sigstore_proof *out,
                      struct err *err)
{
	static const char *const known[] = { "logIndex",   "rootHash",
		                             "treeSize",   "hashes",
		                             "checkpoint", NULL };
	struct json_node root_hash = json_member(node, "rootHash");
	struct json_node hashes = json_member(node, "hashes");
	struct json_node checkpoint = json_member(node, "checkpoint");

	if (json_require_object(node, known, err) < 0 ||
	    read_index(node, "logIndex", &out->log_index, err) < 0 ||
	    read_index(node, "treeSize", &out->tree_size, err) < 0 ||
	    json_require_exact(&root_hash, out->root_hash,
	                       sizeof out->root_hash, err) < 0 ||
	    read_hashes(document, &hashes, out, err) < 0 ||
	    read_checkpoint(&checkpoint, &out->checkpoint, err) < 0)
		return -1;
	if (out->log_index >= out->tree_size)
		return json_refuse(node, ERR_FORMAT, err,
		                   "logIndex %llu is not in a tree of %llu",
		                   (unsigned long long)out->log_index,
		                   (unsigned long long)out->tree_size);
	return 0;
}

static int read_promise(struct json_document *document,
                        const struct json_node *node, struct bytes *out,
                        struct err *err)
{
	static const char *const known[] = { "signedEntryTimestamp", NULL };
	struct json_node promise = json_member(node, "signedEntryTimestamp");

	if (!json_is_present(node))
		return 0;
	if (json_require_object(node, known, err) < 0)
		return -1;
	return json_require_bytes(document, &promise, out, err);
}

/* logId {keyId} and kindVersion {kind, version}. */
static int read_entry_names(const struct json_node *entry,
                            struct sigstore_log_entry *out, struct err *err)
{
	static const char *const id_known[] = { "keyId", NULL };
	static const char *const kind_known[] = { "kind", "version", NULL };
	struct json_node log_id = json_member(entry, "logId");
	struct json_node key_id = json_member(&log_id, "keyId");
	struct json_node kind_version = json_member(entry, "kindVersion");
	struct json_node kind = json_member(&kind_version, "kind");
	struct json_node version = json_member(&kind_version, "version");

	if (json_require_object(&log_id, id_known, err) < 0 ||
	    json_require_exact(&key_id, out->log_id, sizeof out->log_id, err) <
	            0 ||
	    json_require_object(&kind_version, kind_known, err) < 0 ||
	    json_require_text(&kind, &out->kind, err) < 0)
		return -1;
	return json_require_text(&version, &out->version, err);
}

/* What each version of a bundle demands of an entry. */
static int check_entry(const struct json_node *node,
                       enum sigstore_version version,
                       const struct sigstore_log_entry *entry, struct err *err)
{
	if (version == SIGSTORE_V0_1) {
		if (entry->promise.len == 0)
			return json_refuse(node, ERR_FORMAT, err,
			                   "no inclusionPromise, which a "
			                   "bundle of version 0.1 needs");
		return 0;
	}
	if (!entry->has_proof)
		return json_refuse(node, ERR_FORMAT, err, "no inclusionProof");
	if (entry->proof.checkpoint[0] == '\0')
		return json_refuse(node, ERR_FORMAT, err,
		                   "no checkpoint in its inclusionProof");
	return 0;
}

static int read_entry_evidence(struct json_document *document,
                               const struct json_node *entry,
                               struct sigstore_log_entry *out, struct err *err)
{
	struct json_node promise = json_member(entry, "inclusionPromise");
	struct json_node proof = json_member(entry, "inclusionProof");
	struct json_node body = json_member(entry, "canonicalizedBody");

	out->has_proof = json_is_present(&proof);
	if (read_promise(document, &promise, &out->promise, err) < 0 ||
	    (out->has_proof &&
	     read_proof(document, &proof, &out->proof, err) < 0) ||
	    json_require_bytes(document, &body, &out->body, err) < 0)
		return -1;
	return json_get_text(&body, &out->body_base64, err);
}

static int read_entry(struct json_document *document,
                      const struct json_node *node,
                      struct sigstore_log_entry *out, struct err *err)
{
	static const char *const known[] = {
		"logIndex",          "logId",
		"kindVersion",       "integratedTime",
		"inclusionProof",    "inclusionPromise",
		"canonicalizedBody", NULL,
	};
	uint64_t integrated_time = 0;

	out->proof.checkpoint = "";
	if (json_require_object(node, known, err) < 0 ||
	    read_index(node, "logIndex", &out->log_index, err) < 0 ||
	    read_index(node, "integratedTime", &integrated_time, err) < 0 ||
	    read_entry_names(node, out, err) < 0)
		return -1;
	out->integrated_time = (int64_t)integrated_time;
	return read_entry_evidence(document, node, out, err);
}

static int read_entries(const struct json_node *list,
                        struct sigstore_bundle *out, struct err *err)
{
	if (json_get_list(list, SIGSTORE_ENTRIES_MAX, &out->entry_count, err) <
	    0)
		return -1;
	for (size_t i = 0; i < out->entry_count; i++) {
		struct json_node node = json_element(list, i);

		if (read_entry(&out->document, &node, &out->entries[i], err) <
		            0 ||
		    check_entry(&node, out->version, &out->entries[i], err) < 0)
			return -1;
	}
	return 0;
}

/* --- timestamps --------------------------------------------------------- */

static int read_timestamp(struct json_document *document,
                          const struct json_node *node, struct bytes *out,
                          struct err *err)
{
	static const char *const known[] = { "signedTimestamp", NULL };
	struct json_node stamp = json_member(node, "signedTimestamp");

	if (json_require_object(node, known, err) < 0)
		return -1;
	return json_require_bytes(document, &stamp, out, err);
}

static int read_timestamps(const struct json_node *node,
                           struct sigstore_bundle *out, struct err *err)
{
	static const char *const known[] = { "rfc3161Timestamps", NULL };
	struct json_node list = json_member(node, "rfc3161Timestamps");

	if (!json_is_present(node))
		return 0;
	if (json_require_object(node, known, err) < 0 ||
	    json_get_list(&list, SIGSTORE_TIMESTAMPS_MAX, &out->timestamp_count,
	                  err) < 0)
		return -1;
	for (size_t i = 0; i < out->timestamp_count; i++) {
		struct json_node each = json_element(&list, i);

		if (read_timestamp(&out->document, &each, &out->timestamps[i],
		                   err) < 0)
			return -1;
	}
	return 0;
}

static int read_material(const struct json_node *node,
                         struct sigstore_bundle *out, struct err *err)
{
	static const char *const known[] = {
		"publicKey",
		"certificate",
		"x509CertificateChain",
		"tlogEntries",
		"timestampVerificationData",
		NULL,
	};
	struct json_node entries = json_member(node, "tlogEntries");
	struct json_node stamps =
		json_member(node, "timestampVerificationData");

	if (json_require_object(node, known, err) < 0 ||
	    read_key_material(node, out, err) < 0 ||
	    read_entries(&entries, out, err) < 0)
		return -1;
	return read_timestamps(&stamps, out, err);
}

/* --- content ------------------------------------------------------------ */

static int read_message(const struct json_node *node,
                        struct sigstore_bundle *out, struct err *err)
{
	static const char *const known[] = { "messageDigest", "signature",
		                             NULL };
	struct json_node digest = json_member(node, "messageDigest");
	struct json_node signature = json_member(node, "signature");

	if (json_require_object(node, known, err) < 0)
		return -1;
	out->content = SIGSTORE_MESSAGE;
	out->has_digest = json_is_present(&digest);
	if (out->has_digest && digest_read(&digest, &out->digest, err) < 0)
		return -1;
	return json_require_bytes(&out->document, &signature, &out->signature,
	                          err);
}

static int read_envelope(const struct json_node *node,
                         struct sigstore_bundle *out, struct err *err)
{
	if (dsse_read(&out->document, node, &out->envelope, err) < 0)
		return -1;
	if (out->envelope.signature_count != 1)
		return json_refuse(node, ERR_FORMAT, err,
		                   "%zu signatures; a bundle has exactly one",
		                   out->envelope.signature_count);
	out->content = SIGSTORE_ENVELOPE;
	out->signature = out->envelope.signatures[0].signature;
	return 0;
}

static int read_content(const struct json_node *top,
                        struct sigstore_bundle *out, struct err *err)
{
	struct json_node message = json_member(top, "messageSignature");
	struct json_node envelope = json_member(top, "dsseEnvelope");

	if (json_is_present(&message) == json_is_present(&envelope))
		return json_refuse(top, ERR_FORMAT, err,
		                   "not exactly one of messageSignature and "
		                   "dsseEnvelope");
	if (json_is_present(&message))
		return read_message(&message, out, err);
	return read_envelope(&envelope, out, err);
}

static int read_bundle(struct sigstore_bundle *bundle, struct err *err)
{
	static const char *const known[] = { "mediaType",
		                             "verificationMaterial",
		                             "messageSignature", "dsseEnvelope",
		                             NULL };
	struct json_node top = json_top(&bundle->document);
	struct json_node material = json_member(&top, "verificationMaterial");

	if (json_require_object(&top, known, err) < 0 ||
	    read_version(&top, &bundle->version, err) < 0 ||
	    read_material(&material, bundle, err) < 0)
		return -1;
	return read_content(&top, bundle, err);
}

int sigstore_bundle_parse(const char *text, size_t len,
                          struct sigstore_bundle *out, struct err *err)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;

	bundle.hint = "";
	if (json_read(text, len, SIGSTORE_BUNDLE_MAX, &bundle.document, err) <
	            0 ||
	    read_bundle(&bundle, err) < 0)
		return err_wrap(err, "reading a Sigstore bundle");
	*out = bundle;
	bundle = SIGSTORE_BUNDLE_NONE;
	return 0;
}

void sigstore_bundle_done(struct sigstore_bundle *bundle)
{
	json_document_done(&bundle->document);
	*bundle = SIGSTORE_BUNDLE_NONE;
}
