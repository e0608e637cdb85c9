/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/simple_signing.h"

#include <string.h>

#include "codec/json_read.h"
#include "codec/oci_reference.h"

#define TYPE "cosign container image signature"

_Static_assert(SIMPLE_SIGNING_DIGEST_LEN == OCI_DIGEST_LEN,
               "an image has another digest than its signature");

static int check_type(const struct json_node *critical, struct err *err)
{
	struct json_node type = json_member(critical, "type");
	const char *text = "";

	if (json_require_text(&type, &text, err) < 0)
		return -1;
	if (strcmp(text, TYPE) != 0)
		return json_refuse(&type, ERR_FORMAT, err,
		                   "'%.80s' is not '" TYPE "'", text);
	return 0;
}

/* Who the image was for when it was signed: shape alone. */
static int check_identity(const struct json_node *critical, struct err *err)
{
	static const char *const known[] = { "docker-reference", NULL };
	struct json_node identity = json_member(critical, "identity");
	struct json_node reference = json_member(&identity, "docker-reference");
	const char *text;

	if (json_require_object(&identity, known, err) < 0)
		return -1;
	return json_get_text(&reference, &text, err);
}

static int read_digest(const struct json_node *critical,
                       uint8_t out[SIMPLE_SIGNING_DIGEST_LEN], struct err *err)
{
	static const char *const known[] = { "docker-manifest-digest", NULL };
	struct json_node image = json_member(critical, "image");
	struct json_node digest = json_member(&image, "docker-manifest-digest");
	const char *text = "";

	if (json_require_object(&image, known, err) < 0 ||
	    json_require_text(&digest, &text, err) < 0)
		return -1;
	if (!oci_digest_parse(text, strlen(text), out))
		return json_refuse(&digest, ERR_FORMAT, err,
		                   "'%.80s' is not sha256: and 64 lower-case "
		                   "hex digits",
		                   text);
	return 0;
}

static int read_payload(const struct json_node *top,
                        uint8_t out[SIMPLE_SIGNING_DIGEST_LEN], struct err *err)
{
	static const char *const known[] = { "critical", "optional", NULL };
	static const char *const critical_known[] = { "identity", "image",
		                                      "type", NULL };
	struct json_node critical = json_member(top, "critical");
	struct json_node optional = json_member(top, "optional");

	if (json_require_object(top, known, err) < 0 ||
	    json_require_object(&critical, critical_known, err) < 0 ||
	    (json_is_present(&optional) &&
	     json_require_object(&optional, NULL, err) < 0) ||
	    check_type(&critical, err) < 0 ||
	    check_identity(&critical, err) < 0)
		return -1;
	return read_digest(&critical, out, err);
}

int simple_signing_parse(const char *text, size_t len,
                         uint8_t digest[SIMPLE_SIGNING_DIGEST_LEN],
                         struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct json_node top;

	if (json_read(text, len, SIMPLE_SIGNING_MAX, &document, err) < 0)
		return -1;
	top = json_top(&document);
	return read_payload(&top, digest, err);
}
