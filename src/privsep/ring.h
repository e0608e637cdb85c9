/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of shared memory through which a worker's bytes reach the monitor:
 * RING_SLOTS slots in a memfd that is sealed at its size, mapped read-write by
 * the worker and read-only by the monitor.
 *
 * A slot holds frames back to back: u32 number, u32 length (native byte order:
 * both ends are one machine), bytes.  Frames with the same number in sequence
 * make one item, and a frame of length 0 ends it, so that the worker never
 * announces a size.  What numbers mean is the job's matter (part_stream.h; for
 * unpack-worker the line of payload.mtree).
 *
 * The monitor copies a slot into memory of its own before it looks at it, so
 * the worker cannot change what was checked. */
#ifndef PRIVSEP_RING_H
#define PRIVSEP_RING_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "privsep/message.h"

#define RING_SLOT_SIZE  ((size_t)1024 * 1024)
#define RING_SLOTS      4
#define RING_SIZE       (RING_SLOT_SIZE * RING_SLOTS)
#define RING_CUT        4096 /* bytes; a block of most disks */
#define FRAME_HEAD_SIZE 8
#define FRAME_DATA_MAX  (RING_SLOT_SIZE - FRAME_HEAD_SIZE)

/* --- the monitor's end --- */

struct ring {
	int fd;              /* owned; handed to the worker */
	const uint8_t *base; /* owned; read-only mapping of RING_SIZE bytes */
	unsigned next;       /* slot the worker fills next */
};

#define RING_NONE ((struct ring){ -1, NULL, 0 })

/** ring_make - a new ring.  0, or -1 with ERR_SYSTEM and @out untouched. */
int ring_make(struct ring *out, struct err *err) MUST_CHECK;

/** ring_done - release it; idempotent. */
void ring_done(struct ring *ring);

/** ring_copy - copy the first @used bytes (to RING_SLOT_SIZE) of the next slot
 * to @out, and go on to the one after it. */
void ring_copy(struct ring *ring, size_t used, uint8_t *out);

/* One frame; data points into the reader's bytes. */
struct frame {
	uint32_t number;
	const uint8_t *data;
	size_t len; /* 0: the item is at its end */
};

/* Iterates over a private copy of a slot. */
struct frame_reader {
	const uint8_t *at; /* borrowed */
	size_t left;
};

/**
 * frame_next - the next frame.
 * @out: written only on 1; borrowed from the reader's bytes.
 *
 * Returns 1, 0 at the end, -1 with ERR_FORMAT where a head or body does not
 * fit into what is left.
 */
int frame_next(struct frame_reader *reader, struct frame *out,
               struct err *err) MUST_CHECK;

/* --- the worker's end --- */

struct ring_writer {
	uint8_t *base;                   /* owned mapping; NULL is none */
	struct message_channel *channel; /* borrowed */
	unsigned slot;                   /* being filled */
	unsigned free;  /* slots we may fill, this one counted */
	size_t used;    /* bytes of the slot being filled */
	uint8_t *frame; /* in that slot, may still grow; NULL is none */
	uint64_t item;  /* bytes of the current item so far */
};

#define RING_WRITER_NONE ((struct ring_writer){ .base = NULL })

/** ring_attach - map the ring in @fd, which may be closed afterwards.
 * 0, or -1 with ERR_SYSTEM and @out untouched. */
int ring_attach(int fd, struct message_channel *channel,
                struct ring_writer *out, struct err *err) MUST_CHECK;

/** ring_detach - unmap; idempotent. */
void ring_detach(struct ring_writer *writer);

/**
 * frame_put - send @len bytes (at least 1) of item @number.  What one slot
 * holds of an item is one frame, however many calls brought it, and the next
 * slot goes on at a multiple of RING_CUT: the monitor writes large pieces, and
 * no block of the disk twice.  A full slot goes out at once, and then a free
 * one is waited for.
 *
 * Returns 0, or -1 with ERR_SYSTEM when the monitor is gone, or ERR_FORMAT.
 */
int frame_put(struct ring_writer *writer, uint32_t number, const void *data,
              size_t len, struct err *err) MUST_CHECK;

/** frame_end - end item @number; errors as frame_put. */
int frame_end(struct ring_writer *writer, uint32_t number,
              struct err *err) MUST_CHECK;

/** frame_pause - let frames of another item come between those of an open one,
 * which the next frame_put goes on with. */
void frame_pause(struct ring_writer *writer);

/**
 * ring_await_go - hand over what is filled, and wait until the monitor says GO.
 * Returns 0, or -1 with ERR_SYSTEM when the monitor is gone, or ERR_FORMAT.
 */
int ring_await_go(struct ring_writer *writer, struct err *err) MUST_CHECK;

/** ring_flush - hand over the slot that is being filled, if it holds
 * anything; errors as frame_put. */
int ring_flush(struct ring_writer *writer, struct err *err) MUST_CHECK;

#endif
