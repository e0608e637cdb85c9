/* SPDX-License-Identifier: Apache-2.0 */
/* Pushing to repositories of an OCI registry.  Source: the OCI distribution
 * specification 1.1, sections "Push" and "Listing Referrers"; how registries
 * differ from it is said where it matters.
 *
 * For a publisher that shows nothing before all is there, in this order: blobs,
 * manifests by digest, referrers, tags.  Each call takes all items of its kind,
 * of any number of repositories and packages, and pushes OCI_PUSH_SLOTS at a
 * time over few connections.  An item that is there already is not sent again,
 * so that everything can simply be done once more.
 *
 *     AUTO_OCI_PUSH struct oci_push push = OCI_PUSH_NONE;
 *     struct oci_registry repository = { 0 };
 *
 *     if (oci_push_open(&push, &http_config, err) < 0 ||
 *         oci_push_repository(&push, &wanted, &reference, &repository, err) < 0
 * || oci_push_blobs(&push, blobs, blob_count, err) < 0 ||
 *         oci_push_manifests(&push, manifests, manifest_count, err) < 0 ||
 *         oci_push_referrers(&push, subjects, subject_count, err) < 0 ||
 *         oci_push_manifests(&push, tags, tag_count, err) < 0)
 *             ...
 *
 * Each item says in its result what became of it.  Where one fails, the call
 * ends at once with that failure (OCI_STOP), or sees to all others first
 * (OCI_GO_ON).
 *
 * What holds for each request, besides http.h: credentials go to the registry
 * alone, never to an address on another host that it names for an upload; such
 * an address is never plain http where the registry is https, and never leads
 * inwards. */
#ifndef NET_OCI_PUSH_H
#define NET_OCI_PUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/oci_reference.h"
#include "codec/oci_write.h"
#include "net/http.h"
#include "net/oci.h"

#define OCI_PUSH_SLOTS    8
#define OCI_CHUNK_SIZE    ((uint64_t)4 << 20) /* where a whole is too much */
#define OCI_SETTLE_MS     400  /* the least pause before a list is read back */
#define OCI_SETTLE_MAX_MS 5000 /* the longest */
#define OCI_SETTLE_ROUNDS 40

enum oci_on_failure { OCI_STOP, OCI_GO_ON };

struct oci_push {
	struct http_client *client; /* owned */
	/* Owned; asks for tokens while client is in the middle of uploads. */
	struct http_client *tokens;

	/* To be set after oci_push_open, where wanted: */
	enum oci_on_failure on_failure;
	/* Blobs in pieces of so many bytes, for what stands before a registry
	 * and takes no larger bodies (ghcr.io: 4 MiB); 0: in one, and in pieces
	 * of OCI_CHUNK_SIZE where that is refused as too large (413). */
	uint64_t chunk_size;
	/* Told from time to time how many bytes of blobs are with the registry,
	 * of all that oci_push_blobs was called for, in all; what was there
	 * counts as well.  May be NULL. */
	void (*progress)(void *context, uint64_t bytes);
	void *context;

	/* Private. */
	uint64_t sent;      /* bytes of blobs that are done with */
	uint64_t under_way; /* of others */
};

#define OCI_PUSH_NONE ((struct oci_push){ .client = NULL })
#define AUTO_OCI_PUSH AUTO(oci_push_done)

/**
 * oci_push_open - prepare; asks nobody yet.
 * @config: as of http_open, and outlives @push.
 * Returns 0, or -1 as http_open.
 */
int oci_push_open(struct oci_push *push, const struct http_config *config,
                  struct err *err) MUST_CHECK;

/** oci_push_done - release it; after its repositories. */
void oci_push_done(struct oci_push *push);

/**
 * oci_push_repository - oci_open for a repository that is pushed to: tokens are
 * asked for with "pull,push" at once.  oci.h's functions work with it as well.
 * @out: zeroed memory that stays where it is; release it with oci_done, also
 *       after -1.
 */
int oci_push_repository(struct oci_push *push,
                        const struct source_wanted *wanted,
                        const struct oci_reference *reference,
                        struct oci_registry *out, struct err *err) MUST_CHECK;

enum oci_outcome {
	OCI_UNTOUCHED, /* not begun, or not finished: another one failed */
	OCI_WAS_THERE,
	OCI_PUSHED,
	OCI_FAILED /* err says why */
};

struct oci_result {
	enum oci_outcome outcome;
	struct err err;
};

/* A blob to push, and where its bytes are: in memory, else in a file by its
 * path (opened when its turn comes), else in an open one. */
struct oci_push_blob {
	struct oci_registry *to;
	uint8_t digest[OCI_DIGEST_LEN];
	uint64_t size;
	const void *data; /* NULL: not in memory */
	const char *path; /* NULL: not by a path */
	int fd;
	uint64_t offset;        /* in the file */
	const char *mount_from; /* a repository of the registry that may have it
	                         * and can be read; NULL: none */
	struct oci_result result;
};

/**
 * oci_push_blobs - push blobs that their repositories lack.
 *
 * In one PUT each.  When the connection breaks on the way, the registry is
 * asked whether it has the blob after all; else how much of it, and the rest
 * follows; where it does not say (docker-registry 2.8 drops what it got), it
 * begins anew.  HTTP_TRIES times without progress are the end.
 *
 * The registry's digest is compared with ours (a registry itself refuses other
 * bytes); a file of another size is ERR_CONFLICT before anything is sent.
 *
 * Returns 0, or -1 as the first item that failed: ERR_NETWORK, ERR_LIMIT (the
 * deadline), ERR_CONFLICT, ERR_FORMAT, ERR_SYSTEM.
 */
int oci_push_blobs(struct oci_push *push, struct oci_push_blob *blobs,
                   size_t count, struct err *err) MUST_CHECK;

/* Whether a tag may be taken away from what it names. */
enum oci_tag_rule { OCI_TAG_KEEP, OCI_TAG_MOVE };

/* A manifest to push: by its digest, or as what a tag names. */
struct oci_push_manifest {
	struct oci_registry *to;
	const char *tag; /* NULL: by digest */
	enum oci_tag_rule rule;
	const char *media_type; /* OCI_TYPE_MANIFEST, OCI_TYPE_INDEX */
	struct bytes text;
	uint8_t digest[OCI_DIGEST_LEN]; /* of text */
	struct oci_result result;
};

/**
 * oci_push_manifests - push manifests, and read each one back.
 *
 * A tag that names something else already is ERR_CONFLICT, unless the rule is
 * OCI_TAG_MOVE.  Registries have no way to set a tag only if it is not there;
 * between the look and the PUT there is a moment in which another publisher may
 * set it.
 *
 * Returns 0, or -1 as oci_push_blobs.
 */
int oci_push_manifests(struct oci_push *push,
                       struct oci_push_manifest *manifests, size_t count,
                       struct err *err) MUST_CHECK;

struct oci_push_tag {
	struct oci_registry *to;
	const char *tag;
	bool is_there;                  /* out */
	uint8_t digest[OCI_DIGEST_LEN]; /* out, where is_there */
	struct oci_result result;       /* OCI_WAS_THERE for any answer */
};

/** oci_read_tags - what tags name.  0, or -1 as oci_push_blobs. */
int oci_read_tags(struct oci_push *push, struct oci_push_tag *tags,
                  size_t count, struct err *err) MUST_CHECK;

/* A subject, and manifests that refer to it: they have it as their subject, and
 * were pushed by digest. */
struct oci_push_subject {
	struct oci_registry *to;
	uint8_t digest[OCI_DIGEST_LEN];
	const struct oci_entry *referrers; /* with artifact_type, and the
	                                    * annotations of their manifests */
	const struct bytes *texts;         /* their manifests */
	size_t count;
	struct oci_result result;
};

/**
 * oci_push_referrers - see that the referrers of each subject are listed.
 *
 * By the referrers API, where the registry has it: it lists them itself, and
 * gets those again that it does not list.  Else in the index that the tag
 * "sha256-<hex>" names: it is read, merged, pushed and read back, again until
 * ours are in it and it stays the same for a while (OCI_SETTLE_MS, or longer
 * where the registry is slow).  Nothing keeps others from writing it at the
 * same time: whoever finds his own entries gone, writes them again, and with
 * them all others that he has seen.
 *
 * Returns 0, or -1 as oci_push_blobs; ERR_CONFLICT where the tag names what is
 * no index, ERR_NETWORK where others go on overwriting it.
 */
int oci_push_referrers(struct oci_push *push, struct oci_push_subject *subjects,
                       size_t count, struct err *err) MUST_CHECK;

#endif
