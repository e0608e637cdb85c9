/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/dsse.h"

#include <string.h>

static int read_signature(struct json_document *document,
                          const struct json_node *node,
                          struct dsse_signature *out, struct err *err)
{
	static const char *const known[] = { "sig", "keyid", NULL };
	struct json_node sig = json_member(node, "sig");
	struct json_node key_id = json_member(node, "keyid");

	if (json_require_object(node, known, err) < 0 ||
	    json_require_bytes(document, &sig, &out->signature, err) < 0)
		return -1;
	return json_get_text(&key_id, &out->key_id, err);
}

static int read_signatures(struct json_document *document,
                           const struct json_node *list,
                           struct dsse_envelope *out, struct err *err)
{
	if (json_get_list(list, DSSE_SIGNATURES_MAX, &out->signature_count,
	                  err) < 0)
		return -1;
	if (out->signature_count == 0)
		return json_refuse(list, ERR_FORMAT, err, "no signature");
	for (size_t i = 0; i < out->signature_count; i++) {
		struct json_node node = json_element(list, i);

		if (read_signature(document, &node, &out->signatures[i], err) <
		    0)
			return -1;
	}
	return 0;
}

static int read_type(const struct json_node *node, const char **out,
                     struct err *err)
{
	if (json_require_text(node, out, err) < 0)
		return -1;
	if (strlen(*out) > DSSE_TYPE_MAX)
		return json_refuse(node, ERR_LIMIT, err,
		                   "%zu bytes; at most %d", strlen(*out),
		                   DSSE_TYPE_MAX);
	return 0;
}

int dsse_read(struct json_document *document, const struct json_node *node,
              struct dsse_envelope *out, struct err *err)
{
	static const char *const known[] = { "payload", "payloadType",
		                             "signatures", NULL };
	struct json_node payload = json_member(node, "payload");
	struct json_node type = json_member(node, "payloadType");
	struct json_node signatures = json_member(node, "signatures");
	struct dsse_envelope read = { .payload_type = "" };

	if (json_require_object(node, known, err) < 0 ||
	    read_type(&type, &read.payload_type, err) < 0 ||
	    json_require_bytes(document, &payload, &read.payload, err) < 0 ||
	    read_signatures(document, &signatures, &read, err) < 0)
		return -1;
	*out = read;
	return 0;
}

int dsse_parse(const char *text, size_t len, struct dsse_file *out,
               struct err *err)
{
	AUTO_DSSE struct dsse_file file = DSSE_FILE_NONE;
	struct json_node top;

	if (json_read(text, len, JSON_READ_MAX, &file.document, err) < 0)
		return err_wrap(err, "reading a DSSE envelope");
	top = json_top(&file.document);
	if (dsse_read(&file.document, &top, &file.envelope, err) < 0)
		return err_wrap(err, "reading a DSSE envelope");
	*out = file;
	file = DSSE_FILE_NONE;
	return 0;
}

void dsse_file_done(struct dsse_file *file)
{
	json_document_done(&file->document);
	*file = DSSE_FILE_NONE;
}

int dsse_pae(const char *payload_type, struct bytes payload, struct buf *out,
             struct err *err)
{
	if (buf_printf(out, err, "DSSEv1 %zu %s %zu ", strlen(payload_type),
	               payload_type, payload.len) < 0)
		return -1;
	return buf_add(out, payload.data, payload.len, err);
}
