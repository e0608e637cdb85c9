/* SPDX-License-Identifier: Apache-2.0 */
/* receipt.ini: what this host verified when it installed a release, and by
 * which of its keys.  Written last into packages/<version>, canonical INI:
 *
 *     format = 1
 *
 *     [release]
 *     app = <name>
 *     version = <version>
 *     sequence = <number>
 *     created = <time>
 *     [platform = <os>/<arch>]
 *     release_sha256 = <digest of release.ini>
 *     [profile = <path of profile.env in the payload>]
 *
 *     [install]
 *     installed = <time>
 *     [source = <where the bundle came from>]
 *     [by = <who ran the install>]
 *
 *     [signers]
 *     <16 lower-case hex digits> = <name of the host's key>
 *
 * The signers ascend by key id. */
#ifndef CODEC_RECEIPT_H
#define CODEC_RECEIPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/name.h"
#include "codec/part.h"
#include "codec/release_ini.h"

#define RECEIPT_MAX         ((size_t)16 * 1024) /* bytes of the text */
#define RECEIPT_SOURCE_SIZE 181                 /* bytes, with the NUL */
#define RECEIPT_BY_SIZE     65                  /* bytes, with the NUL */
#define RECEIPT_SIGNERS_MAX (1 + PART_SIGNERS_MAX)

struct receipt_signer {
	uint64_t id;
	char key[KEY_NAME_SIZE]; /* what the host calls the key */
};

/* "" where a text is absent. */
struct receipt {
	char app[APP_SIZE];
	char version[VERSION_SIZE];
	uint64_t sequence;
	int64_t created; /* seconds since 1970, as signed */
	char platform[PLATFORM_SIZE];
	uint8_t release_sha256[DIGEST_LEN];
	char profile[RELEASE_VALUE_SIZE];

	int64_t installed; /* seconds since 1970, by the host's clock */
	char source[RECEIPT_SOURCE_SIZE];
	char by[RECEIPT_BY_SIZE];

	struct receipt_signer signers[RECEIPT_SIGNERS_MAX];
	size_t signer_count; /* at least 1 */
};

/**
 * receipt_parse - read a receipt.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT naming the line, or ERR_LIMIT.
 */
int receipt_parse(const char *text, size_t len, struct receipt *out,
                  struct err *err) MUST_CHECK;

/**
 * receipt_write - append the text to @out.
 *
 * Returns 0, or -1 with ERR_USAGE for what receipt_parse would refuse, or as
 * buf_add; @out is then as before.
 */
int receipt_write(const struct receipt *in, struct buf *out,
                  struct err *err) MUST_CHECK;

/**
 * receipt_set_source - set source from a text of any length and bytes: what is
 * no printable UTF-8, and ';', becomes '?', and it is cut to what fits.
 */
void receipt_set_source(struct receipt *receipt, const char *text);

/** receipt_add_signer - insert a signer in its place.
 * Returns 0, or -1 with ERR_LIMIT, or ERR_CONFLICT when the id is there. */
int receipt_add_signer(struct receipt *receipt, uint64_t id, const char *key,
                       struct err *err) MUST_CHECK;

#endif
