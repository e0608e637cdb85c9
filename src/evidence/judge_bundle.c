/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "codec/sigstore_bundle.h"
#include "evidence/judging.h"
#include "sigstore/verify.h"
#include "trust/identity.h"

/* --- what a verified bundle comes to --- */

/* Verdicts hold only text that can be shown. */
static int take_text(const char *what, const char *text, char out[CLAIM_SIZE],
                     struct err *err)
{
	size_t len = strlen(text);

	if (!text_is_printable(text, len))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "the %s of its certificate is not printable",
		               what);
	return text_copy(out, CLAIM_SIZE, text, len, err);
}

int judging_note_owner(const struct judging *judging,
                       const struct sigstore_result *result,
                       struct evidence_verdict *out, struct err *err)
{
	const struct statement *statement = result->content == SIGSTORE_ENVELOPE
	                                            ? &result->statement
	                                            : NULL;

	if (take_text("subject", result->claims.text[CLAIM_SUBJECT],
	              out->subject, err) < 0 ||
	    take_text("issuer", result->claims.text[CLAIM_ISSUER], out->issuer,
	              err) < 0 ||
	    identity_find(judging->given->settings, &result->claims, statement,
	                  &out->identities, out->reason, err) < 0)
		return -1;
	if (result->time_count > 0) {
		out->has_time = 1;
		out->time = result->times[0].seconds;
	}
	if (result->place_count > 0) {
		out->has_log = 1;
		out->log_index = result->places[0].index;
	}
	return 0;
}

static void note_content(const struct sigstore_result *result,
                         struct evidence_verdict *out)
{
	out->kind = VERDICT_MESSAGE;
	if (result->content != SIGSTORE_ENVELOPE)
		return;
	out->kind = VERDICT_ATTESTATION;
	out->is_provenance = result->statement.is_provenance ? 1 : 0;
}

/* --- the kinds of bundles --- */

static int verify_certificate(const struct judging *judging,
                              const struct sigstore_bundle *bundle,
                              struct evidence_verdict *out, struct err *err)
{
	AUTO_SIGSTORE_RESULT struct sigstore_result result =
		SIGSTORE_RESULT_NONE;
	const struct sigstore_request request = {
		.bundle = bundle,
		.artifact = judging->given->release_ini,
		.trusts = judging->roots.list,
		.trust_count = judging->roots.count,
	};

	if (judging->roots.count == 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "it is signed by a certificate, and the trust "
		               "folder has no trusted_root.json");
	if (sigstore_verify(&request, &result, err) < 0 ||
	    judging_note_owner(judging, &result, out, err) < 0)
		return -1;
	note_content(&result, out);
	return 0;
}

/* An attestation; a hint says nothing that can be relied on, so that each key
 * is tried. */
static int try_keys(const struct judging *judging,
                    const struct sigstore_bundle *bundle,
                    struct evidence_verdict *out, struct err *err)
{
	const struct evidence_case *given = judging->given;
	struct err wrong;

	(void)err_set(&wrong, ERR_UNTRUSTED, 0,
	              "it is signed by a key, and the trust folder has no "
	              "NAME.pem");
	for (size_t i = 0; i < given->cosign_key_count; i++) {
		AUTO_SIGSTORE_RESULT struct sigstore_result result =
			SIGSTORE_RESULT_NONE;
		const struct sigstore_request request = {
			.bundle = bundle,
			.artifact = given->release_ini,
			.key = given->cosign_keys[i],
		};

		if (sigstore_verify(&request, &result, &wrong) < 0)
			continue;
		note_content(&result, out);
		out->cosign_keys |= (uint64_t)1 << i;
	}
	if (out->cosign_keys != 0)
		return 0;
	*err = wrong;
	return -1;
}

/* What the bundle says of the message's digest; nothing is verified by it. */
static int check_digest(const struct judging *judging,
                        const struct sigstore_bundle *bundle, struct err *err)
{
	const struct typed_digest *digest = &bundle->digest;

	if (!bundle->has_digest || digest->type != DIGEST_SHA256 ||
	    memcmp(digest->data, judging->sha256, SHA256_LEN) == 0)
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "messageDigest is not the SHA-256 of release.ini");
}

static int take_signature(const struct judging *judging,
                          const struct sigstore_bundle *bundle,
                          struct evidence_verdict *out, struct err *err)
{
	if (check_digest(judging, bundle, err) < 0)
		return -1;
	if (bundle->signature.len > sizeof out->signature)
		return err_set(err, ERR_LIMIT, 0,
		               "its signature has %zu bytes, above the %zu "
		               "allowed",
		               bundle->signature.len, sizeof out->signature);
	out->kind = VERDICT_SIGNATURE;
	out->signature_len = (uint32_t)bundle->signature.len;
	memcpy(out->signature, bundle->signature.data, bundle->signature.len);
	return 0;
}

int judging_bundle(const struct judging *judging, struct bytes text,
                   struct evidence_verdict *out, struct err *err)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;

	if (sigstore_bundle_parse((const char *)text.data, text.len, &bundle,
	                          err) < 0)
		return -1;
	if (bundle.material == SIGSTORE_CERTIFICATE)
		return verify_certificate(judging, &bundle, out, err);
	if (bundle.content == SIGSTORE_MESSAGE)
		return take_signature(judging, &bundle, out, err);
	return try_keys(judging, &bundle, out, err);
}
