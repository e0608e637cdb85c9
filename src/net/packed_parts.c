/* SPDX-License-Identifier: Apache-2.0 */
#include "net/packed_parts.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/bundle_frame.h"
#include "crypto/sha256.h"

#define CHUNK ((size_t)64 * 1024)

/* What comes next of the tar. */
enum place { HEAD, BODY, PADDING, END, NOTHING };

struct reader {
	const struct release_ini *release;
	const struct packed_sink *sink;
	lzma_stream stream;
	uint8_t plain[CHUNK];
	enum place place;
	enum part_kind kind;     /* PART_KINDS: behind the last part */
	uint64_t left;           /* bytes of the place */
	uint8_t head[TAR_BLOCK]; /* that must come */
	struct sha256 hash;      /* of the body */
};

static int differs(struct err *err)
{
	return err_set(err, ERR_FORMAT, 0,
	               "parts.tar.xz does not hold the parts that release.ini "
	               "lists");
}

/* --- the tar, whose layout is known --- */

static bool is_packed(const struct reader *reader, int kind)
{
	return part_is_pinned((enum part_kind)kind) &&
	       part_is_kept((enum part_kind)kind) &&
	       reader->release->parts[kind].is_present;
}

/* Go on to the first part from @kind on. */
static void begin_part(struct reader *reader, int kind)
{
	while (kind < PART_KINDS && !is_packed(reader, kind))
		kind++;
	reader->kind = (enum part_kind)kind;
	if (kind == PART_KINDS) {
		reader->place = END;
		reader->left = TAR_END;
		return;
	}
	part_header_write((struct part){ reader->kind, 0 },
	                  reader->release->parts[kind].size,
	                  reader->release->created, reader->head);
	reader->place = HEAD;
	reader->left = TAR_BLOCK;
}

static int give(const struct reader *reader, const void *data, size_t len,
                struct err *err)
{
	const struct packed_sink *sink = reader->sink;

	if (sink == NULL)
		return 0;
	return sink->take(sink->context, reader->kind, data, len, err);
}

static int end_body(struct reader *reader, struct err *err)
{
	const struct part_pin *pin = &reader->release->parts[reader->kind];
	uint8_t digest[SHA256_LEN];

	if (sha256_end(&reader->hash, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, pin->sha256))
		return differs(err);
	return give(reader, NULL, 0, err);
}

/* Leave places that have all their bytes. */
static int go_on(struct reader *reader, struct err *err)
{
	while (reader->left == 0 && reader->place != NOTHING) {
		uint64_t size =
			reader->kind < PART_KINDS
				? reader->release->parts[reader->kind].size
				: 0;

		switch (reader->place) {
		case HEAD:
			if (sha256_begin(&reader->hash, err) < 0)
				return -1;
			reader->place = BODY;
			reader->left = size;
			break;
		case BODY:
			if (end_body(reader, err) < 0)
				return -1;
			reader->place = PADDING;
			reader->left = tar_padding(size);
			break;
		case PADDING:
			begin_part(reader, (int)reader->kind + 1);
			break;
		case END:
		case NOTHING:
			reader->place = NOTHING;
			break;
		}
	}
	return 0;
}

/* Up to @len bytes that lie in one place. */
static int take_run(struct reader *reader, const uint8_t *data, size_t len,
                    struct err *err)
{
	switch (reader->place) {
	case HEAD:
		return memcmp(data, reader->head + TAR_BLOCK - reader->left,
		              len) == 0
		               ? 0
		               : differs(err);
	case BODY:
		if (sha256_add(&reader->hash, data, len, err) < 0)
			return -1;
		return give(reader, data, len, err);
	case PADDING:
	case END:
		return tar_is_nul(data, len) ? 0 : differs(err);
	case NOTHING:
		break;
	}
	return differs(err);
}

static int take(struct reader *reader, const uint8_t *data, size_t len,
                struct err *err)
{
	while (len > 0) {
		size_t run = len;

		if (reader->place != NOTHING && reader->left < run)
			run = (size_t)reader->left;
		if (take_run(reader, data, run, err) < 0)
			return -1;
		reader->left -= run;
		data += run;
		len -= run;
		if (go_on(reader, err) < 0)
			return -1;
	}
	return 0;
}

/* --- xz --- */

static int refuse(lzma_ret got, struct err *err)
{
	if (got == LZMA_MEM_ERROR)
		return err_nomem(err);
	if (got == LZMA_MEMLIMIT_ERROR)
		return err_set(err, ERR_LIMIT, 0,
		               "parts.tar.xz takes more than %llu bytes to "
		               "unpack",
		               (unsigned long long)PACKED_MEMORY_MAX);
	return err_set(err, ERR_FORMAT, 0, "parts.tar.xz is damaged");
}

static int unpack(struct reader *reader, struct err *err)
{
	lzma_stream *stream = &reader->stream;
	lzma_ret got = LZMA_OK;

	while (got != LZMA_STREAM_END) {
		stream->next_out = reader->plain;
		stream->avail_out = sizeof reader->plain;
		/* Without LZMA_FINISH a torn stream would ask for more. */
		got = lzma_code(stream, LZMA_FINISH);
		if (got != LZMA_OK && got != LZMA_STREAM_END)
			return refuse(got, err);
		if (take(reader, reader->plain,
		         sizeof reader->plain - stream->avail_out, err) < 0)
			return -1;
	}
	return stream->avail_in == 0 && reader->place == NOTHING ? 0
	                                                         : differs(err);
}

/* liblzma is large, and in C: it sees no byte that was not signed for. */
static int check_pin(struct bytes packed, const struct part_pin *pin,
                     struct err *err)
{
	uint8_t digest[SHA256_LEN];

	if (!pin->is_present)
		return err_set(err, ERR_FORMAT, 0,
		               "release.ini lists no parts.tar.xz");
	if (packed.len != pin->size)
		return err_set(err, ERR_FORMAT, 0,
		               "parts.tar.xz is damaged: %zu bytes instead of "
		               "%llu",
		               packed.len, (unsigned long long)pin->size);
	if (sha256_of(packed.data, packed.len, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, pin->sha256))
		return err_set(err, ERR_FORMAT, 0,
		               "parts.tar.xz is damaged: it has another "
		               "SHA-256 than release.ini says");
	return 0;
}

int packed_parts_read(struct bytes packed, const struct release_ini *release,
                      const struct packed_sink *sink, struct err *err)
{
	AUTO_FREE struct reader *reader = calloc(1, sizeof *reader);
	lzma_ret got;
	int result = 0;

	if (reader == NULL)
		return err_nomem(err);
	if (check_pin(packed, &release->parts[PART_PACKED], err) < 0)
		return -1;
	reader->release = release;
	reader->sink = sink;
	reader->hash = SHA256_NONE;
	reader->stream = (lzma_stream)LZMA_STREAM_INIT;
	begin_part(reader, 0);
	got = lzma_stream_decoder(&reader->stream, PACKED_MEMORY_MAX,
	                          /* flags= */ 0);
	if (got != LZMA_OK)
		result = refuse(got, err);
	reader->stream.next_in = packed.data;
	reader->stream.avail_in = packed.len;
	if (result == 0)
		result = unpack(reader, err);
	lzma_end(&reader->stream);
	sha256_done(&reader->hash);
	return result;
}
