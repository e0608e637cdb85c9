/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of the single bundle file: a tar of the parts in a gzip member of
 * stored blocks, whose layout is so fixed that every part's place can be
 * computed (docs/bundle-format.md, "The bundle file").  Pure: no I/O. */
#ifndef CODEC_BUNDLE_FRAME_H
#define CODEC_BUNDLE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/part.h"
#include "codec/tar_header.h"

#define FRAME_GZIP_HEAD  10
#define FRAME_GZIP_TAIL  8
#define FRAME_BLOCK      65535 /* bytes of tar in one stored block */
#define FRAME_BLOCK_HEAD 5

/* The functions below take sizes up to FRAME_TAR_MAX; no bundle comes near. */
#define FRAME_TAR_MAX ((uint64_t)1 << 60)

extern const uint8_t frame_gzip_head[FRAME_GZIP_HEAD];

/** frame_file_offset - where byte @n of the tar lies in the file. */
uint64_t frame_file_offset(uint64_t n);

/** frame_file_size - the size of the file that holds a tar of @tar_size. */
uint64_t frame_file_size(uint64_t tar_size);

/** frame_tar_size - its inverse; 0 where no tar of 1 to FRAME_TAR_MAX bytes
 * gives this file size. */
uint64_t frame_tar_size(uint64_t file_size);

/** frame_block_head - the 5 bytes before the block that begins at tar byte @n
 * (a multiple of FRAME_BLOCK below @tar_size) of a tar of @tar_size. */
void frame_block_head(uint64_t n, uint64_t tar_size,
                      uint8_t out[FRAME_BLOCK_HEAD]);

/**
 * part_header_write - the ustar header of a part.
 * @size:    any; above TAR_OCTAL_MAX in base 256.
 * @created: 0 to TAR_OCTAL_MAX.
 */
void part_header_write(struct part part, uint64_t size, int64_t created,
                       uint8_t out[TAR_BLOCK]);

/**
 * part_header_parse - read such a header.
 * @part, @size, @created: written only on 1.
 *
 * Returns 1 for a header, 0 for a block of NUL (the archive's end), -1 with
 * ERR_FORMAT for any that part_header_write would not write (an unknown part
 * among them), or ERR_LIMIT for a part that is too large.
 */
int part_header_parse(const uint8_t in[TAR_BLOCK], struct part *part,
                      uint64_t *size, int64_t *created,
                      struct err *err) MUST_CHECK;

#endif
