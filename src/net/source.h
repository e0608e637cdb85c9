/* SPDX-License-Identifier: Apache-2.0 */
/* What a release can be taken from: a bundle file, a folder of parts, an OCI
 * artifact, a GitHub release.  Each is a struct source with its own operations;
 * who uses one sees only these:
 *
 *     open      find the release: a tag becomes a digest, a version a release
 *     part      the small parts by name, in the order of judging
 *     payload   ranges of payload.tar.gz
 *     has_patch whether there is a patch, so that a plan can count on it
 *     patch     it, or the rest of it
 *
 * Nothing is judged here.  A source checks what protects itself (sizes, forms,
 * digests by which things are addressed), and the monitor checks all. */
#ifndef NET_SOURCE_H
#define NET_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/part.h"
#include "codec/payload_plan.h"
#include "codec/receipt.h"
#include "net/http.h"

#define SOURCE_ORIGIN_SIZE RECEIPT_SOURCE_SIZE /* it goes into the receipt */
#define SOURCE_KEY_IDS_MAX 64
#define SOURCE_WORD_SIZE   129 /* a version; bytes, with the NUL */
#define SOURCE_MIRRORS_MAX 8

/* What is looked for; all of it borrowed, and outlives the source. */
struct source_wanted {
	const char *app;     /* NULL: it is no host that asks; advise one who
	                      * publishes */
	const char *version; /* a version, or "latest"; "" where the address
	                      * says it all */
	const char *os, *architecture; /* of the host, as "linux", "amd64" */
	const uint64_t *key_ids; /* of the minisign keys that are trusted */
	size_t key_id_count;
	/* Credentials as their files have them; empty: none. */
	struct bytes token;         /* one line */
	struct bytes docker_config; /* JSON */
};

struct source;

/* A patch, as the signed release.ini has it. */
struct source_patch {
	struct part part;
	uint64_t size; /* at least 1 */
	uint64_t from; /* below size; for patch alone */
};

struct source_ops {
	/**
	 * open - find the release.  Called once, before the others.
	 * Returns 0 and has written source->origin; or -1 with ERR_NETWORK,
	 * ERR_FORMAT, ERR_LIMIT, ERR_USAGE (no such release, no credentials:
	 * says what to do), ERR_SYSTEM.
	 */
	int (*open)(struct source *source, struct err *err);

	/**
	 * part - give a small part to @sink, in order from offset 0.
	 * Further evidence that has no name of its own is numbered by the
	 * source: release.ini.1.sigstore.json, 2, ... until one is absent.
	 * Returns 1 when it was given whole, 0 when the release has no such
	 * part and nothing was given, -1 as open, or ERR_LIMIT for a part above
	 * part_max_size.
	 */
	int (*part)(struct source *source, struct part part,
	            const struct http_sink *sink, struct err *err);

	/**
	 * payload - give ranges (PLAN_RANGES_MAX at most) of payload.tar.gz to
	 * @sink, by offsets in the
	 * payload; in any order, and more than was asked where the server can't
	 * give ranges.
	 * @size: of the payload, as the signed release.ini says.
	 * Returns 0 when every range was given whole, or -1 as open.
	 */
	int (*payload)(struct source *source, uint64_t size,
	               const struct http_range *ranges, size_t count,
	               const struct http_sink *sink, struct err *err);

	/**
	 * has_patch - whether there is this patch.  What lists its parts tells
	 * without a request; else a server is asked for the file's head.
	 * Returns 1, 0 also where it has another size or the server does not
	 * let it be seen, or -1 as open.
	 */
	int (*has_patch)(struct source *source,
	                 const struct source_patch *patch, struct err *err);

	/**
	 * patch - give the patch to @sink, from its byte @from on, by offsets
	 * in it; and what lies before where the server can't give ranges.
	 * Returns 1 when that was given whole, 0 when there is none, -1 as
	 * open.
	 */
	int (*patch)(struct source *source, const struct source_patch *patch,
	             const struct http_sink *sink, struct err *err);

	/** done - release what the source holds, and itself. */
	void (*done)(struct source *source);
};

/* The first member of what a kind of source holds. */
struct source {
	const struct source_ops *ops;
	struct http_client *client;         /* borrowed */
	const struct source_wanted *wanted; /* borrowed */
	/* For the receipt and the user: no credential, printable, no ';'. */
	char origin[SOURCE_ORIGIN_SIZE];
};

#define AUTO_SOURCE AUTO(source_free)

/** source_free - NULL is fine. */
void source_free(struct source **source);

/**
 * source_note_origin - set origin from an address or a reference: without its
 * query and user, printable; of a long one the end, which tells most.
 */
void source_note_origin(struct source *source, const char *text);

/**
 * source_authorization - what the token of @wanted makes as the value of an
 * Authorization header: "user:password" is Basic, anything else Bearer.
 * @out: appended to; stays empty where there is no token.
 * Returns 0, or -1 with ERR_USAGE for a token that is not one printable line,
 * ERR_SYSTEM.
 */
int source_authorization(const struct source_wanted *wanted, struct buf *out,
                         struct err *err) MUST_CHECK;

/** source_patch_rest - what of it is to be fetched. */
struct http_range source_patch_rest(const struct source_patch *patch);

/**
 * source_has_file - for has_patch: whether a server has a file of @size bytes.
 * @authorization: BUF_NONE or empty: none.
 * Returns 1, 0, or -1 as http_get.
 */
int source_has_file(struct http_client *client, const char *url,
                    const struct buf *authorization, uint64_t size,
                    struct err *err) MUST_CHECK;

/* --- the kinds --- */

/** source_file_new - one bundle file at an address.  0, or -1 with ERR_USAGE
 * for an address that is none, ERR_SYSTEM; @out is written only on 0. */
int source_file_new(struct http_client *client,
                    const struct source_wanted *wanted, const char *url,
                    struct source **out, struct err *err) MUST_CHECK;

/* An address that needs more than itself. */
struct source_address {
	const char *url;    /* copied */
	const char *accept; /* a literal; NULL: any */
	uint64_t size;      /* that the file must have; HTTP_UNKNOWN: any */
};

/** source_file_new_at - the same with such an address. */
int source_file_new_at(struct http_client *client,
                       const struct source_wanted *wanted,
                       const struct source_address *address,
                       struct source **out, struct err *err) MUST_CHECK;

/* How the bytes of a bundle are read that lies behind no mere address. */
struct source_reader {
	/* As http_download, of the one body; @size may be NULL. */
	int (*read)(void *context, const struct http_range *ranges,
	            size_t count, enum http_wholly wholly,
	            const struct http_sink *sink, uint64_t *size,
	            struct err *err);
	void *context; /* borrowed, and outlives the source */
};

/** source_file_new_read - a bundle of @size bytes by such a reader; @name is
 * for its origin. */
int source_file_new_read(struct http_client *client,
                         const struct source_wanted *wanted, const char *name,
                         uint64_t size, const struct source_reader *reader,
                         struct source **out, struct err *err) MUST_CHECK;

/** source_folder_new - a folder of parts; @url ends in '/'. */
int source_folder_new(struct http_client *client,
                      const struct source_wanted *wanted, const char *url,
                      struct source **out, struct err *err) MUST_CHECK;

/** source_oci_new - an artifact in a registry.
 * @reference: "registry/repository[:tag|@digest]", without "oci://". */
int source_oci_new(struct http_client *client,
                   const struct source_wanted *wanted, const char *reference,
                   struct source **out, struct err *err) MUST_CHECK;

/** source_github_new - a release on GitHub.
 * @api:        "https://api.github.com", or an enterprise server's.
 * @repository: "owner/name". */
int source_github_new(struct http_client *client,
                      const struct source_wanted *wanted, const char *api,
                      const char *repository, struct source **out,
                      struct err *err) MUST_CHECK;

/**
 * source_mirrors_new - several sources of one release, in order: the next one
 * takes over where one fails with ERR_NETWORK or ERR_FORMAT, and the client
 * says so once.  A part that was given in part is continued.
 * @sources: @count of them; owned by the new source on 0.
 */
int source_mirrors_new(struct http_client *client, struct source **sources,
                       size_t count, struct source **out,
                       struct err *err) MUST_CHECK;

#endif
