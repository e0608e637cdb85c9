/* SPDX-License-Identifier: Apache-2.0 */
/* verify-worker: takes a bundle file apart for the monitor.  Input 0 is the
 * file.  Every part but the payload goes out as an item of the ring, in the
 * order of the bundle; of the payload only the frame around it is checked. */
#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "codec/bundle_frame.h"
#include "codec/part.h"
#include "privsep/bundle_file.h"
#include "privsep/part_stream.h"
#include "privsep/worker_main.h"

#define READ_SIZE    ((size_t)128 * 1024)
#define END_BLOCKS   2 /* of NUL, behind the last part */
#define INPUT_BUNDLE WORKER_FD_INPUT

/* Where the reader stands in the tar of the bundle. */
struct reader {
	struct worker_context *context;
	struct bundle_file file;
	uint64_t offset;
	uint8_t *data; /* owned; READ_SIZE bytes */
	struct part last;
	bool has_last;
	unsigned ordinal; /* of the last part among its kind */
	int64_t created;  /* as the first header says, and all others */
};

static uint64_t padded(uint64_t size)
{
	return (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

/* Parts ascend, so that none comes twice. */
static int take_order(struct reader *reader, struct part part, struct err *err)
{
	char name[PART_NAME_SIZE];

	part_name(part, name);
	if (!reader->has_last && part.kind != PART_RELEASE_INI)
		return err_set(err, ERR_FORMAT, 0,
		               "the bundle begins with '%s', not release.ini",
		               name);
	if (reader->has_last && part_compare(reader->last, part) >= 0)
		return err_set(err, ERR_FORMAT, 0,
		               "'%s' is not where the format has it", name);
	reader->ordinal = reader->has_last && reader->last.kind == part.kind
	                          ? reader->ordinal + 1
	                          : 0;
	reader->last = part;
	reader->has_last = true;
	return 0;
}

static int check_zero(const uint8_t *data, size_t len, struct err *err)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] != 0)
			return err_set(err, ERR_FORMAT, 0,
			               "padding that is not NUL");
	return 0;
}

/* Bytes that say nothing: the rest of a block, the end of the archive. */
static int skip_zero(struct reader *reader, uint64_t len, struct err *err)
{
	while (len > 0) {
		size_t n = len < READ_SIZE ? (size_t)len : READ_SIZE;

		if (bundle_file_read(&reader->file, reader->offset,
		                     reader->data, n, err) < 0 ||
		    check_zero(reader->data, n, err) < 0)
			return -1;
		reader->offset += n;
		len -= n;
	}
	return 0;
}

static int send_part(struct reader *reader, struct part part, uint64_t size,
                     struct err *err)
{
	struct ring_writer *ring = &reader->context->ring;
	uint32_t number = part_frame_number(part.kind, reader->ordinal);
	uint64_t left = size;

	while (left > 0) {
		size_t n = left < READ_SIZE ? (size_t)left : READ_SIZE;

		if (bundle_file_read(&reader->file, reader->offset,
		                     reader->data, n, err) < 0 ||
		    frame_put(ring, number, reader->data, n, err) < 0)
			return -1;
		reader->offset += n;
		left -= n;
	}
	if (frame_end(ring, number, err) < 0)
		return -1;
	return skip_zero(reader, padded(size) - size, err);
}

/* The payload is the last part; unpack-worker reads it. */
static int pass_payload(struct reader *reader, uint64_t size, struct err *err)
{
	if (size > reader->file.tar_size - reader->offset ||
	    reader->file.tar_size - reader->offset !=
	            padded(size) + (uint64_t)END_BLOCKS * TAR_BLOCK)
		return err_set(err, ERR_FORMAT, 0,
		               "the bundle is cut short, or something follows "
		               "its payload");
	reader->offset += size;
	return skip_zero(reader,
	                 padded(size) - size + (uint64_t)END_BLOCKS * TAR_BLOCK,
	                 err);
}

/* Returns 1 for a small part, 0 when the payload, and with it all, is done. */
static int take_part(struct reader *reader, struct err *err)
{
	uint8_t head[TAR_BLOCK];
	struct part part;
	uint64_t size;
	int64_t created;
	int found;

	if (bundle_file_read(&reader->file, reader->offset, head, sizeof head,
	                     err) < 0)
		return -1;
	found = part_header_parse(head, &part, &size, &created, err);
	if (found < 0)
		return -1;
	if (found == 0)
		return err_set(err, ERR_FORMAT, 0,
		               "the bundle ends before its payload");
	if (reader->has_last && created != reader->created)
		return err_set(err, ERR_FORMAT, 0,
		               "the parts bear different times");
	reader->created = created;
	if (take_order(reader, part, err) < 0)
		return -1;
	reader->offset += TAR_BLOCK;
	if (part.kind == PART_PAYLOAD)
		return pass_payload(reader, size, err);
	return send_part(reader, part, size, err) < 0 ? -1 : 1;
}

static int verify(struct worker_context *context, struct err *err)
{
	AUTO_FREE uint8_t *data = malloc(READ_SIZE);
	struct reader reader = { .context = context, .data = data };
	int more;

	if (data == NULL)
		return err_nomem(err);
	if (bundle_file_open(INPUT_BUNDLE, context->job.verify.file_size,
	                     &reader.file, err) < 0)
		return -1;
	do
		more = take_part(&reader, err);
	while (more == 1);
	return more;
}

static const struct worker_program program = {
	.profile = SANDBOX_PURE,
	.run = verify,
};

int main(int argc, char **argv)
{
	return worker_main(&program, argc, argv);
}
