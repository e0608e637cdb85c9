/* SPDX-License-Identifier: Apache-2.0 */
/* Read a file line by line, with memory for one line and one block.  Reads at
 * offsets of its own, so that the descriptor may be shared. */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"

struct lines {
	int fd;          /* borrowed */
	uint64_t offset; /* of the next byte to read */
	size_t max;      /* bytes of the longest line, without its LF */
	bool is_end;     /* the file was read to its end */
	size_t at;       /* where the next line begins in block */
	struct buf block;
};

#define LINES_NONE ((struct lines){ .fd = -1, .block = BUF_NONE })
#define AUTO_LINES AUTO(lines_done)

/** lines_begin - read @fd from its start; lines of at most @max bytes. */
void lines_begin(struct lines *lines, int fd, size_t max);

/** lines_done - release the memory; the descriptor stays open. */
void lines_done(struct lines *lines);

/**
 * lines_next - the next line, without its LF.
 * @line: out, borrowed until the next call; not NUL-terminated.
 * @len:  out.
 *
 * Returns 1, 0 at the end, or -1 with ERR_FORMAT when the last line has no LF,
 * ERR_LIMIT for a longer line, or ERR_SYSTEM; all written only on 1.
 */
int lines_next(struct lines *lines, const char **line, size_t *len,
               struct err *err) MUST_CHECK;

#endif
