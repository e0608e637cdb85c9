/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/tar_header.h"
#include "store/cursor.h"

/* One reading. */
struct judging {
	const struct judge_source *source;
	struct err *err;         /* for the callback */
	bool has_failed;         /* the source did; err says why */
	struct archive *archive; /* owned */
	struct tree_cursor tree; /* owned */
	struct buf head;         /* owned */
	int64_t created;
	uint64_t position; /* where the next entry's head must begin */
};

static void judging_done(struct judging *judging)
{
	if (judging->archive != NULL)
		(void)archive_read_free(judging->archive);
	tree_cursor_done(&judging->tree);
	buf_done(&judging->head);
}

static la_ssize_t give_piece(struct archive *archive, void *context,
                             const void **out)
{
	struct judging *judging = context;
	const uint8_t *data;
	size_t len;
	int got = judging->source->next(judging->source->context, &data, &len,
	                                judging->err);

	if (got < 0) {
		judging->has_failed = true;
		archive_set_error(archive, -1, "the source failed");
		return ARCHIVE_FATAL;
	}
	if (got == 0)
		return 0;
	*out = data;
	return (la_ssize_t)len;
}

/* What libarchive complains of; its text may be missing. */
static int complain(const struct judging *judging, struct err *err)
{
	const char *text = archive_error_string(judging->archive);

	if (judging->has_failed)
		return -1; /* err has the source's own words */
	return err_set(err, ERR_FORMAT, 0, "libarchive says of the tar: %s",
	               text != NULL ? text : "unreadable");
}

static int differs(const struct judging *judging, const char *what,
                   struct err *err)
{
	return err_set(err, ERR_FORMAT, 0, "libarchive sees another %s of '%s'",
	               what, judging->tree.entry.path);
}

static bool is_same_path(const struct mtree_entry *want, const char *path)
{
	size_t len = strlen(want->path);

	if (path == NULL || strncmp(path, want->path, len) != 0)
		return false;
	if (want->type == ENTRY_DIR)
		return strcmp(path + len, "/") == 0;
	return path[len] == '\0';
}

static unsigned type_of(enum entry_type type)
{
	switch (type) {
	case ENTRY_FILE:
		return AE_IFREG;
	case ENTRY_DIR:
		return AE_IFDIR;
	case ENTRY_LINK:
		break;
	}
	return AE_IFLNK;
}

static bool is_same_link(const struct mtree_entry *want, const char *link)
{
	if (want->type != ENTRY_LINK)
		return link == NULL;
	return link != NULL && strcmp(link, want->link) == 0;
}

static int compare(struct judging *judging, struct archive_entry *seen,
                   struct err *err)
{
	const struct mtree_entry *want = &judging->tree.entry;

	if (!is_same_path(want, archive_entry_pathname(seen)))
		return differs(judging, "path in the place", err);
	if (archive_entry_filetype(seen) != type_of(want->type))
		return differs(judging, "type", err);
	if (archive_entry_hardlink(seen) != NULL)
		return differs(judging, "kind (a hard link)", err);
	if (archive_entry_perm(seen) != want->mode)
		return differs(judging, "mode", err);
	if (archive_entry_size(seen) != (int64_t)want->size)
		return differs(judging, "size", err);
	if (archive_entry_mtime(seen) != judging->created ||
	    archive_entry_mtime_nsec(seen) != 0)
		return differs(judging, "time", err);
	if (archive_entry_uid(seen) != 0 || archive_entry_gid(seen) != 0)
		return differs(judging, "owner", err);
	if (!is_same_link(want, archive_entry_symlink(seen)))
		return differs(judging, "link target", err);
	if (archive_entry_xattr_count(seen) != 0 ||
	    archive_entry_acl_types(seen) != 0 ||
	    archive_entry_sparse_count(seen) != 0)
		return differs(judging, "set of attributes", err);
	return 0;
}

/* That libarchive's entries begin where ours do: so it took as content what
 * we took. */
static int check_position(struct judging *judging, struct err *err)
{
	if ((uint64_t)archive_read_header_position(judging->archive) ==
	    judging->position)
		return 0;
	return differs(judging, "place", err);
}

static int advance(struct judging *judging, struct err *err)
{
	const struct mtree_entry *entry = &judging->tree.entry;

	judging->head.len = 0;
	if (tar_entry_head(entry, judging->tree.reader.line, judging->created,
	                   &judging->head, err) < 0)
		return -1;
	judging->position +=
		judging->head.len + entry->size + tar_padding(entry->size);
	return 0;
}

/* 1 for an entry that is right, 0 at the end of both, -1. */
static int judge_entry(struct judging *judging, struct err *err)
{
	struct archive_entry *seen;
	int got = archive_read_next_header(judging->archive, &seen);
	int wanted;

	/* A warning is a failure: libarchive then saw something odd. */
	if (got != ARCHIVE_OK && got != ARCHIVE_EOF)
		return complain(judging, err);
	wanted = tree_cursor_next(&judging->tree, err);
	if (wanted < 0)
		return -1;
	if (got == ARCHIVE_EOF && wanted == 0)
		return 0;
	if (got == ARCHIVE_EOF)
		return err_set(err, ERR_FORMAT, 0,
		               "libarchive does not see '%s'",
		               judging->tree.entry.path);
	if (wanted == 0)
		return err_set(err, ERR_FORMAT, 0,
		               "libarchive sees entries that payload.mtree "
		               "lacks");
	if (check_position(judging, err) < 0 ||
	    compare(judging, seen, err) < 0 || advance(judging, err) < 0)
		return -1;
	return 1;
}

/* libarchive stops at the end mark; the source is read to its own. */
static int drain(const struct judge_source *source, struct err *err)
{
	const uint8_t *data;
	size_t len;
	int got;

	do
		got = source->next(source->context, &data, &len, err);
	while (got > 0);
	return got;
}

static int open_archive(struct judging *judging, struct err *err)
{
	judging->archive = archive_read_new();
	if (judging->archive == NULL)
		return err_nomem(err);
	if (archive_read_support_format_tar(judging->archive) != ARCHIVE_OK ||
	    archive_read_support_filter_none(judging->archive) != ARCHIVE_OK ||
	    archive_read_open(judging->archive, judging, NULL, give_piece,
	                      NULL) != ARCHIVE_OK)
		return complain(judging, err);
	return 0;
}

int judge_tar(const struct judge_source *source, int mtree_fd, int64_t created,
              uint64_t tar_size, struct err *err)
{
	AUTO(judging_done)
	struct judging judging = { .source = source,
		                   .err = err,
		                   .created = created,
		                   .tree = { .lines = LINES_NONE },
		                   .head = BUF_NONE };
	int got;

	tree_cursor_begin(&judging.tree, mtree_fd);
	if (open_archive(&judging, err) < 0)
		return -1;
	do
		got = judge_entry(&judging, err);
	while (got > 0);
	if (got < 0)
		return -1;
	if (judging.position + TAR_END != tar_size ||
	    (uint64_t)archive_read_header_position(judging.archive) !=
	            judging.position)
		return err_set(err, ERR_FORMAT, 0,
		               "libarchive sees the end of the tar elsewhere");
	return drain(source, err);
}
