/* SPDX-License-Identifier: Apache-2.0 */
/* release.ini, the signed description of a release.  The grammar is that of
 * docs/bundle-format.md; parse and write are exact inverses. */
#ifndef CODEC_RELEASE_INI_H
#define CODEC_RELEASE_INI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/name.h"
#include "codec/part.h"

#define RELEASE_INI_MAX    ((size_t)64 * 1024) /* bytes */
#define RELEASE_VALUE_SIZE 192 /* bytes of a value, with the NUL */
#define RELEASE_LINKS_MAX  64
#define RELEASE_INFO_MAX   64
#define SEQUENCE_MAX       (((uint64_t)1 << 53) - 1)
#define DIGEST_LEN         PART_DIGEST_LEN

/* "<app> <version> sequence <sequence>", with the NUL. */
#define RELEASE_COMMENT_SIZE                                                   \
	(APP_SIZE + VERSION_SIZE + sizeof " sequence " + 16)

struct part_pin {
	bool is_present;
	uint64_t size; /* bytes */
	uint8_t sha256[DIGEST_LEN];
};

/* payload.patch-<id>: not kept with the others, for it is told apart by id. */
struct release_patch {
	uint64_t id; /* crypto/patch_id.h */
	struct part_pin pin;
};

struct release_info {
	char key[65];
	char value[RELEASE_VALUE_SIZE];
};

/* Texts are NUL-terminated; "" and 0 mean that the key is absent, where the
 * format allows that. */
struct release_ini {
	char app[APP_SIZE];
	char version[VERSION_SIZE];
	uint64_t sequence;
	int64_t created; /* seconds since 1970, 0 to TAR_OCTAL_MAX */
	char platform[PLATFORM_SIZE];

	char repository[RELEASE_VALUE_SIZE];
	char revision[RELEASE_VALUE_SIZE];

	char architecture[17];
	unsigned kernel_major, kernel_minor; /* both 0: none required */
	uint64_t memory;                     /* bytes */
	uint64_t disk;                       /* bytes */

	uint64_t entries;
	uint64_t bytes;    /* of all files */
	uint64_t tar_size; /* bytes, uncompressed */
	uint8_t tar_sha256[DIGEST_LEN];
	char encoder[RELEASE_VALUE_SIZE];
	char profile[RELEASE_VALUE_SIZE]; /* path in the payload */

	char links[RELEASE_LINKS_MAX][RELEASE_VALUE_SIZE]; /* patterns */
	size_t link_count;

	/* only pinned kinds are used, and not PART_PATCH */
	struct part_pin parts[PART_KINDS];

	struct release_patch patches[PART_PATCHES_MAX]; /* ids ascend */
	size_t patch_count;

	struct release_info info[RELEASE_INFO_MAX];
	size_t info_count;
};

/**
 * release_ini_parse - read a release.ini.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT naming the line, or ERR_LIMIT.
 */
int release_ini_parse(const char *text, size_t len, struct release_ini *out,
                      struct err *err) MUST_CHECK;

/**
 * release_ini_write - append the canonical text to @out.
 *
 * Returns 0, or -1 with ERR_USAGE when a field is not what the format allows
 * (so that nothing can be written that would not be read), or as buf_add.
 */
int release_ini_write(const struct release_ini *in, struct buf *out,
                      struct err *err) MUST_CHECK;

/** release_ini_pin - the pin of @part; NULL where release.ini does not list
 * it. */
const struct part_pin *release_ini_pin(const struct release_ini *in,
                                       struct part part);

/** release_ini_comment - the trusted comment that its signatures bear. */
void release_ini_comment(const struct release_ini *in,
                         char out[RELEASE_COMMENT_SIZE]);

#endif
