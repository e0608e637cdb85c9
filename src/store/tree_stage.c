/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tree_stage.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/disk.h"
#include "base/fs.h"

#define MODE_SET_ID        06000U
#define MODE_WORLD_WRITING 00002U

#define COPY_CHUNK         ((size_t)128 * 1024)

void tree_stage_done(struct tree_stage *stage)
{
	cleanup_close(&stage->dir);
	cleanup_close(&stage->fd);
	cleanup_close(&stage->parent);
	tree_cursor_done(&stage->tree);
	sha256_done(&stage->hash);
	*stage = TREE_STAGE_NONE;
}

/* --- what an entry may be -------------------------------------------- */

static int check_mode(const struct tree_stage *stage,
                      const struct mtree_entry *entry, struct err *err)
{
	if ((entry->mode & MODE_SET_ID) != 0 &&
	    (stage->allow & TREE_ALLOW_SETUID) == 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "'%s' has mode %04o, and setuid and setgid are "
		               "not allowed on this host",
		               entry->path, entry->mode);
	if (entry->type != ENTRY_LINK &&
	    (entry->mode & MODE_WORLD_WRITING) != 0 &&
	    (stage->allow & TREE_ALLOW_WORLD_WRITABLE) == 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "'%s' has mode %04o, and what everybody may "
		               "write is not allowed on this host",
		               entry->path, entry->mode);
	return 0;
}

/* A link that leaves the tree is one that release.ini lists. */
static int check_link(const struct tree_stage *stage,
                      const struct mtree_entry *entry, struct err *err)
{
	const struct release_ini *release = stage->release;

	if (tree_link_stays(entry->path, entry->link))
		return 0;
	for (size_t i = 0; i < release->link_count; i++)
		if (fnmatch(release->links[i], entry->path, 0) == 0)
			return 0;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "the link '%.200s' leaves the tree, and release.ini "
	               "does not list it",
	               entry->path);
}

static int check_entry(const struct tree_stage *stage, struct err *err)
{
	const struct mtree_reader *reader = &stage->tree.reader;
	const struct release_ini *release = stage->release;

	if (reader->created != release->created)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.mtree has another time than "
		               "release.ini");
	/* Held here too, so that no more is written than was asked for. */
	if (reader->entries > release->entries ||
	    reader->bytes > release->bytes)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.mtree has more entries or bytes than "
		               "release.ini says");
	if (check_mode(stage, &stage->tree.entry, err) < 0)
		return -1;
	return stage->tree.entry.type == ENTRY_LINK
	               ? check_link(stage, &stage->tree.entry, err)
	               : 0;
}

/* --- making it ------------------------------------------------------- */

/* Open the folder of the entry, unless it is that of the one before; the
 * entry's own name is given in @name. */
static int enter_parent(struct tree_stage *stage, const char **name,
                        struct err *err)
{
	const char *path = stage->tree.entry.path;
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;

	*name = slash != NULL ? slash + 1 : path;
	if (stage->parent >= 0 && strlen(stage->parent_path) == len &&
	    memcmp(stage->parent_path, path, len) == 0)
		return 0;
	cleanup_close(&stage->parent); /* nothing was written through it */
	stage->parent = -1;
	memcpy(stage->parent_path, path, len);
	stage->parent_path[len] = '\0';
	stage->parent = fs_open_dir(stage->dir,
	                            len > 0 ? stage->parent_path : ".", err);
	return stage->parent < 0 ? -1 : 0;
}

static int begin_file(struct tree_stage *stage, const char *name,
                      struct err *err)
{
	if (sha256_begin(&stage->hash, err) < 0)
		return -1;
	stage->size = 0;
	/* Nobody else gets into the staging folder; setuid comes last. */
	stage->fd = disk_create("tree.file", stage->parent, name,
	                        (mode_t)stage->tree.entry.mode & 0777, err);
	return stage->fd < 0 ? -1 : 0;
}

static int damaged(const struct tree_stage *stage, const char *how,
                   struct err *err)
{
	return err_set(err, ERR_FORMAT, 0, "the payload is damaged: '%s' %s",
	               stage->tree.entry.path, how);
}

/* All bytes are there, and they are right. */
static int settle_file(struct tree_stage *stage, struct err *err)
{
	const struct mtree_entry *entry = &stage->tree.entry;

	if (disk_finish("tree.file-mode", stage->fd, (mode_t)entry->mode,
	                stage->release->created, err) < 0)
		return err_wrap(err, "'%s'", entry->path);
	cleanup_close(&stage->fd); /* the commit syncs all at once */
	stage->fd = -1;
	return 0;
}

static int end_file(struct tree_stage *stage, struct err *err)
{
	const struct mtree_entry *entry = &stage->tree.entry;
	uint8_t digest[SHA256_LEN];

	if (stage->size != entry->size)
		return damaged(stage, "ends before its size", err);
	if (sha256_end(&stage->hash, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, entry->sha256))
		return damaged(stage, "has another SHA-256", err);
	return settle_file(stage, err);
}
/* Make the entry; a file only as far as its creation. */
static int make_entry(struct tree_stage *stage, struct err *err)
{
	const struct mtree_entry *entry = &stage->tree.entry;
	const char *name;

	if (check_entry(stage, err) < 0 || enter_parent(stage, &name, err) < 0)
		return -1;
	switch (entry->type) {
	case ENTRY_DIR:
		return disk_mkdir("tree.folder", stage->parent, name, 0700,
		                  err);
	case ENTRY_LINK:
		return disk_symlink("tree.link", entry->link, stage->parent,
		                    name, stage->release->created, err);
	case ENTRY_FILE:
		return begin_file(stage, name, err);
	}
	return err_set(err, ERR_INTERNAL, 0, "an entry of no type");
}

static bool needs_bytes(const struct mtree_entry *entry)
{
	return entry->type == ENTRY_FILE && entry->size > 0;
}

/* Make all entries up to the next file that needs bytes, which is begun. */
static int advance(struct tree_stage *stage, struct err *err)
{
	for (;;) {
		int got = tree_cursor_next(&stage->tree, err);

		if (got < 0)
			return -1;
		if (got == 0) {
			stage->is_complete = true;
			return 0;
		}
		if (make_entry(stage, err) < 0)
			return -1;
		if (needs_bytes(&stage->tree.entry))
			return 0;
		if (stage->tree.entry.type == ENTRY_FILE &&
		    end_file(stage, err) < 0)
			return -1;
	}
}

int tree_stage_begin(const struct store *store, int mtree,
                     const struct release_ini *release, unsigned allow,
                     struct tree_stage *out, struct err *err)
{
	*out = TREE_STAGE_NONE;
	out->mtree = mtree;
	out->release = release;
	out->allow = allow;
	tree_cursor_begin(&out->tree, mtree);
	if (disk_remove_tree("tree.clear", store->releases, STORE_STAGING,
	                     err) < 0)
		return -1;
	out->dir = disk_require_dir("tree.top", store->releases, STORE_STAGING,
	                            0700, err);
	/* A folder above with the setgid bit would pass its group on. */
	if (out->dir < 0 ||
	    disk_finish("tree.top-owner", out->dir, 0700, release->created,
	                err) < 0 ||
	    advance(out, err) < 0)
		return err_wrap(err, "staging release %s", release->version);
	return 0;
}

static int add_bytes(struct tree_stage *stage, uint64_t mtree_line,
                     const void *data, size_t len, struct err *err)
{
	if (stage->is_complete)
		return err_set(err, ERR_FORMAT, 0,
		               "the payload has bytes for line %llu, beyond "
		               "the last file",
		               (unsigned long long)mtree_line);
	if (mtree_line != stage->tree.reader.line)
		return err_set(err, ERR_FORMAT, 0,
		               "the payload has bytes for line %llu of "
		               "payload.mtree where '%s' (line %llu) comes",
		               (unsigned long long)mtree_line,
		               stage->tree.entry.path,
		               (unsigned long long)stage->tree.reader.line);
	if (len == 0)
		return end_file(stage, err) < 0 ? -1 : advance(stage, err);
	if (len > stage->tree.entry.size - stage->size)
		return damaged(stage, "is longer than its size", err);
	if (disk_stream("tree.bytes", stage->fd, data, len, stage->size, err) <
	            0 ||
	    sha256_add(&stage->hash, data, len, err) < 0)
		return err_wrap(err, "'%s'", stage->tree.entry.path);
	stage->size += len;
	return 0;
}

int tree_stage_bytes(struct tree_stage *stage, uint64_t mtree_line,
                     const void *data, size_t len, struct err *err)
{
	if (add_bytes(stage, mtree_line, data, len, err) < 0)
		return err_wrap(err, "staging release %s",
		                stage->release->version);
	return 0;
}

/* --- from an installed release --------------------------------------- */

const struct mtree_entry *tree_stage_next(const struct tree_stage *stage,
                                          uint64_t *mtree_line)
{
	if (stage->is_complete)
		return NULL;
	*mtree_line = stage->tree.reader.line;
	return &stage->tree.entry;
}

uint64_t tree_stage_position(const struct tree_stage *stage)
{
	return stage->size;
}

/* Whether @fd is as long as the entry. */
static bool has_size(const struct tree_stage *stage, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 &&
	       (uint64_t)st.st_size == stage->tree.entry.size;
}

/* Hash the bytes of @from, which are written unless it is the staged file
 * itself: shared bytes lie on the same sectors.  1; 0 when they cannot be
 * read, -1. */
static int copy_bytes(struct tree_stage *stage, int from, struct err *err)
{
	uint8_t chunk[COPY_CHUNK];
	struct err ignored; /* the bytes are fetched, then */

	while (stage->size < stage->tree.entry.size) {
		uint64_t left = stage->tree.entry.size - stage->size;
		size_t len = left < sizeof chunk ? (size_t)left : sizeof chunk;

		if (fs_read_at(from, stage->size, chunk, len, &ignored) < 0)
			return 0;
		if (sha256_add(&stage->hash, chunk, len, err) < 0 ||
		    (from != stage->fd &&
		     disk_stream("tree.copy", stage->fd, chunk, len,
		                 stage->size, err) < 0))
			return -1;
		stage->size += len;
	}
	return 1;
}

/* 1 when the staged file has the bytes of the entry, 0 when not, -1. */
static int take_bytes(struct tree_stage *stage, int from, struct err *err)
{
	int is_shared = disk_clone("tree.share", stage->fd, from, err);
	uint8_t digest[SHA256_LEN];
	int got;

	if (is_shared < 0)
		return -1;
	/* What is judged is what stays: somebody may be writing to @from. */
	got = copy_bytes(stage, is_shared == 1 ? stage->fd : from, err);
	if (got != 1)
		return got;
	if (!has_size(stage, stage->fd))
		return 0;
	if (sha256_end(&stage->hash, digest, err) < 0)
		return -1;
	return sha256_equal(digest, stage->tree.entry.sha256);
}

/* As if nothing had been taken. */
static int forget_bytes(struct tree_stage *stage, struct err *err)
{
	stage->size = 0;
	if (disk_truncate("tree.copy-undo", stage->fd, 0, err) < 0)
		return -1;
	return sha256_begin(&stage->hash, err);
}

static int copy_file(struct tree_stage *stage, int from, struct err *err)
{
	int is_right;

	if (!has_size(stage, from))
		return 0;
	is_right = take_bytes(stage, from, err);
	if (is_right < 0)
		return -1;
	if (is_right == 0)
		return forget_bytes(stage, err);
	return settle_file(stage, err) < 0 || advance(stage, err) < 0 ? -1 : 1;
}

int tree_stage_copy(struct tree_stage *stage, int from, struct err *err)
{
	int copied = copy_file(stage, from, err);

	if (copied < 0)
		return err_wrap(err, "staging release %s",
		                stage->release->version);
	return copied;
}

/* --- the second pass ------------------------------------------------- */

static int finish_folder(const struct tree_stage *stage, struct err *err)
{
	const struct mtree_entry *entry = &stage->tree.entry;
	AUTO_CLOSE int fd = fs_open_dir(stage->dir, entry->path, err);

	if (fd < 0 || disk_finish("tree.folder-mode", fd, (mode_t)entry->mode,
	                          stage->release->created, err) < 0)
		return err_wrap(err, "'%s'", entry->path);
	return 0;
}

/* Folders stay open to us, and change their time, while they are filled. */
static int finish_folders(struct tree_stage *stage, struct err *err)
{
	int got;

	tree_cursor_done(&stage->tree);
	tree_cursor_begin(&stage->tree, stage->mtree);
	while ((got = tree_cursor_next(&stage->tree, err)) == 1)
		if (stage->tree.entry.type == ENTRY_DIR &&
		    finish_folder(stage, err) < 0)
			return -1;
	return got;
}

static int check_totals(const struct tree_stage *stage, struct err *err)
{
	if (!stage->is_complete)
		return damaged(stage, "is missing", err);
	return mtree_finish(&stage->tree.reader, stage->release->entries,
	                    stage->release->bytes, err);
}

int tree_stage_finish(struct tree_stage *stage, struct err *err)
{
	if (check_totals(stage, err) < 0 || finish_folders(stage, err) < 0)
		return err_wrap(err, "staging release %s",
		                stage->release->version);
	return 0;
}
