/* SPDX-License-Identifier: Apache-2.0 */
/* How the small parts of a bundle travel from verify-worker to the monitor:
 * as items of the ring (ring.h), numbered by kind and ordinal, each ended by an
 * empty frame.  What judges comes first: release.ini, then all evidence, also
 * where it stands further behind in the bundle, then the parts that release.ini
 * pins (part_compare_judging).  The monitor trusts none of it: kinds, order and
 * sizes are checked here, contents by signature and digest. */
#ifndef PRIVSEP_PART_STREAM_H
#define PRIVSEP_PART_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/part.h"
#include "codec/release_ini.h"
#include "privsep/ring.h"

/** part_frame_number - the number of the @ordinal-th (from 0) part of @kind. */
uint32_t part_frame_number(enum part_kind kind, unsigned ordinal);

/* A piece of a part. */
struct part_piece {
	enum part_kind kind;
	unsigned ordinal;    /* 0, 1, ... among the parts of this kind */
	uint64_t offset;     /* of this piece in its part */
	const uint8_t *data; /* borrowed from the frame */
	size_t len;          /* 0: the part is complete, offset is its size */
};

/* Where the monitor stands in the stream; also sums up where the payload
 * must lie, so that no offset is ever taken from the worker: it is the last
 * part of a bundle, behind the sizes of all others in whatever order. */
struct part_receiver {
	bool is_open;        /* between a part's first frame and its end */
	enum part_kind kind; /* of the current or last part */
	unsigned ordinal;    /* of the same */
	uint64_t size;       /* bytes of the current part so far */
	uint64_t tar_offset; /* bytes that the complete parts take up */
	unsigned count[PART_KINDS]; /* complete parts */
};

#define PART_RECEIVER_INIT ((struct part_receiver){ 0 })

/**
 * part_receiver_take - judge the next frame.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT for an unknown or repeated part or one out
 * of order, ERR_LIMIT above the part's largest size; the receiver must then not
 * be used again.
 */
int part_receiver_take(struct part_receiver *receiver,
                       const struct frame *frame, struct part_piece *out,
                       struct err *err) MUST_CHECK;

/** part_receiver_finish - that the last part is complete and none that every
 * bundle must have is missing.  0, or -1 with ERR_FORMAT. */
int part_receiver_finish(const struct part_receiver *receiver,
                         struct err *err) MUST_CHECK;

/**
 * bundle_payload_offset - where the payload's bytes begin in the bundle's tar,
 * and that the bundle file is exactly as long as it must then be.
 * @release:   verified; its sizes of the parts that never come: parts.tar.xz,
 *             which the bundle may lack, and the payload.
 * @file_size: of the bundle file, by fstat.
 * @out:       written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT.
 */
int bundle_payload_offset(const struct part_receiver *receiver,
                          const struct release_ini *release, uint64_t file_size,
                          uint64_t *out, struct err *err) MUST_CHECK;

#endif
