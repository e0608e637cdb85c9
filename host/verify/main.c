/* SPDX-License-Identifier: Apache-2.0 */
/* verify-worker: reads a bundle file, which may be anybody's, strictly as
 * docs/bundle-format.md has it, and sends all its parts but the payload to the
 * monitor.  Offsets are not sent: the monitor works them out by itself.
 *
 * The heads of the stored blocks that hold only payload are left to
 * unpack-worker, which reads all of these anyway. */
#include <stdbool.h>

#include "base/fs.h"
#include "codec/bundle_frame.h"
#include "codec/part.h"
#include "codec/tar_header.h"
#include "privsep/bundle_file.h"
#include "privsep/part_stream.h"
#include "privsep/worker_main.h"

#define CHUNK ((size_t)128 * 1024)

struct walk {
	struct worker_context *context;
	struct bundle_file file;
	uint64_t file_size;
	uint64_t offset; /* in the tar, behind the last part */
	struct part last;
	unsigned count[PART_KINDS];
	bool has_parts;  /* last and created are set */
	int64_t created; /* of every header */
};

/* --- headers --- */

static int check_place(const struct walk *walk, struct part part,
                       int64_t created, struct err *err)
{
	char name[PART_NAME_SIZE];

	part_name(part, name);
	if (!walk->has_parts)
		return 0;
	if (part_compare(walk->last, part) == 0)
		return err_set(err, ERR_FORMAT, 0, "%s comes twice", name);
	if (part_compare(walk->last, part) > 0)
		return err_set(err, ERR_FORMAT, 0, "%s is out of order", name);
	if (created != walk->created)
		return err_set(err, ERR_FORMAT, 0,
		               "%s has another time than the parts before it",
		               name);
	return 0;
}

static int check_count(const struct walk *walk, struct part part,
                       struct err *err)
{
	unsigned before = walk->count[part.kind];

	if (part.kind == PART_MINISIG_FURTHER && before == PART_SIGNERS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "more than %d further signatures",
		               PART_SIGNERS_MAX);
	if (part.kind == PART_SIGSTORE && part.id != before + 1)
		return err_set(err, ERR_FORMAT, 0,
		               "release.ini.%u.sigstore.json is missing",
		               before + 1);
	return 0;
}

static int check_required(const struct walk *walk, struct err *err)
{
	char name[PART_NAME_SIZE];

	for (int kind = 0; kind < PART_PAYLOAD; kind++) {
		const struct part part = { (enum part_kind)kind, 0 };

		if (!part_is_required(part.kind) || walk->count[kind] > 0)
			continue;
		part_name(part, name);
		return err_set(err, ERR_FORMAT, 0, "%s is missing", name);
	}
	return 0;
}

static int next_header(struct walk *walk, struct part *part, uint64_t *size,
                       struct err *err)
{
	uint8_t block[TAR_BLOCK];
	int64_t created;
	int got;

	if (bundle_file_read(&walk->file, walk->offset, block, sizeof block,
	                     err) < 0)
		return -1;
	got = part_header_parse(block, part, size, &created, err);
	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, ERR_FORMAT, 0, "payload.tar.gz is missing");
	if (check_place(walk, *part, created, err) < 0 ||
	    check_count(walk, *part, err) < 0)
		return -1;
	walk->last = *part;
	walk->created = created;
	walk->has_parts = true;
	walk->offset += sizeof block;
	return 0;
}

/* --- bodies --- */

static int check_padding(struct walk *walk, size_t len, struct err *err)
{
	uint8_t padding[TAR_BLOCK];

	if (bundle_file_read(&walk->file, walk->offset, padding, len, err) < 0)
		return -1;
	if (!tar_is_nul(padding, len))
		return err_set(err, ERR_FORMAT, 0,
		               "padding that is not NUL at byte %llu of the "
		               "tar",
		               (unsigned long long)walk->offset);
	walk->offset += len;
	return 0;
}

static int send_part(struct walk *walk, struct part part, uint64_t size,
                     struct err *err)
{
	static uint8_t chunk[CHUNK];
	uint32_t number =
		part_frame_number(part.kind, walk->count[part.kind]++);

	for (uint64_t left = size; left > 0;) {
		size_t len = left < CHUNK ? (size_t)left : CHUNK;

		if (bundle_file_read(&walk->file, walk->offset, chunk, len,
		                     err) < 0 ||
		    frame_put(&walk->context->ring, number, chunk, len, err) <
		            0)
			return -1;
		walk->offset += len;
		left -= len;
	}
	if (check_padding(walk, tar_padding(size), err) < 0)
		return -1;
	return frame_end(&walk->context->ring, number, err);
}

/* The last 8 bytes: CRC-32, which nobody needs (each part has a digest or a
 * signature), and the length of the tar. */
static int check_trailer(const struct walk *walk, struct err *err)
{
	uint8_t tail[FRAME_GZIP_TAIL];
	uint32_t length;

	if (fs_read_at(walk->file.fd, walk->file_size - sizeof tail, tail,
	               sizeof tail, err) < 0)
		return -1;
	length = (uint32_t)tail[4] | (uint32_t)tail[5] << 8 |
	         (uint32_t)tail[6] << 16 | (uint32_t)tail[7] << 24;
	if (length != (uint32_t)walk->file.tar_size)
		return err_set(err, ERR_FORMAT, 0,
		               "its gzip trailer gives another length");
	return 0;
}

/* What stands behind the payload: padding, two blocks of NUL, the end. */
static int check_end(struct walk *walk, uint64_t size, struct err *err)
{
	uint8_t end[TAR_END];
	uint64_t room = walk->file.tar_size - walk->offset;
	size_t padding = tar_padding(size);

	if (room < padding + sizeof end || size != room - padding - sizeof end)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.tar.gz has %llu bytes by its header, "
		               "and the bundle has room for another size",
		               (unsigned long long)size);
	walk->offset += size;
	if (check_padding(walk, padding, err) < 0 ||
	    bundle_file_read(&walk->file, walk->offset, end, sizeof end, err) <
	            0)
		return -1;
	if (!tar_is_nul(end, sizeof end))
		return err_set(err, ERR_FORMAT, 0,
		               "more follows payload.tar.gz");
	return check_trailer(walk, err);
}

static int verify(struct worker_context *context, struct err *err)
{
	struct walk walk = { .context = context,
		             .file_size = context->job.verify.file_size };
	struct part part;
	uint64_t size;

	if (bundle_file_open(WORKER_FD_INPUT, walk.file_size, &walk.file, err) <
	    0)
		return -1;
	for (;;) {
		if (next_header(&walk, &part, &size, err) < 0)
			return -1;
		if (part.kind == PART_PAYLOAD)
			break;
		if (send_part(&walk, part, size, err) < 0)
			return -1;
	}
	if (check_required(&walk, err) < 0)
		return -1;
	return check_end(&walk, size, err);
}

static const struct worker_program program = {
	.profile = SANDBOX_PURE,
	.run = verify,
};

int main(int argc, char **argv)
{
	return worker_main(&program, argc, argv);
}
