/* SPDX-License-Identifier: Apache-2.0 */
/* Writing in-toto statements: the payload of an attestation.  The same values
 * give the same bytes.
 *
 * Sources: https://in-toto.io/Statement/v1, https://slsa.dev/provenance/v1,
 * https://cyclonedx.org/bom and https://spdx.dev/Document (in-toto's list of
 * predicates).  docs/signing.md has our build type with all its fields. */
#ifndef CODEC_STATEMENT_WRITE_H
#define CODEC_STATEMENT_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "codec/release_ini.h"
#include "codec/statement.h"

#define PREDICATE_CYCLONEDX    "https://cyclonedx.org/bom"
#define PREDICATE_SPDX         "https://spdx.dev/Document"
#define BUILD_TYPE             "urn:tidegate:package-release:1"
#define BUILD_PAIRS_MAX        32
#define BUILD_DEPENDENCIES_MAX 64

/* Texts below are borrowed, UTF-8 and NUL-terminated; NULL: not known, and
 * left out. */

/* What a statement is about. */
struct attested_part {
	const char *name;
	uint8_t sha256[DIGEST_LEN];
};

struct attested {
	struct attested_part parts[PART_KINDS];
	size_t count; /* at least 1 */
};

struct build_pair {
	const char *name, *value;
};

struct build_pairs {
	struct build_pair at[BUILD_PAIRS_MAX];
	size_t count;
};

/* Something that went into the build. */
struct build_dependency {
	const char *uri;
	const char *algorithm, *digest; /* "gitCommit", "sha256"; lower hex */
};

struct build_facts {
	const char *app, *version, *platform;
	/* The description that CI ran: where it lies, under which ref. */
	const char *repository, *ref, *path;
	struct build_pairs parameters; /* the caller's own */
	const char *system;            /* "github", "gitlab" */
	struct build_pairs internal;   /* what that system says besides */
	struct build_dependency dependencies[BUILD_DEPENDENCIES_MAX];
	size_t dependency_count;
	const char *builder; /* URI; never NULL: SLSA demands it */
	const char *invocation;
	const char *started, *finished; /* RFC 3339 */
};

/**
 * statement_write_provenance - append a statement with SLSA provenance v1.
 * Returns 0, or -1 with ERR_INTERNAL without app, version or builder, or as
 * buf_add; then @out may hold a part.
 */
int statement_write_provenance(const struct attested *attested,
                               const struct build_facts *build, struct buf *out,
                               struct err *err) MUST_CHECK;

/**
 * statement_write_predicate - append a statement around a document.
 * @type:          its predicateType.
 * @json, @len:    one valid JSON value, taken as it stands; the caller vouches.
 */
int statement_write_predicate(const struct attested *attested, const char *type,
                              const char *json, size_t len, struct buf *out,
                              struct err *err) MUST_CHECK;

/**
 * statement_restate - append a statement that says of @attested what another
 * one says of its subjects.
 * @text: that one, which statement_parse takes; its predicate keeps its members
 *        and their order.
 *
 * Returns 0, or -1 as json_read, with ERR_FORMAT where it has no predicate, or
 * as buf_add; then @out may hold a part.
 */
int statement_restate(const struct attested *attested, struct bytes text,
                      struct buf *out, struct err *err) MUST_CHECK;

#endif
