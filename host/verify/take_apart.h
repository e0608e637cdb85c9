/* SPDX-License-Identifier: Apache-2.0 */
/* The job of verify-worker that reads a bundle file, which may be anybody's,
 * strictly as docs/bundle-format.md has it, and sends all its parts but the
 * payload to the monitor.  Offsets are not sent: the monitor works them out by
 * itself.
 *
 * All headers are read before the first byte is sent, so that what judges can
 * be sent first, wherever it stands (privsep/part_stream.h).
 *
 * The heads of the stored blocks that hold only payload are left to
 * unpack-worker, which reads all of these anyway. */
#ifndef VERIFY_TAKE_APART_H
#define VERIFY_TAKE_APART_H

#include "base/err.h"
#include "privsep/worker_main.h"

/**
 * take_apart - run the job; its input is the bundle file.
 * Returns 0, or -1 with ERR_FORMAT, ERR_LIMIT or ERR_SYSTEM; what was sent by
 * then counts for nothing.
 */
int take_apart(struct worker_context *context, struct err *err) MUST_CHECK;

#endif
