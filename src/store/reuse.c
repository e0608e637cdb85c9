/* SPDX-License-Identifier: Apache-2.0 */
#include "store/reuse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "store/cursor.h"
#include "store/releases.h"

#define SLOTS_FIRST 1024

void reuse_done(struct reuse *reuse)
{
	free(reuse->slots);
	buf_done(&reuse->paths);
	*reuse = REUSE_NONE;
}

/* --- the table --- */

/* A digest's bytes are as good as random: no hash is needed. */
static struct reuse_file *find_slot(struct reuse_file *slots, size_t count,
                                    const uint8_t sha256[DIGEST_LEN])
{
	size_t at;

	memcpy(&at, sha256, sizeof at);
	for (;; at++) {
		struct reuse_file *slot = &slots[at & (count - 1)];

		if (slot->size == 0 ||
		    memcmp(slot->sha256, sha256, DIGEST_LEN) == 0)
			return slot;
	}
}

/* At most half of the slots are taken, so that a search ends soon. */
static int make_room(struct reuse *reuse, struct err *err)
{
	size_t count =
		reuse->slot_count == 0 ? SLOTS_FIRST : 2 * reuse->slot_count;
	struct reuse_file *slots;

	if (2 * reuse->count < reuse->slot_count)
		return 0;
	slots = calloc(count, sizeof *slots);
	if (slots == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < reuse->slot_count; i++)
		if (reuse->slots[i].size != 0)
			*find_slot(slots, count, reuse->slots[i].sha256) =
				reuse->slots[i];
	free(reuse->slots);
	reuse->slots = slots;
	reuse->slot_count = count;
	return 0;
}

int reuse_want(struct reuse *reuse, const uint8_t sha256[DIGEST_LEN],
               uint64_t size, struct err *err)
{
	struct reuse_file *slot;

	if (size == 0 || reuse->count == REUSE_FILES_MAX)
		return 0;
	if (make_room(reuse, err) < 0)
		return -1;
	slot = find_slot(reuse->slots, reuse->slot_count, sha256);
	if (slot->size != 0)
		return 0;
	memcpy(slot->sha256, sha256, DIGEST_LEN);
	slot->size = size;
	reuse->count++;
	return 0;
}

const char *reuse_find(const struct reuse *reuse,
                       const uint8_t sha256[DIGEST_LEN])
{
	const struct reuse_file *slot;

	if (reuse->slot_count == 0)
		return NULL;
	slot = find_slot(reuse->slots, reuse->slot_count, sha256);
	return slot->path == 0 ? NULL : buf_text(&reuse->paths) + slot->path;
}

/* --- what is installed --- */

static int note_path(struct reuse *reuse, struct reuse_file *slot,
                     const char *version, const char *path, struct err *err)
{
	size_t len = strlen(version) + 1 + strlen(path) + 1;

	/* Offset 0 means that nothing was found. */
	if (reuse->paths.len == 0 && buf_add(&reuse->paths, "", 1, err) < 0)
		return -1;
	if (len > REUSE_PATHS_MAX - reuse->paths.len)
		return 0;
	slot->path = reuse->paths.len;
	if (buf_printf(&reuse->paths, err, "%s/%s", version, path) < 0)
		return -1;
	return buf_add(&reuse->paths, "", 1, err);
}

static int take_entry(struct reuse *reuse, const char *version,
                      const struct mtree_entry *entry, struct err *err)
{
	struct reuse_file *slot;

	if (entry->type != ENTRY_FILE || entry->size == 0)
		return 0;
	slot = find_slot(reuse->slots, reuse->slot_count, entry->sha256);
	if (slot->size != entry->size || slot->path != 0)
		return 0;
	return note_path(reuse, slot, version, entry->path, err);
}

int reuse_want_files(struct reuse *reuse, int mtree, struct err *err)
{
	AUTO_TREE_CURSOR struct tree_cursor tree = TREE_CURSOR_NONE;
	int got;

	tree_cursor_begin(&tree, mtree);
	while ((got = tree_cursor_next_file(&tree, err)) == 1)
		if (reuse_want(reuse, tree.entry.sha256, tree.entry.size, err) <
		    0)
			return -1;
	return got;
}

static int search_release(struct reuse *reuse, const struct store *store,
                          const char *version, struct err *err)
{
	char path[VERSION_SIZE + sizeof "/payload.mtree"];
	AUTO_TREE_CURSOR struct tree_cursor tree = TREE_CURSOR_NONE;
	AUTO_CLOSE int mtree = -1;
	int got;

	(void)snprintf(path, sizeof path, "%s/payload.mtree", version);
	mtree = fs_open_file(store->packages, path, err);
	if (mtree < 0)
		return -1;
	tree_cursor_begin(&tree, mtree);
	while ((got = tree_cursor_next(&tree, err)) == 1)
		if (take_entry(reuse, version, &tree.entry, err) < 0)
			return -1;
	return got;
}

int reuse_search_in(struct reuse *reuse, const struct store *store,
                    const char *version, struct err *err)
{
	return reuse->count == 0 ? 0
	                         : search_release(reuse, store, version, err);
}

int reuse_search(struct reuse *reuse, const struct store *store,
                 struct err *err)
{
	AUTO_INSTALLED struct installed_list list = INSTALLED_NONE;

	if (reuse->count == 0)
		return 0;
	if (store_list(store, &list, err) < 0)
		return -1;
	/* The newest first: it has most in common with a new one. */
	for (size_t i = list.count; i-- > 0;) {
		struct err ignored; /* then all of it is fetched */

		if (!list.items[i].is_damaged)
			(void)search_release(reuse, store,
			                     list.items[i].version, &ignored);
	}
	return 0;
}
