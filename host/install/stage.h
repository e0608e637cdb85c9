/* SPDX-License-Identifier: Apache-2.0 */
/* The rooms between a verified description and a committed release: parts and
 * tree into the staging folders, then into the store. */
#ifndef INSTALL_STAGE_H
#define INSTALL_STAGE_H

#include "base/err.h"
#include "delta.h"
#include "description.h"
#include "part_source.h"
#include "parts.h"
#include "session.h"
#include "store/commit.h"
#include "store/package_stage.h"
#include "store/tree_stage.h"
#include "trust/judge.h"

enum stage_purpose {
	STAGE_INSTALL, /* a new release */
	STAGE_REPAIR,  /* the same release again, for a damaged one */
	STAGE_RENEW    /* its package alone, with this evidence */
};

/* What is being installed; all borrowed. */
struct stage_request {
	const struct session *session;
	struct part_source *source;
	const struct part_piece *first; /* as description_read gave it */
	const struct description *description;
	const struct verification_result *verified;
	enum stage_purpose purpose;
	/* Of what was fetched before the lock was taken; NULL: nothing was, and
	 * all comes from the source. */
	const struct parts_copy *copy;
	const struct delta *delta;
};

/**
 * install_stage - bring a verified release into the store.
 * @out: written only on 0.
 *
 * Parts, then the tree through unpack-worker (but for STAGE_RENEW), then the
 * receipt, then commit.
 * Durable on return.  Returns 0; 1 where an installed file that the plan
 * takes turned out to be gone, or to have other bytes than its release says, or
 * its patch does not do:
 * @err then says which; or -1 as
 * parts_receive, unpack_release and commit_*.  But for 0 nothing but staging
 * folders was touched, and they are removed.
 */
int install_stage(const struct stage_request *request,
                  struct committed_release *out, struct err *err) MUST_CHECK;

#endif
