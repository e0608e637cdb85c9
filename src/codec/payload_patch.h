/* SPDX-License-Identifier: Apache-2.0 */
/* payload.patch-<id>: what a release has that an old one lacks, compressed
 * against what the old one had instead (docs/bundle-format.md,
 * "payload.patch-<id>").  A head of lines, and then frames of zstd (RFC 8878),
 * one after the other, each made against a stretch of the old stream.
 *
 *     old stream   the contents of the files of the old payload.mtree, in its
 *                  order, whose digest no file of the new one has
 *     new stream   the same of the new payload.mtree, and the old one
 *
 * Both follow from two payload.mtree that are authentic, so that a patch names
 * no file.  No I/O. */
#ifndef CODEC_PAYLOAD_PATCH_H
#define CODEC_PAYLOAD_PATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"

#define PATCH_HEAD_MAX   ((size_t)512 * 1024)        /* bytes */
#define PATCH_FRAMES_MAX 4096                        /* 128 GiB */
#define PATCH_PLAIN_MAX  ((size_t)32 * 1024 * 1024)  /* of a frame, bytes */
#define PATCH_PACKED_MAX ((size_t)33 * 1024 * 1024)  /* the same */
#define PATCH_OLD_MAX    ((size_t)128 * 1024 * 1024) /* of its stretch */
#define PATCH_SIZE_MAX   (((uint64_t)1 << 53) - 1)   /* of a stream */

struct patch_frame {
	uint64_t packed_len; /* at least 1 */
	uint64_t plain_len;  /* of the new stream, at least 1 */
	uint64_t old_offset; /* of its stretch in the old stream */
	uint64_t old_len;    /* 0: it stands alone */
};

struct patch_head {
	uint64_t old_size, new_size; /* of the streams */
	struct patch_frame *frames;  /* owned */
	size_t count;
	size_t len; /* of the head's text; the first frame begins there */
};

#define PATCH_HEAD_NONE ((struct patch_head){ .frames = NULL })
#define AUTO_PATCH_HEAD AUTO(patch_head_done)

void patch_head_done(struct patch_head *head);

/**
 * patch_head_parse - read the head.
 * @text: the first bytes of the patch: PATCH_HEAD_MAX, or all of them.
 * @size: of the whole patch.
 * @out:  written only on 0.
 *
 * The frames tile what follows the head, and the new stream; their stretches
 * lie in the old one.  Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the
 * line, ERR_SYSTEM without memory.
 */
int patch_head_parse(const char *text, size_t len, uint64_t size,
                     struct patch_head *out, struct err *err) MUST_CHECK;

/** patch_head_write - append the text; the frames are the caller's, and hold
 * together.  0, or -1 as buf_add. */
int patch_head_write(const struct patch_head *head, struct buf *out,
                     struct err *err) MUST_CHECK;

#endif
