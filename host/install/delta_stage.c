/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan takes from installed releases, on its way into the new one. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"
#include "delta.h"

static int compare_patches(const void *a, const void *b)
{
	const struct delta_piece *left = a, *right = b;

	if (left->mtree_line != right->mtree_line)
		return left->mtree_line < right->mtree_line ? -1 : 1;
	return (left->offset > right->offset) - (left->offset < right->offset);
}

/* The piece that comes next of the file that is being staged, or NULL. */
static const struct piece *find_patch(const struct delta *delta,
                                      const struct tree_stage *tree,
                                      uint64_t mtree_line)
{
	const struct delta_piece wanted = { .mtree_line = mtree_line,
		                            .offset =
		                                    tree_stage_position(tree) };
	const struct delta_piece *found;

	if (delta->patch_count == 0)
		return NULL;
	found = bsearch(&wanted, delta->patches, delta->patch_count,
	                sizeof wanted, compare_patches);
	return found != NULL ? found->piece : NULL;
}

bool delta_goes_on(const struct delta *delta, const struct tree_stage *tree,
                   uint64_t mtree_line)
{
	uint64_t line;

	return tree_stage_next(tree, &line) != NULL && line == mtree_line &&
	       find_patch(delta, tree, line) != NULL;
}

/* The bytes of a piece; the file ends where it is whole.  1; 0 when they cannot
 * be read, -1. */
static int stage_bytes(struct tree_stage *tree, uint64_t mtree_line, int from,
                       const struct piece *piece, struct err *err)
{
	AUTO_FREE uint8_t *bytes = malloc(piece->len);
	const struct mtree_entry *entry;
	struct err ignored; /* all of it is fetched, then */
	uint64_t line;

	if (bytes == NULL)
		return err_nomem(err);
	if (fs_read_at(from, piece->offset, bytes, piece->len, &ignored) < 0)
		return 0;
	if (tree_stage_bytes(tree, mtree_line, bytes, piece->len, err) < 0)
		return -1;
	entry = tree_stage_next(tree, &line);
	if (tree_stage_position(tree) < entry->size)
		return 1;
	return tree_stage_bytes(tree, mtree_line, NULL, 0, err) < 0 ? -1 : 1;
}

/* As stage_next. */
static int stage_piece(const struct delta *delta, const struct store *store,
                       const struct piece *piece, uint64_t mtree_line,
                       struct tree_stage *tree, struct err *err)
{
	int from;
	int got = pieces_open(delta->pieces, store, &piece, &from, err);

	return got == 1 ? stage_bytes(tree, mtree_line, from, piece, err) : got;
}

/* Why nothing can be taken from @path, below releases/. */
static int say_stale(const struct store *store, const char *path,
                     struct err *err)
{
	char version[VERSION_SIZE];
	size_t len = strcspn(path, "/");
	int there;

	if (text_copy(version, sizeof version, path, len, err) < 0)
		return -1;
	there = fs_exists(store->releases, version, NULL, err);
	if (there < 0)
		return -1;
	if (there == 0)
		(void)err_set(err, ERR_CONFLICT, 0,
		              "release %s was removed meanwhile", version);
	else
		(void)err_set(err, ERR_CONFLICT, 0,
		              "installed release %s is damaged: '%s' is not "
		              "what was installed (check-health says more)",
		              version, path + len + 1);
	return 0;
}

/* What comes next: 1 when it was taken from what is installed, 0 when it is not
 * there, -1; @is_stale is set where the installed file has other bytes, or
 * unreadable ones, and @err then says which. */
static int stage_next(const struct delta *delta, const struct store *store,
                      struct tree_stage *tree, bool *is_stale, struct err *err)
{
	uint64_t line;
	const struct mtree_entry *entry = tree_stage_next(tree, &line);
	const struct piece *piece =
		entry == NULL ? NULL : find_patch(delta, tree, line);
	const char *path =
		entry == NULL ? NULL : reuse_find(&delta->reuse, entry->sha256);
	AUTO_CLOSE int from = -1;
	int got;

	if (path == NULL && piece == NULL)
		return 0;
	if (path == NULL) {
		got = stage_piece(delta, store, piece, line, tree, err);
	} else {
		from = fs_open_file(store->releases, path, err);
		got = from < 0 ? 0 : tree_stage_copy(tree, from, err);
	}
	*is_stale = got == 0;
	if (got == 0)
		return say_stale(
			store,
			path != NULL ? path : pieces_path(delta->pieces, piece),
			err);
	return got;
}

int delta_stage_reused(const struct delta *delta, const struct store *store,
                       struct tree_stage *tree, struct err *err)
{
	bool is_stale = false;
	int got;

	do
		got = stage_next(delta, store, tree, &is_stale, err);
	while (got == 1);
	if (got < 0)
		return -1;
	return is_stale ? 0 : 1;
}
