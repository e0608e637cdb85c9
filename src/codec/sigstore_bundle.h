/* SPDX-License-Identifier: Apache-2.0 */
/* Sigstore bundles, versions 0.1 to 0.3: one text -> what it says.  The shape
 * is checked here, nothing is verified, and no certificate, key, log entry or
 * timestamp is looked into.  Source: sigstore_bundle.proto of
 * https://github.com/sigstore/protobuf-specs, and client-spec of
 * https://github.com/sigstore/architecture-docs.
 *
 * What the versions demand:
 *
 *            key material                    each log entry holds
 *     0.1    publicKey | chain               the promise
 *     0.2    publicKey | chain               the proof with its checkpoint
 *     0.3    publicKey | certificate         the proof with its checkpoint
 *
 * Exactly one key material and exactly one of messageSignature and
 * dsseEnvelope; an envelope has exactly one signature.  Unknown members and the
 * snake_case spellings of members are refused. */
#ifndef CODEC_SIGSTORE_BUNDLE_H
#define CODEC_SIGSTORE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/digest.h"
#include "codec/dsse.h"
#include "codec/json_read.h"

#define SIGSTORE_BUNDLE_MAX       ((size_t)4 << 20) /* bytes of the text */
#define SIGSTORE_ENTRIES_MAX      32
#define SIGSTORE_TIMESTAMPS_MAX   32
#define SIGSTORE_CERTIFICATES_MAX 10 /* in a chain, the leaf included */
#define SIGSTORE_HASHES_MAX       63 /* of a proof: no tree is higher */
#define SIGSTORE_LOG_ID_LEN       32
#define SIGSTORE_HASH_LEN         32

enum sigstore_version { SIGSTORE_V0_1, SIGSTORE_V0_2, SIGSTORE_V0_3 };

/* What the signature is to be checked with. */
enum sigstore_material {
	SIGSTORE_CERTIFICATE, /* certificates[0], and in 0.1 and 0.2 helpers */
	SIGSTORE_PUBLIC_KEY,  /* a key that the verifier must have; hint only */
};

enum sigstore_content { SIGSTORE_MESSAGE, SIGSTORE_ENVELOPE };

/* That an entry is in the tree of a log.  Indexes and sizes are at most
 * INT64_MAX. */
struct sigstore_proof {
	uint64_t log_index; /* in that tree: below tree_size */
	uint64_t tree_size;
	uint8_t root_hash[SIGSTORE_HASH_LEN];
	const uint8_t (*hashes)[SIGSTORE_HASH_LEN]; /* leaf to root */
	size_t hash_count;      /* at most SIGSTORE_HASHES_MAX */
	const char *checkpoint; /* a signed note (checkpoint.h); "": none */
};

/* One transparency log entry. */
struct sigstore_log_entry {
	uint64_t log_index; /* over all trees of the log; at most INT64_MAX */
	uint8_t log_id[SIGSTORE_LOG_ID_LEN];
	const char *kind, *version; /* "hashedrekord", "0.0.1"; never "" */
	int64_t integrated_time;    /* seconds since 1970; 0: none.  Worth
	                             * something only with a verified promise */
	struct bytes promise;       /* signed entry timestamp; len 0: none */
	bool has_proof;
	struct sigstore_proof proof; /* all 0 or "" without */
	struct bytes body;           /* canonicalizedBody; never empty */
	/* The same as its base64 text, which a promise covers. */
	const char *body_base64;
};

/* All pointers lead into the document. */
struct sigstore_bundle {
	struct json_document document; /* owned */
	enum sigstore_version version;

	enum sigstore_material material;
	struct bytes certificates[SIGSTORE_CERTIFICATES_MAX]; /* DER */
	size_t certificate_count; /* of SIGSTORE_CERTIFICATE: at least 1 */
	const char *hint;         /* of SIGSTORE_PUBLIC_KEY; "": none.  Nothing
	                           * authenticates it */

	struct sigstore_log_entry entries[SIGSTORE_ENTRIES_MAX];
	size_t entry_count;
	struct bytes timestamps[SIGSTORE_TIMESTAMPS_MAX]; /* DER TimeStampResp,
	                                                   * never empty */
	size_t timestamp_count;

	enum sigstore_content content;
	/* The bytes that log entries and timestamps are bound to: the message's
	 * signature, or the only one of the envelope. */
	struct bytes signature;
	/* Of SIGSTORE_MESSAGE.  Never to be verified with; where it is there
	 * it must equal the artifact's. */
	bool has_digest;
	struct typed_digest digest;
	/* Of SIGSTORE_ENVELOPE. */
	struct dsse_envelope envelope;
};

#define SIGSTORE_BUNDLE_NONE                                                   \
	((struct sigstore_bundle){ .document = JSON_DOCUMENT_NONE })
#define AUTO_SIGSTORE AUTO(sigstore_bundle_done)

/**
 * sigstore_bundle_parse - read a bundle.
 * @out: written only on 0; to be released with sigstore_bundle_done.  It points
 *       into memory of its own, never into @text, and may be moved.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT, naming the field and the check
 * ("verificationMaterial.tlogEntries[2].logIndex: ..."), or ERR_SYSTEM
 * (memory).
 */
int sigstore_bundle_parse(const char *text, size_t len,
                          struct sigstore_bundle *out,
                          struct err *err) MUST_CHECK;

/** sigstore_bundle_done - release it; what points into it is gone. */
void sigstore_bundle_done(struct sigstore_bundle *bundle);

#endif
