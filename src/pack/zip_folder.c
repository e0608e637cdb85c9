/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/zip_folder.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/disk.h"
#include "base/fs.h"
#include "base/tree_walk.h"
#include "pack/out_file.h"

#define LOCAL_MAGIC     0x04034b50
#define CENTRAL_MAGIC   0x02014b50
#define END_MAGIC       0x06054b50
#define VERSION         20     /* 2.0: folders and deflate */
#define MADE_BY_UNIX    0x0300 /* so that the modes count */
#define FLAG_UTF8       0x0800
#define DATE_1980       0x0021 /* 1 January; the time is 0 */
#define METHOD_STORED   0
#define METHOD_DEFLATED 8
#define DOS_FOLDER      0x10
#define CENTRAL_MAX     ((size_t)64 << 20) /* bytes of the directory */
#define PIECE           ((size_t)256 << 10)
#define RAW_DEFLATE     (-MAX_WBITS) /* without zlib's or gzip's frame */
#define ZLIB_MEMORY     8            /* its default */

/* The deflated bytes of one file: its header, which comes first, says how many
 * there are.  In memory, and where they are more than a piece, in a file
 * without a name. */
struct spool {
	int fd; /* owned; -1 until it is needed */
	uint8_t *held;
	size_t held_len;
	uint64_t len; /* of all */
};

struct zip {
	struct out_file out;
	int folder;             /* that it is written to; borrowed */
	char name[FS_NAME_MAX]; /* of the spool, for the moment that it has one
	                         */
	struct buf central;     /* the directory, which follows all files */
	struct spool spool;
	uint8_t *raw;
	uint8_t *packed; /* owned, as raw and spool.held; PIECE bytes each */
	z_stream deflater;
	bool has_deflater;
	size_t entries;
};

struct entry {
	const char *path;
	bool is_folder, is_executable;
	uint16_t method;
	uint32_t crc, size, packed_size, offset;
};

static void zip_done(struct zip *zip)
{
	out_file_done(&zip->out);
	buf_done(&zip->central);
	cleanup_close(&zip->spool.fd);
	free(zip->spool.held);
	free(zip->raw);
	free(zip->packed);
	if (zip->has_deflater)
		(void)deflateEnd(
			&zip->deflater); /* "freed prematurely" is fine */
}

/* --- headers ------------------------------------------------------------ */

struct header {
	uint8_t bytes[64];
	size_t len;
};

static void put(struct header *header, uint32_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		header->bytes[header->len++] = (uint8_t)(value >> (8 * i));
}

static size_t name_length(const struct entry *entry)
{
	return strlen(entry->path) + (entry->is_folder ? 1 : 0);
}

/* What both headers of an entry have. */
static void put_common(struct header *header, const struct entry *entry)
{
	put(header, VERSION, 2);
	put(header, FLAG_UTF8, 2);
	put(header, entry->method, 2);
	put(header, 0, 2);
	put(header, DATE_1980, 2);
	put(header, entry->crc, 4);
	put(header, entry->packed_size, 4);
	put(header, entry->size, 4);
	put(header, (uint32_t)name_length(entry), 2);
	put(header, 0, 2); /* no extra fields: they would hold times */
}

static int add_local(struct zip *zip, const struct entry *entry,
                     struct err *err)
{
	struct header header = { .len = 0 };

	put(&header, LOCAL_MAGIC, 4);
	put_common(&header, entry);
	if (out_file_add(&zip->out, header.bytes, header.len, err) < 0 ||
	    out_file_add(&zip->out, entry->path, strlen(entry->path), err) < 0)
		return -1;
	return entry->is_folder ? out_file_add(&zip->out, "/", 1, err) : 0;
}

static int add_central(struct zip *zip, const struct entry *entry,
                       struct err *err)
{
	uint32_t mode = entry->is_folder       ? S_IFDIR | 0755
	                : entry->is_executable ? S_IFREG | 0755
	                                       : S_IFREG | 0644;
	struct header header = { .len = 0 };

	put(&header, CENTRAL_MAGIC, 4);
	put(&header, MADE_BY_UNIX | VERSION, 2);
	put_common(&header, entry);
	put(&header, 0, 2); /* comment */
	put(&header, 0, 2); /* disk */
	put(&header, 0, 2); /* internal attributes */
	put(&header, mode << 16 | (entry->is_folder ? DOS_FOLDER : 0), 4);
	put(&header, entry->offset, 4);
	if (buf_add(&zip->central, header.bytes, header.len, err) < 0 ||
	    buf_adds(&zip->central, entry->path, err) < 0)
		return -1;
	return entry->is_folder ? buf_adds(&zip->central, "/", err) : 0;
}

static int add_end(struct zip *zip, struct err *err)
{
	struct header header = { .len = 0 };
	uint64_t offset = zip->out.size;

	if (offset + zip->central.len > ZIP_SIZE_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than 4 GiB");
	put(&header, END_MAGIC, 4);
	put(&header, 0, 4); /* disks */
	put(&header, (uint32_t)zip->entries, 2);
	put(&header, (uint32_t)zip->entries, 2);
	put(&header, (uint32_t)zip->central.len, 4);
	put(&header, (uint32_t)offset, 4);
	put(&header, 0, 2); /* comment */
	if (out_file_add_buf(&zip->out, &zip->central, err) < 0)
		return -1;
	return out_file_add(&zip->out, header.bytes, header.len, err);
}

/* --- the spool ---------------------------------------------------------- */

static int open_spool(struct zip *zip, struct err *err)
{
	if (zip->spool.fd >= 0)
		return 0;
	if (disk_unlink("zip.clear-spool", zip->folder, zip->name, err) < 0)
		return -1;
	zip->spool.fd = disk_open_update("zip.spool", zip->folder, zip->name,
	                                 0600, err);
	if (zip->spool.fd < 0)
		return -1;
	return disk_unlink("zip.unlink-spool", zip->folder, zip->name, err);
}

static int spool_flush(struct zip *zip, struct err *err)
{
	struct spool *spool = &zip->spool;
	size_t len = spool->held_len;

	if (len == 0)
		return 0;
	spool->held_len = 0;
	if (open_spool(zip, err) < 0)
		return -1;
	return disk_write("zip.write-spool", spool->fd, spool->held, len, err);
}

static int spool_add(struct zip *zip, const uint8_t *data, size_t len,
                     struct err *err)
{
	struct spool *spool = &zip->spool;

	if (len > PIECE - spool->held_len && spool_flush(zip, err) < 0)
		return -1;
	memcpy(spool->held + spool->held_len, data, len);
	spool->held_len += len;
	spool->len += len;
	return 0;
}

static int spool_empty(struct zip *zip, struct err *err)
{
	struct spool *spool = &zip->spool;

	spool->held_len = 0;
	spool->len = 0;
	if (spool->fd < 0)
		return 0;
	if (lseek(spool->fd, 0, SEEK_SET) < 0)
		return err_set(err, ERR_SYSTEM, errno, "rewinding '%s'",
		               zip->name);
	return disk_truncate("zip.empty-spool", spool->fd, 0, err);
}

static int spool_give(struct zip *zip, struct err *err)
{
	struct spool *spool = &zip->spool;
	uint64_t written = spool->len - spool->held_len;

	for (uint64_t at = 0; at < written;) {
		size_t len =
			written - at < PIECE ? (size_t)(written - at) : PIECE;

		if (fs_read_at(spool->fd, at, zip->packed, len, err) < 0 ||
		    out_file_add(&zip->out, zip->packed, len, err) < 0)
			return -1;
		at += len;
	}
	return out_file_add(&zip->out, spool->held, spool->held_len, err);
}

/* --- contents ----------------------------------------------------------- */

/* @len more bytes of a file, or its end. */
static int deflate_piece(struct zip *zip, size_t len, int flush,
                         struct err *err)
{
	z_stream *deflater = &zip->deflater;

	deflater->next_in = zip->raw;
	deflater->avail_in = (uInt)len;
	do {
		deflater->next_out = zip->packed;
		deflater->avail_out = (uInt)PIECE;
		/* Only a stream that was damaged fails. */
		if (deflate(deflater, flush) == Z_STREAM_ERROR)
			return err_set(err, ERR_INTERNAL, 0, "deflating it");
		if (spool_add(zip, zip->packed, PIECE - deflater->avail_out,
		              err) < 0)
			return -1;
	} while (deflater->avail_out == 0);
	return 0;
}

static size_t piece_len(uint64_t size, uint64_t at)
{
	return size - at < PIECE ? (size_t)(size - at) : PIECE;
}

/* That it has not become longer or shorter. */
static int check_size(int fd, const struct entry *entry, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at it");
	if ((uint64_t)st.st_size != entry->size)
		return err_set(err, ERR_CONFLICT, 0,
		               "the file changed while it was read");
	return 0;
}

static int read_piece(struct zip *zip, int fd, uint64_t at, size_t len,
                      struct err *err)
{
	if (fs_read_at(fd, at, zip->raw, len, err) == 0)
		return 0;
	if (err->code == ERR_FORMAT)
		return err_set(err, ERR_CONFLICT, 0,
		               "the file changed while it was read");
	return -1;
}

/* Into the spool. */
static int deflate_file(struct zip *zip, int fd, struct entry *entry,
                        struct err *err)
{
	uLong crc = crc32(0, NULL, 0);

	if (spool_empty(zip, err) < 0)
		return -1;
	if (deflateReset(&zip->deflater) != Z_OK)
		return err_set(err, ERR_INTERNAL, 0, "deflating it");
	for (uint64_t at = 0; at < entry->size;) {
		size_t len = piece_len(entry->size, at);

		if (read_piece(zip, fd, at, len, err) < 0)
			return -1;
		crc = crc32(crc, zip->raw, (uInt)len);
		if (deflate_piece(zip, len, Z_NO_FLUSH, err) < 0)
			return -1;
		at += len;
	}
	entry->crc = (uint32_t)crc;
	if (check_size(fd, entry, err) < 0)
		return -1;
	return deflate_piece(zip, 0, Z_FINISH, err);
}

/* The bytes of the file as they are, which must be those that were read. */
static int store_file(struct zip *zip, int fd, const struct entry *entry,
                      struct err *err)
{
	uLong crc = crc32(0, NULL, 0);

	for (uint64_t at = 0; at < entry->size;) {
		size_t len = piece_len(entry->size, at);

		if (read_piece(zip, fd, at, len, err) < 0 ||
		    out_file_add(&zip->out, zip->raw, len, err) < 0)
			return -1;
		crc = crc32(crc, zip->raw, (uInt)len);
		at += len;
	}
	if ((uint32_t)crc != entry->crc)
		return err_set(err, ERR_CONFLICT, 0,
		               "the file changed while it was read");
	return 0;
}

static int open_file(const struct tree_walk_item *item, struct entry *entry,
                     struct err *err)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;

	fd = fs_open_file(item->folder, item->name, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at it");
	if ((uint64_t)st.st_size > ZIP_FILE_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %llu bytes",
		               (unsigned long long)ZIP_FILE_MAX);
	entry->size = (uint32_t)st.st_size;
	return TAKE_FD(fd);
}

/* Places the entry, and writes what comes before its bytes. */
static int begin_entry(struct zip *zip, struct entry *entry, struct err *err)
{
	if (zip->out.size + entry->packed_size > ZIP_SIZE_MAX - FS_PATH_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than 4 GiB in all");
	entry->offset = (uint32_t)zip->out.size;
	zip->entries++;
	if (add_local(zip, entry, err) < 0)
		return -1;
	return add_central(zip, entry, err);
}

/* Deflated, or as it is where that is no longer. */
static int add_file(struct zip *zip, const struct tree_walk_item *item,
                    struct entry *entry, struct err *err)
{
	AUTO_CLOSE int fd = open_file(item, entry, err);

	if (fd < 0 || deflate_file(zip, fd, entry, err) < 0)
		return -1;
	if (zip->spool.len < entry->size) {
		entry->method = METHOD_DEFLATED;
		entry->packed_size = (uint32_t)zip->spool.len;
		return begin_entry(zip, entry, err) < 0 ? -1
		                                        : spool_give(zip, err);
	}
	entry->method = METHOD_STORED;
	entry->packed_size = entry->size;
	return begin_entry(zip, entry, err) < 0
	               ? -1
	               : store_file(zip, fd, entry, err);
}

static int add_entry(struct zip *zip, const struct tree_walk_item *item,
                     struct err *err)
{
	struct entry entry = { .path = item->path,
		               .is_folder = S_ISDIR(item->st.st_mode),
		               .is_executable =
		                       (item->st.st_mode & 0111) != 0 };

	if (item->sys != 0)
		return err_set(err, ERR_SYSTEM, item->sys, "reading it");
	if (!entry.is_folder && !S_ISREG(item->st.st_mode))
		return err_set(err, ERR_FORMAT, 0,
		               "neither a file nor a folder; a build command "
		               "can make of it what is meant");
	if (zip->entries == ZIP_ENTRIES_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "more than %d files and folders",
		               ZIP_ENTRIES_MAX);
	return entry.is_folder ? begin_entry(zip, &entry, err)
	                       : add_file(zip, item, &entry, err);
}

static bool is_skipped(const char *path, const char *const *skip)
{
	for (; *skip != NULL; skip++)
		if (strcmp(path, *skip) == 0)
			return true;
	return false;
}

static int add_all(struct zip *zip, int folder, const char *const *skip,
                   struct err *err)
{
	AUTO_TREE_WALK struct tree_walk walk = TREE_WALK_INIT(folder);
	struct tree_walk_item item;
	int got;

	while ((got = tree_walk_next(&walk, &item, err)) > 0) {
		if (is_skipped(item.path, skip)) {
			tree_walk_skip(&walk);
			continue;
		}
		if (add_entry(zip, &item, err) < 0)
			return err_wrap(err, "'%s'", item.path);
	}
	if (got < 0)
		return -1;
	if (zip->entries == 0)
		return err_set(err, ERR_FORMAT, 0, "there is nothing in it");
	return add_end(zip, err);
}

static int prepare(struct zip *zip, const char *name, int to, struct err *err)
{
	zip->folder = to;
	if (snprintf(zip->name, sizeof zip->name, ".%s.spool", name) >=
	    (int)sizeof zip->name)
		return err_set(err, ERR_LIMIT, 0, "the name '%s' is too long",
		               name);
	zip->raw = malloc(PIECE);
	zip->packed = malloc(PIECE);
	zip->spool.held = malloc(PIECE);
	zip->has_deflater =
		deflateInit2(&zip->deflater, ZIP_LEVEL, Z_DEFLATED, RAW_DEFLATE,
	                     ZLIB_MEMORY, Z_DEFAULT_STRATEGY) == Z_OK;
	if (zip->raw == NULL || zip->packed == NULL ||
	    zip->spool.held == NULL || !zip->has_deflater)
		return err_nomem(err);
	return 0;
}

int zip_folder(int folder, const char *const *skip, int to, const char *name,
               struct err *err)
{
	AUTO(zip_done)
	struct zip zip = { .out = OUT_FILE_NONE,
		           .central = BUF_LIMIT(CENTRAL_MAX),
		           .spool = { .fd = -1 } };
	char temporary[FS_NAME_MAX];

	if (snprintf(temporary, sizeof temporary, ".%s.new", name) >=
	    (int)sizeof temporary)
		return err_set(err, ERR_LIMIT, 0, "the name '%s' is too long",
		               name);
	if (prepare(&zip, name, to, err) < 0 ||
	    disk_unlink("zip.clear", to, temporary, err) < 0 ||
	    out_file_create(to, temporary, &zip.out, err) < 0 ||
	    add_all(&zip, folder, skip, err) < 0 ||
	    out_file_finish(&zip.out, NULL, err) < 0)
		return -1;
	return disk_rename("zip.rename", to, temporary, to, name, err);
}
