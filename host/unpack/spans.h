/* SPDX-License-Identifier: Apache-2.0 */
/* The files that the monitor lacks, as it lists them: struct payload_span after
 * struct payload_span, ascending by place.  Authentic, and read piece by piece;
 * several readers may share the descriptor. */
#ifndef UNPACK_SPANS_H
#define UNPACK_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "privsep/message.h"

#define SPANS_AHEAD 1024

struct spans {
	int fd;         /* borrowed */
	uint64_t count; /* in the file */
	uint64_t next;  /* of the file, behind those in list */
	struct payload_span list[SPANS_AHEAD];
	size_t held; /* in list */
	size_t at;   /* the current one; held at the end */
};

/**
 * spans_begin - at the first span of @fd.
 * Returns 0, or -1 with ERR_FORMAT or ERR_SYSTEM.
 */
int spans_begin(struct spans *spans, int fd, uint64_t count,
                struct err *err) MUST_CHECK;

/** spans_current - the current span; NULL behind the last. */
const struct payload_span *spans_current(const struct spans *spans);

/** spans_next - go on to the next one; -1 as spans_begin. */
int spans_next(struct spans *spans, struct err *err) MUST_CHECK;

#endif
