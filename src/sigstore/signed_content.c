/* SPDX-License-Identifier: Apache-2.0 */
#include "sigstore/signed_content.h"

#include <string.h>

#include "codec/dsse.h"
#include "crypto/sha512.h"

void signed_content_done(struct signed_content *content)
{
	buf_done(&content->pae);
	statement_done(&content->statement);
}

/* --- reading ---------------------------------------------------------------
 */

static int read_envelope(const struct dsse_envelope *envelope, struct buf *pae,
                         struct err *err)
{
	if (strcmp(envelope->payload_type, DSSE_TYPE_INTOTO) != 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "dsseEnvelope: payloadType is '%s', not '%s'",
		               envelope->payload_type, DSSE_TYPE_INTOTO);
	return dsse_pae(envelope->payload_type, envelope->payload, pae, err);
}

int signed_content_read(const struct sigstore_bundle *bundle,
                        struct bytes artifact, const uint8_t *sha256,
                        struct signed_content *out, struct err *err)
{
	out->bundle = bundle;
	out->artifact = artifact;
	if (sha256 != NULL)
		memcpy(out->sha256, sha256, SHA256_LEN);
	else if (sha256_of(artifact.data, artifact.len, out->sha256, err) < 0)
		return -1;
	if (bundle->content == SIGSTORE_ENVELOPE)
		return read_envelope(&bundle->envelope, &out->pae, err);
	return 0;
}

/* --- digests ---------------------------------------------------------------
 */

int signed_content_is_digest_of(const struct typed_digest *digest,
                                struct bytes data, struct err *err)
{
	struct typed_digest made = { .type = digest->type };
	int result = -1;

	switch (digest->type) {
	case DIGEST_SHA256:
		result = sha256_of(data.data, data.len, made.data, err);
		break;
	case DIGEST_SHA384:
		result = sha384_of(data, made.data, err);
		break;
	case DIGEST_SHA512:
		result = sha512_of(data, made.data, err);
		break;
	}
	return result < 0 ? -1 : digest_equal(digest, &made);
}

int signed_content_is_artifact(const struct signed_content *content,
                               const struct typed_digest *digest,
                               struct err *err)
{
	if (digest->type == DIGEST_SHA256)
		return memcmp(digest->data, content->sha256, SHA256_LEN) == 0;
	if (content->artifact.data == NULL)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "a digest of another kind than SHA-256 needs "
		               "the artifact itself");
	return signed_content_is_digest_of(digest, content->artifact, err);
}

/* --- the signature
 * --------------------------------------------------------- */

/* Nothing authenticates the digest of a message; one that is wrong or missing
 * says that something is mixed up. */
static int check_message_digest(const struct signed_content *content,
                                struct err *err)
{
	int is_same;

	if (!content->bundle->has_digest)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "messageSignature.messageDigest is missing");
	is_same = signed_content_is_artifact(content, &content->bundle->digest,
	                                     err);
	if (is_same < 0)
		return err_wrap(err, "messageSignature.messageDigest");
	if (is_same == 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "messageSignature.messageDigest is not the "
		               "artifact's digest");
	return 0;
}

/* Sigstore's clients sign messages with Ed25519ph, where they are logged;
 * cosign with a key, without a log, takes the pure kind.  Neither passes for
 * the other. */
static int verify_ed25519(const struct signed_content *content,
                          const struct public_key *key, struct err *err)
{
	struct bytes signature = content->bundle->signature;

	if (public_key_verify_ed25519ph(key, content->artifact, signature,
	                                err) == 0)
		return 0;
	return public_key_verify(key, content->artifact, signature, err);
}

static int verify_message(const struct signed_content *content,
                          const struct public_key *key, struct err *err)
{
	struct bytes signature = content->bundle->signature;

	switch (key->type) {
	case PUBLIC_KEY_ED25519:
		if (content->artifact.data != NULL)
			return verify_ed25519(content, key, err);
		break;
	case PUBLIC_KEY_P384:
	case PUBLIC_KEY_P521:
		if (content->artifact.data != NULL)
			return public_key_verify(key, content->artifact,
			                         signature, err);
		break;
	case PUBLIC_KEY_P256:
	case PUBLIC_KEY_RSA:
		break; /* sign the SHA-256, which is there already */
	}
	return public_key_verify_digest(key, content->sha256, signature, err);
}

int signed_content_verify(const struct signed_content *content,
                          const struct public_key *key, struct err *err)
{
	struct bytes pae = { (const uint8_t *)content->pae.data,
		             content->pae.len };

	if (content->bundle->content == SIGSTORE_ENVELOPE) {
		if (public_key_verify(key, pae, content->bundle->signature,
		                      err) < 0)
			return err_wrap(err, "signature of dsseEnvelope");
		return 0;
	}
	if (check_message_digest(content, err) < 0)
		return -1;
	if (verify_message(content, key, err) < 0)
		return err_wrap(err, "signature of the artifact");
	return 0;
}

/* --- subjects --------------------------------------------------------------
 */

static int require_subject(const struct signed_content *content,
                           struct err *err)
{
	bool has_artifact = content->artifact.data != NULL;
	uint8_t sha512[SHA512_LEN];

	if (has_artifact && sha512_of(content->artifact, sha512, err) < 0)
		return -1;
	if (statement_find(&content->statement, content->sha256,
	                   has_artifact ? sha512 : NULL) != NULL)
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "no subject of the statement is the artifact%s",
	               has_artifact ? ""
	                            : " (a subject without SHA-256 needs the "
	                              "artifact itself)");
}

int signed_content_subject(struct signed_content *content, struct err *err)
{
	const struct bytes *payload = &content->bundle->envelope.payload;

	if (content->bundle->content == SIGSTORE_MESSAGE)
		return 0;
	/* Several roots may be tried; the statement is the same. */
	statement_done(&content->statement);
	content->statement = STATEMENT_NONE;
	if (statement_parse((const char *)payload->data, payload->len,
	                    &content->statement, err) < 0)
		return err_wrap(err, "statement of dsseEnvelope");
	return require_subject(content, err);
}
