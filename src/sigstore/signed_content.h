/* SPDX-License-Identifier: Apache-2.0 */
/* What a bundle's signature covers, and what that is about: the artifact, or an
 * attestation with subjects. */
#ifndef SIGSTORE_SIGNED_CONTENT_H
#define SIGSTORE_SIGNED_CONTENT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "codec/digest.h"
#include "codec/sigstore_bundle.h"
#include "codec/statement.h"
#include "crypto/public_key.h"
#include "crypto/sha256.h"

struct signed_content {
	const struct sigstore_bundle *bundle; /* borrowed */
	struct bytes artifact;      /* borrowed; no data where unknown */
	uint8_t sha256[SHA256_LEN]; /* of the artifact */
	struct buf pae;             /* owned; of an envelope */
	struct statement statement; /* owned; of an envelope */
};

#define SIGNED_CONTENT_NONE                                                    \
	((struct signed_content){ .pae = BUF_NONE,                             \
	                          .statement = STATEMENT_NONE })
#define AUTO_SIGNED_CONTENT AUTO(signed_content_done)

/** signed_content_done - release the memory. */
void signed_content_done(struct signed_content *content);

/**
 * signed_content_read - prepare what the signature covers.
 * @artifact, @sha256: as in struct sigstore_request.
 * @out: is SIGNED_CONTENT_NONE; to be released also after -1.
 *
 * Nothing is parsed that is not authenticated yet.  Returns 0; -1 with
 * ERR_UNTRUSTED for an envelope of another type, or ERR_SYSTEM.
 */
int signed_content_read(const struct sigstore_bundle *bundle,
                        struct bytes artifact, const uint8_t *sha256,
                        struct signed_content *out, struct err *err) MUST_CHECK;

/**
 * signed_content_verify - whether @key made the bundle's signature.
 *
 * The algorithm is the key's; Ed25519 signs an envelope as it is (pure) and a
 * message by its SHA-512 (Ed25519ph) or, as cosign without a log, as it is. The
 * messageDigest is not used, but must be there and be the artifact's.  Returns
 * 0, or -1 as public_key_verify.
 */
int signed_content_verify(const struct signed_content *content,
                          const struct public_key *key,
                          struct err *err) MUST_CHECK;

/**
 * signed_content_subject - that the content is about the artifact: of a
 * message, it is; of an attestation, whose signature must have been verified,
 * read the statement and require a subject whose digests are the artifact's.
 *
 * Returns 0; -1 with ERR_UNTRUSTED, or as statement_parse.
 */
int signed_content_subject(struct signed_content *content,
                           struct err *err) MUST_CHECK;

/**
 * signed_content_is_digest_of - whether @digest is that of @data.
 * Returns 1 or 0, or -1 with ERR_SYSTEM.
 */
int signed_content_is_digest_of(const struct typed_digest *digest,
                                struct bytes data, struct err *err) MUST_CHECK;

/** signed_content_is_artifact - the same for the artifact; -1 with
 * ERR_UNTRUSTED where only its SHA-256 is known and @digest is another. */
int signed_content_is_artifact(const struct signed_content *content,
                               const struct typed_digest *digest,
                               struct err *err) MUST_CHECK;

#endif
