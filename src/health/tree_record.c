/* SPDX-License-Identifier: Apache-2.0 */
#include "health/tree_record.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/fs.h"
#include "codec/mtree.h"

#define RECORD_MAGIC      "tidegate-record1" /* 16 bytes, without its NUL */
#define RECORD_MAGIC_SIZE 16
#define RECORD_SUFFIX     ".record"
#define FOLDER_MODE       0755
#define FILE_MODE         0644
#define STATE_FOLDER      "var/lib"
#define STALE_S           CLOCK_DAY /* longer than any check runs */
#define NAMES_MAX         100000    /* in the folder */
#define NS_PER_S          INT64_C(1000000000)

struct record_head {
	uint8_t release[SHA256_LEN];
	uint64_t count;
	int64_t time;
};

_Static_assert(sizeof(struct record_head) == 48, "no padding");
_Static_assert(sizeof(struct record_row) == 48, "no padding");

/* --- rows ----------------------------------------------------------------- */

void tree_record_done(struct tree_record *record)
{
	free(record->rows);
	*record = TREE_RECORD_NONE;
}

int tree_record_new(uint64_t entries, int64_t began_ns, struct tree_record *out,
                    struct err *err)
{
	struct record_row *rows;

	if (entries > MTREE_ENTRIES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d entries",
		               MTREE_ENTRIES_MAX);
	rows = calloc((size_t)entries + 1, sizeof *rows);
	if (rows == NULL)
		return err_nomem(err);
	*out = (struct tree_record){ .rows = rows,
		                     .count = entries + 1,
		                     .time = began_ns / NS_PER_S,
		                     .began_ns = began_ns };
	return 0;
}

static struct record_row row_of(const struct stat *st)
{
	return (struct record_row){ .inode = st->st_ino,
		                    .size = (uint64_t)st->st_size,
		                    .modified_s = st->st_mtim.tv_sec,
		                    .modified_ns = st->st_mtim.tv_nsec,
		                    .changed_s = st->st_ctim.tv_sec,
		                    .changed_ns = st->st_ctim.tv_nsec };
}

void tree_record_note(struct tree_record *record, uint64_t number,
                      const struct stat *st)
{
	int64_t changed_ns =
		(int64_t)st->st_ctim.tv_sec * NS_PER_S + st->st_ctim.tv_nsec;

	if (number < record->count &&
	    changed_ns < record->began_ns - RECORD_SLACK_NS)
		record->rows[number] = row_of(st);
}

bool tree_record_knows(const struct tree_record *record, uint64_t number,
                       const struct stat *st)
{
	const struct record_row row = row_of(st);

	return number < record->count && st->st_ino != 0 &&
	       memcmp(&record->rows[number], &row, sizeof row) == 0;
}

/* --- reading -------------------------------------------------------------- */

static void name_record(const char *app, uid_t owner, char name[FS_NAME_MAX])
{
	(void)snprintf(name, FS_NAME_MAX, "%s@%u" RECORD_SUFFIX, app, owner);
}

static int check_owner(int fd, uid_t owner, const char *name, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'", name);
	if (st.st_uid != owner || (st.st_mode & 022) != 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "'%s' belongs to uid %u or can be written by "
		               "others; its owner must be uid %u alone",
		               name, st.st_uid, owner);
	return 0;
}

static int open_record(int root, const char *app, uid_t owner, struct err *err)
{
	char name[FS_NAME_MAX];
	char path[FS_PATH_MAX];
	AUTO_CLOSE int fd = -1;

	name_record(app, owner, name);
	(void)snprintf(path, sizeof path, RECORD_FOLDER "/%s", name);
	fd = fs_open_file(root, path, err);
	if (fd < 0 || check_owner(fd, owner, path, err) < 0)
		return -1;
	return TAKE_FD(fd);
}

static int check_magic(int fd, struct err *err)
{
	char magic[RECORD_MAGIC_SIZE];

	if (fs_read_at(fd, 0, magic, sizeof magic, err) < 0)
		return -1;
	if (memcmp(magic, RECORD_MAGIC, sizeof magic) != 0)
		return err_set(err, ERR_FORMAT, 0, "it is no record");
	return 0;
}

/* Find the head of a release; the rows begin at *@offset.  1, 0 or -1. */
static int find_head(int fd, uint64_t size, const uint8_t release[SHA256_LEN],
                     struct record_head *out, uint64_t *offset, struct err *err)
{
	uint64_t at = RECORD_MAGIC_SIZE;

	for (unsigned n = 0; at < size; n++) {
		if (n == RECORD_RELEASES_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "more than %d releases",
			               RECORD_RELEASES_MAX);
		if (fs_read_at(fd, at, out, sizeof *out, err) < 0)
			return -1;
		at += sizeof *out;
		if (out->count == 0 || out->count > MTREE_ENTRIES_MAX + 1 ||
		    out->count * sizeof(struct record_row) > size - at)
			return err_set(err, ERR_FORMAT, 0,
			               "it ends within a release");
		if (sha256_equal(out->release, release)) {
			*offset = at;
			return 1;
		}
		at += out->count * sizeof(struct record_row);
	}
	return 0;
}

static int load(int fd, const uint8_t release[SHA256_LEN], uint64_t entries,
                struct tree_record *out, struct err *err)
{
	AUTO_TREE_RECORD struct tree_record record = TREE_RECORD_NONE;
	struct record_head head;
	struct stat st;
	uint64_t offset;
	int found;

	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at it");
	if (check_magic(fd, err) < 0)
		return -1;
	found = find_head(fd, (uint64_t)st.st_size, release, &head, &offset,
	                  err);
	if (found < 1)
		return found;
	if (head.count != entries + 1)
		return err_set(err, ERR_FORMAT, 0,
		               "it has another number of entries");
	if (tree_record_new(entries, 0, &record, err) < 0 ||
	    fs_read_at(fd, offset, record.rows,
	               (size_t)record.count * sizeof *record.rows, err) < 0)
		return -1;
	record.time = head.time;
	*out = record;
	record = TREE_RECORD_NONE;
	return 1;
}

static int load_of(int root, const char *app, uid_t owner,
                   const uint8_t release[SHA256_LEN], uint64_t entries,
                   struct tree_record *out, struct err *err)
{
	AUTO_CLOSE int fd = open_record(root, app, owner, err);

	if (fd < 0)
		return err->code == ERR_SYSTEM && err->sys == ENOENT ? 0 : -1;
	return load(fd, release, entries, out, err);
}

/* Whose records the caller believes, the first of them first. */
static size_t list_believed(uid_t owners[RECORD_OWNERS_MAX])
{
	const struct passwd *account;
	size_t count = 0;

	owners[count++] = geteuid();
	if (owners[0] == 0)
		return count;
	owners[count++] = 0;
	account = getpwnam(RECORD_ACCOUNT);
	if (account != NULL && account->pw_uid != owners[0])
		owners[count++] = account->pw_uid;
	return count;
}

int tree_record_load(int root, const char *app,
                     const uint8_t release[SHA256_LEN], uint64_t entries,
                     struct tree_record *out, struct err *err)
{
	uid_t owners[RECORD_OWNERS_MAX];
	size_t count = list_believed(owners);
	struct err failure = { .code = ERR_NONE };

	for (size_t i = 0; i < count; i++) {
		int found = load_of(root, app, owners[i], release, entries, out,
		                    err);

		if (found == 1)
			return 1;
		if (found < 0 && failure.code == ERR_NONE)
			failure = *err; /* of the one that counts most */
	}
	if (failure.code == ERR_NONE)
		return 0;
	*err = failure;
	return err_wrap(err, "the record of %s", app);
}

/* --- writing -------------------------------------------------------------- */

void record_writer_done(struct record_writer *writer)
{
	struct err ignored;

	/* Not committed; that a hidden file stays is no harm. */
	if (writer->fd >= 0 && disk_unlink("record.drop", writer->folder,
	                                   writer->temporary, &ignored) < 0)
		ignored.code = ERR_NONE;
	cleanup_close(&writer->fd);
	cleanup_close(&writer->folder);
	*writer = RECORD_WRITER_NONE;
}

static int open_folder(int root, struct err *err)
{
	AUTO_CLOSE int state = -1;
	int folder = fs_open_dir(root, RECORD_FOLDER, err);

	if (folder >= 0 || err->code != ERR_SYSTEM || err->sys != ENOENT)
		return folder;
	state = fs_open_dir(root, STATE_FOLDER, err);
	if (state < 0)
		return -1;
	return disk_require_dir("record.folder", state,
	                        &RECORD_FOLDER[sizeof STATE_FOLDER],
	                        FOLDER_MODE, err);
}

/* Whether it is a hidden file of @record that nobody writes any more. */
static bool is_stale(int folder, const char *name, const char *record,
                     int64_t now)
{
	size_t len = strlen(record);
	struct err gone;
	struct stat st;

	return name[0] == '.' && strncmp(&name[1], record, len) == 0 &&
	       name[1 + len] == '.' &&
	       fs_exists(folder, name, &st, &gone) == 1 &&
	       st.st_mtim.tv_sec < now - STALE_S;
}

/* What recording runs left that were killed. */
static int clear_stale(int folder, const char *record, struct err *err)
{
	int64_t now = clock_now();
	int result = 0;
	char **names;
	size_t count;

	if (fs_list(folder, NAMES_MAX, &names, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++)
		if (is_stale(folder, names[i], record, now))
			result = disk_unlink("record.clear", folder, names[i],
			                     err);
	fs_list_free(names, count);
	return result;
}

int record_writer_begin(int root, const char *app, struct record_writer *out,
                        struct err *err)
{
	AUTO_RECORD_WRITER struct record_writer writer = RECORD_WRITER_NONE;

	name_record(app, geteuid(), writer.name);
	writer.folder = open_folder(root, err);
	if (writer.folder < 0 ||
	    clear_stale(writer.folder, writer.name, err) < 0 ||
	    disk_unique_name(writer.name, writer.temporary, err) < 0)
		return err_wrap(err, "recording %s", app);
	writer.fd = disk_create("record.create", writer.folder,
	                        writer.temporary, FILE_MODE, err);
	if (writer.fd < 0 || disk_write("record.magic", writer.fd, RECORD_MAGIC,
	                                RECORD_MAGIC_SIZE, err) < 0)
		return err_wrap(err, "recording %s", app);
	*out = writer;
	writer = RECORD_WRITER_NONE;
	return 0;
}

int record_writer_add(struct record_writer *writer,
                      const uint8_t release[SHA256_LEN],
                      const struct tree_record *record, struct err *err)
{
	struct record_head head = { .count = record->count,
		                    .time = record->time };

	memcpy(head.release, release, sizeof head.release);
	if (disk_write("record.head", writer->fd, &head, sizeof head, err) <
	            0 ||
	    disk_write("record.rows", writer->fd, record->rows,
	               (size_t)record->count * sizeof *record->rows, err) < 0)
		return err_wrap(err, "recording");
	return 0;
}

int record_writer_commit(struct record_writer *writer, struct err *err)
{
	if (disk_sync("record.sync", writer->fd, err) < 0 ||
	    disk_rename("record.commit", writer->folder, writer->temporary,
	                writer->folder, writer->name, err) < 0)
		return err_wrap(err, "recording");
	cleanup_close(&writer->fd); /* it is no longer ours to drop */
	writer->fd = -1;
	if (disk_sync("record.folder-sync", writer->folder, err) < 0)
		return err_wrap(err, "recording");
	return 0;
}
