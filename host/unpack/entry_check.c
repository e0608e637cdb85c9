/* SPDX-License-Identifier: Apache-2.0 */
#include "entry_check.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

static int differs(const struct mtree_entry *want, const char *what,
                   struct err *err)
{
	return err_set(err, ERR_FORMAT, 0,
	               "'%s': the tar has another %s than payload.mtree",
	               want->path, what);
}

static unsigned file_type(enum entry_type type)
{
	switch (type) {
	case ENTRY_FILE:
		return AE_IFREG;
	case ENTRY_DIR:
		return AE_IFDIR;
	case ENTRY_LINK:
		return AE_IFLNK;
	}
	return 0;
}

/* Folders end in a slash in the tar, and only there. */
static int check_path(struct archive_entry *seen,
                      const struct mtree_entry *want, struct err *err)
{
	const char *path = archive_entry_pathname(seen);
	size_t len = strlen(want->path);

	if (path == NULL || strncmp(path, want->path, len) != 0 ||
	    strcmp(path + len, want->type == ENTRY_DIR ? "/" : "") != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "the tar has '%s' where payload.mtree has '%s'",
		               path != NULL ? path : "?", want->path);
	return 0;
}

static int check_link(struct archive_entry *seen,
                      const struct mtree_entry *want, struct err *err)
{
	const char *target = archive_entry_symlink(seen);

	if (want->type != ENTRY_LINK)
		return 0;
	if (target == NULL || strcmp(target, want->link) != 0)
		return differs(want, "link target", err);
	return 0;
}

static int check_extras(struct archive_entry *seen,
                        const struct mtree_entry *want, struct err *err)
{
	unsigned long set = 0;
	unsigned long clear = 0;

	archive_entry_fflags(seen, &set, &clear);
	if (archive_entry_hardlink(seen) != NULL)
		return differs(want, "kind (a hard link)", err);
	if (archive_entry_xattr_count(seen) != 0)
		return differs(want, "set of extended attributes", err);
	if (archive_entry_acl_types(seen) != 0)
		return differs(want, "access control list", err);
	if (set != 0 || clear != 0)
		return differs(want, "set of file flags", err);
	if (archive_entry_sparse_count(seen) != 0)
		return differs(want, "kind (a sparse file)", err);
	return 0;
}

int entry_check(struct archive_entry *seen, const struct mtree_entry *want,
                int64_t created, struct err *err)
{
	if (check_path(seen, want, err) < 0 ||
	    check_extras(seen, want, err) < 0)
		return -1;
	if (archive_entry_filetype(seen) != file_type(want->type))
		return differs(want, "type", err);
	if (archive_entry_perm(seen) != want->mode)
		return differs(want, "mode", err);
	if (archive_entry_size(seen) < 0 ||
	    (uint64_t)archive_entry_size(seen) != want->size)
		return differs(want, "size", err);
	if (archive_entry_mtime(seen) != created ||
	    archive_entry_mtime_nsec(seen) != 0)
		return differs(want, "time", err);
	if (archive_entry_uid(seen) != 0 || archive_entry_gid(seen) != 0)
		return differs(want, "owner", err);
	return check_link(seen, want, err);
}
