/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the tar from its first byte to its last, holds every byte that is no
 * file's content against the one spelling that payload.mtree allows
 * (codec/tar_header.h), and sends the contents to the monitor.  What reaches
 * libarchive afterwards therefore has no freedom left. */
#ifndef UNPACK_EXTRACT_H
#define UNPACK_EXTRACT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "privsep/message.h"
#include "privsep/ring.h"
#include "store/cursor.h"

enum extract_phase { EXTRACT_HEAD, EXTRACT_DATA, EXTRACT_PADDING, EXTRACT_END };

struct extract {
	struct job_unpack job;
	struct ring_writer *ring;   /* borrowed */
	struct tree_cursor tree;    /* owned */
	struct index_cursor places; /* owned; where contents begin */
	struct buf head;            /* of the current entry */
	enum extract_phase phase;
	uint64_t left; /* bytes until the phase ends */
	uint64_t at;   /* bytes of the tar taken so far */
};

#define EXTRACT_NONE                                                           \
	((struct extract){ .tree = { .lines = LINES_NONE },                    \
	                   .places = { .lines = LINES_NONE },                  \
	                   .head = BUF_NONE })
#define AUTO_EXTRACT AUTO(extract_done)

/** extract_begin - before the first byte; descriptors and @ring borrowed. */
int extract_begin(struct extract *extract, const struct job_unpack *job,
                  int mtree_fd, int index_fd, struct ring_writer *ring,
                  struct err *err) MUST_CHECK;
void extract_done(struct extract *extract);

/**
 * extract_take - the next bytes of the tar.
 * Returns 0, or -1 with ERR_FORMAT naming the entry that differs, or as
 * frame_put.
 */
int extract_take(struct extract *extract, const uint8_t *data, size_t len,
                 struct err *err) MUST_CHECK;

/** extract_finish - that the tar is complete, and that payload.index holds
 * together.  0, or -1 with ERR_FORMAT. */
int extract_finish(struct extract *extract, struct err *err) MUST_CHECK;

#endif
