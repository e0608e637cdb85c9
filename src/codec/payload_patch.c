/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/payload_patch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/scan.h"

#define HEAD_LINE    "# payload.patch 1"
#define FRAMES_FIRST 16

void patch_head_done(struct patch_head *head)
{
	free(head->frames);
	*head = PATCH_HEAD_NONE;
}

/* --- reading --- */

struct reader {
	struct scan scan;
	unsigned line; /* the current one, from 1 */
	struct patch_head head;
	size_t room;         /* of head.frames */
	uint64_t packed_end; /* of the frames so far */
	uint64_t plain_end;
};

static void reader_done(struct reader *reader)
{
	patch_head_done(&reader->head);
}

static int next_line(struct reader *reader, struct scan *out, struct err *err)
{
	const char *end = memchr(reader->scan.at, '\n', reader->scan.left);

	reader->line++;
	if (end == NULL)
		return err_set(err, ERR_FORMAT, 0, "it is cut off");
	out->at = reader->scan.at;
	out->left = (size_t)(end - reader->scan.at);
	reader->scan.at = end + 1;
	reader->scan.left -= out->left + 1;
	return 0;
}

/* Read " <number>". */
static int take_number(struct scan *scan, const char *what, uint64_t max,
                       uint64_t *out, struct err *err)
{
	const char *word;
	size_t len;

	if (!scan_text(scan, " "))
		return err_set(err, ERR_FORMAT, 0, "no %s", what);
	word = scan_word(scan, &len);
	if (text_u64(word, len, max, out, err) < 0)
		return err_wrap(err, "%s", what);
	return 0;
}

static int require_end(const struct scan *scan, struct err *err)
{
	if (scan->left == 0)
		return 0;
	return err_set(err, ERR_FORMAT, 0, "trailing text");
}

static int take_sizes(struct reader *reader, struct err *err)
{
	struct patch_head *head = &reader->head;
	struct scan line;

	if (next_line(reader, &line, err) < 0)
		return -1;
	if (!text_equal(line.at, line.left, HEAD_LINE))
		return err_set(err, ERR_FORMAT, 0, "expected '" HEAD_LINE "'");
	if (next_line(reader, &line, err) < 0)
		return -1;
	if (!scan_text(&line, "s"))
		return err_set(err, ERR_FORMAT, 0, "no sizes");
	if (take_number(&line, "size of the old stream", PATCH_SIZE_MAX,
	                &head->old_size, err) < 0 ||
	    take_number(&line, "size of the new stream", PATCH_SIZE_MAX,
	                &head->new_size, err) < 0)
		return -1;
	return require_end(&line, err);
}

static int parse_frame(struct scan line, struct patch_frame *out,
                       struct err *err)
{
	if (!scan_text(&line, "f"))
		return err_set(err, ERR_FORMAT, 0, "no frame");
	if (take_number(&line, "packed length", PATCH_PACKED_MAX,
	                &out->packed_len, err) < 0 ||
	    take_number(&line, "plain length", PATCH_PLAIN_MAX, &out->plain_len,
	                err) < 0 ||
	    take_number(&line, "old offset", PATCH_SIZE_MAX, &out->old_offset,
	                err) < 0 ||
	    take_number(&line, "old length", PATCH_OLD_MAX, &out->old_len,
	                err) < 0)
		return -1;
	return require_end(&line, err);
}

static int check_frame(const struct reader *reader,
                       const struct patch_frame *frame, struct err *err)
{
	const struct patch_head *head = &reader->head;

	if (frame->packed_len == 0 || frame->plain_len == 0)
		return err_set(err, ERR_FORMAT, 0, "empty frame");
	if (frame->plain_len > head->new_size - reader->plain_end)
		return err_set(err, ERR_FORMAT, 0,
		               "it reaches behind the new stream");
	if (frame->old_offset > head->old_size ||
	    frame->old_len > head->old_size - frame->old_offset)
		return err_set(err, ERR_FORMAT, 0,
		               "it reaches behind the old stream");
	return 0;
}

static int add_frame(struct reader *reader, const struct patch_frame *frame,
                     struct err *err)
{
	struct patch_head *head = &reader->head;
	size_t room = reader->room == 0 ? FRAMES_FIRST : 2 * reader->room;

	if (head->count == PATCH_FRAMES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d frames",
		               PATCH_FRAMES_MAX);
	if (head->count == reader->room) {
		struct patch_frame *frames =
			reallocarray(head->frames, room, sizeof *frames);

		if (frames == NULL)
			return err_nomem(err);
		head->frames = frames;
		reader->room = room;
	}
	head->frames[head->count++] = *frame;
	/* Both stay far below 2^64: PATCH_FRAMES_MAX lengths that are capped.
	 */
	reader->packed_end += frame->packed_len;
	reader->plain_end += frame->plain_len;
	return 0;
}

/* An empty line ends the head. */
static int take_frames(struct reader *reader, struct err *err)
{
	for (;;) {
		struct patch_frame frame;
		struct scan line;

		if (next_line(reader, &line, err) < 0)
			return -1;
		if (line.left == 0)
			return 0;
		if (parse_frame(line, &frame, err) < 0 ||
		    check_frame(reader, &frame, err) < 0 ||
		    add_frame(reader, &frame, err) < 0)
			return -1;
	}
}

static int check_tiles(const struct reader *reader, uint64_t size,
                       struct err *err)
{
	if (reader->plain_end != reader->head.new_size)
		return err_set(err, ERR_FORMAT, 0,
		               "its frames do not make the new stream");
	if (reader->head.len > size ||
	    reader->packed_end != size - reader->head.len)
		return err_set(err, ERR_FORMAT, 0,
		               "its frames do not end where it does");
	return 0;
}

static int parse(struct reader *reader, const char *text, uint64_t size,
                 struct err *err)
{
	if (take_sizes(reader, err) < 0 || take_frames(reader, err) < 0)
		return err_wrap(err, "line %u", reader->line);
	reader->head.len = (size_t)(reader->scan.at - text);
	return check_tiles(reader, size, err);
}

int patch_head_parse(const char *text, size_t len, uint64_t size,
                     struct patch_head *out, struct err *err)
{
	AUTO(reader_done)
	struct reader reader = {
		.scan = { text, len < PATCH_HEAD_MAX ? len : PATCH_HEAD_MAX },
		.head = PATCH_HEAD_NONE,
	};

	if (parse(&reader, text, size, err) < 0)
		return err_wrap(err, "the patch");
	*out = reader.head;
	reader.head = PATCH_HEAD_NONE; /* handed over */
	return 0;
}

/* --- writing --- */

int patch_head_write(const struct patch_head *head, struct buf *out,
                     struct err *err)
{
	if (buf_printf(out, err, HEAD_LINE "\ns %" PRIu64 " %" PRIu64 "\n",
	               head->old_size, head->new_size) < 0)
		return -1;
	for (size_t i = 0; i < head->count; i++) {
		const struct patch_frame *frame = &head->frames[i];

		if (buf_printf(out, err,
		               "f %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
		               "\n",
		               frame->packed_len, frame->plain_len,
		               frame->old_offset, frame->old_len) < 0)
			return -1;
	}
	return buf_adds(out, "\n", err);
}
