/* SPDX-License-Identifier: Apache-2.0 */
/* lock verify: what its halves share.  lock.c goes through the lockfile; where
 * its packages were published is looked at by the kind of place. */
#ifndef RELEASE_LOCK_CHECK_H
#define RELEASE_LOCK_CHECK_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "codec/json_write.h"
#include "codec/packs_lock.h"
#include "publish_credentials.h"
#include "request.h"
#include "web_client.h"

#define LOCK_TEXT_SIZE 1024

/* One run. */
struct checking {
	const struct request *request;
	const char *path; /* of the lockfile */
	const struct packs_lock *lock;
	struct publish_credentials credentials; /* owned */
	struct web_client web;                  /* owned */
	struct buf json;                        /* owned */
	struct json_writer writer;
	size_t findings;
	size_t compared; /* with one result or the other */
};

enum check_result {
	CHECK_OK,
	CHECK_FAILED,
	CHECK_ABSENT /* nothing to compare */
};

/**
 * check_tell - one line for a thing of @pack that was looked at.
 * Returns 0, or -1 with ERR_SYSTEM.
 */
int check_tell(struct checking *checking, const struct packs_lock_pack *pack,
               enum check_result result, const char *text,
               struct err *err) MUST_CHECK;

/**
 * check_find - where a path of the lockfile lies: beside it or, as the older
 * shapes had it and "dir:" has it, below the working directory.
 * Returns 0, or -1 as file_beside.
 */
int check_find(const struct checking *checking, const char *path,
               char out[FS_PATH_MAX], struct err *err) MUST_CHECK;

/* The kinds of places.  Each tells what holds of @pack there.  0, or -1 where
 * that cannot be known: nobody answers, or lets us in. */

/** check_registry - @address is "registry/repository:tag": the digest, the
 * tags, the referrers. */
int check_registry(struct checking *checking,
                   const struct packs_lock_pack *pack, const char *address,
                   struct err *err) MUST_CHECK;

/** check_page - @address is "owner/repository:version": a release that is no
 * draft has an asset with the bytes of the file. */
int check_page(struct checking *checking, const struct packs_lock_pack *pack,
               const char *address, struct err *err) MUST_CHECK;

/** check_folder - one with a file of these bytes, and the release.ini. */
int check_folder(struct checking *checking, const struct packs_lock_pack *pack,
                 const char *address, struct err *err) MUST_CHECK;

#endif
