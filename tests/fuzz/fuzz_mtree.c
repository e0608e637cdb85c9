/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a payload.mtree.  Properties: each accepted line written again is the
 * same bytes; and each entry's folder is among the entries before it, by a
 * list of all of them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/mtree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

/* Whether @list, folders each behind and before a LF, holds this one. */
static int has_folder(const struct buf *list, const char *path, size_t len)
{
	const char *at = buf_text(list);

	while (*at != '\0') {
		size_t n = strcspn(at, "\n");

		if (n == len && memcmp(at, path, len) == 0)
			return 1;
		at += n + 1;
	}
	return 0;
}

static void see_entry(const struct mtree_entry *entry, struct buf *folders)
{
	const char *slash = strrchr(entry->path, '/');
	struct err err;

	require(slash == NULL || has_folder(folders, entry->path,
	                                    (size_t)(slash - entry->path)));
	if (entry->type != ENTRY_DIR)
		return;
	require(buf_adds(folders, entry->path, &err) == 0);
	require(buf_adds(folders, "\n", &err) == 0);
}

static void see_line(const struct mtree_reader *reader, int got,
                     const struct mtree_entry *entry, const char *line,
                     size_t len)
{
	AUTO_BUF struct buf again = BUF_NONE;
	const char *text;
	struct err err;

	if (got == 0 && reader->line < MTREE_HEAD_LINES)
		return;
	if (got == 0)
		require(mtree_write_head(reader->created, &again, &err) == 0);
	else
		require(mtree_write_entry(entry, &again, &err) == 0);
	text = buf_text(&again);
	if (got == 0)
		text += strcspn(text, "\n") + 1;
	require(strlen(text) == len + 1 && memcmp(text, line, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mtree_entry entry;
	static struct mtree_reader reader;
	AUTO_BUF struct buf folders = BUF_NONE;
	const char *line = (const char *)data;
	const char *end = line + size;
	struct err err;

	reader = MTREE_READER_INIT;
	while (line < end) {
		const char *lf = memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)((lf != NULL ? lf : end) - line);
		int got = mtree_take_line(&reader, line, len, &entry, &err);

		if (got < 0)
			return 0;
		see_line(&reader, got, &entry, line, len);
		if (got == 1)
			see_entry(&entry, &folders);
		line += len + 1;
	}
	return 0;
}
