/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define LINES_BLOCK ((size_t)64 * 1024)

void lines_begin(struct lines *lines, int fd, size_t max)
{
	*lines = LINES_NONE;
	lines->fd = fd;
	lines->max = max;
	lines->block = BUF_LIMIT(max + 1 + LINES_BLOCK);
}

void lines_done(struct lines *lines)
{
	buf_done(&lines->block);
	*lines = LINES_NONE;
}

/* Move what is left to the front and read one block behind it. */
static int fill(struct lines *lines, struct err *err)
{
	struct buf *block = &lines->block;
	size_t left = block->len - lines->at;
	ssize_t n;

	if (left > 0 && lines->at > 0)
		memmove(block->data, block->data + lines->at, left);
	block->len = left;
	lines->at = 0;
	if (buf_reserve(block, LINES_BLOCK, err) < 0)
		return -1;
	do {
		n = pread(lines->fd, block->data + left, LINES_BLOCK,
		          (off_t)lines->offset);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(err, ERR_SYSTEM, errno, "reading a line");
	block->len += (size_t)n;
	lines->offset += (uint64_t)n;
	lines->is_end = n == 0;
	return 0;
}

int lines_next(struct lines *lines, const char **line, size_t *len,
               struct err *err)
{
	for (;;) {
		size_t have = lines->block.len - lines->at;
		const char *start =
			have > 0 ? lines->block.data + lines->at : NULL;
		const char *end = have > 0 ? memchr(start, '\n', have) : NULL;
		size_t found = end != NULL ? (size_t)(end - start) : have;

		if (found > lines->max)
			return err_set(err, ERR_LIMIT, 0,
			               "a line of more than %zu bytes",
			               lines->max);
		if (end != NULL) {
			*line = start;
			*len = found;
			lines->at += found + 1;
			return 1;
		}
		if (lines->is_end && have > 0)
			return err_set(err, ERR_FORMAT, 0,
			               "the last line does not end");
		if (lines->is_end)
			return 0;
		if (fill(lines, err) < 0)
			return -1;
	}
}
