/* SPDX-License-Identifier: Apache-2.0 */
/* var/lib/tidegate/.spool/<app>.part: a payload while it is fetched, bytes at
 * their places, holes where none came yet.  It outlives a run that is killed,
 * so that the next one fetches only what lacks.  Whose payload it is, and which
 * of it is whole, nobody notes: the digests of its members tell.
 *
 * A patch lies behind the payload's place, and behind it its SHA-256, for it
 * has one digest for all: that tells which patch was begun, and the first hole
 * how far it came.  Both are hints, and wrong ones cost the patch. */
#ifndef STORE_SPOOL_H
#define STORE_SPOOL_H

#include <stdbool.h>

#include "base/err.h"
#include "codec/part.h"

/* Bytes before the first hole that may be none of the patch: a block of the
 * file system that was written in part. */
#define SPOOL_TORN ((uint64_t)64 * 1024)

/* Openings in a row that may find another file at the name once they have the
 * lock; each means that another run ended just then. */
#define SPOOL_TRIES 8

/**
 * spool_open - open the app's spool for this run alone; made if there is none.
 * @root:     the folder that var lies in.
 * @is_begun: out, whether bytes of an earlier run are in it.
 *
 * Returns a descriptor the caller owns, for reading and writing, locked as long
 * as it is open, and still the one that has the name; or -1 with ERR_LOCKED
 * while another run has it, ERR_UNTRUSTED where others could write to the
 * folder, ERR_FORMAT for something else than a file in its place, ERR_SYSTEM.
 */
int spool_open(int root, const char *app, bool *is_begun,
               struct err *err) MUST_CHECK;

/** spool_peek - look at it without touching anything: a descriptor for reading
 * that the caller owns, or -1 with ERR_SYSTEM (ENOENT: there is none). */
int spool_peek(int root, const char *app, struct err *err) MUST_CHECK;

/* A patch in a spool. */
struct spool_patch {
	uint64_t at;           /* where it begins */
	uint64_t size;         /* of all of it */
	const uint8_t *sha256; /* PART_DIGEST_LEN bytes, borrowed */
};

/** spool_patch_end - how large a spool with it is. */
uint64_t spool_patch_end(const struct spool_patch *patch);

/** spool_note_patch - write down that this patch is begun, in a spool of that
 * size.  0, or -1 with ERR_SYSTEM. */
int spool_note_patch(int spool, const struct spool_patch *patch,
                     struct err *err) MUST_CHECK;

/** spool_begun_patch - how many bytes of it an earlier run has left, from its
 * first on; always fewer than it has.  0 also for a spool without this patch,
 * one that cannot be read, and -1. */
uint64_t spool_begun_patch(int spool, const struct spool_patch *patch);

/** spool_remove - remove it, while its lock is held; 0 also when there is none.
 */
int spool_remove(int root, const char *app, struct err *err) MUST_CHECK;

#endif
