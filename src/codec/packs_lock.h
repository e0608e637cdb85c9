/* SPDX-License-Identifier: Apache-2.0 */
/* packs.lock.json: what one publication put where, so that others fetch exactly
 * that.  "digest" is always the manifest's.
 *
 *     { "schema": "tidegate.lock/1",
 *       "version": "1.2.3", "generated_at": "2026-01-02T03:04:05Z",
 *       "git_sha": "<40 hex>", "dirty": false, "dry_run": false,
 *       "registry": "ghcr.io", "org": "acme", "repo": "packs",
 *       "packs": [ { "name", "version", "file", "size", "sha256",
 *                    "release_sha256", "media_type", "artifact_type",
 *                    "oci_ref", "digest", "expected_digest", "manifest_size",
 *                    "created_at", "locations": [...], "tags": [...],
 *                    "referrers": [ { "artifact_type", "digest" } ] } ] }
 *
 * Written: sorted by name, two blanks a level, a newline at the end, members
 * in this order, those without a value left out; no clock is looked at, so that
 * the same inputs give the same bytes.  A dry run has "digest": "DRY_RUN" and
 * its digest in expected_digest; packs that are not of it may be pinned beside
 * it.  Members that are not ours stay, behind ours.
 *
 * Read, besides: the three shapes that were in use before.
 *     A  {version, generated_at, git_sha, registry, org, repo,
 *         packs: [{name, file, oci_ref, digest}]}
 *     B  {packs: [{name, file, ref, digest, built_at}]}
 *     C  {packs: [{name, file, digest[, ref, built_at]}], generated_at,
 * git_sha} Their digest may be "DRY_RUN", and "" or absent where nothing was
 * pushed. */
#ifndef CODEC_PACKS_LOCK_H
#define CODEC_PACKS_LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/json_read.h"
#include "codec/oci_reference.h"

#define PACKS_LOCK_FILE          "packs.lock.json"
#define PACKS_LOCK_SCHEMA        "tidegate.lock/1"
#define PACKS_LOCK_MAX           JSON_READ_MAX /* bytes */
#define PACKS_LOCK_PACKS_MAX     2048
#define PACKS_LOCK_TAGS_MAX      16 /* of one pack; so the next two */
#define PACKS_LOCK_LOCATIONS_MAX 16
#define PACKS_LOCK_REFERRERS_MAX 64
#define PACKS_LOCK_TEXT_MAX      1024 /* bytes of any text */
#define PACKS_LOCK_SIZE_MAX      (((uint64_t)1 << 53) - 1)
#define PACKS_LOCK_SHA256_LEN    32

enum packs_lock_shape {
	PACKS_LOCK_OURS,   /* what we write */
	PACKS_LOCK_SEED,   /* A */
	PACKS_LOCK_SCRIPT, /* B and C */
};

/* What "digest" says. */
enum packs_lock_state {
	PACKS_LOCK_UNKNOWN, /* absent or "": it was never pushed */
	PACKS_LOCK_DRY_RUN,
	PACKS_LOCK_PINNED,
};

struct packs_lock_digest {
	bool is_set;
	uint8_t sha256[PACKS_LOCK_SHA256_LEN];
};

struct packs_lock_referrer {
	const char *artifact_type;
	uint8_t digest[OCI_DIGEST_LEN];
};

/* One package.  Texts are printable, and "" where nothing is said; borrowed. */
struct packs_lock_pack {
	const char *name;                 /* never ""; of a bundle, its app */
	const char *version;              /* "": that of the lockfile */
	const char *file;                 /* relative to the lockfile */
	uint64_t size;                    /* of file; 0: not said */
	struct packs_lock_digest sha256;  /* of file */
	struct packs_lock_digest release; /* of release.ini, of a bundle: what
	                                   * install-package --locked holds on
	                                   * to */
	const char *media_type, *artifact_type;
	const char *oci_ref; /* "registry/repository:tag"; "" where it went to
	                      * no registry */
	enum packs_lock_state state;
	uint8_t digest[OCI_DIGEST_LEN];    /* of the manifest, when PINNED */
	struct packs_lock_digest expected; /* that a dry run foretells */
	uint64_t manifest_size;            /* 0: not said */
	const char *created_at;            /* RFC 3339; B and C: built_at */
	const char *const *locations; /* every target: "oci://...", "dir:...",
	                               * "github://..." */
	size_t location_count;
	const char *const *tags;
	size_t tag_count;
	const struct packs_lock_referrer *referrers;
	size_t referrer_count;
};

struct packs_lock {
	enum packs_lock_shape shape; /* of what was read; ignored by write */
	const char *version, *generated_at, *git_sha;
	const char *registry, *org, *repo;
	bool is_dirty, is_dry_run;
	const struct packs_lock_pack *packs; /* sorted by name, once each */
	size_t pack_count;

	/* Of packs_lock_read alone; private.  Who fills a struct for
	 * packs_lock_write leaves them as PACKS_LOCK_NONE has them. */
	struct json_document document; /* owned */
	void *memory;                  /* owned; packs and their lists */
};

#define PACKS_LOCK_NONE                                                        \
	((struct packs_lock){ .version = "",                                   \
	                      .generated_at = "",                              \
	                      .git_sha = "",                                   \
	                      .registry = "",                                  \
	                      .org = "",                                       \
	                      .repo = "",                                      \
	                      .document = JSON_DOCUMENT_NONE })
#define PACKS_LOCK_PACK_NONE                                                   \
	((struct packs_lock_pack){ .name = "",                                 \
	                           .version = "",                              \
	                           .file = "",                                 \
	                           .media_type = "",                           \
	                           .artifact_type = "",                        \
	                           .oci_ref = "",                              \
	                           .created_at = "" })
#define AUTO_PACKS_LOCK AUTO(packs_lock_done)

/**
 * packs_lock_read - read a lockfile of any of the four shapes.
 * @text: not needed any more on return.
 * @out:  written only on 0; to be released with packs_lock_done.
 *
 * "ref" is read as oci_ref; a digest that stands in it ("...@sha256:...") must
 * be the one that "digest" says, and is enough by itself.  Of our own shape
 * every member that we know must make sense; dry_run and the digests of the
 * packs must agree.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the field, ERR_SYSTEM.
 */
int packs_lock_read(const char *text, size_t len, struct packs_lock *out,
                    struct err *err) MUST_CHECK;

/**
 * packs_lock_write - append a lockfile of our shape to @out.
 * @lock:   its packs in any order; names must differ.
 * @before: a lockfile that was read, whose members that are not ours are kept:
 *          of the whole, and of each pack of the same name; may be NULL, and
 *          may be @lock.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT for what packs_lock_read would
 * refuse, ERR_SYSTEM.  What is written reads as the same again, and is then
 * written as the same bytes.
 */
int packs_lock_write(const struct packs_lock *lock,
                     const struct packs_lock *before, struct buf *out,
                     struct err *err) MUST_CHECK;

/** packs_lock_find - the pack of that name, or NULL. */
const struct packs_lock_pack *packs_lock_find(const struct packs_lock *lock,
                                              const char *name);

/** packs_lock_done - release it; texts are gone. */
void packs_lock_done(struct packs_lock *lock);

#endif
