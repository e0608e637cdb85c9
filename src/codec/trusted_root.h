/* SPDX-License-Identifier: Apache-2.0 */
/* trusted_root.json of Sigstore: which logs, certificate authorities and
 * timestamp authorities a host trusts, and when.  Bytes in, values out: keys
 * and certificates stay raw, so that one that cannot be used disables only its
 * own log.  Source: sigstore_trustroot.proto of
 * https://github.com/sigstore/protobuf-specs. */
#ifndef CODEC_TRUSTED_ROOT_H
#define CODEC_TRUSTED_ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/instant.h"
#include "codec/json_read.h"

#define TRUSTED_ROOT_FILE_MAX    ((size_t)1 << 20) /* bytes of the file */
#define TRUSTED_ROOTS_MAX        8                 /* in one file */
#define TRUSTED_LOGS_MAX         32 /* of each of the two kinds */
#define TRUSTED_AUTHORITIES_MAX  32 /* of each of the two kinds */
#define TRUSTED_CERTIFICATES_MAX 10 /* in a chain */

/* A transparency log (Rekor) or a certificate transparency log. */
struct trusted_log {
	const char *base_url;       /* "" where absent; may lack its scheme */
	const char *hash_algorithm; /* "SHA2_256"; "" where absent */
	const char *key_details;    /* "PKIX_ECDSA_P256_SHA_256"; any text */
	struct bytes key;           /* DER SubjectPublicKeyInfo, or PKCS#1 where
	                             * key_details says so; never empty */
	struct bytes id;            /* logId.keyId; never empty */
	struct bytes checkpoint_id; /* checkpointKeyId.keyId; len 0: none */
	struct period valid; /* its end is that of time where none is named */
};

/* A certificate authority or a timestamp authority: leaf or intermediates
 * first, the anchor last. */
struct trusted_authority {
	const char *organization, *common_name, *uri; /* "" where absent */
	struct bytes certificates[TRUSTED_CERTIFICATES_MAX]; /* DER */
	size_t certificate_count;                            /* at least 1 */
	struct period valid; /* its end is that of time where none is named */
};

/* One root; pointers lead into the document. */
struct trusted_root {
	struct json_document document; /* owned */
	struct trusted_log logs[TRUSTED_LOGS_MAX];
	size_t log_count;
	struct trusted_log ct_logs[TRUSTED_LOGS_MAX];
	size_t ct_log_count;
	struct trusted_authority authorities[TRUSTED_AUTHORITIES_MAX];
	size_t authority_count;
	struct trusted_authority timestampers[TRUSTED_AUTHORITIES_MAX];
	size_t timestamper_count;
};

/* What one file holds. */
struct trusted_roots {
	struct trusted_root *roots; /* owned */
	size_t count;               /* at least 1 once it was read */
};

#define TRUSTED_ROOTS_NONE ((struct trusted_roots){ NULL, 0 })
#define AUTO_TRUSTED_ROOTS AUTO(trusted_roots_done)

/**
 * trusted_roots_parse - read a trusted_root.json, or the lines of
 * `gh attestation trusted-root`: one root, or several, one behind the other.
 * @out: written only on 0; to be released with trusted_roots_done.  It points
 *       into memory of its own, never into @text.
 *
 * Refuses a media type but "application/vnd.dev.sigstore.trustedroot+json;
 * version=0.1" (in one piece), "application/vnd.dev.sigstore.trustedroot.
 * v0.1+json" and "...v0.2+json"; unknown members; a log or authority without
 * validFor.start, or with an end before it; a file without any root; a root
 * without any log and authority.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the root and the field,
 * or ERR_SYSTEM (memory).
 */
int trusted_roots_parse(const char *text, size_t len, struct trusted_roots *out,
                        struct err *err) MUST_CHECK;

/** trusted_roots_done - release them. */
void trusted_roots_done(struct trusted_roots *roots);

#endif
