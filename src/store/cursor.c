/* SPDX-License-Identifier: Apache-2.0 */
#include "store/cursor.h"

void tree_cursor_begin(struct tree_cursor *cursor, int fd)
{
	lines_begin(&cursor->lines, fd, MTREE_LINE_MAX);
	cursor->reader = MTREE_READER_INIT;
}

void tree_cursor_done(struct tree_cursor *cursor)
{
	lines_done(&cursor->lines);
}

int tree_cursor_next(struct tree_cursor *cursor, struct err *err)
{
	const char *line;
	size_t len;
	int got = 0;

	while (got == 0) {
		got = lines_next(&cursor->lines, &line, &len, err);
		if (got == 0)
			return 0;
		if (got > 0)
			got = mtree_take_line(&cursor->reader, line, len,
			                      &cursor->entry, err);
	}
	if (got < 0)
		return err_wrap(err, "payload.mtree");
	return 1;
}

int tree_cursor_next_file(struct tree_cursor *cursor, struct err *err)
{
	int got;

	while ((got = tree_cursor_next(cursor, err)) == 1)
		if (cursor->entry.type == ENTRY_FILE && cursor->entry.size > 0)
			return 1;
	return got;
}

void index_cursor_begin(struct index_cursor *cursor, int fd,
                        enum index_line wanted)
{
	lines_begin(&cursor->lines, fd, INDEX_LINE_MAX);
	cursor->reader = INDEX_READER_INIT;
	cursor->wanted = wanted;
}

void index_cursor_done(struct index_cursor *cursor)
{
	lines_done(&cursor->lines);
}

int index_cursor_next(struct index_cursor *cursor, struct err *err)
{
	const char *line;
	size_t len;
	enum index_line kind;
	int got;

	for (;;) {
		got = lines_next(&cursor->lines, &line, &len, err);
		if (got == 0)
			return 0;
		if (got < 0 ||
		    index_take_line(&cursor->reader, line, len, &kind,
		                    &cursor->member, &cursor->entry, err) < 0)
			return err_wrap(err, "payload.index");
		if (kind == cursor->wanted)
			return 1;
		/* Members come first, so none follows an entry. */
		if (cursor->wanted == INDEX_MEMBER && kind == INDEX_ENTRY)
			return 0;
	}
}

void member_cursor_begin(struct member_cursor *cursor, int fd)
{
	index_cursor_begin(&cursor->members, fd, INDEX_MEMBER);
	cursor->is_held = false;
}

void member_cursor_done(struct member_cursor *cursor)
{
	index_cursor_done(&cursor->members);
}

int member_cursor_next(struct member_cursor *cursor, uint64_t begin,
                       uint64_t end, struct err *err)
{
	const struct index_member *member = &cursor->members.member;

	for (;;) {
		int got = 1;

		if (!cursor->is_held)
			got = index_cursor_next(&cursor->members, err);
		if (got <= 0)
			return got;
		/* One that reaches beyond may lie in the next file. */
		cursor->is_held =
			member->plain_offset >= begin &&
			member->plain_offset + member->plain_len > end;
		if (cursor->is_held)
			return 0;
		if (member->plain_offset >= begin)
			return 1;
	}
}
