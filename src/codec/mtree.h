/* SPDX-License-Identifier: Apache-2.0 */
/* payload.mtree: one entry of the tree a line (mtree(5); the exact spelling is
 * in docs/bundle-format.md).  Reader and writer go line by line, so that a
 * million entries need no memory; neither does I/O. */
#ifndef CODEC_MTREE_H
#define CODEC_MTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/release_ini.h"
#include "codec/tree_path.h"

#define MTREE_ENTRIES_MAX 1000000
#define MTREE_BYTES_MAX   (((uint64_t)1 << 53) - 1) /* of all files together */
#define MTREE_HEAD_LINES  2 /* "#mtree" and "/set ..." */
#define MTREE_MODE_MAX    07777
/* Longest line, without its LF: each byte of two paths may be escaped. */
#define MTREE_LINE_MAX (4 * 2 * TREE_PATH_SIZE + 256)

enum entry_type { ENTRY_FILE, ENTRY_DIR, ENTRY_LINK };

struct mtree_entry {
	enum entry_type type;
	unsigned mode; /* permission bits, 0 to 07777; a link's 0777 */
	uint64_t size; /* bytes of a file, else 0 */
	uint8_t sha256[DIGEST_LEN]; /* of a file, else zero */
	char path[TREE_PATH_SIZE];
	char link[TREE_PATH_SIZE]; /* target of a link, else "" */
};

struct mtree_reader {
	int64_t created;  /* from the /set line */
	uint64_t line;    /* lines taken so far */
	uint64_t entries; /* entries given so far */
	uint64_t bytes;   /* sum of their sizes */
	/* Private: the last entry, for the order and the folder of the next. */
	char last[TREE_PATH_SIZE];
	bool is_folder;
};

#define MTREE_READER_INIT ((struct mtree_reader){ 0 })

/**
 * mtree_take_line - read the next line (without its LF).
 * @out: written on 1; unspecified on -1.
 *
 * Accepts exactly what the writers below write.
 *
 * Returns 1 for an entry, 0 for one of the two head lines, -1 with ERR_FORMAT
 * (spelling, component order, missing parent, parent that is no folder) or
 * ERR_LIMIT,
 * naming the line; after -1 the reader must not be used again.
 */
int mtree_take_line(struct mtree_reader *reader, const char *line, size_t len,
                    struct mtree_entry *out, struct err *err) MUST_CHECK;

/**
 * mtree_finish - that the file was whole: as many entries and bytes as
 * release.ini says, and at least one entry.
 * Returns 0, or -1 with ERR_FORMAT.
 */
int mtree_finish(const struct mtree_reader *reader, uint64_t entries,
                 uint64_t bytes, struct err *err) MUST_CHECK;

/* The writers append whole lines with their LF.  -1 with ERR_FORMAT or
 * ERR_LIMIT for what the reader would refuse (but for order and parents), or
 * as buf_add; the buffer may then hold a part of the line. */

/** mtree_write_head - the two head lines; @created is 0 to TAR_OCTAL_MAX. */
int mtree_write_head(int64_t created, struct buf *out,
                     struct err *err) MUST_CHECK;

/** mtree_write_entry - one entry. */
int mtree_write_entry(const struct mtree_entry *entry, struct buf *out,
                      struct err *err) MUST_CHECK;

#endif
