/* SPDX-License-Identifier: Apache-2.0 */
/* The store of one application below a root:
 *
 *     opt/<app>/.tidegate            marks the folder as ours
 *     opt/<app>/releases/<version>/  exactly the payload
 *     opt/<app>/packages/<version>/  sealed parts and the receipt
 *     opt/<app>/current, previous    relative links into releases/
 *     var/lib/tidegate/<app>/        lock, journal, history, marks
 *
 * The other headers of this folder work on the open store.  All of it knows
 * bytes and paths only: what may be stored was decided by the caller. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/name.h"

/* Folders may be read by everybody, so that check-health needs no root; only
 * the lock may not, because whoever can open it could hold it. */
#define STORE_DIR_MODE  0755
#define STORE_FILE_MODE 0644
#define STORE_LOCK_MODE 0600

#define STORE_MARKER    ".tidegate"
#define STORE_STAGING   ".staging" /* in releases and packages; 0700 */
#define STORE_TRASH     ".trash-"  /* and a version: on its way out */
#define STORE_ASIDE     ".aside-"  /* and a version: while it is replaced */

#define STORE_NAMES_MAX 100000 /* releases, packages, marks: names in each */

enum store_access {
	STORE_READ, /* touches nothing */
	STORE_WRITE /* makes what is missing */
};

/* Descriptors of the folders, all owned but root. */
struct store {
	int root; /* borrowed; must outlive the store */
	int app;
	int releases;
	int packages;
	int state;
	char name[APP_SIZE];
};

#define STORE_NONE ((struct store){ -1, -1, -1, -1, -1, "" })
#define AUTO_STORE AUTO(store_done)

/**
 * store_open - open the store of @app (checked by the caller: name_is_app).
 * @root: the folder that opt and var lie in.
 * @out:  written only on 1; close it with store_done.
 *
 * Reading gives 0 where there is no store yet.  Writing makes it, and as root
 * demands that opt/<app> and each folder above it belong to root and that
 * nobody else can write to them.  A folder opt/<app> that holds anything but
 * an unfinished store of ours is ERR_CONFLICT.
 *
 * Returns 1, 0, or -1 with ERR_SYSTEM, ERR_CONFLICT, ERR_UNTRUSTED, or
 * ERR_FORMAT for a store that has lost a folder.  After -1 a part of a new
 * store may be there; the next call completes it.
 */
int store_open(int root, const char *app, enum store_access access,
               struct store *out, struct err *err) MUST_CHECK;

/**
 * store_open_state - open the state folder alone, which outlives the releases:
 * for what is on record (history.h), and for the lock, which is to be held
 * before opt/<app> is touched.
 * @out: written only on 1; close it with store_done.
 *
 * Reading gives 0 where there is none; writing makes it, with the demands of
 * store_open.  Returns 1, 0, or -1 with ERR_USAGE, ERR_UNTRUSTED or ERR_SYSTEM.
 */
int store_open_state(int root, const char *app, enum store_access access,
                     struct store *out, struct err *err) MUST_CHECK;

/** store_done - close all; the store is STORE_NONE afterwards. */
void store_done(struct store *store);

/**
 * store_remove_unused - remove opt/<app> where nothing was ever put into it, or
 * all of it is gone: so that an install that fails leaves nothing.  The caller
 * holds the lock.
 *
 * Returns 1 when it is gone (as after store_remove), 0 where a release, a
 * package or a link is there, or -1 with ERR_SYSTEM.
 */
int store_remove_unused(struct store *store, struct err *err) MUST_CHECK;

/**
 * store_remove - remove opt/<app> with all releases; the state folder stays,
 * because the sequence seen must outlive the releases.  The caller holds the
 * lock and has asked in_use_find() about each release.
 *
 * Returns 0, or -1 with ERR_SYSTEM: a part may be gone, call it again.  The
 * folders of @store are gone afterwards: only store_done is allowed.
 */
int store_remove(struct store *store, struct err *err) MUST_CHECK;

#endif
