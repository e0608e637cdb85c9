/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a bundle: their kinds, names, order and largest sizes.  One
 * table in part.c, as in docs/bundle-format.md. */
#ifndef CODEC_PART_H
#define CODEC_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PART_NAME_SIZE    48 /* bytes of the longest part name, with the NUL */
#define PART_SIGNERS_MAX  32 /* further minisign signatures */
#define PART_SIGSTORE_MAX 32
#define PART_PATCHES_MAX  4 /* old releases that one can be made from */

#define PART_DIGEST_LEN   32 /* bytes of a SHA-256 */

/* In the order in which they stand in a bundle. */
enum part_kind {
	PART_RELEASE_INI,
	PART_MINISIG,         /* the first signer */
	PART_MINISIG_FURTHER, /* told apart by key id */
	PART_SIGSTORE,        /* told apart by number */
	PART_PROFILE_ENV,
	PART_SBOM,
	PART_MTREE,
	PART_INDEX,
	PART_SHA256,
	PART_ATTESTATION,
	PART_PACKED, /* small pinned parts once more, for the way to a host */
	PART_PAYLOAD,
	PART_PATCH, /* payload from an old one; told apart by its id; beside a
	             * bundle, never in it */
	PART_KINDS
};

/* One part: its kind and, for the repeated kinds, which one. */
struct part {
	enum part_kind kind;
	uint64_t id; /* key id, number or a patch's id; 0 for the others */
};

/**
 * part_parse - which part has this file name.
 * Returns true with @out written, false for any other name.
 */
bool part_parse(const char *name, size_t len, struct part *out);

/** part_name - write the file name of @part to @out. */
void part_name(struct part part, char out[PART_NAME_SIZE]);

/** part_max_size - the largest size of a part of this kind, in bytes. */
uint64_t part_max_size(enum part_kind kind);

/** part_max_count - how many parts of this kind a bundle may hold. */
unsigned part_max_count(enum part_kind kind);

/** part_is_pinned - whether release.ini lists it with size and digest. */
bool part_is_pinned(enum part_kind kind);

/** part_is_kept - whether a host takes and keeps it beside release.ini and its
 * evidence: not PART_PACKED, which it has when it has the others, no
 * PART_PATCH, and the payload only where it is told to. */
bool part_is_kept(enum part_kind kind);

/** part_is_required - whether a bundle without it is refused. */
bool part_is_required(enum part_kind kind);

/** part_is_minisign - whether it is a minisign signature, first or further. */
bool part_is_minisign(enum part_kind kind);

/** part_compare - their order in a bundle, as memcmp gives it. */
int part_compare(struct part a, struct part b);

/** part_compare_judging - the order in which a host takes them, as memcmp gives
 * it: release.ini, all evidence on it, then what release.ini pins; within each
 * of these, the order in a bundle. */
int part_compare_judging(struct part a, struct part b);

#endif
