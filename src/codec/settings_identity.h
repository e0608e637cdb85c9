/* SPDX-License-Identifier: Apache-2.0 */
/* Sections [identity NAME] and [trusted_root NAME] of an app's configuration:
 * whose certificates count, and what evidence each trust root demands.
 * trust/identity.h matches them. */
#ifndef CODEC_SETTINGS_IDENTITY_H
#define CODEC_SETTINGS_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/ini.h"
#include "codec/name.h"

#define IDENTITY_VALUE_SIZE 200 /* bytes of a value, with the NUL */
#define IDENTITIES_MAX      64  /* one bit each in a verdict's mask */
#define ROOTS_MAX           16

enum identity_field {
	IDENTITY_ISSUER,  /* always exact */
	IDENTITY_SUBJECT, /* the rest: exact, or a pattern (text_pattern) */
	IDENTITY_REPOSITORY,
	IDENTITY_WORKFLOW,
	IDENTITY_REF,
	IDENTITY_SOURCE_REPOSITORY,
	IDENTITY_SOURCE_REF,
	IDENTITY_RUNNER_ENVIRONMENT,
	IDENTITY_BUILDER_ID,
	IDENTITY_TRIGGER,
	IDENTITY_SOURCE_OWNER_ID,
	IDENTITY_SOURCE_REPOSITORY_ID,
	IDENTITY_FIELDS
};

/* [identity NAME]: an issuer and either a subject or a repository. */
struct settings_identity {
	char name[KEY_NAME_SIZE];
	char text[IDENTITY_FIELDS][IDENTITY_VALUE_SIZE]; /* "": not asked */
	uint64_t max_sequence; /* SEQUENCE_MAX where there is no limit */
};

/* What a trust root demands of evidence.  A verified time is always needed. */
enum root_evidence {
	ROOT_LOG = 1,       /* a transparency log entry */
	ROOT_TIMESTAMP = 2, /* an RFC 3161 timestamp */
	ROOT_SCT = 4        /* an embedded SCT */
};

/* [trusted_root NAME]; [trusted_root] without a name is "". */
struct settings_root {
	char name[KEY_NAME_SIZE]; /* of NAME.trusted_root.json */
	unsigned require;         /* enum root_evidence, or-ed */
};

/** identity_field_name - its key, as "source_ref". */
const char *identity_field_name(enum identity_field field);

/**
 * settings_take_identity - read one item of a section [identity NAME].
 * @name: of the section, checked already.
 * Returns 0, or -1 with ERR_USAGE.
 */
int settings_take_identity(struct settings_identity *identity,
                           const struct ini_item *item,
                           struct err *err) MUST_CHECK;

/**
 * settings_check_identity - that its fields make one identity.
 *
 * An issuer; a subject or a repository, not both; workflow and ref only with a
 * repository, source_repository and source_ref only with a subject; repository
 * is OWNER/REPO, and only for the issuers of GitHub; a workflow of another
 * repository names its ref.
 * Returns 0, or -1 with ERR_USAGE that names section and key.
 */
int settings_check_identity(const struct settings_identity *identity,
                            struct err *err) MUST_CHECK;

/**
 * settings_take_root - read one item of a section [trusted_root NAME].
 * Returns 0, or -1 with ERR_USAGE.
 */
int settings_take_root(struct settings_root *root, const struct ini_item *item,
                       struct err *err) MUST_CHECK;

/**
 * settings_take_set - read words with commas between them.
 * @names: the words, in the order of their bits from 1 up; ends with NULL.
 * @out:   the bits; written only on 0, and never 0.
 * Returns 0, or -1 with ERR_USAGE for an unknown or repeated word.
 */
int settings_take_set(const char *value, const char *const *names,
                      unsigned *out, struct err *err) MUST_CHECK;

#endif
