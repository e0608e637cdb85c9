/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/patch_old.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "codec/payload_patch.h"
#include "codec/tree_path.h"
#include "pack/check.h"

#define NAME        ".patch-old"
#define FILES_FIRST 256

void patch_old_done(struct patch_old *old)
{
	for (size_t i = 0; i < old->count; i++)
		free(old->files[i].path);
	free(old->files);
	if (old->data != NULL)
		(void)munmap((void *)(uintptr_t)old->data, (size_t)old->size);
	digest_set_done(&old->all);
	*old = PATCH_OLD_NONE;
}

/* --- reading --- */

struct reading {
	struct patch_old *old;
	struct digest_set kept; /* what the new release has, too */
	int fd;                 /* owned; the stream */
};

static void reading_done(struct reading *reading)
{
	digest_set_done(&reading->kept);
	cleanup_close(&reading->fd);
}

static int note_file(struct patch_old *old, const char *path, struct err *err)
{
	size_t room = old->room == 0 ? FILES_FIRST : 2 * old->room;
	char *copy;

	if (old->count == old->room) {
		struct patch_old_file *files =
			reallocarray(old->files, room, sizeof *files);

		if (files == NULL)
			return err_nomem(err);
		old->files = files;
		old->room = room;
	}
	copy = strdup(path);
	if (copy == NULL)
		return err_nomem(err);
	old->files[old->count++] = (struct patch_old_file){ copy, old->size };
	return 0;
}

static int begin_file(void *context, const struct mtree_entry *entry,
                      struct err *err)
{
	struct reading *reading = context;

	if (digest_set_add(&reading->old->all, entry->sha256, err) < 0)
		return -1;
	if (digest_set_has(&reading->kept, entry->sha256))
		return 0;
	return note_file(reading->old, entry->path, err) < 0 ? -1 : 1;
}

static int take_bytes(void *context, const void *data, size_t len,
                      struct err *err)
{
	struct reading *reading = context;

	if (len > PATCH_SIZE_MAX - reading->old->size)
		return err_set(err, ERR_LIMIT, 0, "too much for a patch");
	reading->old->size += len;
	return disk_write("patch.old", reading->fd, data, len, err);
}

static int note_kept(struct digest_set *kept, const struct source_tree *tree,
                     struct err *err)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct source_entry *entry = &tree->entries[i];

		if (entry->type == ENTRY_FILE && entry->size > 0 &&
		    digest_set_add(kept, entry->sha256, err) < 0)
			return -1;
	}
	return 0;
}

static int open_stream(int dir, struct err *err)
{
	AUTO_CLOSE int fd =
		disk_create("patch.old-create", dir, NAME, 0600, err);

	if (fd < 0 || disk_unlink("patch.old-unlink", dir, NAME, err) < 0)
		return -1;
	return TAKE_FD(fd);
}

static int map_stream(struct patch_old *old, int fd, struct err *err)
{
	void *data;

	if (old->size == 0)
		return 0;
	data = mmap(NULL, (size_t)old->size, PROT_READ, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED)
		return err_set(err, ERR_SYSTEM, errno,
		               "mapping the old release");
	old->data = data;
	return 0;
}

int patch_old_read(const struct sealed_bundle *bundle,
                   const struct source_tree *tree, int dir,
                   struct patch_old *out, struct err *err)
{
	AUTO(reading_done)
	struct reading reading = { out, DIGEST_SET_NONE, -1 };
	const struct check_sink sink = { begin_file, take_bytes, &reading };

	if (note_kept(&reading.kept, tree, err) < 0)
		return -1;
	reading.fd = open_stream(dir, err);
	if (reading.fd < 0 || check_bundle_files(bundle, &sink, err) < 0)
		return -1;
	return map_stream(out, reading.fd, err);
}

/* --- stretches --- */

/* Where the first file begins that does not come before @path. */
static uint64_t place_of(const struct patch_old *old, const char *path)
{
	size_t low = 0;
	size_t high = old->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (tree_path_compare(old->files[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < old->count ? old->files[low].offset : old->size;
}

struct bytes patch_old_near(const struct patch_old *old, const char *first,
                            const char *last, uint64_t *offset)
{
	uint64_t from = 0;
	uint64_t len = old->size;

	if (len > PATCH_OLD_MAX) {
		uint64_t begin = place_of(old, first);
		uint64_t middle = begin + (place_of(old, last) - begin) / 2;

		len = PATCH_OLD_MAX;
		from = middle > len / 2 ? middle - len / 2 : 0;
		if (from > old->size - len)
			from = old->size - len;
	}
	*offset = from;
	return (struct bytes){ len > 0 ? old->data + from : NULL, (size_t)len };
}
