/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/rekor_entry.h"

#include <string.h>

#include "base/text.h"
#include "codec/base64.h"

typedef int read_spec_fn(const struct json_node *spec, struct rekor_entry *out,
                         struct err *err);

/* --- pieces that several kinds have ------------------------------------- */

/* {"algorithm": "sha256", "value": "<lower-case hex>"}. */
static int read_hex_digest(const struct json_node *node,
                           struct typed_digest *out, struct err *err)
{
	static const char *const known[] = { "algorithm", "value", NULL };
	/* In the order of enum digest_type, behind "unspecified". */
	static const char *const names[] = { "", "sha256", "sha384", "sha512",
		                             NULL };
	struct json_node algorithm = json_member(node, "algorithm");
	struct json_node value = json_member(node, "value");
	struct typed_digest read = { .type = DIGEST_SHA256 };
	const char *hex = "";
	unsigned name = 0;

	if (json_require_object(node, known, err) < 0 ||
	    json_get_enum(&algorithm, names, &name, err) < 0 ||
	    json_require_text(&value, &hex, err) < 0)
		return -1;
	if (name == 0)
		return json_refuse(&algorithm, ERR_FORMAT, err, "is missing");
	read.type = (enum digest_type)(name - 1);
	if (text_from_hex(hex, strlen(hex), read.data, digest_len(read.type),
	                  err) < 0)
		return json_refuse(&value, ERR_FORMAT, err,
		                   "not %zu lower-case hex digits",
		                   2 * digest_len(read.type));
	*out = read;
	return 0;
}

static int read_sha256(const struct json_node *node, struct typed_digest *out,
                       struct err *err)
{
	if (read_hex_digest(node, out, err) < 0)
		return -1;
	if (out->type != DIGEST_SHA256)
		return json_refuse(node, ERR_FORMAT, err, "is not SHA-256");
	return 0;
}

static int read_bytes(struct rekor_entry *out, const struct json_node *object,
                      const char *key, struct bytes *bytes, struct err *err)
{
	struct json_node node = json_member(object, key);

	return json_require_bytes(&out->document, &node, bytes, err);
}

/* The only element of a list of signatures. */
static int take_only(const struct json_node *list, struct json_node *out,
                     struct err *err)
{
	size_t count = 0;

	if (json_get_list(list, 1, &count, err) < 0)
		return -1;
	if (count != 1)
		return json_refuse(list, ERR_FORMAT, err, "no signature");
	*out = json_element(list, 0);
	return 0;
}

/* --- hashedrekord 0.0.1 ------------------------------------------------- */

static int read_hashedrekord_signature(const struct json_node *node,
                                       struct rekor_entry *out, struct err *err)
{
	static const char *const known[] = { "content", "publicKey", NULL };
	static const char *const key_known[] = { "content", NULL };
	struct json_node key = json_member(node, "publicKey");

	if (json_require_object(node, known, err) < 0 ||
	    read_bytes(out, node, "content", &out->signature, err) < 0 ||
	    json_require_object(&key, key_known, err) < 0)
		return -1;
	return read_bytes(out, &key, "content", &out->verifier, err);
}

static int read_hashedrekord_1(const struct json_node *spec,
                               struct rekor_entry *out, struct err *err)
{
	static const char *const known[] = { "data", "signature", NULL };
	static const char *const data_known[] = { "hash", NULL };
	struct json_node data = json_member(spec, "data");
	struct json_node hash = json_member(&data, "hash");
	struct json_node signature = json_member(spec, "signature");

	if (json_require_object(spec, known, err) < 0 ||
	    json_require_object(&data, data_known, err) < 0 ||
	    read_hex_digest(&hash, &out->digest, err) < 0)
		return -1;
	return read_hashedrekord_signature(&signature, out, err);
}

/* --- dsse 0.0.1 --------------------------------------------------------- */

static int read_dsse_1(const struct json_node *spec, struct rekor_entry *out,
                       struct err *err)
{
	static const char *const known[] = { "envelopeHash", "payloadHash",
		                             "signatures", NULL };
	static const char *const each_known[] = { "signature", "verifier",
		                                  NULL };
	struct json_node envelope_hash = json_member(spec, "envelopeHash");
	struct json_node payload_hash = json_member(spec, "payloadHash");
	struct json_node list = json_member(spec, "signatures");
	struct typed_digest of_upload; /* of a text that nobody has any more */
	struct json_node only;

	if (json_require_object(spec, known, err) < 0 ||
	    read_hex_digest(&envelope_hash, &of_upload, err) < 0 ||
	    read_sha256(&payload_hash, &out->digest, err) < 0 ||
	    take_only(&list, &only, err) < 0 ||
	    json_require_object(&only, each_known, err) < 0 ||
	    read_bytes(out, &only, "signature", &out->signature, err) < 0)
		return -1;
	return read_bytes(out, &only, "verifier", &out->verifier, err);
}

/* --- intoto 0.0.2 ------------------------------------------------------- */

/* Rekor takes the base64 of the envelope for the signature, and encodes it. */
static int decode_again(struct rekor_entry *out, const struct json_node *only,
                        struct err *err)
{
	struct json_node sig = json_member(only, "sig");
	uint8_t *room = out->document.bytes + out->document.used;
	struct bytes once = out->signature;
	size_t len = 0;

	if (BASE64_DECODED_MAX(once.len) >
	    out->document.size - out->document.used)
		return json_refuse(&sig, ERR_INTERNAL, err, "decoded twice");
	if (base64_decode((const char *)once.data, once.len, room, &len, err) <
	            0 ||
	    len == 0)
		return json_refuse(&sig, ERR_FORMAT, err,
		                   "not base64 of base64");
	out->document.used += len;
	out->signature = (struct bytes){ room, len };
	return 0;
}

static int read_intoto_envelope(const struct json_node *envelope,
                                struct rekor_entry *out, struct err *err)
{
	static const char *const known[] = { "payload", "payloadType",
		                             "signatures", NULL };
	static const char *const each_known[] = { "sig", "keyid", "publicKey",
		                                  NULL };
	struct json_node list = json_member(envelope, "signatures");
	struct json_node only;

	if (json_require_object(envelope, known, err) < 0 ||
	    take_only(&list, &only, err) < 0 ||
	    json_require_object(&only, each_known, err) < 0 ||
	    read_bytes(out, &only, "publicKey", &out->verifier, err) < 0 ||
	    read_bytes(out, &only, "sig", &out->signature, err) < 0)
		return -1;
	return decode_again(out, &only, err);
}

static int read_intoto_2(const struct json_node *spec, struct rekor_entry *out,
                         struct err *err)
{
	static const char *const known[] = { "content", NULL };
	static const char *const content_known[] = { "envelope", "hash",
		                                     "payloadHash", NULL };
	struct json_node content = json_member(spec, "content");
	struct json_node envelope = json_member(&content, "envelope");
	struct json_node payload_hash = json_member(&content, "payloadHash");

	if (json_require_object(spec, known, err) < 0 ||
	    json_require_object(&content, content_known, err) < 0 ||
	    read_sha256(&payload_hash, &out->digest, err) < 0)
		return -1;
	return read_intoto_envelope(&envelope, out, err);
}

/* --- hashedrekord 0.0.2 ------------------------------------------------- */

static int read_verifier(const struct json_node *node, struct rekor_entry *out,
                         struct err *err)
{
	static const char *const known[] = { "keyDetails", "publicKey",
		                             "x509Certificate", NULL };
	static const char *const raw_known[] = { "rawBytes", NULL };
	struct json_node details = json_member(node, "keyDetails");
	struct json_node key = json_member(node, "publicKey");
	struct json_node certificate = json_member(node, "x509Certificate");
	bool has_key = json_is_present(&key);
	const struct json_node *one = has_key ? &key : &certificate;

	if (json_require_object(node, known, err) < 0 ||
	    json_require_text(&details, &out->key_details, err) < 0)
		return -1;
	if (has_key == json_is_present(&certificate))
		return json_refuse(node, ERR_FORMAT, err,
		                   "not exactly one of publicKey and "
		                   "x509Certificate");
	out->verifier_type = has_key ? REKOR_PUBLIC_KEY : REKOR_CERTIFICATE;
	if (json_require_object(one, raw_known, err) < 0)
		return -1;
	return read_bytes(out, one, "rawBytes", &out->verifier, err);
}

static int read_hashedrekord_2(const struct json_node *spec,
                               struct rekor_entry *out, struct err *err)
{
	static const char *const known[] = { "hashedRekordV002", NULL };
	static const char *const record_known[] = { "data", "signature", NULL };
	static const char *const signature_known[] = { "content", "verifier",
		                                       NULL };
	struct json_node record = json_member(spec, "hashedRekordV002");
	struct json_node data = json_member(&record, "data");
	struct json_node signature = json_member(&record, "signature");
	struct json_node verifier = json_member(&signature, "verifier");

	if (json_require_object(spec, known, err) < 0 ||
	    json_require_object(&record, record_known, err) < 0 ||
	    digest_read(&data, &out->digest, err) < 0 ||
	    json_require_object(&signature, signature_known, err) < 0 ||
	    read_bytes(out, &signature, "content", &out->signature, err) < 0)
		return -1;
	return read_verifier(&verifier, out, err);
}

/* --- all kinds ---------------------------------------------------------- */

static const struct kind {
	const char *kind, *version;
	enum rekor_kind value;
	read_spec_fn *read_spec;
} kinds[] = {
	{ "hashedrekord", "0.0.1", REKOR_HASHEDREKORD_1, read_hashedrekord_1 },
	{ "dsse", "0.0.1", REKOR_DSSE_1, read_dsse_1 },
	{ "intoto", "0.0.2", REKOR_INTOTO_2, read_intoto_2 },
	{ "hashedrekord", "0.0.2", REKOR_HASHEDREKORD_2, read_hashedrekord_2 },
};

static const struct kind *find_kind(const char *kind, const char *version)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kind, kinds[i].kind) == 0 &&
		    strcmp(version, kinds[i].version) == 0)
			return &kinds[i];
	return NULL;
}

static int require_same(const struct json_node *node, const char *want,
                        struct err *err)
{
	const char *text = "";

	if (json_require_text(node, &text, err) < 0)
		return -1;
	if (strcmp(text, want) != 0)
		return json_refuse(node, ERR_FORMAT, err,
		                   "'%.40s'; the bundle's kindVersion says "
		                   "'%.40s'",
		                   text, want);
	return 0;
}

static int read_entry(struct rekor_entry *entry, const struct kind *kind,
                      struct err *err)
{
	static const char *const known[] = { "apiVersion", "kind", "spec",
		                             NULL };
	struct json_node top = json_top(&entry->document);
	struct json_node name = json_member(&top, "kind");
	struct json_node version = json_member(&top, "apiVersion");
	struct json_node spec = json_member(&top, "spec");

	if (json_require_object(&top, known, err) < 0 ||
	    require_same(&name, kind->kind, err) < 0 ||
	    require_same(&version, kind->version, err) < 0)
		return -1;
	entry->kind = kind->value;
	entry->key_details = "";
	return kind->read_spec(&spec, entry, err);
}

int rekor_entry_parse(struct bytes body, const char *kind, const char *version,
                      struct rekor_entry *out, struct err *err)
{
	AUTO_REKOR_ENTRY struct rekor_entry entry = REKOR_ENTRY_NONE;
	const struct kind *known = find_kind(kind, version);

	if (known == NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "log entries of kind '%.40s' version '%.40s' "
		               "are not known here",
		               kind, version);
	if (json_read((const char *)body.data, body.len, REKOR_ENTRY_MAX,
	              &entry.document, err) < 0 ||
	    read_entry(&entry, known, err) < 0)
		return err_wrap(err, "reading the body of a log entry");
	*out = entry;
	entry = REKOR_ENTRY_NONE;
	return 0;
}

void rekor_entry_done(struct rekor_entry *entry)
{
	json_document_done(&entry->document);
	*entry = REKOR_ENTRY_NONE;
}
