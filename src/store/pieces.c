/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pieces.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "codec/cut.h"
#include "crypto/sha256.h"
#include "store/cursor.h"
#include "store/releases.h"

#define ROOM_FIRST 256

enum file_state {
	FILE_UNKNOWN,
	FILE_RIGHT, /* what its release says */
	FILE_WRONG  /* has other bytes, or cannot be read */
};

struct pieces_file {
	size_t path; /* in paths */
	uint8_t sha256[DIGEST_LEN];
	enum file_state state;
};

void pieces_done(struct pieces *pieces)
{
	free(pieces->list);
	free(pieces->files);
	buf_done(&pieces->paths);
	cleanup_close(&pieces->fd);
	*pieces = PIECES_NONE;
}

/* --- what is installed --- */

/* @list with room for one more item of @size bytes; NULL without memory, and
 * then it stays as it is. */
static void *grown(void *list, size_t count, size_t *room, size_t size,
                   struct err *err)
{
	size_t more = *room == 0 ? ROOM_FIRST : 2 * *room;
	void *made;

	if (count < *room)
		return list;
	made = reallocarray(list, more, size);
	if (made == NULL) {
		(void)err_nomem(err);
		return NULL;
	}
	*room = more;
	return made;
}

/* One installed release: its files beside their members. */
struct search {
	struct pieces *pieces;
	const char *version;
	struct tree_cursor tree;
	struct index_cursor entries;
	struct member_cursor members;
};

static void search_done(struct search *search)
{
	tree_cursor_done(&search->tree);
	index_cursor_done(&search->entries);
	member_cursor_done(&search->members);
}

/* 1; 0 where there is no room for its path. */
static int note_file(struct search *search, struct err *err)
{
	struct pieces *pieces = search->pieces;
	const struct mtree_entry *entry = &search->tree.entry;
	size_t len = strlen(search->version) + 1 + strlen(entry->path) + 1;
	struct pieces_file *files, *file;

	if (len > PIECES_PATHS_MAX - pieces->paths.len)
		return 0;
	files = grown(pieces->files, pieces->file_count, &pieces->file_room,
	              sizeof *files, err);
	if (files == NULL)
		return -1;
	pieces->files = files;
	file = &files[pieces->file_count];
	*file = (struct pieces_file){ .path = pieces->paths.len };
	memcpy(file->sha256, entry->sha256, sizeof file->sha256);
	if (buf_printf(&pieces->paths, err, "%s/%s", search->version,
	               entry->path) < 0 ||
	    buf_add(&pieces->paths, "", 1, err) < 0)
		return -1;
	pieces->file_count++;
	return 1;
}

/* The member at hand lies in the file that was noted last. */
static int note_piece(struct search *search, uint64_t file_offset,
                      struct err *err)
{
	struct pieces *pieces = search->pieces;
	const struct index_member *member = &search->members.members.member;
	struct piece *list;

	if (pieces->count == PIECES_MAX)
		return 0;
	list = grown(pieces->list, pieces->count, &pieces->room, sizeof *list,
	             err);
	if (list == NULL)
		return -1;
	pieces->list = list;
	list[pieces->count] = (struct piece){
		.file = (uint32_t)(pieces->file_count - 1),
		.len = (uint32_t)member->plain_len,
		.offset = member->plain_offset - file_offset,
	};
	memcpy(list[pieces->count].packed, member->sha256, DIGEST_LEN);
	pieces->count++;
	return 0;
}

static int note_pieces(struct search *search, uint64_t offset, uint64_t size,
                       struct err *err)
{
	int got;

	while ((got = member_cursor_next(&search->members, offset,
	                                 offset + size, err)) == 1)
		if (note_piece(search, offset, err) < 0)
			return -1;
	return got;
}

/* The file at hand, which has bytes. */
static int take_file(struct search *search, struct err *err)
{
	const struct mtree_entry *entry = &search->tree.entry;
	int got = index_cursor_next(&search->entries, err);

	if (got <= 0 ||
	    search->entries.entry.mtree_line != search->tree.reader.line)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.index does not name '%s'", entry->path);
	if (entry->size < CUT_OWN_FILE)
		return 0;
	got = note_file(search, err);
	if (got <= 0)
		return got;
	return note_pieces(search, search->entries.entry.data_offset,
	                   entry->size, err);
}

static int take_files(struct search *search, struct err *err)
{
	int got;

	while ((got = tree_cursor_next(&search->tree, err)) == 1)
		if (search->tree.entry.type == ENTRY_FILE &&
		    search->tree.entry.size > 0 && take_file(search, err) < 0)
			return -1;
	return got;
}

static int open_part(const struct store *store, const char *version,
                     enum part_kind kind, struct err *err)
{
	char path[VERSION_SIZE + PART_NAME_SIZE];
	char name[PART_NAME_SIZE];

	part_name((struct part){ kind, 0 }, name);
	(void)snprintf(path, sizeof path, "%s/%s", version, name);
	return fs_open_file(store->packages, path, err);
}

/* It is that of the receipt, or else the release is damaged (store_list). */
static int read_release(const struct store *store, const char *version,
                        struct release_ini *out, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(RELEASE_INI_MAX);
	AUTO_CLOSE int fd = open_part(store, version, PART_RELEASE_INI, err);

	if (fd < 0 || fs_read_fd(fd, &text, err) < 0)
		return -1;
	return release_ini_parse(buf_text(&text), text.len, out, err);
}

/* One that still is what was signed: a digit that changed in it would make
 * other bytes a piece. */
static int open_pinned(const struct store *store, const char *version,
                       enum part_kind kind, const struct release_ini *release,
                       struct err *err)
{
	AUTO_CLOSE int fd = open_part(store, version, kind, err);
	uint8_t digest[SHA256_LEN];

	if (fd < 0 || sha256_of_fd(fd, digest, NULL, err) < 0)
		return -1;
	if (!sha256_equal(digest, release->parts[kind].sha256))
		return err_set(err, ERR_FORMAT, 0, "a part of %s is damaged",
		               version);
	return TAKE_FD(fd);
}

static int search_release(struct pieces *pieces, const struct store *store,
                          const char *version, struct err *err)
{
	AUTO_FREE struct release_ini *release = malloc(sizeof *release);
	AUTO(search_done)
	struct search search = {
		.pieces = pieces,
		.version = version,
		.tree = TREE_CURSOR_NONE,
		.entries = INDEX_CURSOR_NONE,
		.members = MEMBER_CURSOR_NONE,
	};
	AUTO_CLOSE int mtree = -1;
	AUTO_CLOSE int index = -1;

	if (release == NULL)
		return err_nomem(err);
	if (read_release(store, version, release, err) < 0)
		return -1;
	mtree = open_pinned(store, version, PART_MTREE, release, err);
	if (mtree >= 0)
		index = open_pinned(store, version, PART_INDEX, release, err);
	if (index < 0)
		return -1;
	tree_cursor_begin(&search.tree, mtree);
	index_cursor_begin(&search.entries, index, INDEX_ENTRY);
	member_cursor_begin(&search.members, index);
	return take_files(&search, err);
}

/* Files are numbered from those of the newest release. */
static int compare(const void *a, const void *b)
{
	const struct piece *left = a, *right = b;
	int order = memcmp(left->packed, right->packed, DIGEST_LEN);

	if (order != 0)
		return order;
	if (left->file != right->file)
		return left->file < right->file ? -1 : 1;
	return (left->offset > right->offset) - (left->offset < right->offset);
}

static bool is_same(const struct piece *left, const struct piece *right)
{
	return memcmp(left->packed, right->packed, DIGEST_LEN) == 0;
}

/* Of those in one file the first is enough: so few stand beside each other. */
static void sort_pieces(struct pieces *pieces)
{
	struct piece *list = pieces->list;
	size_t kept = 0;

	if (pieces->count == 0)
		return;
	qsort(list, pieces->count, sizeof *list, compare);
	for (size_t i = 1; i < pieces->count; i++)
		if (list[i].file != list[kept].file ||
		    !is_same(&list[i], &list[kept]))
			list[++kept] = list[i];
	pieces->count = kept + 1;
}

int pieces_search(struct pieces *pieces, const struct store *store,
                  struct err *err)
{
	AUTO_INSTALLED struct installed_list list = INSTALLED_NONE;

	if (store_list(store, &list, err) < 0)
		return -1;
	/* The newest first: it has most in common with a new one. */
	for (size_t i = list.count; i-- > 0;) {
		const size_t before = pieces->count;
		struct err ignored; /* then all of it is fetched */

		if (!list.items[i].is_damaged &&
		    search_release(pieces, store, list.items[i].version,
		                   &ignored) < 0)
			pieces->count = before;
	}
	sort_pieces(pieces);
	return 0;
}

const struct piece *pieces_find(const struct pieces *pieces,
                                const uint8_t packed[DIGEST_LEN])
{
	size_t low = 0, high = pieces->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(pieces->list[middle].packed, packed, DIGEST_LEN) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == pieces->count ||
	    memcmp(pieces->list[low].packed, packed, DIGEST_LEN) != 0)
		return NULL;
	return &pieces->list[low];
}

static const char *path_of(const struct pieces *pieces, size_t file)
{
	return buf_text(&pieces->paths) + pieces->files[file].path;
}

const char *pieces_path(const struct pieces *pieces, const struct piece *piece)
{
	return path_of(pieces, piece->file);
}

/* --- the bytes --- */

/* A sector that cannot be read is as good as other bytes; no memory, or a
 * library that fails, says nothing of the file. */
static bool is_unreadable(const struct err *err)
{
	return err->code == ERR_SYSTEM && err->sys != ENOMEM;
}

/* 1 when it holds what its release says, 0 when not, -1. */
static int check_file(struct pieces_file *file, int fd, struct err *err)
{
	uint8_t digest[SHA256_LEN];

	if (file->state == FILE_RIGHT)
		return 1;
	if (sha256_of_fd(fd, digest, NULL, err) < 0) {
		if (!is_unreadable(err))
			return -1;
		file->state = FILE_WRONG;
		return 0;
	}
	file->state =
		sha256_equal(digest, file->sha256) ? FILE_RIGHT : FILE_WRONG;
	return file->state == FILE_RIGHT;
}

static int open_file(struct pieces *pieces, const struct store *store,
                     size_t number, struct err *err)
{
	struct pieces_file *file = &pieces->files[number];
	const char *path = path_of(pieces, number);
	struct err ignored; /* all of it is fetched, then */
	AUTO_CLOSE int fd = -1;
	int got;

	if (file->state == FILE_WRONG)
		return 0; /* not again for each of its pieces */
	fd = fs_open_file(store->releases, path, &ignored);
	if (fd < 0)
		return 0;
	got = check_file(file, fd, err);
	if (got != 1)
		return got;
	cleanup_close(&pieces->fd);
	pieces->fd = TAKE_FD(fd);
	pieces->opened = number;
	return 1;
}

/* The same, unless it is open. */
static int require_file(struct pieces *pieces, const struct store *store,
                        size_t number, struct err *err)
{
	if (pieces->fd >= 0 && pieces->opened == number)
		return 1;
	return open_file(pieces, store, number, err);
}

int pieces_open(struct pieces *pieces, const struct store *store,
                const struct piece **piece, int *fd, struct err *err)
{
	const struct piece *end = pieces->list + pieces->count;
	const struct piece *tried = *piece;
	int got = 0;

	for (; got == 0 && tried < end && is_same(tried, *piece); tried++)
		got = require_file(pieces, store, tried->file, err);
	if (got != 1)
		return got;
	*piece = tried - 1;
	*fd = pieces->fd;
	return 1;
}
