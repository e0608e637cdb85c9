/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a payload.index.  Properties: what is accepted, written again, is the
 * same bytes; members tile. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/payload_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

struct seen {
	enum index_line kind;
	struct index_member member;
	struct index_entry entry;
	uint64_t packed_end, plain_end, data_end;
};

static void see_line(struct seen *seen, struct buf *again)
{
	struct err err;

	switch (seen->kind) {
	case INDEX_HEAD:
		require(index_write_head(again, &err) == 0);
		return;
	case INDEX_MEMBER:
		require(index_write_member(&seen->member, again, &err) == 0);
		require(seen->member.packed_offset == seen->packed_end);
		require(seen->member.plain_offset == seen->plain_end);
		seen->packed_end += seen->member.packed_len;
		seen->plain_end += seen->member.plain_len;
		return;
	case INDEX_ENTRY:
		require(index_write_entry(&seen->entry, again, &err) == 0);
		require(seen->entry.data_offset > seen->data_end);
		require(seen->entry.data_offset < seen->plain_end);
		seen->data_end = seen->entry.data_offset;
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf again = BUF_NONE;
	struct index_reader reader = INDEX_READER_INIT;
	struct seen seen = { .kind = INDEX_HEAD };
	const char *text = (const char *)data;
	size_t at = 0;
	struct err err;

	while (at < size) {
		const char *lf = memchr(text + at, '\n', size - at);
		size_t len = lf != NULL ? (size_t)(lf - text) - at : size - at;

		if (index_take_line(&reader, text + at, len, &seen.kind,
		                    &seen.member, &seen.entry, &err) < 0)
			break;
		see_line(&seen, &again);
		at += len + 1;
	}
	require(again.len <= size + 1);
	if (again.len > 0)
		require(memcmp(again.data, data, again.len - 1) == 0);
	if (index_finish(&reader, seen.packed_end, seen.plain_end, &err) == 0)
		require(reader.members > 0);
	return 0;
}
