/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the new stream out of a patch, and sends the files that it holds to the
 * monitor (codec/payload_patch.h).  The monitor has held the patch against its
 * signed digest, and the old stream was made by it from files whose digests
 * were signed; so the decompressor never sees what was not. */
#ifndef UNPACK_PATCH_H
#define UNPACK_PATCH_H

#include "base/err.h"
#include "privsep/message.h"
#include "privsep/ring.h"

/* Descriptors; borrowed. */
struct patch_inputs {
	int patch; /* job.file_size bytes */
	int old;   /* job.old_size bytes */
	int spans; /* job.span_count; offsets are those of the new stream */
};

/**
 * patch_files_send - send each file of the spans, which tile the new stream.
 * Takes PATCH_OLD_MAX, PATCH_PLAIN_MAX and PATCH_PACKED_MAX of memory at most.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT where the patch is not of these
 * streams, or as patch_frame_open and frame_put.
 */
int patch_files_send(const struct patch_inputs *inputs,
                     const struct job_unpack *job, struct ring_writer *ring,
                     struct err *err) MUST_CHECK;

#endif
