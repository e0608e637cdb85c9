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
 *     [lockfile = <SHA-256 of the lockfile that pinned it>]
 *     [by = <who ran the install>]
 *
 *     [[signers]
 *     <16 lower-case hex digits> = <name of the host's key>[ <64 hex digits>]]
 *     [[cosign_signers]
 *     <SHA-256 of the key's SPKI> = <name of the host's key>]
 *     [[identities]
 *     <name of the host's identity> = <subject of the certificate>]
 *     [[evidence]
 *     <part, or attestation.intoto.jsonl.<line>> = <time>|-[ log <index>]]
 *
 * There is one signer at least; each kind ascends.  Behind the name of a
 * minisign key stands the key itself, which receipts of older versions lack. */
#ifndef CODEC_RECEIPT_H
#define CODEC_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/name.h"
#include "codec/part.h"
#include "codec/release_ini.h"
#include "codec/signer.h"
#include "codec/verdict.h"

#define RECEIPT_MAX           ((size_t)64 * 1024) /* bytes of the text */
#define RECEIPT_SOURCE_SIZE   181                 /* bytes, with the NUL */
#define RECEIPT_LOCKFILE_SIZE 65                  /* bytes, with the NUL */
#define RECEIPT_BY_SIZE       65                  /* bytes, with the NUL */

/* A piece of Sigstore evidence that counted. */
struct receipt_evidence {
	char name[VERDICT_NAME_SIZE]; /* verdict_name */
	bool has_time, has_log;
	int64_t time; /* seconds since 1970; when a witness saw it */
	uint64_t log_index;
};

/* "" where a text is absent.  Large: about 40 KiB. */
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
	char lockfile[RECEIPT_LOCKFILE_SIZE]; /* hex digits */
	char by[RECEIPT_BY_SIZE];

	struct signer signers[SIGNERS_MAX]; /* sorted */
	size_t signer_count;                /* at least 1 */

	struct receipt_evidence evidence[VERDICTS_MAX];
	size_t evidence_count;
};

/**
 * receipt_parse - read a receipt.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT naming the line, ERR_LIMIT or ERR_SYSTEM.
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

#endif
