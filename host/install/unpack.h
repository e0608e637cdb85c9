/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a verified release: what the plan takes from installed releases,
 * and the rest out of the payload, through unpack-worker. */
#ifndef INSTALL_UNPACK_H
#define INSTALL_UNPACK_H

#include "base/err.h"
#include "delta.h"
#include "part_source.h"
#include "session.h"
#include "store/package_stage.h"
#include "store/tree_stage.h"

/* All borrowed. */
struct unpack_request {
	const struct session *session;
	struct part_source *source;
	const struct release_ini *release;
	const struct package_stage *package; /* has payload.mtree and .index */
	const struct delta *delta; /* NULL: all is taken from the payload */
};

/**
 * unpack_release - stage the tree.
 * @tree: TREE_STAGE_NONE before; release it with tree_stage_done.
 *
 * Returns 1; 0 where an installed file has other bytes than its release says,
 * which DELTA_WHOLE does not meet, or where a patch failed, which DELTA_REUSE
 * does not: @err then says why; or -1 as part_source_payload, worker_start
 * and tree_stage_*.
 */
int unpack_release(const struct unpack_request *request,
                   struct tree_stage *tree, struct err *err) MUST_CHECK;

#endif
