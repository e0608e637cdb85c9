/* SPDX-License-Identifier: Apache-2.0 */
/* A registry as a target, for publish_oci*.c alone:
 *
 *     publish_oci.c           the target, its repositories, and what becomes of
 *                             a package of which something failed
 *     publish_oci_content.c   upload and describe: blobs, manifests by digest,
 *                             those that refer to them, their list
 *     publish_oci_recall.c    what others, or earlier runs, attached
 *     publish_oci_tags.c      inspect and reveal: what the tags name */
#ifndef RELEASE_PUBLISH_OCI_OWN_H
#define RELEASE_PUBLISH_OCI_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/oci_push.h"
#include "publish_target.h"

/* Where one item goes. */
struct oci_place {
	struct oci_reference reference;
	bool is_tagged; /* all its tags name it already */
	bool moves_tag; /* the version's names something else: */
	uint8_t was[OCI_DIGEST_LEN];
};

struct oci_target {
	struct publish_target base;        /* first */
	struct oci_place *places;          /* owned; one for each item */
	struct oci_registry *repositories; /* owned; one for each item; NULL
	                                    * before inspect */
	struct publish_credential credential;
	struct source_wanted wanted; /* borrows from credential */
	struct oci_push push;
};

/* --- publish_oci.c: items, by their number in the target --- */

/** oci_target_of - the target that a step is called for. */
struct oci_target *oci_target_of(struct publish_target *base);

/** oci_item_waits - whether an item goes on to the next step. */
bool oci_item_waits(const struct oci_target *target, size_t number);

/**
 * oci_item_settle - let an item go no further when one of its things did not
 * get where it should.
 * @to:     the item's repository, as the thing names it.
 * @result: what became of the thing.
 * @whole:  why the call ended, where it came to no end with the thing (the
 *          deadline, most likely).
 */
void oci_item_settle(struct oci_target *target, const struct oci_registry *to,
                     const struct oci_result *result, const struct err *whole);

/** oci_conclude - after a call that said @got with @err, and of which each
 * thing was settled: without --keep-going its failure is that of all.  0 to go
 * on with the items that wait, or -1. */
int oci_conclude(const struct oci_target *target, int got,
                 struct err *err) MUST_CHECK;

/* --- publish_oci_content.c --- */

/** publish_oci_upload - push the blobs; publish_oci_describe - the manifests by
 * digest, those that refer to them, and their list.  As publish_target_ops. */
int publish_oci_upload(struct publish_target *base, struct err *err) MUST_CHECK;
int publish_oci_describe(struct publish_target *base,
                         struct err *err) MUST_CHECK;

/** oci_item_manifest - a manifest for an item's repository, by its digest.
 * @text is borrowed. */
struct oci_push_manifest oci_item_manifest(const struct oci_target *target,
                                           size_t number,
                                           const struct buf *text,
                                           const uint8_t *digest);

/** oci_push_all - push @count manifests, and settle and conclude. */
int oci_push_all(struct oci_target *target, struct oci_push_manifest *manifests,
                 size_t count, struct err *err) MUST_CHECK;

/* --- publish_oci_recall.c --- */

/** publish_oci_recall - as publish_target_ops.  Where the registry does not
 * have the manifest, one request; what it has of other forms is passed over. */
int publish_oci_recall(struct publish_target *base, size_t number,
                       publish_look_fn *look, void *context,
                       struct err *err) MUST_CHECK;

/* --- publish_oci_tags.c --- */

/** publish_oci_read_tags - find what is_tagged and moves_tag say, in open
 * repositories; a version that names something else fails its item. */
int publish_oci_read_tags(struct oci_target *target,
                          struct err *err) MUST_CHECK;

/** publish_oci_reveal - set the tags; as publish_target_ops. */
int publish_oci_reveal(struct publish_target *base, struct err *err) MUST_CHECK;

#endif
