/* SPDX-License-Identifier: Apache-2.0 */
/* What an install can take from releases that are there, and which bytes of the
 * payload it needs for the rest.  Made from the verified payload.mtree and
 * payload.index; the same plan is printed by --dry-run. */
#ifndef INSTALL_DELTA_H
#define INSTALL_DELTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/json_write.h"
#include "codec/payload_plan.h"
#include "codec/release_ini.h"
#include "part_source.h"
#include "request.h"
#include "store/pieces.h"
#include "store/reuse.h"
#include "store/store.h"
#include "store/tree_stage.h"

enum delta_reuse {
	DELTA_PATCH,      /* a patch, too, where that is cheaper */
	DELTA_PATCH_ANEW, /* the same, and all of the patch is fetched */
	DELTA_REUSE,
	DELTA_WHOLE /* take nothing from what is installed */
};

/* How bytes of the payload come. */
struct delta_fetch {
	int spool;             /* what came so far; borrowed; -1: nothing */
	struct remote *remote; /* borrowed; behind its last part */
};

/* A piece of an installed file, and where it belongs. */
struct delta_piece {
	uint64_t mtree_line; /* of the new file */
	uint64_t offset;     /* in it */
	const struct piece *piece;
};

struct delta {
	struct payload_plan plan;
	struct reuse reuse;
	/* Of files that are fetched: what installed ones hold of them. */
	struct pieces *pieces;       /* owned; NULL: nothing */
	struct delta_piece *patches; /* owned; ascending */
	size_t patch_count, patch_room;
	int spans; /* owned; what unpack-worker is to give: struct payload_span
	            */
	uint64_t span_count;
	uint64_t reused_files;
	uint64_t reused_bytes; /* of files, and pieces of others */
	uint64_t requests;     /* that what is fetched takes, questions, too */
	/* Instead of ranges: a patch from an installed release, the only one
	 * that files are then taken from; spans are of its new stream. */
	const struct release_patch *patch; /* borrowed; NULL: none */
	char base[VERSION_SIZE];           /* that it is made from */
	uint64_t patch_begun;              /* bytes that came before */
	int patch_fd; /* owned; it was fetched, and is as signed; or -1 */
};

#define DELTA_NONE                                                             \
	((struct delta){ .plan = PAYLOAD_PLAN_NONE,                            \
	                 .reuse = REUSE_NONE,                                  \
	                 .spans = -1,                                          \
	                 .patch_fd = -1 })
#define AUTO_DELTA AUTO(delta_done)

void delta_done(struct delta *delta);

/**
 * delta_make - plan what to take from where.  A patch is planned only where the
 * source says that it has it.
 * @store:  NULL where there is none yet.
 * @mtree, @index: verified; borrowed.
 * @fetch:  members that are whole in its spool, by their digest, are not
 * fetched again.
 * @out:    DELTA_NONE before; release it with delta_done, whatever comes.
 *
 * Returns 0, or -1 with ERR_FORMAT where index and mtree do not fit together,
 * ERR_LIMIT, ERR_SYSTEM, or as remote_has_patch.
 */
int delta_make(const struct store *store, const struct release_ini *release,
               int mtree, int index, const struct delta_fetch *fetch,
               enum delta_reuse reuse, struct delta *out,
               struct err *err) MUST_CHECK;

/** delta_is_partial - whether anything is taken from what is installed, be it
 * to be patched. */
bool delta_is_partial(const struct delta *delta);

/** delta_goes_on - whether what comes next of file @mtree_line, which is being
 * staged, is a piece of an installed one: then unpack-worker has given all that
 * it has before it, and not the end of the file. */
bool delta_goes_on(const struct delta *delta, const struct tree_stage *tree,
                   uint64_t mtree_line);

/**
 * delta_stage_reused - stage the files, and pieces of files, that come next and
 * lie in installed releases, up to what does not.
 *
 * Returns 1; 0 where an installed file has other bytes than its release says,
 * or cannot be read, or was removed: this plan cannot be carried out, and
 * DELTA_WHOLE can, and @err says which file of which release it is; or -1 as
 * tree_stage_copy.
 */
int delta_stage_reused(const struct delta *delta, const struct store *store,
                       struct tree_stage *tree, struct err *err) MUST_CHECK;

/**
 * delta_fetch_patch - fetch the patch of the plan, and hold it against its
 * digest.
 * Returns 0 with patch_fd set, or -1 as part_source_patch, or with ERR_FORMAT
 * or ERR_SYSTEM; then DELTA_REUSE may do.
 */
int delta_fetch_patch(struct delta *delta, struct part_source *source,
                      const struct release_ini *release,
                      const struct host *host, struct err *err) MUST_CHECK;

/* For delta_make alone: make the plan one with a patch where that is cheaper,
 * and there; and the list of spans. */
int delta_prefer_patch(const struct store *store,
                       const struct release_ini *release, int mtree,
                       const struct delta_fetch *fetch, struct delta *delta,
                       struct err *err) MUST_CHECK;
int delta_open_spans(struct delta *delta, struct err *err) MUST_CHECK;
int delta_flush_spans(struct delta *delta, struct buf *spans,
                      struct err *err) MUST_CHECK;

/** delta_say - one line: how much is fetched, in how many requests, and how
 * much is taken from where. */
void delta_say(const struct delta *delta, const struct release_ini *release,
               const char *prefix, const struct request *request);

/** delta_json - the member "fetch": payload_bytes, bytes, requests,
 * reused_files, reused_bytes, patch_from (a version, or null).  0, or -1 as
 * json_*. */
int delta_json(const struct delta *delta, const struct release_ini *release,
               struct json_writer *json, struct err *err) MUST_CHECK;

#endif
