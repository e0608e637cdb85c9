/* SPDX-License-Identifier: Apache-2.0 */
/* The small parts of a sealed bundle, piece by piece, what judges first
 * (part_compare_judging).  A bundle file is taken apart by verify-worker; of a
 * folder the files with a part's name are read as they are; from elsewhere
 * fetch-worker brings them.  Nothing is judged here: all
 * bytes are a stranger's. */
#ifndef INSTALL_PART_SOURCE_H
#define INSTALL_PART_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "fetch.h"
#include "privsep/part_stream.h"
#include "privsep/worker.h"

/* release.ini, profile.env, ...: each kind once, but for the repeated ones. */
#define PART_FILES_MAX (PART_KINDS + PART_SIGNERS_MAX + PART_SIGSTORE_MAX)

/* Fields are private. */
struct part_source {
	struct fetched_bundle *bundle; /* borrowed */
	/* a bundle file */
	struct worker worker;
	/* the same, and from elsewhere */
	struct part_receiver receiver;
	/* a folder */
	struct part files[PART_FILES_MAX]; /* in the order of judging */
	size_t file_count;
	size_t file; /* the one being read */
	int fd;      /* of it; owned */
	uint64_t offset;
	struct buf chunk;
};

#define PART_SOURCE_NONE                                                       \
	((struct part_source){ .worker = WORKER_NONE,                          \
	                       .receiver = PART_RECEIVER_INIT,                 \
	                       .fd = -1,                                       \
	                       .chunk = BUF_NONE })
#define AUTO_PART_SOURCE AUTO(part_source_done)

/**
 * part_source_open - start the worker, or list the folder; one that takes it
 * from elsewhere runs already.
 * @out: PART_SOURCE_NONE before; release it with part_source_done, whatever
 *       comes.
 * Returns 0, or -1 as worker_start, or ERR_FORMAT when the folder lacks a part
 * that every bundle must have.
 */
int part_source_open(const struct host *host, struct fetched_bundle *bundle,
                     struct part_source *out, struct err *err) MUST_CHECK;

void part_source_done(struct part_source *source);

/**
 * part_source_next - the next piece; the payload is not among them.
 * @out: written only on 1; its data is borrowed until the next call.
 *
 * Each part ends with an empty piece.  Returns 1; 0 when all parts were given;
 * -1 with ERR_FORMAT, ERR_LIMIT, ERR_SYSTEM, or as worker_next_frame.
 */
int part_source_next(struct part_source *source, struct part_piece *out,
                     struct err *err) MUST_CHECK;

/**
 * part_source_payload - open the payload for unpack-worker, once all parts
 * were given; from elsewhere it is fetched now, and once.
 * @release: verified; its sizes are held against the file.
 * @plan:   which of its bytes are fetched from elsewhere; the rest is then
 *          whatever the spool holds.  NULL: all.
 * @job:    out, frame, file_size and payload_offset are written.
 *
 * Returns a descriptor the caller owns, or -1 with ERR_FORMAT or ERR_SYSTEM.
 */
int part_source_payload(struct part_source *source,
                        const struct release_ini *release,
                        const struct payload_plan *plan, struct job_unpack *job,
                        struct err *err) MUST_CHECK;

/**
 * part_source_patch - fetch a patch, once all parts were given; from elsewhere
 * alone, and instead of the payload.
 * @release: verified.
 * @begun:   bytes of it that the spool has, as spool_begun_patch says.
 *
 * Returns a descriptor the caller owns, in which the patch begins where the
 * payload would end, to be judged; or -1 as remote_payload.
 */
int part_source_patch(struct part_source *source,
                      const struct release_ini *release,
                      const struct release_patch *patch, uint64_t begun,
                      struct err *err) MUST_CHECK;

#endif
