/* SPDX-License-Identifier: Apache-2.0 */
/* A folder as a target: a tree that any web server can serve.
 *
 *     PATH/[<name>/]<version>/        the parts of a bundle, and the bundle;
 *                                     or the file of a pack
 *     PATH/[<name>/]latest            a link to the version, where asked for
 *
 * A version is made in a hidden folder beside it and renamed when all of it is
 * durable, so that nobody ever sees half of one.  One that is to be replaced
 * (--move-tag) changes places with its successor.  The folder that the version
 * lies in is locked from the first look until the end: what is revealed is what
 * this run made, whatever other runs are about. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/disk.h"
#include "base/text.h"
#include "files.h"
#include "publish_journal.h"
#include "publish_target.h"

#define SCHEME    "dir:"
#define PIECE     ((size_t)256 << 10)
#define NAMES_MAX 4096
#define LATEST    "latest"

struct place {
	char folder[FS_PATH_MAX]; /* that the version's folder lies in */
	int dir;                  /* owned; the same, open and locked */
	bool is_same;             /* the version is there, with these bytes */
	bool is_other;            /* it is there with others */
};

struct target {
	struct publish_target base; /* first */
	struct place *places;       /* owned; one for each item */
	uint64_t copied;
};

static struct target *target_of(struct publish_target *target)
{
	return (struct target *)target; /* its first member */
}

/* --- the files of a version --------------------------------------------- */

static size_t file_count(const struct publication *publication)
{
	return publication->file_count +
	       (publication->single.title[0] != '\0' ? 1 : 0);
}

static const struct publication_file *
file_at(const struct publication *publication, size_t number)
{
	return number < publication->file_count ? &publication->files[number]
	                                        : &publication->single;
}

static void hidden_name(const struct publication *publication,
                        char out[FS_NAME_MAX])
{
	(void)snprintf(out, FS_NAME_MAX, ".new-%s", publication->version);
}

/* --- inspect ------------------------------------------------------------ */

/* 1: the file there has these bytes. */
static int has_file(int dir, const struct publication_file *file,
                    struct err *err)
{
	AUTO_CLOSE int fd = -1;
	uint8_t digest[SHA256_LEN];
	uint64_t size;
	struct stat st;
	int there = fs_exists(dir, file->title, &st, err);

	if (there <= 0)
		return there;
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != file->size)
		return 0;
	fd = fs_open_file(dir, file->title, err);
	if (fd < 0 || sha256_of_fd(fd, digest, &size, err) < 0)
		return -1;
	return sha256_equal(digest, file->sha256);
}

/* 1: the folder holds these files and no other. */
static int has_all(int dir, const struct publication *publication,
                   struct err *err)
{
	char **names;
	size_t count;
	int got;

	if (fs_list(dir, NAMES_MAX, &names, &count, err) < 0)
		return -1;
	fs_list_free(names, count);
	if (count != file_count(publication))
		return 0;
	for (size_t i = 0; i < file_count(publication); i++) {
		got = has_file(dir, file_at(publication, i), err);
		if (got <= 0)
			return got;
	}
	return 1;
}

/* Until @dir is closed.  A file system that cannot lock folders (NFS) goes
 * without: what is revealed is checked once more anyway. */
static int lock_folder(int dir, struct err *err)
{
	if (flock(dir, LOCK_EX | LOCK_NB) == 0 || errno == EBADF ||
	    errno == ENOLCK || errno == EOPNOTSUPP)
		return 0;
	if (errno == EWOULDBLOCK)
		return err_set(err, ERR_LOCKED, 0,
		               "another run publishes to this folder; try "
		               "again when it has ended");
	return err_set(err, ERR_SYSTEM, errno, "locking the folder");
}

static int look(const struct publication *publication, struct place *place,
                struct err *err)
{
	AUTO_CLOSE int dir = -1;
	int got;

	if (make_folders(place->folder, err) < 0)
		return -1;
	place->dir = fs_open_anchor(place->folder, err);
	if (place->dir < 0 || lock_folder(place->dir, err) < 0)
		return -1;
	got = fs_exists(place->dir, publication->version, NULL, err);
	if (got <= 0)
		return got;
	dir = fs_open_dir(place->dir, publication->version, err);
	if (dir < 0)
		return -1;
	got = has_all(dir, publication, err);
	if (got < 0)
		return -1;
	place->is_same = got == 1;
	place->is_other = got == 0;
	return 0;
}

static int inspect_item(struct target *target, size_t number, struct err *err)
{
	struct publish_item *item = &target->base.items[number];
	struct place *place = &target->places[number];

	if (look(item->publication, place, err) < 0)
		return -1;
	if (!place->is_other || target->base.context->may_move_tags)
		return 0;
	return err_set(err, ERR_CONFLICT, 0,
	               "it is there with other files; what is published "
	               "stays: choose another version, or replace it with "
	               "--move-tag");
}

/* Run a step for each item that has not failed. */
static int each(struct publish_target *base,
                int (*step)(struct target *, size_t, struct err *),
                struct err *err)
{
	for (size_t i = 0; i < base->count; i++)
		if (base->items[i].state == PUBLISH_WAITING &&
		    step(target_of(base), i, err) < 0 &&
		    publish_item_fail(base, &base->items[i], err) < 0)
			return -1;
	return 0;
}

static int inspect(struct publish_target *base, struct err *err)
{
	return each(base, inspect_item, err);
}

/* --- upload ------------------------------------------------------------- */

static int copy_bytes(const struct publication_file *file, int fd,
                      uint8_t *piece, struct err *err)
{
	AUTO_SHA256 struct sha256 hash = SHA256_NONE;
	uint8_t digest[SHA256_LEN];

	if (sha256_begin(&hash, err) < 0)
		return -1;
	for (uint64_t at = 0; at < file->size;) {
		size_t len = file->size - at < PIECE ? (size_t)(file->size - at)
		                                     : PIECE;

		if (publication_file_read(file, at, piece, len, err) < 0 ||
		    sha256_add(&hash, piece, len, err) < 0 ||
		    disk_write("publish.dir-write", fd, piece, len, err) < 0)
			return -1;
		at += len;
	}
	if (sha256_end(&hash, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, file->sha256))
		return err_set(err, ERR_CONFLICT, 0,
		               "the file changed while it was read");
	return 0;
}

static int copy_file(struct target *target, int dir,
                     const struct publication_file *file, struct err *err)
{
	const struct publish_context *context = target->base.context;
	AUTO_FREE uint8_t *piece = malloc(PIECE);
	AUTO_CLOSE int fd = -1;

	if (piece == NULL)
		return err_nomem(err);
	fd = disk_create("publish.dir-create", dir, file->title, 0644, err);
	if (fd < 0 || copy_bytes(file, fd, piece, err) < 0 ||
	    disk_sync("publish.dir-sync", fd, err) < 0)
		return err_wrap(err, "'%s'", file->title);
	target->copied += file->size;
	context->progress(context->progress_context, target->copied);
	return 0;
}

static int upload_item(struct target *target, size_t number, struct err *err)
{
	const struct publication *publication =
		target->base.items[number].publication;
	const struct place *place = &target->places[number];
	AUTO_CLOSE int dir = -1;
	char name[FS_NAME_MAX];

	if (place->is_same)
		return 0;
	hidden_name(publication, name);
	if (disk_remove_tree("publish.dir-clear", place->dir, name, err) < 0 ||
	    disk_mkdir("publish.dir-mkdir", place->dir, name, 0755, err) < 0)
		return -1;
	dir = fs_open_dir(place->dir, name, err);
	if (dir < 0)
		return -1;
	for (size_t i = 0; i < file_count(publication); i++)
		if (copy_file(target, dir, file_at(publication, i), err) < 0)
			return -1;
	return disk_sync("publish.dir-sync-folder", dir, err);
}

static int upload(struct publish_target *base, struct err *err)
{
	return each(base, upload_item, err);
}

/* What the files are called says all that there is to say. */
static int describe(struct publish_target *base, struct err *err)
{
	(void)base;
	(void)err;
	return 0;
}

/* --- reveal ------------------------------------------------------------- */

static int place_latest(const struct publication *publication, int dir,
                        struct err *err)
{
	char found[FS_PATH_MAX];
	struct stat st;
	int there = fs_exists(dir, LATEST, &st, err);

	if (there < 0)
		return -1;
	if (there == 1 && S_ISLNK(st.st_mode) &&
	    fs_read_link(dir, LATEST, found, err) == 1 &&
	    strcmp(found, publication->version) == 0)
		return 0;
	if (there == 1 && !S_ISLNK(st.st_mode))
		return err_set(err, ERR_CONFLICT, 0,
		               "'" LATEST "' is there, and is no link");
	if (disk_unlink("publish.dir-clear-latest", dir, ".new-" LATEST ".link",
	                err) < 0 ||
	    disk_symlink("publish.dir-link", publication->version, dir,
	                 ".new-" LATEST ".link", -1, err) < 0 ||
	    disk_rename("publish.dir-latest", dir, ".new-" LATEST ".link", dir,
	                LATEST, err) < 0)
		return -1;
	return disk_sync("publish.dir-sync-latest", dir, err);
}

/* That the hidden folder still is what upload made of it. */
static int require_all(const struct publication *publication, int folder,
                       const char *name, struct err *err)
{
	AUTO_CLOSE int dir = fs_open_dir(folder, name, err);
	int got;

	if (dir < 0)
		return -1;
	got = has_all(dir, publication, err);
	if (got == 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "'%s' was changed by somebody else before it "
		               "could be shown",
		               name);
	return got < 0 ? -1 : 0;
}

static int place_version(struct target *target, size_t number, struct err *err)
{
	struct publish_item *item = &target->base.items[number];
	const struct publication *publication = item->publication;
	const struct place *place = &target->places[number];
	char name[FS_NAME_MAX];

	hidden_name(publication, name);
	if (require_all(publication, place->dir, name, err) < 0)
		return -1;
	if (!place->is_other) {
		if (disk_rename_new("publish.dir-reveal", place->dir, name,
		                    place->dir, publication->version, err) < 0)
			return -1;
		return disk_sync("publish.dir-sync-reveal", place->dir, err);
	}
	item->has_moved = true;
	if (publish_journal_moved(target->base.context->journal, item->place,
	                          /* was= */ NULL, err) < 0 ||
	    disk_exchange("publish.dir-exchange", place->dir, name, place->dir,
	                  publication->version, err) < 0 ||
	    disk_sync("publish.dir-sync-exchange", place->dir, err) < 0)
		return -1;
	return disk_remove_tree("publish.dir-remove-old", place->dir, name,
	                        err);
}

static int reveal_item(struct target *target, size_t number, struct err *err)
{
	struct publish_item *item = &target->base.items[number];
	const struct place *place = &target->places[number];

	if (!place->is_same && place_version(target, number, err) < 0)
		return -1;
	if (item->publication->tag_count > 1 &&
	    place_latest(item->publication, place->dir, err) < 0)
		return -1;
	item->state = place->is_same ? PUBLISH_WAS_THERE : PUBLISH_DONE;
	return 0;
}

static int reveal(struct publish_target *base, struct err *err)
{
	return each(base, reveal_item, err);
}

/* --- the target --------------------------------------------------------- */

static void target_done(struct publish_target *base)
{
	struct target *target = target_of(base);

	for (size_t i = 0; target->places != NULL && i < base->count; i++)
		cleanup_close(&target->places[i].dir);
	free(target->places);
	publish_target_done(base);
	free(target);
}

static int make_places(struct target *target, struct err *err)
{
	size_t count = target->base.count;

	target->places = calloc(count, sizeof *target->places);
	if (target->places == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		target->places[i].dir = -1;
	return 0;
}

/* A family's packages, and those of a path with "/" behind it, have folders of
 * their own in it. */
static int name_places(struct target *target, const char *path, bool is_family,
                       struct err *err)
{
	size_t len = strlen(path);
	bool ends_in_slash = len > 0 && path[len - 1] == '/';
	bool is_below = is_family || ends_in_slash;

	if (len == 0)
		return err_set(err, ERR_USAGE, 0, "target '%s': no path",
		               target->base.name);
	for (size_t i = 0; i < target->base.count; i++) {
		struct publish_item *item = &target->base.items[i];
		struct place *place = &target->places[i];

		if (snprintf(place->folder, sizeof place->folder, "%s%s%s",
		             path, is_below && !ends_in_slash ? "/" : "",
		             is_below ? item->publication->name : "") >=
		            (int)sizeof place->folder ||
		    snprintf(item->place, sizeof item->place, "%s%s/%s", SCHEME,
		             place->folder, item->publication->version) >=
		            (int)sizeof item->place)
			return err_set(err, ERR_LIMIT, 0,
			               "target '%.200s': the path is too long",
			               target->base.name);
	}
	return 0;
}

int publish_dir_new(const struct publish_context *context, const char *address,
                    const struct publications *publications,
                    struct publish_target **out, struct err *err)
{
	static const struct publish_target_ops ops = {
		.inspect = inspect,
		.upload = upload,
		.describe = describe,
		.reveal = reveal,
		.done = target_done,
	};
	struct target *made = calloc(1, sizeof *made);

	if (made == NULL)
		return err_nomem(err);
	if (publish_target_init(&made->base, &ops, context, address,
	                        publications, err) < 0 ||
	    make_places(made, err) < 0 ||
	    name_places(made, address + strlen(SCHEME), publications->is_family,
	                err) < 0) {
		target_done(&made->base);
		return -1;
	}
	*out = &made->base;
	return 0;
}
