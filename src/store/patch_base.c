/* SPDX-License-Identifier: Apache-2.0 */
#include "store/patch_base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/fs.h"
#include "crypto/patch_id.h"
#include "crypto/sha256.h"
#include "store/cursor.h"
#include "store/releases.h"

#define CHUNK ((size_t)256 * 1024)

static int open_mtree(const struct store *store, const char *version,
                      struct err *err)
{
	char path[VERSION_SIZE + sizeof "/payload.mtree"];

	(void)snprintf(path, sizeof path, "%s/payload.mtree", version);
	return fs_open_file(store->packages, path, err);
}

/* --- which one --- */

/* 1 where an installed release is the base of a patch. */
static int find_patch(const struct store *store,
                      const struct release_ini *release, const char *version,
                      const struct release_patch **out, struct err *err)
{
	AUTO_CLOSE int mtree = open_mtree(store, version, err);
	uint8_t digest[SHA256_LEN];
	uint64_t id;

	if (mtree < 0 || sha256_of_fd(mtree, digest, NULL, err) < 0 ||
	    patch_id_of(digest, release->parts[PART_MTREE].sha256, &id, err) <
	            0)
		return -1;
	for (size_t i = 0; i < release->patch_count; i++)
		if (release->patches[i].id == id) {
			*out = &release->patches[i];
			return 1;
		}
	return 0;
}

int patch_base_find(const struct store *store,
                    const struct release_ini *release,
                    char version[VERSION_SIZE],
                    const struct release_patch **out, struct err *err)
{
	AUTO_INSTALLED struct installed_list list = INSTALLED_NONE;
	const struct release_patch *best = NULL;

	if (release->patch_count == 0)
		return 0;
	if (store_list(store, &list, err) < 0)
		return -1;
	for (size_t i = list.count; i-- > 0;) {
		const struct installed *item = &list.items[i];
		const struct release_patch *patch;
		struct err ignored; /* then it is none that can be used */

		if (item->is_damaged ||
		    find_patch(store, release, item->version, &patch,
		               &ignored) != 1 ||
		    (best != NULL && best->pin.size <= patch->pin.size))
			continue;
		best = patch;
		(void)snprintf(version, VERSION_SIZE, "%s", item->version);
	}
	if (best == NULL)
		return 0;
	*out = best;
	return 1;
}

/* --- what it has --- */

int patch_files(int mtree, struct digest_set *out, struct err *err)
{
	AUTO_TREE_CURSOR struct tree_cursor tree = TREE_CURSOR_NONE;
	int got;

	tree_cursor_begin(&tree, mtree);
	while ((got = tree_cursor_next_file(&tree, err)) == 1)
		if (digest_set_add(out, tree.entry.sha256, err) < 0)
			return -1;
	return got;
}

int patch_base_files(const struct store *store, const char *version,
                     struct digest_set *out, struct err *err)
{
	AUTO_CLOSE int mtree = open_mtree(store, version, err);

	return mtree < 0 ? -1 : patch_files(mtree, out, err);
}

/* --- the old stream --- */

int patch_copy(int from, uint64_t offset, uint64_t size,
               const uint8_t sha256[DIGEST_LEN], int to, struct err *err)
{
	AUTO_SHA256 struct sha256 hash = SHA256_NONE;
	AUTO_FREE uint8_t *chunk = malloc(CHUNK);
	uint8_t digest[SHA256_LEN];

	if (chunk == NULL)
		return err_nomem(err);
	if (sha256_begin(&hash, err) < 0)
		return -1;
	for (uint64_t at = 0; at < size;) {
		uint64_t left = size - at;
		size_t len = left < CHUNK ? (size_t)left : CHUNK;

		if (fs_read_at(from, offset + at, chunk, len, err) < 0 ||
		    sha256_add(&hash, chunk, len, err) < 0 ||
		    disk_write("patch.copy", to, chunk, len, err) < 0)
			return -1;
		at += len;
	}
	if (sha256_end(&hash, digest, err) < 0)
		return -1;
	return sha256_equal(digest, sha256);
}

static int copy_file(const struct store *store, const char *version,
                     const struct mtree_entry *entry, int to, struct err *err)
{
	AUTO_BUF struct buf path = BUF_NONE;
	AUTO_CLOSE int from = -1;
	int got;

	if (buf_printf(&path, err, "%s/%s", version, entry->path) < 0)
		return -1;
	from = fs_open_file(store->releases, buf_text(&path), err);
	got = from < 0 ? -1
	               : patch_copy(from, 0, entry->size, entry->sha256, to,
	                            err);
	if (got < 0)
		return err_wrap(err, "'%s'", entry->path);
	if (got == 1)
		return 0;
	return err_set(err, ERR_FORMAT, 0,
	               "the installed '%s' has other bytes than its release "
	               "says",
	               entry->path);
}

int patch_base_copy(const struct store *store, const char *version,
                    const struct digest_set *kept, int to, uint64_t room,
                    uint64_t *size, struct err *err)
{
	AUTO_TREE_CURSOR struct tree_cursor tree = TREE_CURSOR_NONE;
	AUTO_CLOSE int mtree = open_mtree(store, version, err);
	uint64_t done = 0;
	int got;

	if (mtree < 0)
		return -1;
	tree_cursor_begin(&tree, mtree);
	while ((got = tree_cursor_next_file(&tree, err)) == 1) {
		if (digest_set_has(kept, tree.entry.sha256))
			continue;
		if (tree.entry.size > room - done)
			return err_set(err, ERR_SYSTEM, ENOSPC,
			               "what is patched needs more than the "
			               "%llu bytes that are free beside the "
			               "new release and [install] reserve",
			               (unsigned long long)room);
		if (copy_file(store, version, &tree.entry, to, err) < 0)
			return -1;
		done += tree.entry.size;
	}
	if (got < 0)
		return -1;
	*size = done;
	return 0;
}
