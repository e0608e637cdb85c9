/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/sigstore_write.h"

#include "codec/base64.h"
#include "codec/json_write.h"

#define BUNDLE_TYPE "application/vnd.dev.sigstore.bundle.v0.3+json"

/* Base64 has no character that JSON escapes. */
static int write_bytes(struct json_writer *json, const char *name,
                       struct bytes value, struct err *err)
{
	if (json_raw(json, name, "\"", 1, err) < 0 ||
	    base64_add(json->out, value.data, value.len, err) < 0)
		return -1;
	return buf_adds(json->out, "\"", err);
}

/* All before the content. */
static int open_bundle(struct json_writer *json, const uint8_t *key_id,
                       struct err *err)
{
	const struct bytes hint = { key_id, SIGSTORE_KEY_ID_LEN };

	if (json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "mediaType", BUNDLE_TYPE, err) < 0 ||
	    json_open_object(json, "verificationMaterial", err) < 0 ||
	    json_open_object(json, "publicKey", err) < 0 ||
	    write_bytes(json, "hint", hint, err) < 0 ||
	    json_close(json, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_digest(struct json_writer *json, const uint8_t *sha256,
                        struct err *err)
{
	const struct bytes value = { sha256, SIGSTORE_DIGEST_LEN };

	if (json_open_object(json, "messageDigest", err) < 0 ||
	    json_text(json, "algorithm", "SHA2_256", err) < 0 ||
	    write_bytes(json, "digest", value, err) < 0)
		return -1;
	return json_close(json, err);
}

int sigstore_write_message(const uint8_t *key_id, const uint8_t *sha256,
                           struct bytes signature, struct buf *out,
                           struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (open_bundle(&json, key_id, err) < 0 ||
	    json_open_object(&json, "messageSignature", err) < 0 ||
	    write_digest(&json, sha256, err) < 0 ||
	    write_bytes(&json, "signature", signature, err) < 0 ||
	    json_close(&json, err) < 0)
		return -1;
	return json_close(&json, err);
}

/* The members of an envelope, and its end. */
static int write_envelope(struct json_writer *json, const char *payload_type,
                          struct bytes payload, const char *key_id,
                          struct bytes signature, struct err *err)
{
	if (write_bytes(json, "payload", payload, err) < 0 ||
	    json_text(json, "payloadType", payload_type, err) < 0 ||
	    json_open_array(json, "signatures", err) < 0 ||
	    json_open_object(json, NULL, err) < 0 ||
	    write_bytes(json, "sig", signature, err) < 0)
		return -1;
	if (key_id != NULL && json_text(json, "keyid", key_id, err) < 0)
		return -1;
	if (json_close(json, err) < 0 || json_close(json, err) < 0)
		return -1;
	return json_close(json, err);
}

int sigstore_write_envelope(const uint8_t *key_id, const char *payload_type,
                            struct bytes payload, struct bytes signature,
                            struct buf *out, struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (open_bundle(&json, key_id, err) < 0 ||
	    json_open_object(&json, "dsseEnvelope", err) < 0 ||
	    write_envelope(&json, payload_type, payload, NULL, signature, err) <
	            0)
		return -1;
	return json_close(&json, err);
}

int dsse_write(const char *payload_type, struct bytes payload,
               const char *key_id, struct bytes signature, struct buf *out,
               struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0)
		return -1;
	return write_envelope(&json, payload_type, payload, key_id, signature,
	                      err);
}
