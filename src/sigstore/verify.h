/* SPDX-License-Identifier: Apache-2.0 */
/* The verification of a Sigstore bundle, offline and without a clock.
 *
 * In this order, each step for itself and none skipped because something is
 * absent: log entries, verified times, the certificate's path at each of these
 * times, its SCT, the signature, the identity.  What the root demands (trust.h)
 * decides which evidence may be missing; the bundle never does.  A log entry of
 * a known log that is wrong is an error also where none is demanded, and so are
 * timestamps of which none verifies.
 *
 * Source: https://github.com/sigstore/architecture-docs/blob/main/
 * client-spec.md, sections 4.2 to 4.5; docs/sigstore.md says it for users. */
#ifndef SIGSTORE_VERIFY_H
#define SIGSTORE_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/claims.h"
#include "codec/sigstore_bundle.h"
#include "codec/statement.h"
#include "crypto/public_key.h"
#include "crypto/sha256.h"
#include "sigstore/trust.h"

/* Verified times: one of each log entry and of each timestamp. */
#define SIGSTORE_TIMES_MAX (SIGSTORE_ENTRIES_MAX + SIGSTORE_TIMESTAMPS_MAX)

/* What to verify.  Everything is borrowed; NULL or 0 where not mentioned as
 * optional is ERR_USAGE. */
struct sigstore_request {
	const struct sigstore_bundle *bundle;

	/* The artifact, of any size; or, with no data, only its SHA-256.  Keys
	 * that sign another hash, and subjects that are named by SHA-512 alone,
	 * need the artifact. */
	struct bytes artifact;
	const uint8_t *sha256; /* SHA256_LEN bytes; NULL with an artifact */

	/* Who may have signed: a key of the caller's, for bundles that name a
	 * key; without one (NULL) only bundles with a certificate pass. */
	const struct public_key *key;
	/* For certificates: the exact SAN and the exact issuer.  Both or
	 * neither; NULL means that any owner passes, and the caller judges the
	 * claims of the result. */
	const char *identity;
	const char *issuer;

	/* One or more roots; the bundle must satisfy one of them wholly.  With
	 * a key none is needed: then log entries and timestamps count for
	 * nothing, and the result lists none. */
	const struct sigstore_trust *const *trusts;
	size_t trust_count;
};

enum sigstore_time_source { SIGSTORE_TIME_LOG, SIGSTORE_TIME_STAMP };

/* When a witness saw the signature. */
struct sigstore_time {
	enum sigstore_time_source source;
	int64_t seconds; /* since 1970 UTC */
};

/* Where it was logged. */
struct sigstore_place {
	uint8_t log_id[SIGSTORE_LOG_ID_LEN];
	/* Over all trees of the log where it promised one; else in its tree. */
	uint64_t index;
	int64_t integrated; /* seconds; -1 where the log promised no time */
};

/* What was verified.  Only sigstore_verify makes one. */
struct sigstore_result {
	enum sigstore_content content; /* an envelope is an attestation */
	uint8_t digest[SHA256_LEN];    /* of the artifact */

	bool is_by_key;
	uint8_t key_id[SHA256_LEN]; /* SHA-256 of its SPKI; zero otherwise */
	struct claims claims;       /* of the certificate; empty for a key */

	struct sigstore_time times[SIGSTORE_TIMES_MAX];
	size_t time_count; /* at least 1 for a certificate */
	struct sigstore_place places[SIGSTORE_ENTRIES_MAX];
	size_t place_count;
	size_t trust; /* index of the root; 0 where there was none */

	struct statement statement; /* owned; STATEMENT_NONE of a message */
};

#define SIGSTORE_RESULT_NONE                                                   \
	((struct sigstore_result){ .statement = STATEMENT_NONE })
#define AUTO_SIGSTORE_RESULT AUTO(sigstore_result_done)

/** sigstore_result_done - release the memory; may be called again. */
void sigstore_result_done(struct sigstore_result *result);

/**
 * sigstore_verify - verify a bundle.
 * @out: written only on 0, by one line of the program; free it with
 *       sigstore_result_done.
 *
 * An attestation must have a subject with the artifact's SHA-256, or with its
 * SHA-512 where the artifact itself is given.
 *
 * Returns 0, or -1 with ERR_UNTRUSTED naming the check that failed, ERR_FORMAT
 * for a part of the bundle that can't be read, ERR_LIMIT for one that is too
 * large, ERR_USAGE for a request that makes no sense, or ERR_SYSTEM.  Of
 * several roots the error is that of the one that let the bundle furthest.
 */
int sigstore_verify(const struct sigstore_request *request,
                    struct sigstore_result *out, struct err *err) MUST_CHECK;

#endif
