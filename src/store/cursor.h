/* SPDX-License-Identifier: Apache-2.0 */
/* Going through payload.mtree and payload.index line by line; both are
 * authentic.  Several cursors may share a descriptor. */
#ifndef STORE_CURSOR_H
#define STORE_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/lines.h"
#include "codec/mtree.h"
#include "codec/payload_index.h"

/* The entries of payload.mtree; the current one's line is reader.line. */
struct tree_cursor {
	struct lines lines; /* owned */
	struct mtree_reader reader;
	struct mtree_entry entry; /* the current one */
};

#define TREE_CURSOR_NONE ((struct tree_cursor){ .lines = LINES_NONE })
#define AUTO_TREE_CURSOR AUTO(tree_cursor_done)

/** tree_cursor_begin - before the first entry of @fd (borrowed). */
void tree_cursor_begin(struct tree_cursor *cursor, int fd);
void tree_cursor_done(struct tree_cursor *cursor);

/** tree_cursor_next - 1 with entry set, 0 behind the last, or -1. */
int tree_cursor_next(struct tree_cursor *cursor, struct err *err) MUST_CHECK;

/** tree_cursor_next_file - the same, of files that are not empty alone. */
int tree_cursor_next_file(struct tree_cursor *cursor,
                          struct err *err) MUST_CHECK;

/* The lines of payload.index of one kind: its members, or its entries. */
struct index_cursor {
	struct lines lines; /* owned */
	struct index_reader reader;
	enum index_line wanted;
	struct index_member member; /* the current one */
	struct index_entry entry;   /* the current one */
};

#define INDEX_CURSOR_NONE ((struct index_cursor){ .lines = LINES_NONE })
#define AUTO_INDEX_CURSOR AUTO(index_cursor_done)

/** index_cursor_begin - before the first line of kind @wanted. */
void index_cursor_begin(struct index_cursor *cursor, int fd,
                        enum index_line wanted);
void index_cursor_done(struct index_cursor *cursor);

/** index_cursor_next - 1 with member or entry set, 0 behind the last, or -1.
 * After 0 of a cursor for entries its reader has seen the whole index. */
int index_cursor_next(struct index_cursor *cursor, struct err *err) MUST_CHECK;

/* The members of payload.index that lie in one file after the other. */
struct member_cursor {
	struct index_cursor members; /* owned; the current one: .member */
	bool is_held;                /* it was read, and not yet given */
};

#define MEMBER_CURSOR_NONE                                                     \
	((struct member_cursor){ .members = INDEX_CURSOR_NONE })

void member_cursor_begin(struct member_cursor *cursor, int fd);
void member_cursor_done(struct member_cursor *cursor);

/**
 * member_cursor_next - the next member that lies in bytes @begin to @end of the
 * tar.  Neither goes back from call to call.
 * Returns 1, 0 where none does any more, or -1 as index_cursor_next.
 */
int member_cursor_next(struct member_cursor *cursor, uint64_t begin,
                       uint64_t end, struct err *err) MUST_CHECK;

#endif
