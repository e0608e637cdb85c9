/* SPDX-License-Identifier: Apache-2.0 */
/* in-toto statements (the payload of an attestation): which artifacts, by their
 * digests, and what is said of them.  Of predicates only SLSA provenance v1 is
 * looked into, and there only what policy compares.  Sources:
 * https://github.com/in-toto/attestation/tree/main/spec/v1,
 * https://slsa.dev/spec/v1.0/provenance and
 * https://actions.github.io/buildtypes/workflow/v1. */
#ifndef CODEC_STATEMENT_H
#define CODEC_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/json_read.h"

#define STATEMENT_SUBJECTS_MAX     1024
#define STATEMENT_DIGESTS_MAX      32 /* of one subject */
#define STATEMENT_DEPENDENCIES_MAX 1024

#define STATEMENT_TYPE_V0_1        "https://in-toto.io/Statement/v0.1"
#define STATEMENT_TYPE_V1          "https://in-toto.io/Statement/v1"
#define PREDICATE_SLSA_V1          "https://slsa.dev/provenance/v1"
#define PREDICATE_COSIGN_SIGN      "https://sigstore.dev/cosign/sign/v1"

/* One artifact.  Digests of other kinds (sha1, gitCommit...) are passed over,
 * so that a subject may have neither of these. */
struct statement_subject {
	const char *name; /* "" where absent */
	bool has_sha256, has_sha512;
	uint8_t sha256[32];
	uint8_t sha512[64];
};

/* What SLSA provenance v1 says; "" where it does not speak.  These are texts of
 * a signer: they may hold control characters. */
struct provenance {
	const char *build_type;
	const char *builder_id;          /* runDetails.builder.id */
	const char *invocation_id;       /* runDetails.metadata.invocationId */
	const char *workflow_ref;        /* externalParameters.workflow.ref */
	const char *workflow_repository; /* .repository */
	const char *workflow_path;       /* .path */
	const char *event_name;          /* internalParameters.github.* */
	const char *repository_id;
	const char *repository_owner_id;
	const char *runner_environment;
	/* digest.gitCommit of the dependency whose uri is
	 * "git+" workflow_repository, or that and "@..."; without a
	 * workflow_repository, of the first dependency that has one. */
	const char *git_commit;
};

/* Texts lead into the document. */
struct statement {
	struct json_document document;      /* owned */
	struct statement_subject *subjects; /* owned */
	size_t subject_count;               /* at least 1 */
	const char *predicate_type;         /* never "" */
	bool is_provenance;                 /* SLSA provenance v1 */
	struct provenance provenance;       /* else all "" */
};

#define STATEMENT_NONE ((struct statement){ .document = JSON_DOCUMENT_NONE })
#define AUTO_STATEMENT AUTO(statement_done)

/**
 * statement_parse - read a statement (at most JSON_READ_MAX bytes).
 * @out: written only on 0; to be released with statement_done.
 *
 * Members that it does not know are allowed everywhere, as in-toto demands;
 * those it knows must have their type.  SHA-256 and SHA-512 are lower-case hex.
 * Two commits of the same repository are refused.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the field.
 */
int statement_parse(const char *text, size_t len, struct statement *out,
                    struct err *err) MUST_CHECK;

/** statement_done - release it. */
void statement_done(struct statement *statement);

/**
 * statement_find - the first subject that is an artifact, or NULL.
 * @sha256: of it.
 * @sha512: the same; NULL where it is not known, and is not compared then.
 *
 * A subject that names the artifact by one digest and something else by the
 * other is not the artifact.
 */
const struct statement_subject *
statement_find(const struct statement *statement, const uint8_t *sha256,
               const uint8_t *sha512);

#endif
