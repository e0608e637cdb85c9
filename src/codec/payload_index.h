/* SPDX-License-Identifier: Apache-2.0 */
/* payload.index: where each gzip member lies in payload.tar.gz and in the tar,
 * and where each file's bytes begin in the tar.  Line by line, no I/O. */
#ifndef CODEC_PAYLOAD_INDEX_H
#define CODEC_PAYLOAD_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/release_ini.h"

#define MEMBER_PLAIN_MAX  262144 /* bytes of the tar in one member */
#define MEMBER_PACKED_MAX 524288 /* bytes of one member */
#define INDEX_LINE_MAX    256    /* bytes, without the LF */
#define INDEX_SIZE_MAX    (((uint64_t)1 << 53) - 1) /* of either file */

struct index_member {
	uint64_t packed_offset; /* in payload.tar.gz */
	uint64_t packed_len;
	uint64_t plain_offset; /* in the tar */
	uint64_t plain_len;
	uint8_t sha256[DIGEST_LEN]; /* of the packed bytes */
};

struct index_entry {
	uint64_t mtree_line;
	uint64_t data_offset; /* in the tar */
};

enum index_line { INDEX_HEAD, INDEX_MEMBER, INDEX_ENTRY };

struct index_reader {
	uint64_t lines;
	uint64_t members, entries;
	uint64_t packed_end, plain_end; /* the tiling so far */
	struct index_entry last;
};

#define INDEX_READER_INIT ((struct index_reader){ 0 })

/**
 * index_take_line - read the next line (without its LF).
 * @kind: out, which of @member and @entry was written; all untouched on -1.
 *
 * Members tile without a gap; entries follow them, ascend, and point at tar
 * blocks inside the tiling.  That each entry is a file of payload.mtree, and
 * that none is missing, is for the caller to see: it has both.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the line; after -1 the
 * reader must not be used again.
 */
int index_take_line(struct index_reader *reader, const char *line, size_t len,
                    enum index_line *kind, struct index_member *member,
                    struct index_entry *entry, struct err *err) MUST_CHECK;

/**
 * index_finish - that the tiles end exactly at the two sizes.
 * Returns 0, or -1 with ERR_FORMAT.
 */
int index_finish(const struct index_reader *reader, uint64_t packed_size,
                 uint64_t plain_size, struct err *err) MUST_CHECK;

/* The writers append one line with its LF; -1 as buf_add, and the buffer may
 * then hold a part of the line.  Values are the caller's: he made the tiling.
 */
int index_write_head(struct buf *out, struct err *err) MUST_CHECK;
int index_write_member(const struct index_member *member, struct buf *out,
                       struct err *err) MUST_CHECK;
int index_write_entry(const struct index_entry *entry, struct buf *out,
                      struct err *err) MUST_CHECK;

#endif
