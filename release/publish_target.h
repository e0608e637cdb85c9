/* SPDX-License-Identifier: Apache-2.0 */
/* Where packages are published: registries, release pages, folders.  Each is a
 * struct publish_target with its own operations, called in this order, each for
 * all packages and all targets before the next one is:
 *
 *     inspect    what is there already?  Conflicts come out here, while nothing
 *                has been sent
 *     upload     bytes, that nobody sees yet (blobs, a draft, a hidden folder)
 *     describe   what names them, by digest (manifests, referrers); read back
 *     reveal     the names that users know: tags, a release, a folder
 *
 * Only reveal changes what users see.  Each step asks the server first and
 * skips what is there, so that a run that was killed is simply run again. */
#ifndef RELEASE_PUBLISH_TARGET_H
#define RELEASE_PUBLISH_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "net/http.h"
#include "publication.h"
#include "publish_credentials.h"
#include "request.h"

#define PUBLISH_PLACE_SIZE  1024
#define PUBLISH_TARGETS_MAX 16

struct publish_journal;

/* How this run goes about it; outlives its targets.  Borrowed, all of it. */
struct publish_context {
	const struct request *request;
	struct publish_credentials *credentials;
	struct publish_journal *journal;
	struct http_config http; /* for http_open, and oci_push_open */
	bool keep_going;         /* a package that fails stops no other */
	bool may_move_tags;      /* --move-tag; for a release page: assets may
	                          * be replaced */
	bool is_parts;           /* --parts: also the parts, where the single
	                          * bundle is the rule (release pages) */
	uint64_t chunk_size;     /* --chunk-size; 0: none */
	/* Told how many bytes of files a target is done with, in all and for
	 * good or not: what was there counts.  Never NULL. */
	void (*progress)(void *context, uint64_t bytes);
	void *progress_context;
};

enum publish_state {
	PUBLISH_WAITING,
	PUBLISH_WAS_THERE, /* all of it, under the same names: nothing to do */
	PUBLISH_DONE,      /* revealed by this run */
	PUBLISH_FAILED     /* err says why; no further step touches it */
};

/* One package at one target. */
struct publish_item {
	const struct publication *publication; /* borrowed */
	enum publish_state state;
	struct err err;
	/* For users, journal and lockfile, as
	 * "oci://ghcr.io/acme/packs/name:1.2.3"; set by the target's new. */
	char place[PUBLISH_PLACE_SIZE];
	bool has_moved; /* a name was taken away from something else */
};

struct publish_target;

/* @text: a Sigstore bundle, as a stranger gave it.  0, or -1 to end. */
typedef int publish_look_fn(void *context, const struct buf *text,
                            struct err *err);

/* Each returns 0 when its step is done for all items that are WAITING; or -1
 * with the first failure.  With keep_going an item that failed is marked (see
 * publish_item_fail), and -1 is for what makes all others pointless. */
struct publish_target_ops {
	/* Marks items WAS_THERE.  ERR_CONFLICT where a name stands for
	 * something else and must not be moved. */
	int (*inspect)(struct publish_target *target, struct err *err);
	int (*upload)(struct publish_target *target, struct err *err);
	int (*describe)(struct publish_target *target, struct err *err);
	/* Marks items DONE. */
	int (*reveal)(struct publish_target *target, struct err *err);
	/* Show @look each Sigstore bundle that refers to an item's package
	 * there already; after inspect.  -1 as of what is asked, or of @look.
	 * NULL: nothing refers to what is published there. */
	int (*recall)(struct publish_target *target, size_t number,
	              publish_look_fn *look, void *context, struct err *err);
	/* Release what it holds, and itself; what was not revealed may stay
	 * on the server for the next run. */
	void (*done)(struct publish_target *target);
};

/* The first member of what a kind of target holds. */
struct publish_target {
	const struct publish_target_ops *ops;
	const struct publish_context *context; /* borrowed */
	struct publish_item *items;            /* owned; one for each package,
	                                        * in the order of publications */
	size_t count;
	char name[PUBLISH_PLACE_SIZE]; /* as the user gave it */
};

/** publish_target_init - for the kinds: set what they share, with the items
 * WAITING and without their places.  0, or -1 with ERR_SYSTEM. */
int publish_target_init(struct publish_target *target,
                        const struct publish_target_ops *ops,
                        const struct publish_context *context, const char *name,
                        const struct publications *publications,
                        struct err *err) MUST_CHECK;

/** publish_target_done - release what publish_target_init made. */
void publish_target_done(struct publish_target *target);

/**
 * publish_target_new - a target of the kind that @address names.  Asks nobody
 * yet.
 * @out: written only on 0; released with publish_target_free.
 * Returns 0, or -1 with ERR_USAGE for an address that is none, or ERR_SYSTEM.
 */
int publish_target_new(const struct publish_context *context,
                       const char *address,
                       const struct publications *publications,
                       struct publish_target **out, struct err *err) MUST_CHECK;

/** publish_target_free - end a target of any kind; NULL is fine. */
void publish_target_free(struct publish_target *target);

/**
 * publish_item_fail - mark @item as failed with @err, wrapped with its place.
 * Returns 0 where the context says to keep going, else -1.
 */
int publish_item_fail(const struct publish_target *target,
                      struct publish_item *item, struct err *err);

/* --- the kinds, for publish_target_new: as it --- */

/** publish_oci_new - @address is "oci://registry/repository". */
int publish_oci_new(const struct publish_context *context, const char *address,
                    const struct publications *publications,
                    struct publish_target **out, struct err *err) MUST_CHECK;

/** publish_github_new - @address is "github://owner/repo", all packages being
 * assets of the release whose tag is their version. */
int publish_github_new(const struct publish_context *context,
                       const char *address,
                       const struct publications *publications,
                       struct publish_target **out, struct err *err) MUST_CHECK;

/** publish_dir_new - @address is "dir:PATH". */
int publish_dir_new(const struct publish_context *context, const char *address,
                    const struct publications *publications,
                    struct publish_target **out, struct err *err) MUST_CHECK;

#endif
