/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/bundle_file.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/fs.h"
#include "codec/bundle_frame.h"

/* Blocks taken in one call: about a megabyte. */
#define BLOCKS_AT_ONCE 16

int bundle_file_open(int fd, uint64_t file_size, struct bundle_file *out,
                     struct err *err)
{
	uint64_t tar_size = frame_tar_size(file_size);
	uint8_t head[FRAME_GZIP_HEAD];

	if (tar_size == 0)
		return err_set(err, ERR_FORMAT, 0,
		               "no bundle has %llu bytes; it is cut short, or "
		               "was packed by something else",
		               (unsigned long long)file_size);
	if (fs_read_at(fd, 0, head, sizeof head, err) < 0)
		return -1;
	if (memcmp(head, frame_gzip_head, sizeof head) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "it does not begin as a bundle does");
	*out = (struct bundle_file){ fd, tar_size };
	return 0;
}

/* Up to BLOCKS_AT_ONCE neighbouring blocks' share of a range, and the heads
 * of those that begin in it. */
struct batch {
	struct iovec parts[2 * BLOCKS_AT_ONCE];
	int count;
	uint8_t heads[BLOCKS_AT_ONCE][FRAME_BLOCK_HEAD];
	int head_count;
	uint64_t first_head;  /* tar offset of the first of them */
	uint64_t file_offset; /* where the parts lie, one after the other */
	size_t len;           /* bytes of tar */
	size_t file_len;      /* bytes of file */
};

static void batch_add(struct batch *batch, void *data, size_t len)
{
	batch->parts[batch->count].iov_base = data;
	batch->parts[batch->count].iov_len = len;
	batch->count++;
	batch->file_len += len;
}

static void batch_plan(struct batch *batch, uint64_t offset, uint8_t *out,
                       size_t len)
{
	batch->count = 0;
	batch->head_count = 0;
	batch->len = 0;
	batch->file_len = 0;
	batch->file_offset = frame_file_offset(offset);
	if (offset % FRAME_BLOCK == 0)
		batch->file_offset -= FRAME_BLOCK_HEAD;
	batch->first_head =
		(offset + FRAME_BLOCK - 1) / FRAME_BLOCK * FRAME_BLOCK;
	for (int i = 0; i < BLOCKS_AT_ONCE && batch->len < len; i++) {
		uint64_t at = offset + batch->len;
		size_t piece = FRAME_BLOCK - (size_t)(at % FRAME_BLOCK);

		if (piece > len - batch->len)
			piece = len - batch->len;
		if (at % FRAME_BLOCK == 0)
			batch_add(batch, batch->heads[batch->head_count++],
			          FRAME_BLOCK_HEAD);
		batch_add(batch, out + batch->len, piece);
		batch->len += piece;
	}
}

/* Leave out of @batch the @n bytes that were read. */
static void batch_advance(struct batch *batch, size_t n, int *first)
{
	batch->file_offset += n;
	batch->file_len -= n;
	while (n > 0 && n >= batch->parts[*first].iov_len) {
		n -= batch->parts[*first].iov_len;
		(*first)++;
	}
	if (n > 0) {
		batch->parts[*first].iov_base =
			(uint8_t *)batch->parts[*first].iov_base + n;
		batch->parts[*first].iov_len -= n;
	}
}

static int batch_read(struct batch *batch, int fd, struct err *err)
{
	int first = 0;

	while (batch->file_len > 0) {
		ssize_t n =
			preadv(fd, batch->parts + first, batch->count - first,
		               (off_t)batch->file_offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_SYSTEM, errno,
			               "reading the bundle");
		if (n == 0)
			return err_set(err, ERR_FORMAT, 0,
			               "the bundle ends at byte %llu",
			               (unsigned long long)batch->file_offset);
		batch_advance(batch, (size_t)n, &first);
	}
	return 0;
}

static int check_heads(const struct batch *batch, uint64_t tar_size,
                       struct err *err)
{
	for (int i = 0; i < batch->head_count; i++) {
		uint64_t at = batch->first_head + (uint64_t)i * FRAME_BLOCK;
		uint8_t want[FRAME_BLOCK_HEAD];

		frame_block_head(at, tar_size, want);
		if (memcmp(want, batch->heads[i], sizeof want) != 0)
			return err_set(err, ERR_FORMAT, 0,
			               "damaged block head before byte %llu "
			               "of the tar",
			               (unsigned long long)at);
	}
	return 0;
}

int bundle_file_read(const struct bundle_file *file, uint64_t offset, void *out,
                     size_t len, struct err *err)
{
	struct batch batch;
	uint8_t *at = out;

	if (offset > file->tar_size || len > file->tar_size - offset)
		return err_set(err, ERR_FORMAT, 0,
		               "the bundle ends at byte %llu of its tar",
		               (unsigned long long)file->tar_size);
	while (len > 0) {
		batch_plan(&batch, offset, at, len);
		if (batch_read(&batch, file->fd, err) < 0 ||
		    check_heads(&batch, file->tar_size, err) < 0)
			return -1;
		offset += batch.len;
		at += batch.len;
		len -= batch.len;
	}
	return 0;
}
