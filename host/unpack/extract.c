/* SPDX-License-Identifier: Apache-2.0 */
#include "extract.h"

#include <stdbool.h>
#include <string.h>

#include "codec/tar_header.h"

/* The index must name this file next, and this place. */
static int check_place(struct extract *extract, struct err *err)
{
	const struct tree_cursor *tree = &extract->tree;
	int got = index_cursor_next(&extract->places, err);

	if (got < 0)
		return -1;
	if (got == 0 || extract->places.entry.mtree_line != tree->reader.line)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.index does not name '%s'",
		               tree->entry.path);
	if (extract->places.entry.data_offset != extract->at)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.index gives another place for '%s'",
		               tree->entry.path);
	return 0;
}

static int begin_entry(struct extract *extract, struct err *err)
{
	int got = tree_cursor_next(&extract->tree, err);

	if (got < 0)
		return -1;
	if (got == 0) {
		extract->phase = EXTRACT_END;
		extract->left = TAR_END;
		return 0;
	}
	extract->head.len = 0;
	if (tar_entry_head(&extract->tree.entry, extract->tree.reader.line,
	                   extract->job.created, &extract->head, err) < 0)
		return -1;
	extract->phase = EXTRACT_HEAD;
	extract->left = extract->head.len;
	return 0;
}

/* Called when nothing is left of a phase. */
static int next_phase(struct extract *extract, struct err *err)
{
	const struct mtree_entry *entry = &extract->tree.entry;

	switch (extract->phase) {
	case EXTRACT_HEAD:
		if (entry->size == 0)
			return begin_entry(extract, err);
		extract->phase = EXTRACT_DATA;
		extract->left = entry->size;
		return check_place(extract, err);
	case EXTRACT_DATA:
		extract->phase = EXTRACT_PADDING;
		extract->left = tar_padding(entry->size);
		return frame_end(extract->ring,
		                 (uint32_t)extract->tree.reader.line, err);
	case EXTRACT_PADDING:
		return begin_entry(extract, err);
	case EXTRACT_END:
		break;
	}
	return err_set(err, ERR_FORMAT, 0,
	               "the tar goes on behind its end at byte %llu",
	               (unsigned long long)extract->at);
}

static int take_piece(struct extract *extract, const uint8_t *data, size_t len,
                      struct err *err)
{
	const struct mtree_entry *entry = &extract->tree.entry;

	switch (extract->phase) {
	case EXTRACT_HEAD:
		if (memcmp(extract->head.data + extract->head.len -
		                   extract->left,
		           data, len) == 0)
			return 0;
		return err_set(err, ERR_FORMAT, 0,
		               "the tar has something else than payload.mtree "
		               "at '%s'",
		               entry->path);
	case EXTRACT_DATA:
		return frame_put(extract->ring,
		                 (uint32_t)extract->tree.reader.line, data, len,
		                 err);
	case EXTRACT_PADDING:
		if (tar_is_nul(data, len))
			return 0;
		return err_set(err, ERR_FORMAT, 0,
		               "the tar has bytes that are not NUL behind '%s'",
		               entry->path);
	case EXTRACT_END:
		if (tar_is_nul(data, len))
			return 0;
		break;
	}
	return err_set(err, ERR_FORMAT, 0,
	               "the tar has entries that payload.mtree lacks");
}

int extract_begin(struct extract *extract, const struct job_unpack *job,
                  int mtree_fd, int index_fd, struct ring_writer *ring,
                  struct err *err)
{
	*extract = EXTRACT_NONE;
	extract->job = *job;
	extract->ring = ring;
	tree_cursor_begin(&extract->tree, mtree_fd);
	index_cursor_begin(&extract->places, index_fd, INDEX_ENTRY);
	return begin_entry(extract, err);
}

void extract_done(struct extract *extract)
{
	tree_cursor_done(&extract->tree);
	index_cursor_done(&extract->places);
	buf_done(&extract->head);
}

int extract_take(struct extract *extract, const uint8_t *data, size_t len,
                 struct err *err)
{
	while (len > 0) {
		size_t piece = len;

		while (extract->left == 0)
			if (next_phase(extract, err) < 0)
				return -1;
		if (piece > extract->left)
			piece = (size_t)extract->left;
		if (take_piece(extract, data, piece, err) < 0)
			return -1;
		extract->left -= piece;
		extract->at += piece;
		data += piece;
		len -= piece;
	}
	return 0;
}

int extract_finish(struct extract *extract, struct err *err)
{
	int got;

	if (extract->phase != EXTRACT_END || extract->left != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "the tar ends early, at byte %llu",
		               (unsigned long long)extract->at);
	got = index_cursor_next(&extract->places, err);
	if (got < 0)
		return -1;
	if (got > 0)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.index names more files than "
		               "payload.mtree");
	/* With its two ends right, the tiles cover payload and tar. */
	return index_finish(&extract->places.reader, extract->job.payload_size,
	                    extract->job.tar_size, err);
}
