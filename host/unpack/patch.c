/* SPDX-License-Identifier: Apache-2.0 */
#include "patch.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "codec/patch_frame.h"
#include "spans.h"

struct unpatch {
	const struct patch_inputs *inputs;
	struct patch_head head; /* owned */
	struct spans spans;     /* at the file that is being sent */
	uint64_t sent;          /* its bytes so far */
	struct ring_writer *ring;
	uint8_t *old, *packed, *plain; /* owned; of the largest frame */
	uint64_t old_at;               /* what old holds: from here */
	uint64_t old_len;              /* so many bytes */
};

static void unpatch_done(struct unpatch *unpatch)
{
	patch_head_done(&unpatch->head);
	free(unpatch->old);
	free(unpatch->packed);
	free(unpatch->plain);
}

/* --- the head --- */

static int read_head(struct unpatch *unpatch, const struct job_unpack *job,
                     struct err *err)
{
	size_t len = job->file_size < PATCH_HEAD_MAX ? (size_t)job->file_size
	                                             : PATCH_HEAD_MAX;
	AUTO_FREE char *text = malloc(len + 1);

	if (text == NULL)
		return err_nomem(err);
	if (fs_read_at(unpatch->inputs->patch, 0, text, len, err) < 0 ||
	    patch_head_parse(text, len, job->file_size, &unpatch->head, err) <
	            0)
		return -1;
	if (unpatch->head.old_size != job->old_size)
		return err_set(err, ERR_FORMAT, 0,
		               "the patch is of another old release");
	return 0;
}

static size_t larger(size_t a, uint64_t b)
{
	return a > b ? a : (size_t)b; /* all of them are capped */
}

static int make_room(struct unpatch *unpatch, struct err *err)
{
	size_t old = 1, packed = 1, plain = 1;

	for (size_t i = 0; i < unpatch->head.count; i++) {
		const struct patch_frame *frame = &unpatch->head.frames[i];

		old = larger(old, frame->old_len);
		packed = larger(packed, frame->packed_len);
		plain = larger(plain, frame->plain_len);
	}
	unpatch->old = malloc(old);
	unpatch->packed = malloc(packed);
	unpatch->plain = malloc(plain);
	if (unpatch->old == NULL || unpatch->packed == NULL ||
	    unpatch->plain == NULL)
		return err_nomem(err);
	return 0;
}

/* --- the frames --- */

/* Bytes of the new stream, to the files that they belong to. */
static int send(struct unpatch *unpatch, const uint8_t *data, size_t len,
                struct err *err)
{
	while (len > 0) {
		const struct payload_span *span =
			spans_current(&unpatch->spans);
		uint32_t line;
		size_t n;

		if (span == NULL)
			return err_set(err, ERR_FORMAT, 0,
			               "the patch is of another new release");
		line = (uint32_t)span->mtree_line;
		n = span->size - unpatch->sent < len
		            ? (size_t)(span->size - unpatch->sent)
		            : len;
		if (frame_put(unpatch->ring, line, data, n, err) < 0)
			return -1;
		data += n;
		len -= n;
		unpatch->sent += n;
		if (unpatch->sent < span->size)
			continue;
		unpatch->sent = 0;
		if (frame_end(unpatch->ring, line, err) < 0 ||
		    spans_next(&unpatch->spans, err) < 0)
			return -1;
	}
	return 0;
}

/* Frames in a row often have the same stretch. */
static int read_old(struct unpatch *unpatch, const struct patch_frame *frame,
                    struct err *err)
{
	if (frame->old_offset == unpatch->old_at &&
	    frame->old_len == unpatch->old_len)
		return 0;
	if (fs_read_at(unpatch->inputs->old, frame->old_offset, unpatch->old,
	               (size_t)frame->old_len, err) < 0)
		return -1;
	unpatch->old_at = frame->old_offset;
	unpatch->old_len = frame->old_len;
	return 0;
}

static int open_frame(struct unpatch *unpatch, const struct patch_frame *frame,
                      uint64_t at, struct err *err)
{
	const struct bytes old = { unpatch->old, (size_t)frame->old_len };
	const struct bytes packed = { unpatch->packed,
		                      (size_t)frame->packed_len };

	if (fs_read_at(unpatch->inputs->patch, at, unpatch->packed, packed.len,
	               err) < 0 ||
	    read_old(unpatch, frame, err) < 0 ||
	    patch_frame_open(old, packed, unpatch->plain,
	                     (size_t)frame->plain_len, err) < 0)
		return -1;
	return send(unpatch, unpatch->plain, (size_t)frame->plain_len, err);
}

static int open_frames(struct unpatch *unpatch, struct err *err)
{
	uint64_t at = unpatch->head.len;

	for (size_t i = 0; i < unpatch->head.count; i++) {
		const struct patch_frame *frame = &unpatch->head.frames[i];

		if (open_frame(unpatch, frame, at, err) < 0)
			return -1;
		at += frame->packed_len;
	}
	if (spans_current(&unpatch->spans) != NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "the patch ends before the last file");
	return 0;
}

int patch_files_send(const struct patch_inputs *inputs,
                     const struct job_unpack *job, struct ring_writer *ring,
                     struct err *err)
{
	AUTO(unpatch_done)
	struct unpatch unpatch = { .inputs = inputs,
		                   .head = PATCH_HEAD_NONE,
		                   .ring = ring };

	if (read_head(&unpatch, job, err) < 0 || make_room(&unpatch, err) < 0 ||
	    spans_begin(&unpatch.spans, inputs->spans, job->span_count, err) <
	            0)
		return -1;
	return open_frames(&unpatch, err);
}
