/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/zip_folder.h"

#include <libdeflate.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

struct zip {
	struct out_file out;
	struct buf central; /* the directory, which follows all files */
	struct buf raw, packed;
	struct libdeflate_compressor *compressor; /* owned */
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
	buf_done(&zip->raw);
	buf_done(&zip->packed);
	if (zip->compressor != NULL)
		libdeflate_free_compressor(zip->compressor);
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

/* --- contents ----------------------------------------------------------- */

static int read_file(struct zip *zip, const struct tree_walk_item *item,
                     struct err *err)
{
	AUTO_CLOSE int fd = -1;
	uint64_t size = (uint64_t)item->st.st_size;

	if (size > ZIP_FILE_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %llu bytes",
		               (unsigned long long)ZIP_FILE_MAX);
	fd = fs_open_file(item->folder, item->name, err);
	if (fd < 0)
		return -1;
	zip->raw.len = 0;
	if (fs_read_fd(fd, &zip->raw, err) < 0)
		return -1;
	if (zip->raw.len != size)
		return err_set(err, ERR_CONFLICT, 0,
		               "the file changed while it was read");
	return 0;
}

/* Into zip->packed where that is shorter: the bytes to write. */
static struct bytes deflate(struct zip *zip, struct entry *entry)
{
	struct bytes raw = buf_bytes(&zip->raw);
	size_t len = libdeflate_deflate_compress(
		zip->compressor, raw.data, raw.len, zip->packed.data, raw.len);

	/* 0: it did not fit. */
	entry->method = len > 0 ? METHOD_DEFLATED : METHOD_STORED;
	return len > 0 ? (struct bytes){ (uint8_t *)zip->packed.data, len }
	               : raw;
}

static int add_contents(struct zip *zip, struct entry *entry,
                        struct bytes *bytes, struct err *err)
{
	if (buf_reserve(&zip->packed, zip->raw.len + 1, err) < 0)
		return -1;
	entry->size = (uint32_t)zip->raw.len;
	entry->crc = libdeflate_crc32(0, buf_text(&zip->raw), zip->raw.len);
	*bytes = zip->raw.len > 0 ? deflate(zip, entry) : BYTES_NONE;
	entry->packed_size = (uint32_t)bytes->len;
	return 0;
}

static int add_entry(struct zip *zip, const struct tree_walk_item *item,
                     struct err *err)
{
	struct entry entry = { .path = item->path,
		               .is_folder = S_ISDIR(item->st.st_mode),
		               .is_executable =
		                       (item->st.st_mode & 0111) != 0 };
	struct bytes bytes = BYTES_NONE;

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
	if (!entry.is_folder && (read_file(zip, item, err) < 0 ||
	                         add_contents(zip, &entry, &bytes, err) < 0))
		return -1;
	if (zip->out.size + bytes.len > ZIP_SIZE_MAX - FS_PATH_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than 4 GiB in all");
	entry.offset = (uint32_t)zip->out.size;
	zip->entries++;
	if (add_local(zip, &entry, err) < 0 ||
	    (bytes.len > 0 &&
	     out_file_add(&zip->out, bytes.data, bytes.len, err) < 0))
		return -1;
	return add_central(zip, &entry, err);
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

int zip_folder(int folder, const char *const *skip, int to, const char *name,
               struct err *err)
{
	AUTO(zip_done)
	struct zip zip = { .out = OUT_FILE_NONE,
		           .central = BUF_LIMIT(CENTRAL_MAX),
		           .raw = BUF_LIMIT(ZIP_FILE_MAX),
		           .packed = BUF_LIMIT(ZIP_FILE_MAX + 1) };
	char temporary[FS_NAME_MAX];

	if (snprintf(temporary, sizeof temporary, ".%s.new", name) >=
	    (int)sizeof temporary)
		return err_set(err, ERR_LIMIT, 0, "the name '%s' is too long",
		               name);
	zip.compressor = libdeflate_alloc_compressor(ZIP_LEVEL);
	if (zip.compressor == NULL)
		return err_nomem(err);
	if (disk_unlink("zip.clear", to, temporary, err) < 0 ||
	    out_file_create(to, temporary, &zip.out, err) < 0 ||
	    add_all(&zip, folder, skip, err) < 0 ||
	    out_file_finish(&zip.out, NULL, err) < 0)
		return -1;
	return disk_rename("zip.rename", to, temporary, to, name, err);
}
