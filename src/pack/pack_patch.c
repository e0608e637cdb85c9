/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pack_patch.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/crew.h"
#include "base/disk.h"
#include "base/fs.h"
#include "codec/patch_frame.h"
#include "codec/payload_patch.h"
#include "crypto/sha256.h"
#include "pack/out_file.h"
#include "pack/patch_old.h"

#define NAME      ".patch-frames"
#define CHUNK     ((size_t)256 * 1024)
#define SLOTS_MAX ((size_t)PACK_PATCH_THREADS + 1)

/* A frame on its way. */
struct slot {
	struct bytes old; /* of the old stream */
	uint64_t old_offset;
	uint8_t *plain; /* owned; PATCH_PLAIN_MAX bytes */
	size_t plain_len;
	uint8_t *packed; /* owned */
	size_t packed_len;
};

struct patching {
	const struct pack_patch_request *request;
	struct patch_old old;
	struct slot slots[SLOTS_MAX];
	struct crew *crew; /* owned */
	/* the new stream */
	size_t entry;     /* that comes next, or is being read */
	int fd;           /* of it; owned; -1: not begun, or in memory */
	uint64_t at;      /* bytes of it that were read */
	const char *last; /* path that was read last */
	struct sha256 hash;
	/* what is done */
	int frames; /* owned; a file without a name */
	struct patch_frame *list;
	size_t count;
	uint64_t done;
};

static void patching_done(struct patching *p)
{
	crew_free(p->crew); /* before what its threads use */
	patch_old_done(&p->old);
	for (size_t i = 0; i < SLOTS_MAX; i++) {
		free(p->slots[i].plain);
		free(p->slots[i].packed);
	}
	cleanup_close(&p->fd);
	cleanup_close(&p->frames);
	sha256_done(&p->hash);
	free(p->list);
}

/* --- the new stream --- */

static bool is_new(const struct patching *p, const struct source_entry *entry)
{
	return entry->type == ENTRY_FILE && entry->size > 0 &&
	       !digest_set_has(&p->old.all, entry->sha256);
}

/* The file at hand; NULL behind the last. */
static const struct source_entry *current(struct patching *p)
{
	const struct source_tree *tree = p->request->tree;

	while (p->entry < tree->count && !is_new(p, &tree->entries[p->entry]))
		p->entry++;
	return p->entry < tree->count ? &tree->entries[p->entry] : NULL;
}

static int begin_file(struct patching *p, const struct source_entry *entry,
                      struct err *err)
{
	if (entry->data == NULL) {
		p->fd = fs_open_file(p->request->tree->root, entry->path, err);
		if (p->fd < 0)
			return -1;
	}
	return sha256_begin(&p->hash, err);
}

static int end_file(struct patching *p, const struct source_entry *entry,
                    struct err *err)
{
	uint8_t digest[SHA256_LEN];

	cleanup_close(&p->fd);
	p->fd = -1;
	p->at = 0;
	p->entry++;
	if (sha256_end(&p->hash, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, entry->sha256))
		return err_set(err, ERR_CONFLICT, 0,
		               "'%s' changed since it was packed", entry->path);
	return 0;
}

/* As much of the file at hand as there is room for. */
static int read_some(struct patching *p, const struct source_entry *entry,
                     struct slot *slot, struct err *err)
{
	size_t room = PATCH_PLAIN_MAX - slot->plain_len;
	uint64_t left = entry->size - p->at;
	size_t len = left < room ? (size_t)left : room;
	uint8_t *to = slot->plain + slot->plain_len;

	if (p->at == 0 && begin_file(p, entry, err) < 0)
		return -1;
	if (entry->data != NULL)
		memcpy(to, entry->data + p->at, len);
	else if (fs_read_at(p->fd, p->at, to, len, err) < 0)
		return err_wrap(err, "'%s'", entry->path);
	if (sha256_add(&p->hash, to, len, err) < 0)
		return -1;
	slot->plain_len += len;
	p->at += len;
	p->last = entry->path;
	return p->at < entry->size ? 0 : end_file(p, entry, err);
}

/* Fill a slot: 1; 0 at the end of the stream, -1. */
static int fill(struct patching *p, struct slot *slot, struct err *err)
{
	const struct source_entry *entry = current(p);
	const char *first = entry != NULL ? entry->path : NULL;

	slot->plain_len = 0;
	while (entry != NULL && slot->plain_len < PATCH_PLAIN_MAX) {
		if (read_some(p, entry, slot, err) < 0)
			return -1;
		entry = current(p);
	}
	if (slot->plain_len == 0)
		return 0;
	slot->old = patch_old_near(&p->old, first, p->last, &slot->old_offset);
	return 1;
}

/* --- the frames --- */

static int make_frame(void *context, unsigned thread, size_t number,
                      struct err *err)
{
	struct patching *p = context;
	struct slot *slot = &p->slots[number];
	const struct bytes plain = { slot->plain, slot->plain_len };

	(void)thread;
	return patch_frame_make(slot->old, plain, slot->packed,
	                        patch_frame_bound(PATCH_PLAIN_MAX),
	                        &slot->packed_len, err);
}

static int give_all(struct patching *p, bool *is_end, struct err *err)
{
	size_t number;

	while (!*is_end && crew_has_room(p->crew, &number)) {
		int got = fill(p, &p->slots[number], err);

		if (got < 0)
			return -1;
		if (got == 0)
			*is_end = true;
		else
			crew_give(p->crew);
	}
	return 0;
}

static int keep_frame(struct patching *p, const struct slot *slot,
                      struct err *err)
{
	const struct pack_watch *watch = p->request->watch;

	if (p->count == PATCH_FRAMES_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "more than %d frames of changed files",
		               PATCH_FRAMES_MAX);
	p->list[p->count++] = (struct patch_frame){
		.packed_len = slot->packed_len,
		.plain_len = slot->plain_len,
		.old_offset = slot->old_offset,
		.old_len = slot->old.len,
	};
	p->done += slot->plain_len;
	if (watch != NULL)
		watch->packed(watch->context, p->done);
	return disk_write("patch.frames", p->frames, slot->packed,
	                  slot->packed_len, err);
}

static int make_frames(struct patching *p, struct err *err)
{
	bool is_end = false;
	size_t number;
	int got;

	do {
		if (give_all(p, &is_end, err) < 0)
			return -1;
		got = crew_take(p->crew, &number, err);
		if (got == 1 && keep_frame(p, &p->slots[number], err) < 0)
			return -1;
	} while (got == 1);
	return got;
}

/* --- the part --- */

static int copy_frames(struct patching *p, struct out_file *file,
                       struct err *err)
{
	AUTO_FREE uint8_t *chunk = malloc(CHUNK);
	uint64_t size = 0;

	if (chunk == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < p->count; i++)
		size += p->list[i].packed_len;
	for (uint64_t at = 0; at < size;) {
		size_t len = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

		if (fs_read_at(p->frames, at, chunk, len, err) < 0 ||
		    out_file_add(file, chunk, len, err) < 0)
			return -1;
		at += len;
	}
	return 0;
}

static int write_part(struct patching *p, uint64_t id, struct part_pin *pin,
                      struct err *err)
{
	const struct patch_head head = { .old_size = p->old.size,
		                         .new_size = p->done,
		                         .frames = p->list,
		                         .count = p->count };
	AUTO_OUT_FILE struct out_file file = OUT_FILE_NONE;
	AUTO_BUF struct buf text = BUF_LIMIT(PATCH_HEAD_MAX);
	char name[PART_NAME_SIZE];

	part_name((struct part){ PART_PATCH, id }, name);
	if (patch_head_write(&head, &text, err) < 0 ||
	    out_file_create(p->request->dir, name, &file, err) < 0 ||
	    out_file_add_buf(&file, &text, err) < 0 ||
	    copy_frames(p, &file, err) < 0)
		return -1;
	return out_file_finish(&file, pin, err);
}

static int make_slots(struct patching *p, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct slot *slot = &p->slots[i];

		slot->plain = malloc(PATCH_PLAIN_MAX);
		slot->packed = malloc(patch_frame_bound(PATCH_PLAIN_MAX));
		if (slot->plain == NULL || slot->packed == NULL)
			return err_nomem(err);
	}
	return 0;
}

static int begin(struct patching *p, struct err *err)
{
	unsigned threads = p->request->threads < PACK_PATCH_THREADS
	                           ? p->request->threads
	                           : PACK_PATCH_THREADS;
	size_t slots = (size_t)threads + 1;
	const struct crew_plan plan = { threads, slots, make_frame, p };

	if (patch_old_read(p->request->old, p->request->tree, p->request->dir,
	                   &p->old, err) < 0)
		return err_wrap(err, "the old release");
	p->list = calloc(PATCH_FRAMES_MAX, sizeof *p->list);
	if (p->list == NULL)
		return err_nomem(err);
	p->frames = disk_create("patch.frames-create", p->request->dir, NAME,
	                        0600, err);
	if (p->frames < 0 ||
	    disk_unlink("patch.frames-unlink", p->request->dir, NAME, err) < 0)
		return -1;
	if (make_slots(p, slots, err) < 0)
		return -1;
	return crew_new(&plan, &p->crew, err);
}

int pack_patch(const struct pack_patch_request *request,
               struct release_patch *out, struct err *err)
{
	AUTO(patching_done)
	struct patching p = { .request = request,
		              .old = PATCH_OLD_NONE,
		              .fd = -1,
		              .frames = -1,
		              .hash = SHA256_NONE };
	struct release_patch made = { .id = request->id };

	if (begin(&p, err) < 0 || make_frames(&p, err) < 0 ||
	    write_part(&p, made.id, &made.pin, err) < 0)
		return -1;
	*out = made;
	return 0;
}
