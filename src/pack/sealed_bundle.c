/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/sealed_bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "codec/bundle_frame.h"
#include "codec/tar_header.h"

#define NAMES_MAX 4096 /* in a folder of parts */
#define CHUNK     ((size_t)FRAME_BLOCK)

void sealed_bundle_done(struct sealed_bundle *bundle)
{
	for (size_t i = 0; i < bundle->count; i++) {
		free(bundle->parts[i].data);
		cleanup_close(&bundle->parts[i].fd);
	}
	cleanup_close(&bundle->file);
	buf_done(&bundle->release_text);
	bundle->file = -1;
	bundle->count = 0;
}

void sealed_bundle_name(const struct release_ini *release,
                        char out[BUNDLE_NAME_SIZE])
{
	char platform[PLATFORM_SIZE + 1] = "";
	char *slash;

	if (release->platform[0] != '\0')
		(void)snprintf(platform, sizeof platform, "-%s",
		               release->platform);
	slash = strchr(platform, '/');
	if (slash != NULL)
		*slash = '-';
	(void)snprintf(out, BUNDLE_NAME_SIZE, "%s-%s%s.tar.gz", release->app,
	               release->version, platform);
}

const struct sealed_part *sealed_bundle_find(const struct sealed_bundle *bundle,
                                             struct part part)
{
	for (size_t i = 0; i < bundle->count; i++)
		if (part_compare(bundle->parts[i].part, part) == 0)
			return &bundle->parts[i];
	return NULL;
}

/* --- reading ---------------------------------------------------------------
 */

/* Read from the tar, stepping over the heads of the stored blocks. */
static int read_tar(int file, uint64_t offset, void *out, size_t len,
                    struct err *err)
{
	uint8_t *at = out;

	while (len > 0) {
		size_t room = FRAME_BLOCK - (size_t)(offset % FRAME_BLOCK);
		size_t n = len < room ? len : room;

		if (fs_read_at(file, frame_file_offset(offset), at, n, err) < 0)
			return -1;
		at += n;
		offset += n;
		len -= n;
	}
	return 0;
}

int sealed_part_read(const struct sealed_bundle *bundle,
                     const struct sealed_part *part, uint64_t offset, void *out,
                     size_t len, struct err *err)
{
	char name[PART_NAME_SIZE];

	if (offset > part->size || len > part->size - offset)
		return err_set(err, ERR_INTERNAL, 0, "reading beyond a part");
	if (part->data != NULL) {
		memcpy(out, part->data + offset, len);
		return 0;
	}
	part_name(part->part, name);
	if (part->fd >= 0 ? fs_read_at(part->fd, offset, out, len, err) < 0
	                  : read_tar(bundle->file, part->offset + offset, out,
	                             len, err) < 0)
		return err_wrap(err, "'%s'", name);
	return 0;
}

int sealed_part_load(const struct sealed_bundle *bundle,
                     const struct sealed_part *part, struct buf *out,
                     struct err *err)
{
	size_t len = (size_t)part->size;

	if (buf_reserve(out, len, err) < 0)
		return -1;
	if (sealed_part_read(bundle, part, 0, out->data + out->len, len, err) <
	    0)
		return -1;
	out->len += len;
	out->data[out->len] = '\0';
	return 0;
}

/* --- opening ---------------------------------------------------------------
 */

static int add_part(struct sealed_bundle *bundle, struct sealed_part part,
                    struct err *err)
{
	char name[PART_NAME_SIZE];
	size_t at = bundle->count;

	part_name(part.part, name);
	if (part.size > part_max_size(part.part.kind))
		return err_set(err, ERR_LIMIT, 0, "part '%s' is too large",
		               name);
	if (bundle->count == SEALED_PARTS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %zu parts",
		               SEALED_PARTS_MAX);
	while (at > 0 &&
	       part_compare(part.part, bundle->parts[at - 1].part) < 0)
		at--;
	memmove(&bundle->parts[at + 1], &bundle->parts[at],
	        (bundle->count - at) * sizeof part);
	bundle->parts[at] = part;
	bundle->count++;
	return 0;
}

/* Each stored block has the one head that its place allows. */
static int check_blocks(int file, uint64_t tar_size, struct err *err)
{
	uint8_t head[FRAME_GZIP_HEAD];

	if (fs_read_at(file, 0, head, sizeof head, err) < 0)
		return -1;
	if (memcmp(head, frame_gzip_head, sizeof head) != 0)
		return err_set(err, ERR_FORMAT, 0, "it is no bundle");
	for (uint64_t n = 0; n < tar_size; n += FRAME_BLOCK) {
		uint8_t want[FRAME_BLOCK_HEAD];
		uint8_t got[FRAME_BLOCK_HEAD];

		frame_block_head(n, tar_size, want);
		if (fs_read_at(file, frame_file_offset(n) - sizeof got, got,
		               sizeof got, err) < 0)
			return -1;
		if (memcmp(got, want, sizeof got) != 0)
			return err_set(err, ERR_FORMAT, 0,
			               "it is damaged at byte %llu of its tar",
			               (unsigned long long)n);
	}
	return 0;
}

/* Bytes that are there only to fill a block are NUL. */
static int check_nul(const struct sealed_bundle *bundle, uint64_t offset,
                     size_t len, struct err *err)
{
	static const uint8_t nul[TAR_BLOCK];
	uint8_t block[TAR_BLOCK];

	if (read_tar(bundle->file, offset, block, len, err) < 0)
		return -1;
	if (memcmp(block, nul, len) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "it is damaged at byte %llu of its tar",
		               (unsigned long long)offset);
	return 0;
}

/* The second of the two blocks of NUL, and nothing behind it. */
static int check_end(const struct sealed_bundle *bundle, uint64_t offset,
                     struct err *err)
{
	if (offset + TAR_END != bundle->tar_size)
		return err_set(err, ERR_FORMAT, 0,
		               "the bundle does not end behind its last part");
	return check_nul(bundle, offset + TAR_BLOCK, TAR_BLOCK, err);
}

static int check_next(const struct sealed_bundle *bundle,
                      const struct sealed_part *part, int64_t created,
                      int64_t first_created, struct err *err)
{
	char name[PART_NAME_SIZE];

	part_name(part->part, name);
	if (bundle->count > 0 &&
	    part_compare(bundle->parts[bundle->count - 1].part, part->part) >=
	            0)
		return err_set(err, ERR_FORMAT, 0,
		               "part '%s' is not in its place", name);
	if (created != first_created)
		return err_set(err, ERR_FORMAT, 0,
		               "part '%s' bears another time", name);
	if (part->size > bundle->tar_size - part->offset ||
	    tar_padding(part->size) >
	            bundle->tar_size - part->offset - part->size)
		return err_set(err, ERR_FORMAT, 0, "part '%s' is cut off",
		               name);
	return check_nul(bundle, part->offset + part->size,
	                 tar_padding(part->size), err);
}

/* The time that all headers bear is given in @created. */
static int find_parts(struct sealed_bundle *bundle, int64_t *created,
                      struct err *err)
{
	uint64_t offset = 0;

	for (;;) {
		struct sealed_part part = { .fd = -1 };
		uint8_t head[TAR_BLOCK];
		int64_t time;
		int more;

		if (bundle->tar_size < offset + TAR_BLOCK)
			return err_set(err, ERR_FORMAT, 0, "it is cut off");
		if (read_tar(bundle->file, offset, head, sizeof head, err) < 0)
			return -1;
		more = part_header_parse(head, &part.part, &part.size, &time,
		                         err);
		if (more < 0)
			return -1;
		if (more == 0)
			return check_end(bundle, offset, err);
		if (bundle->count == 0)
			*created = time;
		part.offset = offset + TAR_BLOCK;
		if (check_next(bundle, &part, time, *created, err) < 0 ||
		    add_part(bundle, part, err) < 0)
			return -1;
		offset = part.offset + part.size + tar_padding(part.size);
	}
}

static int open_file(struct sealed_bundle *bundle, int64_t *created,
                     struct err *err)
{
	struct stat st;

	if (fstat(bundle->file, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at it");
	bundle->tar_size = frame_tar_size((uint64_t)st.st_size);
	if (bundle->tar_size == 0)
		return err_set(err, ERR_FORMAT, 0,
		               "it is no bundle, or cut off");
	if (check_blocks(bundle->file, bundle->tar_size, err) < 0)
		return -1;
	return find_parts(bundle, created, err);
}

static int open_loose_part(struct sealed_bundle *bundle, int dir,
                           const char *name, struct err *err)
{
	AUTO_CLOSE int fd = -1;
	struct sealed_part part = { .fd = -1 };
	struct stat st;

	if (!part_parse(name, strlen(name), &part.part))
		return 0;
	fd = fs_open_file(dir, name, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'", name);
	part.size = (uint64_t)st.st_size;
	part.fd = fd;
	if (add_part(bundle, part, err) < 0)
		return -1;
	(void)TAKE_FD(fd); /* the bundle owns it now */
	return 0;
}

static int open_folder(struct sealed_bundle *bundle, int dir, struct err *err)
{
	char **names;
	size_t count;
	int result = 0;

	if (fs_list(dir, NAMES_MAX, &names, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++)
		result = open_loose_part(bundle, dir, names[i], err);
	fs_list_free(names, count);
	return result;
}

/* --- what release.ini says of them ------------------------------------------
 */

static int check_kind(const struct sealed_bundle *bundle, enum part_kind kind,
                      struct err *err)
{
	const struct part part = { .kind = kind };
	const struct sealed_part *found = sealed_bundle_find(bundle, part);
	const struct part_pin *pin = &bundle->release.parts[kind];
	char name[PART_NAME_SIZE];

	part_name(part, name);
	/* The other small parts are enough. */
	if (found == NULL && kind == PART_PACKED)
		return 0;
	if (found == NULL && (pin->is_present || part_is_required(kind)))
		return err_set(err, ERR_FORMAT, 0, "part '%s' is missing",
		               name);
	if (found != NULL && !pin->is_present)
		return err_set(err, ERR_FORMAT, 0,
		               "part '%s' is not listed in release.ini", name);
	if (found != NULL && found->size != pin->size)
		return err_set(err, ERR_FORMAT, 0,
		               "part '%s' has %llu bytes; release.ini says "
		               "%llu",
		               name, (unsigned long long)found->size,
		               (unsigned long long)pin->size);
	return 0;
}

/* Each patch that is there is listed; one that is not is not needed. */
static int check_patches(const struct sealed_bundle *bundle, struct err *err)
{
	for (size_t i = 0; i < bundle->count; i++) {
		const struct sealed_part *found = &bundle->parts[i];
		const struct part_pin *pin;
		char name[PART_NAME_SIZE];

		if (found->part.kind != PART_PATCH)
			continue;
		part_name(found->part, name);
		pin = release_ini_pin(&bundle->release, found->part);
		if (pin == NULL || pin->size != found->size)
			return err_set(err, ERR_FORMAT, 0,
			               "part '%s' is not listed in release.ini "
			               "with this size",
			               name);
	}
	return 0;
}

/* Sigstore bundles are numbered from 1 without a gap. */
static int check_numbers(const struct sealed_bundle *bundle, struct err *err)
{
	uint64_t next = 1;

	for (size_t i = 0; i < bundle->count; i++) {
		if (bundle->parts[i].part.kind != PART_SIGSTORE)
			continue;
		if (bundle->parts[i].part.id != next++)
			return err_set(err, ERR_FORMAT, 0,
			               "release.ini.%llu.sigstore.json is "
			               "missing",
			               (unsigned long long)(next - 1));
	}
	return 0;
}

static int read_release(struct sealed_bundle *bundle, struct err *err)
{
	const struct part part = { .kind = PART_RELEASE_INI };
	const struct sealed_part *found = sealed_bundle_find(bundle, part);

	if (found == NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "part 'release.ini' is missing");
	bundle->release_text.max = RELEASE_INI_MAX;
	if (sealed_part_load(bundle, found, &bundle->release_text, err) < 0)
		return -1;
	if (release_ini_parse(buf_text(&bundle->release_text),
	                      bundle->release_text.len, &bundle->release,
	                      err) < 0)
		return err_wrap(err, "release.ini");
	for (int kind = 0; kind < PART_KINDS; kind++)
		if (part_is_pinned((enum part_kind)kind) &&
		    kind != PART_PATCH &&
		    check_kind(bundle, (enum part_kind)kind, err) < 0)
			return -1;
	if (check_patches(bundle, err) < 0)
		return -1;
	return check_numbers(bundle, err);
}

static int open_either(const char *path, struct sealed_bundle *bundle,
                       struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int64_t created = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening it");
	if (S_ISDIR(st.st_mode))
		return open_folder(bundle, fd, err) < 0
		               ? -1
		               : read_release(bundle, err);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FORMAT, 0,
		               "it is neither a file nor a folder");
	bundle->file = TAKE_FD(fd);
	if (open_file(bundle, &created, err) < 0 ||
	    read_release(bundle, err) < 0)
		return -1;
	if (created != bundle->release.created)
		return err_set(err, ERR_FORMAT, 0,
		               "its headers bear another time than "
		               "release.ini");
	return 0;
}

int sealed_bundle_open(const char *path, struct sealed_bundle *out,
                       struct err *err)
{
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;

	if (open_either(path, &bundle, err) < 0)
		return err_wrap(err, "bundle '%s'", path);
	*out = bundle;
	bundle = SEALED_BUNDLE_NONE;
	return 0;
}

int sealed_bundle_put(struct sealed_bundle *bundle, struct part part,
                      const void *data, size_t len, struct err *err)
{
	AUTO_FREE char *copy = malloc(len + 1);
	struct sealed_part added = { .part = part, .size = len, .fd = -1 };

	if (copy == NULL)
		return err_nomem(err);
	memcpy(copy, data, len);
	added.data = copy;
	for (size_t i = 0; i < bundle->count; i++) {
		struct sealed_part *old = &bundle->parts[i];

		if (part_compare(old->part, part) != 0)
			continue;
		free(old->data);
		cleanup_close(&old->fd);
		*old = added;
		(void)TAKE_PTR(copy); /* the bundle owns it now */
		return 0;
	}
	if (add_part(bundle, added, err) < 0)
		return -1;
	(void)TAKE_PTR(copy); /* the bundle owns it now */
	return 0;
}

int sealed_bundle_check_crc(const struct sealed_bundle *bundle, struct err *err)
{
	uint8_t want[FRAME_GZIP_TAIL];
	uint32_t crc = 0;
	AUTO_FREE uint8_t *chunk = malloc(CHUNK);

	if (bundle->file < 0)
		return 0;
	if (chunk == NULL)
		return err_nomem(err);
	for (uint64_t n = 0; n < bundle->tar_size; n += CHUNK) {
		uint64_t left = bundle->tar_size - n;
		size_t len = left < CHUNK ? (size_t)left : CHUNK;

		if (read_tar(bundle->file, n, chunk, len, err) < 0)
			return -1;
		crc = libdeflate_crc32(crc, chunk, len);
	}
	if (fs_read_at(bundle->file,
	               frame_file_size(bundle->tar_size) - sizeof want, want,
	               sizeof want, err) < 0)
		return -1;
	for (size_t i = 0; i < 4; i++)
		if (want[i] != (uint8_t)(crc >> (8 * i)) ||
		    want[4 + i] != (uint8_t)(bundle->tar_size >> (8 * i)))
			return err_set(err, ERR_FORMAT, 0,
			               "the bundle's CRC is wrong");
	return 0;
}

static int open_parent(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *folder =
		slash == NULL ? strdup(".")
			      : strndup(path, (size_t)(slash - path) + 1);

	if (folder == NULL)
		return err_nomem(err);
	return fs_open_anchor(folder, err);
}

int sealed_bundle_add_beside(struct sealed_bundle *bundle, const char *path,
                             struct err *err)
{
	AUTO_CLOSE int dir = -1;

	if (bundle->file < 0 || bundle->release.patch_count == 0)
		return 0;
	dir = open_parent(path, err);
	if (dir < 0)
		return -1;
	for (size_t i = 0; i < bundle->release.patch_count; i++) {
		const struct part part = { PART_PATCH,
			                   bundle->release.patches[i].id };
		char name[PART_NAME_SIZE];
		int there;

		part_name(part, name);
		there = fs_exists(dir, name, NULL, err);
		if (there < 0 ||
		    (there == 1 && open_loose_part(bundle, dir, name, err) < 0))
			return -1;
	}
	return check_patches(bundle, err);
}
