/* SPDX-License-Identifier: Apache-2.0 */
/* One frame of a patch (codec/payload_patch.h): bytes, compressed against other
 * bytes that both sides have.  zstd, RFC 8878, with the other bytes as a
 * prefix. No I/O. */
#ifndef CODEC_PATCH_FRAME_H
#define CODEC_PATCH_FRAME_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"
#include "codec/payload_patch.h"

#define PATCH_LEVEL 19

/* 128 MiB: the end of a full frame no longer sees the beginning of the longest
 * stretch. */
#define PATCH_WINDOW_LOG 27

/** patch_frame_encoder - what release.ini says of the encoder: "zstd 1.5.4". */
const char *patch_frame_encoder(void);

/** patch_frame_bound - the room that patch_frame_make needs for @plain_len. */
size_t patch_frame_bound(size_t plain_len);

/**
 * patch_frame_make - compress @plain (1 to PATCH_PLAIN_MAX bytes) against @old
 * (at most PATCH_OLD_MAX).  One thread; takes some 100 MiB besides.
 * @packed: @room bytes, patch_frame_bound at least.
 * @len:    out.
 *
 * The same bytes and the same libzstd give the same bytes.  Returns 0, or -1
 * with ERR_SYSTEM.
 */
int patch_frame_make(struct bytes old, struct bytes plain, void *packed,
                     size_t room, size_t *len, struct err *err) MUST_CHECK;

/**
 * patch_frame_open - the inverse.
 * @plain: exactly @plain_len bytes come of it, or it is refused: a frame that
 *         would give more is not gone on with.
 *
 * Takes no memory beyond 1 MiB, whatever the frame says of its window: it
 * writes to @plain itself.  Bytes of @plain are unspecified after -1.
 * Returns 0, or -1 with ERR_FORMAT (one frame and nothing else; its content
 * size and checksum), or ERR_SYSTEM without memory.
 */
int patch_frame_open(struct bytes old, struct bytes packed, void *plain,
                     size_t plain_len, struct err *err) MUST_CHECK;

#endif
