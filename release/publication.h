/* SPDX-License-Identifier: Apache-2.0 */
/* One package as it will be published: all bytes and digests, made from the
 * inputs alone, before anybody is asked.  What the same inputs give is the same
 * to the last byte, so that a dry run prints the digests that a push will have.
 *
 * A package is a Tidegate bundle, whose layers are its parts, or one file (a
 * pack).  Targets take of it what they show: registries the manifest and its
 * layers, release pages and folders the files. */
#ifndef RELEASE_PUBLICATION_H
#define RELEASE_PUBLICATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "codec/name.h"
#include "codec/oci_manifest.h"
#include "codec/oci_reference.h"
#include "codec/oci_write.h"
#include "codec/packs_lock.h"
#include "codec/part.h"
#include "crypto/sha256.h"

#define PUBLICATIONS_MAX      2048 /* of one run */
#define PUBLICATION_NAME_SIZE 129
#define PUBLICATION_TEXT_SIZE 1024 /* of an annotation */
#define PUBLICATION_TAGS_MAX  2    /* the version, "latest" */
#define PUBLICATION_NOTES_MAX 8
/* The lockfile and hosts look at no more of one manifest. */
#define PUBLICATION_REFERRERS_MAX PACKS_LOCK_REFERRERS_MAX
/* Minisign's in one, SBOM and attestations come besides. */
#define PUBLICATION_SIGNATURES_MAX                                             \
	(PUBLICATION_REFERRERS_MAX - PART_SIGSTORE_MAX - 3)

enum publication_kind { PUBLICATION_BUNDLE, PUBLICATION_PACK };

/* A file of it; its bytes lie in memory, in a file by its path, or in an open
 * one at an offset. */
struct publication_file {
	char title[FS_NAME_MAX]; /* as it is called where it is published */
	const char *media_type;  /* borrowed, of the publication or a literal */
	uint64_t size;
	uint8_t sha256[SHA256_LEN];
	struct buf data; /* owned; its text where path is NULL and fd is -1 */
	char *path;      /* owned; NULL: none */
	int fd;          /* owned; -1: none */
	uint64_t offset; /* in fd */
	/* Of a signature: this run made it; or would have, had it not found
	 * another one at a registry. */
	bool is_new, is_recalled;
};

/* A manifest that says something of the package's own. */
struct publication_referrer {
	const char *artifact_type; /* a literal */
	struct buf manifest;       /* owned */
	uint8_t digest[OCI_DIGEST_LEN];
};

/* Of what it was made. */
struct publication_source {
	char url[PUBLICATION_TEXT_SIZE];      /* "" where nobody knows */
	char revision[PUBLICATION_TEXT_SIZE]; /* the whole commit, "-dirty"
	                                       * behind it; or "" */
	int64_t created;                      /* the source date */
};

struct publication {
	enum publication_kind kind;
	char name[PUBLICATION_NAME_SIZE]; /* of a bundle, its app */
	char version[VERSION_SIZE];
	char platform[PLATFORM_SIZE];            /* of a bundle; or "" */
	char media_type[OCI_MEDIA_TYPE_MAX + 1]; /* the artifact's type */
	struct publication_source source;

	/* What is a layer of the manifest, in its order: the parts of a
	 * bundle, or the one file of a pack.  Owned. */
	struct publication_file *files;
	size_t file_count;
	/* A bundle as the one file that travels; title "" for a pack. */
	struct publication_file single;
	uint8_t release_sha256[SHA256_LEN]; /* of release.ini, of a bundle */
	/* Sigstore bundles that name the manifest's digest: each is the layer
	 * of a referrer alone. */
	struct publication_file *signatures; /* owned */
	size_t signature_count;

	/* Annotations of the manifest; of referrers the date alone. */
	char created[CLOCK_TEXT_SIZE]; /* "" where no date is known */
	struct oci_annotation notes[PUBLICATION_NOTES_MAX];
	size_t note_count;
	struct oci_annotation date_note;
	struct buf manifest; /* owned */
	uint8_t digest[OCI_DIGEST_LEN];
	struct publication_referrer referrers[PUBLICATION_REFERRERS_MAX];
	size_t referrer_count;
	char tags[PUBLICATION_TAGS_MAX][OCI_TAG_SIZE]; /* the version first */
	size_t tag_count;
};

/* All packages of a run. */
struct publications {
	struct publication **at; /* owned, each; sorted by name */
	size_t count;
	/* There are several in the repository, whether or not all are of this
	 * run: each goes to TARGET/<name>.  Else to TARGET itself. */
	bool is_family;
	/* With --keep-going: those that could not be made, and why the first.
	 */
	size_t failed;
	struct err failure;
};

#define AUTO_PUBLICATIONS AUTO(publications_done)

/** publications_done - release all of them. */
void publications_done(struct publications *publications);

/**
 * publication_new - an empty one.
 * Returns 0 with @out owned by the caller (publication_free), or -1.
 */
int publication_new(struct publication **out, struct err *err) MUST_CHECK;
void publication_free(struct publication *publication); /* NULL is fine */

/** publication_add_file - room for one more file, title and all else unset.
 * Returns it, borrowed until the next call; NULL with @err set. */
struct publication_file *publication_add_file(struct publication *publication,
                                              struct err *err) MUST_CHECK;

/** publication_add_signature_file - the same among its signatures; for
 * publication_add_signature. */
struct publication_file *
publication_add_signature_file(struct publication *publication,
                               struct err *err) MUST_CHECK;

/** publication_size - bytes of its files together. */
uint64_t publication_size(const struct publication *publication);

/**
 * publication_seal - make the manifests, and with them the digests.
 *
 * The files must be complete.  Returns 0, or -1 as oci_write_manifest.
 */
int publication_seal(struct publication *publication,
                     struct err *err) MUST_CHECK;

/**
 * publication_add_signature - let a Sigstore bundle that names the manifest's
 * digest refer to it.
 * @text: the bundle; may be moved from, and is the caller's to release.  One
 *        that is there already changes nothing.
 * Returns 0, or -1 with ERR_LIMIT or ERR_SYSTEM.
 */
int publication_add_signature(struct publication *publication, struct buf *text,
                              struct err *err) MUST_CHECK;

/**
 * publication_replace_signature - let another bundle take the place of the
 * signature of that number.
 * @text: moved from, also on failure; then the package must not be published.
 */
int publication_replace_signature(struct publication *publication,
                                  size_t number, struct buf *text,
                                  struct err *err) MUST_CHECK;

/** publication_referrer_notes - the annotations of its referrers. */
struct oci_annotations
publication_referrer_notes(const struct publication *publication);

/** publication_file_data - its bytes where they lie in memory; NULL where they
 * do not. */
const char *publication_file_data(const struct publication_file *file);

/**
 * publication_file_read - exactly @len bytes of a file from @offset on, which
 * must lie within its size.  Who sends them compares the digest in the end: a
 * file by its path may have changed.
 */
int publication_file_read(const struct publication_file *file, uint64_t offset,
                          void *out, size_t len, struct err *err) MUST_CHECK;

/**
 * publication_file_open - the same as a descriptor and where in it the bytes
 * begin, for who reads it at leisure.
 * @owned: out; -1, or the caller closes it.
 * Returns the descriptor, or -1.  Not for a file in memory.
 */
int publication_file_open(const struct publication_file *file, int *owned,
                          uint64_t *offset, struct err *err) MUST_CHECK;

/** publication_file_hash - fill size and digest from the bytes, of a file by
 * its path or descriptor from offset 0 on, or in memory. */
int publication_file_hash(struct publication_file *file,
                          struct err *err) MUST_CHECK;

#endif
