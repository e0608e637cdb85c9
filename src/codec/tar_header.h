/* SPDX-License-Identifier: Apache-2.0 */
/* Tar headers (POSIX ustar and pax) as docs/bundle-format.md fixes them: the
 * entries of payload.tar.gz, and the blocks that the bundle's own frame is made
 * of.  One spelling for each entry.  No I/O. */
#ifndef CODEC_TAR_HEADER_H
#define CODEC_TAR_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/mtree.h"

#define TAR_BLOCK     512
#define TAR_END       1024       /* bytes of NUL that end an archive */
#define TAR_NAME_MAX  100        /* bytes of the name and of the link field */
#define TAR_OCTAL_MAX 8589934591 /* largest size or time in 11 octal digits */

/* The fields of one header that differ between headers. */
struct tar_fields {
	const char *name; /* at most TAR_NAME_MAX bytes; need not end in NUL */
	size_t name_len;
	const char *prefix; /* head of a split path, or NULL */
	size_t prefix_len;
	const char *link; /* at most TAR_NAME_MAX bytes, or NULL */
	size_t link_len;
	unsigned mode;
	uint64_t size; /* above TAR_OCTAL_MAX: written in base 256 */
	int64_t mtime; /* seconds, 0 to TAR_OCTAL_MAX */
	char type;     /* '0' file, '2' link, '5' folder, 'x' pax records */
};

/** tar_block_write - write one ustar header with its checksum. */
void tar_block_write(const struct tar_fields *fields, uint8_t out[TAR_BLOCK]);

/* The numbers that a header tells. */
struct tar_numbers {
	uint64_t size;
	int64_t mtime;
};

/**
 * tar_block_numbers - read size and mtime back.  Of what tar_block_write did
 * not write it makes some numbers or other: write the block again and compare.
 */
struct tar_numbers tar_block_numbers(const uint8_t in[TAR_BLOCK]);

/**
 * tar_entry_head - append all that stands before the entry's bytes: its ustar
 * header, and before that the pax header that it needs.
 * @mtree_line: the entry's line in payload.mtree; names the pax header.
 * @out:        grows by a multiple of TAR_BLOCK; unchanged on -1.
 *
 * Returns 0, or -1 with ERR_LIMIT for a time out of range, or as buf_reserve.
 */
int tar_entry_head(const struct mtree_entry *entry, uint64_t mtree_line,
                   int64_t created, struct buf *out,
                   struct err *err) MUST_CHECK;

/** tar_padding - bytes of NUL, 0 to 511, behind a body of @size bytes. */
size_t tar_padding(uint64_t size);

/** tar_is_nul - whether @len bytes are all NUL, as padding and the end are. */
bool tar_is_nul(const uint8_t *data, size_t len);

#endif
