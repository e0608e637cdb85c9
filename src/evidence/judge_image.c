/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "codec/oci_reference.h"
#include "codec/sigstore_bundle.h"
#include "codec/simple_signing.h"
#include "codec/statement.h"
#include "evidence/judging.h"

/* --- what was signed is about the image ----------------------------------- */

static int check_payload(const struct judging *judging, struct bytes payload,
                         struct err *err)
{
	uint8_t digest[SIMPLE_SIGNING_DIGEST_LEN];
	char text[OCI_DIGEST_SIZE];

	if (simple_signing_parse((const char *)payload.data, payload.len,
	                         digest, err) < 0)
		return err_wrap(err, "the payload that is signed");
	if (memcmp(digest, judging->sha256, sizeof digest) == 0)
		return 0;
	oci_digest_text(digest, text);
	return err_set(err, ERR_UNTRUSTED, 0, "it is about another image, %s",
	               text);
}

/* That the image is among the subjects, sigstore_verify has found. */
static int check_predicate(const struct statement *statement, struct err *err)
{
	const char *type = statement->predicate_type;

	if (statement->is_provenance ||
	    strcmp(type, PREDICATE_COSIGN_SIGN) == 0)
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "it is an attestation of '%.80s', and no signature",
	               type);
}

/* Comes after the signature: what nobody vouches for is not looked into. */
static int check_content(const struct judging *judging,
                         const struct evidence_piece *piece,
                         const struct sigstore_result *result,
                         struct evidence_verdict *out, struct err *err)
{
	int got = result->content == SIGSTORE_ENVELOPE
	                  ? check_predicate(&result->statement, err)
	                  : check_payload(judging, piece->payload, err);

	if (got < 0)
		return -1;
	out->kind = VERDICT_ATTESTATION;
	out->is_provenance = result->statement.is_provenance ? 1 : 0;
	return 0;
}

/* --- who signed ----------------------------------------------------------- */

static int verify_by_owner(const struct judging *judging,
                           const struct evidence_piece *piece,
                           struct sigstore_request *request,
                           struct evidence_verdict *out, struct err *err)
{
	AUTO_SIGSTORE_RESULT struct sigstore_result result =
		SIGSTORE_RESULT_NONE;

	if (judging->roots.count == 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "it is signed by a certificate, and the trust "
		               "folder has no trusted_root.json");
	request->trusts = judging->roots.list;
	request->trust_count = judging->roots.count;
	if (sigstore_verify(request, &result, err) < 0 ||
	    check_content(judging, piece, &result, out, err) < 0)
		return -1;
	return judging_note_owner(judging, &result, out, err);
}

/* With one of the keys; nothing authenticates a hint, so that each is tried. */
static int verify_by_key(const struct judging *judging,
                         const struct evidence_piece *piece,
                         struct sigstore_request *request,
                         struct evidence_verdict *out, struct err *err)
{
	const struct evidence_case *given = judging->given;

	(void)err_set(err, ERR_UNTRUSTED, 0,
	              "it is signed by a key, and none is trusted for images");
	for (size_t i = 0; i < given->cosign_key_count; i++) {
		AUTO_SIGSTORE_RESULT struct sigstore_result result =
			SIGSTORE_RESULT_NONE;

		request->key = given->cosign_keys[i];
		if (sigstore_verify(request, &result, err) < 0)
			continue;
		if (check_content(judging, piece, &result, out, err) < 0)
			return -1;
		out->cosign_keys |= (uint64_t)1 << i;
	}
	return out->cosign_keys != 0 ? 0 : -1;
}

/* A message comes with what it signs, an envelope holds it. */
static int fill_artifact(const struct judging *judging,
                         const struct evidence_piece *piece,
                         struct sigstore_request *request, struct err *err)
{
	bool is_message = request->bundle->content == SIGSTORE_MESSAGE;

	if (is_message != (piece->payload.len > 0))
		return err_set(err, ERR_FORMAT, 0,
		               is_message ? "what it signs is missing"
		                          : "an envelope with a payload beside "
		                            "it");
	if (is_message)
		request->artifact = piece->payload;
	else
		request->sha256 = judging->sha256;
	return 0;
}

int judging_image(const struct judging *judging,
                  const struct evidence_piece *piece,
                  struct evidence_verdict *out, struct err *err)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	struct sigstore_request request = { .bundle = &bundle };

	if (sigstore_bundle_parse((const char *)piece->bytes.data,
	                          piece->bytes.len, &bundle, err) < 0 ||
	    fill_artifact(judging, piece, &request, err) < 0)
		return -1;
	if (bundle.material == SIGSTORE_CERTIFICATE)
		return verify_by_owner(judging, piece, &request, out, err);
	return verify_by_key(judging, piece, &request, out, err);
}
