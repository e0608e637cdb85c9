/* SPDX-License-Identifier: Apache-2.0 */
/* One run of "bundle": what its rooms hand on to one another. */
#ifndef RELEASE_JOB_H
#define RELEASE_JOB_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "codec/release_ini.h"
#include "pack/collect.h"
#include "pack/git.h"
#include "pack/pack_payload.h"
#include "package_settings.h"
#include "request.h"
#include "secret_key.h"
#include "signing.h"

struct job {
	const struct request *request;     /* borrowed */
	struct package_settings *settings; /* owned */
	struct git_facts git;
	struct source_tree tree;
	struct buf profile; /* text of profile.env; empty: there is none */
	bool is_prod;
	struct release_ini release;
	struct secret_keys keys;  /* owned; open from before the first write */
	int out;                  /* owned; the folder of --out, locked */
	int staging;              /* owned; made anew below it */
	char target[FS_PATH_MAX]; /* where the results go, for messages */
};

/**
 * job_profile - read or make profile.env and put it into the tree.
 * Returns 0, or -1 with ERR_USAGE, ERR_FORMAT or ERR_SYSTEM.
 */
int job_profile(struct job *job, struct err *err) MUST_CHECK;

/**
 * job_facts - decide version, date, sequence and source of the release.
 * Returns 0, or -1 with ERR_USAGE.
 */
int job_facts(struct job *job, struct err *err) MUST_CHECK;

/**
 * job_check_patches - that a patch can be made from each bundle that is named:
 * they are of this app.  Before anything is written.  0, or -1 with ERR_USAGE,
 * or as sealed_bundle_open.
 */
int job_check_patches(const struct job *job, struct err *err) MUST_CHECK;

/**
 * job_add_patches - make a patch from each of them, behind the packed payload.
 * Returns 0 with release.patches and release.encoder filled in, or -1 as
 * pack_patch.
 */
int job_add_patches(struct job *job, unsigned threads,
                    struct err *err) MUST_CHECK;

/** job_open_out - make and lock the folder of --out, and the staging folder.
 * Returns 0, or -1 with ERR_LOCKED or ERR_SYSTEM. */
int job_open_out(struct job *job, struct err *err) MUST_CHECK;

/** job_close_out - remove the staging folder and what is left in it. */
void job_close_out(struct job *job);

/* Who signed what was delivered. */
struct delivery {
	bool is_signed;              /* by this run, or before it */
	struct signer_names signers; /* of this run */
};

/**
 * job_deliver - seal and sign what lies in the staging folder, and move it to
 * its place.
 * @out: written only on 0.
 *
 * Files there that are not ours stay.  Returns 0, or -1 with ERR_CONFLICT when
 * other bytes lie under this version and --replace was not given, or another
 * app does; then nothing there has changed.
 */
int job_deliver(struct job *job, struct delivery *out,
                struct err *err) MUST_CHECK;

#endif
