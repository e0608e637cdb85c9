/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pack_parts.h"

#include <lzma.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/fs.h"
#include "codec/bundle_frame.h"
#include "pack/out_file.h"

#define CHUNK ((size_t)64 * 1024)

struct packer {
	int dir;
	const struct release_ini *release;
	struct out_file file;
	lzma_stream stream;
	uint8_t plain[CHUNK];
	uint8_t packed[CHUNK];
};

const char *pack_parts_encoder(void)
{
	return "xz " LZMA_VERSION_STRING;
}

static int begin(struct packer *packer, struct err *err)
{
	/* Each part has its digest; this check is only for who unpacks it. */
	lzma_ret got = lzma_easy_encoder(&packer->stream, PACK_PARTS_PRESET,
	                                 LZMA_CHECK_CRC32);

	if (got != LZMA_OK)
		return err_nomem(err);
	return out_file_create(packer->dir, "parts.tar.xz", &packer->file, err);
}

/* Have liblzma take all its input, or with LZMA_FINISH give all its output. */
static int run(struct packer *packer, lzma_action action, struct err *err)
{
	lzma_stream *stream = &packer->stream;
	lzma_ret got = LZMA_OK;

	while (action == LZMA_FINISH ? got != LZMA_STREAM_END
	                             : stream->avail_in > 0) {
		stream->next_out = packer->packed;
		stream->avail_out = sizeof packer->packed;
		got = lzma_code(stream, action);
		if (got != LZMA_OK && got != LZMA_STREAM_END)
			return err_set(err, ERR_SYSTEM, 0,
			               "liblzma gives error %d", (int)got);
		if (out_file_add(&packer->file, packer->packed,
		                 sizeof packer->packed - stream->avail_out,
		                 err) < 0)
			return -1;
	}
	return 0;
}

static int add(struct packer *packer, const void *data, size_t len,
               struct err *err)
{
	packer->stream.next_in = data;
	packer->stream.avail_in = len;
	return run(packer, LZMA_RUN, err);
}

static int add_body(struct packer *packer, const char *name, uint64_t size,
                    struct err *err)
{
	static const uint8_t nul[TAR_BLOCK];
	AUTO_CLOSE int fd = fs_open_file(packer->dir, name, err);

	if (fd < 0)
		return -1;
	for (uint64_t at = 0; at < size;) {
		size_t len = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

		if (fs_read_at(fd, at, packer->plain, len, err) < 0 ||
		    add(packer, packer->plain, len, err) < 0)
			return -1;
		at += len;
	}
	return add(packer, nul, tar_padding(size), err);
}

static int add_part(struct packer *packer, enum part_kind kind, struct err *err)
{
	const struct part_pin *pin = &packer->release->parts[kind];
	const struct part part = { kind, 0 };
	uint8_t head[TAR_BLOCK];
	char name[PART_NAME_SIZE];

	part_name(part, name);
	part_header_write(part, pin->size, packer->release->created, head);
	if (add(packer, head, sizeof head, err) < 0 ||
	    add_body(packer, name, pin->size, err) < 0)
		return err_wrap(err, "'%s'", name);
	return 0;
}

static int add_all(struct packer *packer, struct err *err)
{
	static const uint8_t end[TAR_END];

	for (int kind = 0; kind < PART_KINDS; kind++)
		if (part_is_pinned((enum part_kind)kind) &&
		    part_is_kept((enum part_kind)kind) &&
		    packer->release->parts[kind].is_present &&
		    add_part(packer, (enum part_kind)kind, err) < 0)
			return -1;
	if (add(packer, end, sizeof end, err) < 0)
		return -1;
	return run(packer, LZMA_FINISH, err);
}

static int finish(struct packer *packer, struct part_pin *out, struct err *err)
{
	struct part_pin pin;

	if (out_file_finish(&packer->file, &pin, err) < 0)
		return -1;
	if (pin.size > part_max_size(PART_PACKED)) {
		*out = (struct part_pin){ .is_present = false };
		return disk_unlink("pack.parts-too-large", packer->dir,
		                   "parts.tar.xz", err);
	}
	*out = pin;
	return 0;
}

int pack_parts(int dir, const struct release_ini *release, struct part_pin *out,
               struct err *err)
{
	AUTO_FREE struct packer *packer = calloc(1, sizeof *packer);
	int result;

	if (packer == NULL)
		return err_nomem(err);
	packer->dir = dir;
	packer->release = release;
	packer->file = OUT_FILE_NONE;
	packer->stream = (lzma_stream)LZMA_STREAM_INIT;
	result = begin(packer, err);
	if (result == 0)
		result = add_all(packer, err);
	if (result == 0)
		result = finish(packer, out, err);
	lzma_end(&packer->stream);
	out_file_done(&packer->file);
	return result < 0 ? err_wrap(err, "packing the small parts") : 0;
}
